"""Signing in and out, as a browser meets it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.inbox.web.reading import PASSWORD, read


def test_who_is_not_signed_in_is_led_to_the_form_and_back(mei: User) -> None:
    browser = Client()
    assert browser.get("/").headers["Location"] == "/login/?next=/"
    response = browser.post("/login/?next=/", {"username": "mei", "password": PASSWORD, "next": "/"})
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("given", [{"username": "mei", "password": "wrong"}, {"username": "nobody", "password": "x"}])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(mei: User, given: dict[str, str]) -> None:
    response = Client().post("/login/", given)
    assert "That name and password do not belong together" in response.content.decode()


def test_nobody_is_led_to_a_foreign_site(mei: User) -> None:
    given = {"username": "mei", "password": PASSWORD, "next": "https://example.com/"}
    assert Client().post("/login/", given).headers["Location"] == "/"


def test_signing_in_needs_a_form_of_ours(mei: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/login/", {"username": "mei", "password": PASSWORD}).status_code == 403


def test_the_form_tells_its_own_site_where_it_comes_from(transactional_db: None) -> None:
    response = Client().get("/login/")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert '<meta name="referrer" content="same-origin">' in response.content.decode()


def test_signing_out_is_a_post_and_ends_the_session(browser: Client) -> None:
    assert browser.post("/logout/").headers["Location"] == "/login/"
    assert browser.get("/").status_code == 302


def test_the_address_of_signing_out_asks_first(browser: Client) -> None:
    assert "You are signed in as mei. Sign out Stay" in read(browser, "/logout/")
    assert "_auth_user_id" in browser.session
    assert Client().get("/logout/").headers["Location"] == "/login/"
