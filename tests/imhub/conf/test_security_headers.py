"""Every page says what a browser may load."""

import pytest
from django.test import Client

from imhub.conf.security_headers import make_policy


def test_pictures_come_from_us_and_the_media_hosts_and_all_else_from_us() -> None:
    policy = dict(part.split(" ", 1) for part in make_policy(["*.example.com"]).split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["img-src"] == "'self' data: *.example.com"


@pytest.mark.parametrize("path", ["/login/", "/api/im/accounts", "/admin/login/"])
def test_a_session_key_that_cannot_be_one_is_nobodys(db: None, path: str) -> None:
    cookie = r'imhub_session="a\000b12345678"'
    assert Client().get(path, headers={"Cookie": cookie}).status_code == Client().get(path).status_code < 500


def test_every_answer_carries_the_headers(db: None) -> None:
    response = Client().get("/admin/login/")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self'; ")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Frame-Options"] == "DENY"


def test_static_files_of_the_admin_are_served_without_collectstatic() -> None:
    response = Client().get("/static/admin/css/base.css")
    assert response.status_code == 200
    assert response.headers["Content-Security-Policy"]
