"""Grants and API tokens in the admin."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from im_api.models import ApiToken, Grant, SavedReply, hash_token
from sync.directory import get_generation
from sync.models import Account

TOKENS = "/admin/im_api/apitoken/"


@pytest.fixture
def owner(db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("owner"))
    return client


@pytest.fixture
def mei(db: None) -> User:
    return get_user_model().objects.create_user("mei")


@pytest.fixture
def roses(db: None) -> Account:
    return Account.objects.create(pk="roses", name="Roses")


def test_an_operator_is_granted_an_account_on_its_page(owner: Client, mei: User, roses: Account) -> None:
    form = {
        "name": "Roses",
        "status": "active",
        "worker": "",
        "color": "#4b5563",
        "config": "{}",
        "grants-TOTAL_FORMS": "1",
        "grants-INITIAL_FORMS": "0",
        "grants-0-user": str(mei.pk),
        "grants-0-level": "read",
        "grants-0-account": "roses",
    }
    before = get_generation()
    assert owner.post("/admin/sync/account/roses/change/", form).status_code == 302
    assert list(Grant.objects.values_list("user__username", "account", "level")) == [("mei", "roses", "read")]
    assert get_generation() > before


def test_the_page_of_a_user_shows_the_grants(owner: Client, mei: User, roses: Account) -> None:
    Grant.objects.create(user=mei, account=roses, level="operate")
    body = owner.get(f"/admin/auth/user/{mei.pk}/change/").content.decode()
    assert '<option value="roses" selected>' in body
    listed = owner.get("/admin/auth/user/").content.decode()
    assert "roses" in listed
    assert "all accounts" in listed


def test_a_token_is_shown_once(owner: Client, mei: User) -> None:
    response = owner.post(f"{TOKENS}add/", {"user": str(mei.pk), "name": "phone"})
    keys = set(re.findall(r"imh_[\w-]{43}", response.content.decode()))
    assert len(keys) == 1
    key = keys.pop()
    assert list(ApiToken.objects.values_list("user__username", "name", "token_hash")) == [
        ("mei", "phone", hash_token(key))
    ]
    assert "no-store" in response.headers["Cache-Control"]
    assert key not in repr(owner.cookies)
    pk = ApiToken.objects.get().pk
    for path in (TOKENS, f"{TOKENS}{pk}/change/", f"{TOKENS}{pk}/history/", "/admin/"):
        assert key not in owner.get(path).content.decode()


def test_a_token_ends_when_the_owner_said(owner: Client, mei: User) -> None:
    expires = timezone.localtime() + timedelta(days=30)
    given = {"expires_at_0": f"{expires:%Y-%m-%d}", "expires_at_1": f"{expires:%H:%M:%S}"}
    assert owner.post(f"{TOKENS}add/", {"user": str(mei.pk), "name": "phone", **given}).status_code == 200
    assert ApiToken.objects.get().expires_at == expires.replace(microsecond=0)


def test_a_token_that_would_never_work_is_not_made(owner: Client, mei: User) -> None:
    given = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}
    response = owner.post(f"{TOKENS}add/", {"user": str(mei.pk), "name": "phone", **given})
    assert "This moment has passed" in response.content.decode()
    assert not ApiToken.objects.exists()


def test_the_list_says_which_tokens_are_good_and_when_they_were_used(owner: Client, mei: User) -> None:
    blocked = get_user_model().objects.create_user("ben", is_active=False)
    used = timezone.now() - timedelta(days=1)
    for user, name, fields in (
        (mei, "fresh", {}),
        (mei, "used", {"last_used_at": used, "expires_at": timezone.now() + timedelta(days=9)}),
        (mei, "old", {"expires_at": used}),
        (blocked, "shut", {}),
    ):
        token, _ = ApiToken.issue(user, name)
        ApiToken.objects.filter(pk=token.pk).update(**fields)
    rows = {name: row for name, *row in listed(owner)}
    assert [rows[name][1] for name in ("fresh", "used", "old", "shut")] == [
        "good",
        "good",
        "expired",
        "its user is blocked",
    ]
    assert rows["fresh"][3:] == ["never", "never"]
    assert "never" not in rows["used"]
    assert rows["old"][4] == "never"


def listed(owner: Client) -> list[list[str]]:
    """The rows of the list of tokens, cell by cell."""
    page = owner.get(TOKENS).content.decode()
    cells = [re.findall(r"<t[dh] class=\"field-.*?</t[dh]>", row, re.DOTALL) for row in page.split("<tr>")]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells if row]


def test_several_tokens_are_revoked_at_once(owner: Client, mei: User) -> None:
    tokens = [ApiToken.issue(mei, name)[0] for name in ("a", "b", "c")]
    before = get_generation()
    chosen = [str(token.pk) for token in tokens[:2]]
    form = {"action": "delete_selected", "_selected_action": chosen, "post": "yes"}
    assert owner.post(TOKENS, form).status_code == 302
    assert [token.name for token in ApiToken.objects.all()] == ["c"]
    assert get_generation() > before


def test_a_name_that_the_user_has_already_is_refused(owner: Client, mei: User) -> None:
    token, _ = ApiToken.issue(mei, "phone")
    response = owner.post(f"{TOKENS}add/", {"user": str(mei.pk), "name": "phone"})
    assert "already exists" in response.content.decode()
    assert ApiToken.objects.get().token_hash == token.token_hash


def test_a_token_is_revoked_and_never_changed(owner: Client, mei: User) -> None:
    token, _ = ApiToken.issue(mei, "phone")
    assert owner.post(f"{TOKENS}{token.pk}/change/", {"user": str(mei.pk), "name": "x"}).status_code == 403
    assert owner.post(f"{TOKENS}{token.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_saved_replies_are_looked_at_and_deleted_and_never_rewritten(owner: Client, mei: User) -> None:
    reply = SavedReply.objects.create(owner=mei, title="今天能送到", text="能。", shared=True)
    listed = owner.get("/admin/im_api/savedreply/").content.decode()
    assert "今天能送到" in listed
    assert owner.get("/admin/im_api/savedreply/add/").status_code == 403
    page = f"/admin/im_api/savedreply/{reply.pk}/"
    assert owner.post(f"{page}change/", {"title": "x", "text": "y"}).status_code == 403
    before = get_generation()
    owner.post(f"{page}delete/", {"post": "yes"})
    assert not SavedReply.objects.exists()
    assert get_generation() == before + 1
