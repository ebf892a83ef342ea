"""The hub behind a proxy: what people's browsers see is not what arrives here."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from imhub.conf.public_url import add_public_host, list_trusted_origins

PUBLIC = "https://hub.example.com:8443"
HOSTS = ["localhost", ".example.org", "*"]


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        ("https://hub.example.com", "hub.example.com"),
        (PUBLIC, "hub.example.com"),
        ("http://10.0.0.7:8080", "10.0.0.7"),
        ("http://[fd00::7]", "[fd00::7]"),
        ("http://[fd00::7]:8080", "[fd00::7]"),
    ],
)
def test_the_hub_answers_to_its_public_name(public_url: str, host: str) -> None:
    assert add_public_host(["localhost"], public_url) == ["localhost", host]
    assert add_public_host([host], public_url) == [host]


def test_without_a_public_address_the_names_stay_as_they_are() -> None:
    assert add_public_host(["localhost"], "") == ["localhost"]


def test_the_public_address_is_the_only_other_origin_that_is_trusted() -> None:
    assert list_trusted_origins(HOSTS, PUBLIC, secure=True) == [PUBLIC]
    assert list_trusted_origins(HOSTS, "http://hub.lan:8080", secure=False) == ["http://hub.lan:8080"]


def test_an_http_hub_trusts_no_https_origin() -> None:
    assert list_trusted_origins(HOSTS, "", secure=False) == []


def test_an_owner_who_says_secure_has_tls_in_front_of_every_name() -> None:
    assert list_trusted_origins(HOSTS, "", secure=True) == ["https://localhost", "https://*.example.org"]


def sign_in(origin: str, host: str = "testserver") -> int:
    """Send the sign-in form from a page of `origin`; return the status."""
    client = Client(enforce_csrf_checks=True, headers={"Host": host})
    client.get("/login/")
    given = {
        "username": "ann",
        "password": "a long one",
        "csrfmiddlewaretoken": client.cookies["imhub_csrf"].value,
    }
    return client.post("/login/", given, headers={"Origin": origin}).status_code


@pytest.fixture
def ann(db: None) -> None:
    get_user_model().objects.create_user("ann", password="a long one")


def test_a_form_of_an_https_page_is_refused_by_an_http_hub(ann: None) -> None:
    assert sign_in("http://testserver") == 302
    assert sign_in("https://testserver") == 403


def test_a_form_comes_through_a_proxy_on_another_port_that_drops_the_port(ann: None, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = add_public_host(settings.ALLOWED_HOSTS, PUBLIC)
    assert sign_in(PUBLIC, "hub.example.com") == 403
    settings.CSRF_TRUSTED_ORIGINS = list_trusted_origins(settings.ALLOWED_HOSTS, PUBLIC, secure=True)
    assert sign_in(PUBLIC, "hub.example.com") == 302
    assert sign_in("https://hub.example.com", "hub.example.com") == 403
