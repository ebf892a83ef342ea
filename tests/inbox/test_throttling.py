"""Who guesses passwords is locked out for a while; who mistypes is not. In the page for operators and in the admin."""

import re
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db.models import F
from django.test import AsyncClient, Client

from imhub.settings import API_MIDDLEWARE

PASSWORD = "a long enough one"
LIMIT = 5
FORMS = ("/login/", "/admin/login/")


@pytest.fixture(autouse=True)
def mei(db: None) -> User:
    return get_user_model().objects.create_superuser("mei", password=PASSWORD)


def try_in(path: str, password: str, username: str = "mei", address: str = "192.0.2.1", **headers: str) -> Any:
    given = {"username": username, "password": password}
    return Client(headers=headers).post(path, given, REMOTE_ADDR=address)


def fail(path: str, times: int, **where: str) -> list[int]:
    return [try_in(path, f"wrong {number}", **where).status_code for number in range(times)]


def let_pass(minutes: float) -> None:
    AccessAttempt.objects.update(attempt_time=F("attempt_time") - timedelta(minutes=minutes))


@pytest.mark.parametrize("path", FORMS)
def test_after_five_wrong_passwords_the_right_one_is_refused_too(path: str) -> None:
    assert fail(path, LIMIT) == [200, 200, 200, 200, 429]
    response = try_in(path, PASSWORD)
    assert response.status_code == 429
    assert "imhub_session" not in response.cookies
    text = re.sub(r"\s+", " ", response.content.decode())
    assert "Signing in with it is closed here for 5 minutes, with the right password too." in text
    assert 290 <= int(response.headers["Retry-After"]) <= 300
    assert response.headers["Content-Security-Policy"] == settings.CONTENT_SECURITY_POLICY


@pytest.mark.django_db(transaction=True)
async def test_the_server_that_speaks_asgi_answers_alike() -> None:
    given = {"username": "mei", "password": "wrong"}
    responses = [await AsyncClient().post("/login/", given) for _ in range(LIMIT + 1)]
    assert [response.status_code for response in responses] == [200, 200, 200, 200, 429, 429]
    assert {"closed here for 5 minutes" in response.content.decode() for response in responses[LIMIT - 1 :]} == {True}


def test_one_door_closed_is_both_closed() -> None:
    fail("/login/", LIMIT)
    assert try_in("/admin/login/", PASSWORD).status_code == 429


@pytest.mark.parametrize("path", FORMS)
def test_who_mistypes_gets_in_and_the_count_begins_anew(path: str) -> None:
    for _ in range(3):
        assert fail(path, LIMIT - 1) == [200] * (LIMIT - 1)
        assert try_in(path, PASSWORD).status_code == 302


@pytest.mark.parametrize("path", FORMS)
def test_the_lock_ends_by_itself_also_under_fire(path: str) -> None:
    fail(path, LIMIT)
    let_pass(3.5)
    response = try_in(path, "a further guess")
    assert response.status_code == 429
    assert "closed here for 2 minutes" in response.content.decode()
    let_pass(1.5)
    assert try_in(path, PASSWORD).status_code == 302
    assert not AccessAttempt.objects.exists()


def test_after_the_lock_there_are_as_many_tries_as_before() -> None:
    fail("/login/", LIMIT)
    let_pass(5)
    assert fail("/login/", LIMIT) == [200, 200, 200, 200, 429]


def test_another_name_and_another_address_are_not_locked() -> None:
    get_user_model().objects.create_user("ben", password=PASSWORD)
    fail("/login/", LIMIT)
    assert try_in("/login/", PASSWORD, username="ben").status_code == 302
    assert try_in("/login/", PASSWORD, address="2001:db8::7").status_code == 302
    assert try_in("/login/", PASSWORD).status_code == 429


def test_another_browser_does_not_begin_anew() -> None:
    codes = [try_in("/login/", "wrong", **{"User-Agent": f"browser {number}"}).status_code for number in range(LIMIT)]
    assert codes == [200, 200, 200, 200, 429]


def test_what_is_no_address_is_one_place() -> None:
    assert fail("/login/", LIMIT, address="unknown") == [200, 200, 200, 200, 429]
    assert try_in("/login/", PASSWORD, address="x" * 500).status_code == 429
    assert try_in("/login/", PASSWORD, address="fe80::1%eth0").status_code == 302


def test_a_name_that_nobody_has_is_locked_alike() -> None:
    assert fail("/login/", LIMIT, username="nobody") == [200, 200, 200, 200, 429]


def test_a_name_longer_than_any_is_counted_too() -> None:
    assert fail("/login/", LIMIT, username="界" * 5000) == [200, 200, 200, 200, 429]
    assert {len(name or "") for name in AccessAttempt.objects.values_list("username", flat=True)} == {150}


@pytest.mark.parametrize("path", FORMS)
def test_many_names_from_one_address_are_refused_before_a_password_is_hashed(
    path: str, monkeypatch: pytest.MonkeyPatch, settings: Any, empty_hub: None
) -> None:
    settings.FAILED_LOGINS_PER_ADDRESS = 12
    hashed: list[str] = []
    encode = PBKDF2PasswordHasher.encode

    def hash_and_count(hasher: PBKDF2PasswordHasher, password: str, *given: Any) -> str:
        hashed.append(password)
        return encode(hasher, password, *given)

    monkeypatch.setattr(PBKDF2PasswordHasher, "encode", hash_and_count)
    browser = Client()
    codes = [browser.post(path, {"username": f"n{n}", "password": "x"}).status_code for n in range(20)]
    assert codes == [200] * 12 + [429] * 8
    assert len(hashed) <= 12
    answer = browser.post("/login/", {"username": "mei", "password": PASSWORD})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    assert "from this address" in answer.content.decode()
    elsewhere = browser.post("/login/", {"username": "mei", "password": PASSWORD}, REMOTE_ADDR="192.0.2.9")
    assert elsewhere.status_code == 302
    assert browser.get("/", REMOTE_ADDR="127.0.0.1").status_code == 200


def test_who_is_signed_in_stays_so(empty_hub: None) -> None:
    browser = Client()
    assert browser.post("/login/", {"username": "mei", "password": PASSWORD}).status_code == 302
    fail("/login/", LIMIT, address="127.0.0.1")
    assert browser.get("/").status_code == 200


def test_neither_password_nor_form_token_is_stored_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(LIMIT + 1):
        given = {"username": "mei", "password": "planted-password", "csrfmiddlewaretoken": "planted-token"}
        Client().post("/login/?next=/", given)
    stored = str(list(AccessAttempt.objects.values()))
    assert "mei" in stored
    assert "planted" not in stored + caplog.text
    assert "127.0.0.1" in caplog.text


@pytest.mark.parametrize(
    "command", [("axes_reset",), ("axes_reset_username", "mei"), ("axes_reset_ip", "192.0.2.1")], ids=lambda c: c[0]
)
def test_a_command_unlocks(command: tuple[str, ...]) -> None:
    fail("/login/", LIMIT)
    call_command(*command)
    assert try_in("/login/", PASSWORD).status_code == 302


# -- the owner's page


@pytest.fixture
def owner(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


def test_the_owner_sees_who_is_locked_and_unlocks(owner: Client) -> None:
    fail("/login/", 2, username="ben")
    fail("/login/", LIMIT)
    listed = owner.get("/admin/axes/accessattempt/").content.decode()
    rows = [re.sub(r"<[^>]+>|\s+", " ", row) for row in re.findall(r"<tr>.*?</tr>", listed, re.S)[1:]]
    assert len(rows) == 2
    assert {("mei" in row, "192.0.2.1" in row, "not locked" in row) for row in rows} == {
        (True, True, False),
        (False, True, True),
    }
    pk = AccessAttempt.objects.get(username="mei").pk
    page = owner.get(f"/admin/axes/accessattempt/{pk}/change/").content.decode()
    assert "post_data" not in page
    assert owner.post(f"/admin/axes/accessattempt/{pk}/delete/", {"post": "yes"}).status_code == 302
    assert try_in("/login/", PASSWORD).status_code == 302


def test_failed_logins_are_neither_made_nor_changed_by_hand(owner: Client) -> None:
    fail("/login/", 1)
    pk = AccessAttempt.objects.get().pk
    assert owner.get("/admin/axes/accessattempt/add/").status_code == 403
    assert owner.post(f"/admin/axes/accessattempt/{pk}/change/", {"username": "x"}).status_code == 403


# -- what it must not touch


def test_reads_of_the_api_know_nothing_of_it(django_assert_num_queries: Any) -> None:
    assert not [name for name in API_MIDDLEWARE if "axes" in name]
    fail("/login/", LIMIT, address="127.0.0.1")
    with django_assert_num_queries(0):
        assert Client().get("/api/im/health").status_code == 200
