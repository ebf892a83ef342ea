"""Sessions of browsers: kept in the database, which alone opens none of them."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client

from imhub.edge.browser_sessions import SessionStore


@pytest.fixture
def mei(db: None) -> User:
    return get_user_model().objects.create_user("mei", password="a long enough one")


def sign_in() -> Client:
    browser = Client()
    assert browser.post("/login/", {"username": "mei", "password": "a long enough one"}).status_code == 302
    return browser


def test_what_the_database_holds_opens_no_session(mei: User, empty_hub: None) -> None:
    browser = sign_in()
    assert browser.get("/").status_code == 200
    row = Session.objects.get()
    assert browser.cookies["imhub_session"].value not in str(Session.objects.values())
    thief = Client()
    thief.cookies["imhub_session"] = row.session_key
    assert thief.get("/").status_code == 302


def test_signing_out_leaves_nothing(mei: User, empty_hub: None) -> None:
    browser, other = sign_in(), sign_in()
    assert Session.objects.count() == 2
    browser.post("/logout/")
    assert Session.objects.count() == 1
    assert (browser.get("/").status_code, other.get("/").status_code) == (302, 200)


def test_a_session_lives_over_requests(mei: User) -> None:
    browser = sign_in()
    session: Any = browser.session
    session["seen"] = 7
    session.save()
    assert SessionStore(browser.cookies["imhub_session"].value)["seen"] == 7
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
async def test_on_the_event_loop_it_is_the_same() -> None:
    session = SessionStore()
    await session.aset("seen", 7)
    await session.asave()
    key = str(session.session_key)
    assert await SessionStore(key).aget("seen") == 7
    assert await SessionStore().aexists(key)
    assert not await Session.objects.filter(session_key=key).aexists()
    await SessionStore(key).adelete()
    assert await SessionStore(key).aget("seen") is None
    assert not await Session.objects.aexists()
