"""Tokens, sessions, grants: what the database says counts from the next request on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from im_api import access
from im_api.models import ApiToken, Grant, hash_token
from sync import directory
from sync.directory import get_generation
from sync.hub import Hub
from sync.models import Account

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = "/api/im/accounts"


@pytest.fixture(autouse=True)
def follow(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As the hub does: this process learns at once of what it changes."""
    monkeypatch.setattr(directory, "_listeners", [access.reload])
    access.forget()
    yield
    access.forget()


@pytest.fixture
def dana() -> User:
    Account.objects.create(id="acc-a", name="A")
    user = User.objects.create_user("dana", password="correct horse")
    Grant.objects.create(user=user, account_id="acc-a", level="operate")
    return user


def ask(key: str, path: str = ACCOUNTS) -> Any:
    return Client().get(path, headers={"Authorization": f"Token {key}"})


def seen(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [user["user_id"] for user in response.json()["data"]["users"]]


# -- tokens


def test_a_token_is_shown_once_and_stored_as_its_hash(dana: User) -> None:
    token, key = ApiToken.issue(dana, "laptop")
    assert key.startswith("imh_")
    assert len(key) >= 4 + 43  # 256 bits
    assert token.token_hash == hash_token(key)
    assert key not in str(ApiToken.objects.values())
    assert seen(ask(key)) == ["acc-a"]


def test_a_new_token_of_the_same_name_ends_the_former_one_only(dana: User) -> None:
    _, laptop = ApiToken.issue(dana, "laptop")
    _, phone = ApiToken.issue(dana, "phone")
    _, newer = ApiToken.issue(dana, "laptop")
    assert [ask(key).status_code for key in (laptop, phone, newer)] == [401, 200, 200]
    assert ApiToken.objects.count() == 2


def test_two_tokens_cannot_have_one_name(dana: User) -> None:
    ApiToken.objects.create(user=dana, name="x", token_hash="1")
    with pytest.raises(IntegrityError), transaction.atomic():
        ApiToken.objects.create(user=dana, name="x", token_hash="2")


def test_a_token_ends_when_it_expires(dana: User) -> None:
    _, past = ApiToken.issue(dana, "past", expires_at=timezone.now() - timedelta(seconds=1))
    _, future = ApiToken.issue(dana, "future", expires_at=timezone.now() + timedelta(hours=1))
    assert (ask(past).status_code, ask(future).status_code) == (401, 200)


def test_a_credential_that_is_not_good_any_more_does_not_read_the_directory_again(
    dana: User, django_assert_num_queries: Any
) -> None:
    _, past = ApiToken.issue(dana, "past", expires_at=timezone.now() - timedelta(seconds=1))
    eve = User.objects.create_user("eve", is_active=False)
    _, blocked = ApiToken.issue(eve, "x")
    for key in (past, blocked):
        with django_assert_num_queries(1):
            assert ask(key).status_code == 401


def test_a_deleted_token_is_refused_at_once(dana: User) -> None:
    token, key = ApiToken.issue(dana, "x")
    assert ask(key).status_code == 200
    token.delete()
    assert ask(key).status_code == 401


def test_the_last_use_is_written_later_and_is_no_change_of_the_directory(dana: User) -> None:
    token, key = ApiToken.issue(dana, "x")
    ask(key)
    token.refresh_from_db()
    assert token.last_used_at is None
    generation = get_generation()
    assert access.flush_last_used() == 1
    assert access.flush_last_used() == 0
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert timezone.now() - token.last_used_at < timedelta(minutes=1)
    assert get_generation() == generation


# -- users and grants


def test_a_blocked_user_is_refused_and_comes_back(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    for active, status in ((False, 401), (True, 200)):
        dana.is_active = active
        dana.save()
        assert ask(key).status_code == status


def test_a_grant_counts_from_the_next_request_on(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    Account.objects.create(id="acc-b", name="B")
    assert seen(ask(key)) == ["acc-a"]
    grant = Grant.objects.create(user=dana, account_id="acc-b", level="read")
    assert seen(ask(key)) == ["acc-a", "acc-b"]
    assert ask(key, f"{ACCOUNTS}/acc-b").json()["data"]["grant"] == "read"
    grant.level = "operate"
    grant.save()
    assert ask(key, f"{ACCOUNTS}/acc-b").json()["data"]["grant"] == "operate"
    grant.delete()
    assert ask(key, f"{ACCOUNTS}/acc-b").status_code == 404


def test_staff_sees_everything(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    dana.is_staff = True
    dana.save()
    assert seen(ask(key)) == ["acc-a", "acc-b", "acc-seed"]


def test_a_grant_is_one_per_account_and_has_one_of_two_levels(dana: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.create(user=dana, account_id="acc-a", level="read")
    with pytest.raises(ValidationError):
        Grant(user=dana, account_id="acc-a", level="owner").full_clean()


@pytest.mark.parametrize(
    "change",
    [
        lambda user: ApiToken.issue(user, "new"),
        lambda user: ApiToken.objects.all().delete(),
        lambda user: Grant.objects.all().delete(),
        lambda user: Account.objects.all().delete(),  # its grants go with it
        lambda user: user.delete(),
        lambda user: user.set_password("another") or user.save(),
        lambda user: User.objects.create(username="eve"),
    ],
)
def test_every_change_of_the_directory_raises_the_generation(dana: User, change: Any) -> None:
    ApiToken.issue(dana, "x")
    before = get_generation()
    change(dana)
    assert get_generation() > before


def test_a_change_that_is_rolled_back_raises_nothing(dana: User) -> None:
    before = get_generation()
    with transaction.atomic():
        ApiToken.issue(dana, "x")
        transaction.set_rollback(True)
    assert get_generation() == before


def test_a_login_is_no_change_of_the_directory(dana: User) -> None:
    before = get_generation()
    assert Client().login(username="dana", password="correct horse")
    assert get_generation() == before


# -- browser sessions


@pytest.fixture
def browser(dana: User) -> Client:
    client = Client(enforce_csrf_checks=True)
    assert client.login(username="dana", password="correct horse")
    return client


def test_a_browser_session_reads_without_a_token(browser: Client, django_assert_num_queries: Any) -> None:
    assert seen(browser.get(ACCOUNTS)) == ["acc-a"]
    with django_assert_num_queries(0):
        assert seen(browser.get(ACCOUNTS)) == ["acc-a"]


def test_a_write_needs_the_csrf_token(browser: Client) -> None:
    path = "/api/im/conversations/conv_acc-a_mia/read"
    refused = browser.put(path)
    assert refused.status_code == 403
    assert refused.json()["status_msg"].startswith("CSRF Failed")
    browser.cookies["imhub_csrf"] = "a" * 32
    assert browser.put(path, headers={"X-CSRFToken": "a" * 32}).status_code == 501


def test_a_write_with_a_token_needs_no_csrf_token(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    assert client.put("/api/im/conversations/conv_acc-a_mia/read").status_code == 501


def test_a_session_ends_at_once_with_logout_block_and_new_password(browser: Client, dana: User) -> None:
    key = browser.cookies["imhub_session"].value

    def with_the_old_cookie() -> int:
        client = Client()
        client.cookies["imhub_session"] = key
        return client.get(ACCOUNTS).status_code

    assert with_the_old_cookie() == 200
    dana.is_active = False
    dana.save()
    assert with_the_old_cookie() == 401
    dana.is_active = True
    dana.save()
    assert with_the_old_cookie() == 200
    browser.logout()
    assert with_the_old_cookie() == 401


def test_another_password_ends_the_sessions(browser: Client, dana: User) -> None:
    assert browser.get(ACCOUNTS).status_code == 200
    dana.set_password("another")
    dana.save()
    assert browser.get(ACCOUNTS).status_code == 401


def test_an_expired_session_is_refused(browser: Client) -> None:
    assert browser.get(ACCOUNTS).status_code == 200
    for key, session in list(access.get_access().sessions.items()):
        access.get_access().sessions[key] = session._replace(expires_at=1)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert browser.get(ACCOUNTS).status_code == 401


def test_a_made_up_session_is_refused(dana: User) -> None:
    client = Client()
    client.cookies["imhub_session"] = "x" * 32
    assert client.get(ACCOUNTS).status_code == 401
