"""Tokens, sessions, grants: what the database says counts from the next request on."""

import re
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
def follow(hub: Hub, settings: Any) -> Iterator[None]:
    """As the hub does: this process learns at once of what it changes. The pages for people are there, too."""

    def reload(**_: Any) -> None:
        access.reload()

    settings.ROOT_URLCONF = "imhub.urls"
    directory.changed_here.connect(reload)
    access.forget()
    yield
    directory.changed_here.disconnect(reload)


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
    sign_in(Client())
    assert get_generation() == before


# -- browser sessions


@pytest.fixture
def browser(dana: User) -> Client:
    return sign_in(Client(enforce_csrf_checks=True))


def sign_in(client: Client, username: str = "dana", password: str = "correct horse") -> Client:
    given = {"username": username, "password": password}
    assert send_form(client, "/login/", given).headers["Location"] == "/"
    return client


def send_form(client: Client, path: str, fields: dict[str, Any], page: str | None = None) -> Any:
    """As a browser does: with the token of the form on `page`."""
    form = client.get(page or path).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token, form
    return client.post(path, {**fields, "csrfmiddlewaretoken": token[1]})


def test_a_browser_session_reads_without_a_token(browser: Client, django_assert_num_queries: Any) -> None:
    assert seen(browser.get(ACCOUNTS)) == ["acc-a"]
    with django_assert_num_queries(0):
        assert seen(browser.get(ACCOUNTS)) == ["acc-a"]


def test_a_write_needs_the_csrf_token(browser: Client) -> None:
    path = "/api/im/messages"
    refused = browser.post(path)
    assert refused.status_code == 403
    assert refused.json()["status_msg"].startswith("CSRF Failed")
    browser.cookies["imhub_csrf"] = "a" * 32
    assert browser.post(path, headers={"X-CSRFToken": "a" * 32}).status_code == 415


def test_a_write_with_a_token_needs_no_csrf_token(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Token {key}"})
    assert client.post("/api/im/messages").status_code == 415


def as_before(browser: Client) -> int:
    """What the session's cookie is still good for, after the browser itself may have dropped it."""
    client = Client()
    client.cookies["imhub_session"] = browser.cookies["imhub_session"].value
    return client.get(ACCOUNTS).status_code


def test_signing_out_ends_the_session_also_for_who_kept_its_cookie(browser: Client) -> None:
    other = sign_in(Client())
    kept = Client()
    kept.cookies["imhub_session"] = browser.cookies["imhub_session"].value
    assert kept.get(ACCOUNTS).status_code == 200
    assert send_form(browser, "/logout/", {}).headers["Location"] == "/login/"
    assert kept.get(ACCOUNTS).status_code == 401
    assert browser.get(ACCOUNTS).status_code == 401
    assert other.get(ACCOUNTS).status_code == 200


def test_who_changes_the_password_keeps_this_session_and_ends_the_others(browser: Client, dana: User) -> None:
    dana.is_staff = True
    dana.save()
    other = sign_in(Client())
    assert other.get(ACCOUNTS).status_code == 200
    words = {"old_password": "correct horse", "new_password1": "battery staple", "new_password2": "battery staple"}
    assert send_form(browser, "/admin/password_change/", words).status_code == 302
    assert browser.get(ACCOUNTS).status_code == 200
    assert other.get(ACCOUNTS).status_code == 401
    sign_in(other, password="battery staple")
    assert other.get(ACCOUNTS).status_code == 200


def test_a_password_set_by_the_owner_ends_the_sessions_and_not_the_tokens(browser: Client, dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    assert browser.get(ACCOUNTS).status_code == 200
    words = {"password1": "battery staple", "password2": "battery staple", "usable_password": "true"}
    assert owner().post(f"/admin/auth/user/{dana.pk}/password/", words).status_code == 302
    assert browser.get(ACCOUNTS).status_code == 401
    assert ask(key).status_code == 200


def test_a_blocked_user_is_out_with_session_and_token_and_comes_back(browser: Client, dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    for active, status in ((True, 200), (False, 401), (True, 200)):
        fields = {"username": "dana", "is_active": "on" if active else "", **grants_form(dana, {"acc-a": "operate"})}
        saved = owner().post(f"/admin/auth/user/{dana.pk}/change/", fields)
        assert saved.status_code == 302, saved.content.decode()
        assert (as_before(browser), ask(key).status_code) == (status, status)


def test_a_token_revoked_in_the_admin_is_refused(dana: User) -> None:
    token, key = ApiToken.issue(dana, "x")
    assert ask(key).status_code == 200
    assert owner().post(f"/admin/im_api/apitoken/{token.pk}/delete/", {"post": "yes"}).status_code == 302
    assert ask(key).status_code == 401


def test_grants_changed_in_the_admin_count_from_the_next_request_on(dana: User) -> None:
    _, key = ApiToken.issue(dana, "x")
    Account.objects.create(id="acc-b", name="B")

    def save(levels: dict[str, str]) -> None:
        fields = {"username": "dana", "is_active": "on", **grants_form(dana, levels)}
        saved = owner().post(f"/admin/auth/user/{dana.pk}/change/", fields)
        assert saved.status_code == 302, saved.content.decode()

    def levels() -> dict[str, str]:
        users = ask(key).json()["data"]["users"]
        return {user["user_id"]: user["grant"] for user in users}

    assert levels() == {"acc-a": "operate"}
    save({"acc-a": "read", "acc-b": "operate"})
    assert levels() == {"acc-a": "read", "acc-b": "operate"}
    save({"acc-b": "read"})
    assert levels() == {"acc-b": "read"}
    assert ask(key, f"{ACCOUNTS}/acc-a").status_code == 404
    assert ask(key, "/api/im/conversations?account_id=acc-a").status_code == 404
    save({})
    assert levels() == {}


def owner() -> Client:
    client = Client()
    client.force_login(User.objects.filter(username="boss").first() or User.objects.create_superuser("boss"))
    return client


def grants_form(user: User, levels: dict[str, str]) -> dict[str, Any]:
    """The rows of the user's page when it is to say this."""
    rows: list[dict[str, Any]] = []
    for grant in user.grants.all():
        row = {"id": grant.pk, "user": user.pk, "account": grant.account_id}
        level = levels.get(grant.account_id)
        rows.append({**row, "level": level} if level else {**row, "level": grant.level, "DELETE": "on"})
    known = {row["account"] for row in rows}
    rows_before = len(rows)
    rows += [{"account": account, "level": level} for account, level in levels.items() if account not in known]
    fields: dict[str, Any] = {"grants-TOTAL_FORMS": len(rows), "grants-INITIAL_FORMS": rows_before}
    for number, row in enumerate(rows):
        fields |= {f"grants-{number}-{name}": value for name, value in row.items()}
    return fields


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
