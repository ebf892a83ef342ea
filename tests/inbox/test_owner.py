"""What an owner does weekly, on the accounts page; and that nobody else can."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from im_api import access
from im_api.models import Grant
from sync.hub import Hub
from sync.models import Account, Worker
from tests.sync.histories import write_history
from tests.sync.threaded_hub import running_hub


@pytest.fixture
def lin(transactional_db: None) -> User:
    return get_user_model().objects.create_user("lin", is_staff=True)


@pytest.fixture
def mei(transactional_db: None) -> User:
    return get_user_model().objects.create_user("mei")


@pytest.fixture
def owner(lin: User) -> Client:
    client = Client()
    client.force_login(lin)
    return client


@pytest.fixture
def operator(mei: User) -> Client:
    client = Client()
    client.force_login(mei)
    return client


@pytest.fixture
def hub(lin: User, mei: User) -> Iterator[Hub]:
    write_history("roses", {"conversations": []})
    Grant.objects.create(user=mei, account_id="roses", level="operate")
    with running_hub() as hub:
        yield hub


def read(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return in_words(response)


def in_words(response: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode()))).strip()


def wrong(client: Client, path: str, given: dict[str, str]) -> dict[str, str]:
    """What was said at which field of the form that came back."""
    response = client.post(path, given)
    assert response.status_code == 422, response
    found = re.findall(r'id="id_([\w-]+)-error">([^<]+)<', response.content.decode())
    return {name: unescape(text) for name, text in found}


def saved(client: Client, path: str, given: dict[str, str]) -> str:
    response = client.post(path, given)
    assert response.status_code == 303, in_words(response)
    return str(response.headers["Location"])


def test_an_owner_adds_an_account_with_a_name_alone(owner: Client, hub: Hub) -> None:
    assert saved(owner, "/accounts/add", {"user_name": "小满花店", "group": "花"}) == "/accounts#card-douyin-1"
    account = Account.objects.get(pk="douyin-1")
    assert (account.name, account.group, account.platform, account.worker) == ("小满花店", "花", "douyin", None)
    assert "小满花店" in read(owner, "/accounts")
    assert saved(owner, "/accounts/add", {"user_name": "茶", "user_id": "tea"}) == "/accounts#card-tea"
    assert [entry.object_id for entry in LogEntry.objects.order_by("pk")] == ["douyin-1", "tea"]


def test_the_only_computer_reads_a_new_account(owner: Client, hub: Hub) -> None:
    Worker.objects.create(name="office")
    wait_for_workers(hub, 1)
    saved(owner, "/accounts/add", {"user_name": "茶", "user_id": "tea", "worker": "office"})
    assert Account.objects.get(pk="tea").worker == Worker.objects.get()


def wait_for_workers(hub: Hub, count: int) -> None:
    hub._read_directory()
    assert len(hub.directory.workers) == count


def test_wrong_input_says_where_and_why(owner: Client, hub: Hub) -> None:
    only = "Only letters, digits, _ . and -; the first is a letter or a digit; and not “all”."
    assert wrong(owner, "/accounts/add", {"user_id": "-x"}) == {
        "user_name": "Nothing stands here yet.",
        "user_id": only,
    }
    assert wrong(owner, "/accounts/add", {"user_name": "茶", "user_id": "all"}) == {"user_id": only}
    taken = {"user_id": "There is such an account already."}
    assert wrong(owner, "/accounts/add", {"user_name": "茶", "user_id": "roses"}) == taken
    assert wrong(owner, "/accounts/add", {"user_name": "x" * 121}) == {"user_name": "At most 120 characters."}
    assert wrong(owner, "/accounts/roses/edit", {"alias": "长" * 61}) == {"alias": "At most 60 characters."}
    nul = {"alias": "Null characters are not allowed."}
    assert wrong(owner, "/accounts/roses/edit", {"alias": "a\0b"}) == nul
    assert "Choose one of the list." in in_words(owner.post("/accounts/roses/edit", {"color": "red"}))
    assert list(Account.objects.values_list("pk", "alias", "color")) == [("roses", "", "")]


def test_what_was_typed_stays_when_something_is_wrong(owner: Client, hub: Hub) -> None:
    body = owner.post("/accounts/add", {"user_name": "小满<b>", "user_id": "roses"}).content.decode()
    assert 'value="小满&lt;b&gt;"' in body
    assert 'aria-invalid="true"' in body
    assert 'aria-describedby="id_user_id-hint id_user_id-error"' in body


def test_an_owner_names_colours_and_groups_an_account(owner: Client, hub: Hub) -> None:
    given = {"alias": " 花店 ", "group": "花", "color": "#B02A5C"}
    assert saved(owner, "/accounts/roses/edit", given) == "/accounts#card-roses"
    page = owner.get("/accounts").content.decode()
    assert re.search(r'id="card-roses">\s*<div class="head-of">\s*<svg class="square tint-5"', page)
    assert "花店 Douyin · 花" in read(owner, "/accounts")
    assert 'value="花店"' in owner.get("/accounts/roses/edit").content.decode()
    saved(owner, "/accounts/roses/edit", {"alias": "", "group": "", "color": ""})
    assert Account.objects.values_list("alias", "group", "color").get() == ("", "", "")


def test_a_colour_that_is_none_of_the_squares_stays_to_be_chosen(owner: Client, hub: Hub) -> None:
    Account.objects.update(color="#123456")
    hub._read_directory()
    assert 'name="color" value="#123456" checked' in owner.get("/accounts/roses/edit").content.decode()
    saved(owner, "/accounts/roses/edit", {"alias": "花店", "color": "#123456"})
    assert Account.objects.get().color == "#123456"


def test_an_owner_chooses_among_several_computers(owner: Client, hub: Hub) -> None:
    for name in ("office", "home"):
        Worker.objects.create(name=name)
    wait_for_workers(hub, 2)
    saved(owner, "/accounts/roses/computer", {"worker": "home"})
    assert Account.objects.get().worker == Worker.objects.get(name="home")
    assert Account.objects.get().lease_epoch == 2
    saved(owner, "/accounts/roses/computer", {"worker": ""})
    assert Account.objects.get().worker is None
    assert wrong(owner, "/accounts/roses/computer", {"worker": "nobody"}) == {"worker": "Choose one of the list."}


def test_who_moves_an_account_to_another_computer_agrees_to_what_that_risks(owner: Client, hub: Hub) -> None:
    for name, machine in (("office", "m1"), ("desk", "m1"), ("home", "m2")):
        Worker.objects.create(name=name, host_id=machine)
    wait_for_workers(hub, 3)
    saved(owner, "/accounts/roses/computer", {"worker": "office"})
    page = in_words(owner.get("/accounts/roses/computer"))
    assert "desk · the same computer" in page
    assert "the login is used from another address" in page
    saved(owner, "/accounts/roses/computer", {"worker": "desk"})
    refused = {"agreed": "To another computer it moves only if you agree."}
    assert wrong(owner, "/accounts/roses/computer", {"worker": "home"}) == refused
    assert Account.objects.get().worker == Worker.objects.get(name="desk")
    saved(owner, "/accounts/roses/computer", {"worker": "home", "agreed": "on", "may_move": "on"})
    assert Account.objects.get().worker == Worker.objects.get(name="home")
    assert Account.objects.get().config == {"may_move": True}
    saved(owner, "/accounts/roses/computer", {"worker": "home"})
    assert Account.objects.get().config == {}


def test_an_owner_pauses_and_goes_on(owner: Client, hub: Hub) -> None:
    saved(owner, "/accounts/roses/pause", {"paused": "true"})
    assert "Paused" in read(owner, "/accounts")
    saved(owner, "/accounts/roses/pause", {"paused": "false"})
    assert Account.objects.get().status == "active"
    assert owner.get("/accounts/roses/pause").status_code == 405


def test_an_owner_gives_and_takes_who_sees_an_account(owner: Client, operator: Client, hub: Hub, mei: User) -> None:
    assert 'value="operate" selected' in owner.get("/accounts/roses/people").content.decode()
    assert "lin" not in re.findall(r">(\w+)</label>", owner.get("/accounts/roses/people").content.decode())
    saved(owner, "/accounts/roses/people", {f"person-{mei.pk}": "read"})
    assert Grant.objects.get().level == "read"
    saved(owner, "/accounts/roses/people", {f"person-{mei.pk}": ""})
    access.reload()
    assert "No account is open to you yet" in read(operator, "/accounts")
    saved(owner, "/accounts/roses/people", {f"person-{mei.pk}": "operate"})
    access.reload()
    assert "Shop roses" in read(operator, "/accounts")
    assert wrong(owner, "/accounts/roses/people", {f"person-{mei.pk}": "owner"}) == {
        f"person-{mei.pk}": "Choose one of the list."
    }
    messages = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert [text.partition(" (")[0] for text in messages] == [
        "Grant of mei: read",
        "Grant of mei: none",
        "Grant of mei: operate",
    ]


def test_the_owner_of_a_new_hub_is_led_and_never_sent_to_the_owner(owner: Client, operator: Client, hub: Hub) -> None:
    Account.objects.all().delete()
    hub._read_directory()
    for path in ("/", "/works", "/accounts"):
        said = read(owner, path)
        assert "Two steps lead there: Add a computer Add an account" in said
        assert "Ask the owner" not in said
        assert "on the left" not in said, "there is nothing to choose from"
    assert 'href="/accounts/computers/add"' in owner.get("/").content.decode()
    assert "Ask the owner to give you one." in read(operator, "/")
    saved(owner, "/accounts/add", {"user_name": "茶", "user_id": "tea"})
    assert "Two steps lead there: Add a computer Add an account" in read(owner, "/")
    Worker.objects.create(name="office")
    wait_for_workers(hub, 1)
    assert "Two steps lead there" not in read(owner, "/")


def test_without_other_people_the_page_says_so(owner: Client, hub: Hub, mei: User) -> None:
    mei.delete()
    assert "There is nobody else yet. Add somebody" in read(owner, "/accounts/roses/people")


@pytest.mark.parametrize("path", ["add", "roses/edit", "roses/computer", "roses/people", "roses/pause"])
def test_nobody_but_an_owner_gets_there(operator: Client, hub: Hub, path: str) -> None:
    for answer in (operator.get(f"/accounts/{path}"), operator.post(f"/accounts/{path}", {"user_name": "x"})):
        assert answer.status_code in (403, 405)
    assert Client().post(f"/accounts/{path}").headers["Location"].startswith("/login/")
    assert Account.objects.get().status == "active"
    page = operator.get("/accounts").content.decode()
    assert not re.search(r'href="/(accounts/|admin)', page)
    assert "<form" not in page.partition('id="accounts"')[2].partition("<footer")[0]


@pytest.mark.parametrize("path", ["edit", "people", "pause"])
def test_an_account_that_does_not_exist_is_404(owner: Client, hub: Hub, path: str) -> None:
    assert owner.post(f"/accounts/nobody/{path}", {"paused": "true"}).status_code == 404


def test_forms_of_other_sites_do_nothing(lin: User, hub: Hub) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(lin)
    assert browser.post("/accounts/roses/pause", {"paused": "true"}).status_code == 403


def test_without_a_hub_the_forms_wait_for_it(owner: Client) -> None:
    assert owner.get("/accounts/add").status_code == 503


# -- how an account is answered

ANSWERING = {
    "mode": "send",
    "agreed": "on",
    "messages_per_hour": "15",
    "messages_per_day": "60",
    "comments_per_hour": "10",
    "comments_per_day": "40",
    "night_from": "0",
    "night_until": "8",
}


def test_the_owner_lets_the_computer_send_after_reading_what_it_risks(owner: Client, hub: Hub) -> None:
    path = "/accounts/roses/sending"
    shown = read(owner, path)
    assert "Nobody outside knows how many replies Douyin lets pass." in shown
    assert wrong(owner, path, {**ANSWERING, "agreed": ""}) == {"agreed": "The computer sends only if you agree."}
    assert Account.objects.get(pk="roses").config == {}
    assert saved(owner, path, ANSWERING) == "/accounts#card-roses"
    assert Account.objects.get(pk="roses").config == {"reply_mode": "send"}
    assert "Answered on Douyin" in read(owner, "/accounts")  # it has no computer


def test_the_owner_sets_the_pace_and_takes_both_back(owner: Client, hub: Hub) -> None:
    path = "/accounts/roses/sending"
    given = {**ANSWERING, "messages_per_hour": "5", "night_from": "22"}
    saved(owner, path, given)
    config = Account.objects.get(pk="roses").config
    assert (config["budget"]["messages"]["per_hour"], config["budget"]["night"]) == (5, [22, 8])
    assert config["budget"]["messages"]["apart_s"] == [45, 120]
    assert wrong(owner, path, {**given, "messages_per_day": "0", "night_until": "24"}) == {
        "messages_per_day": "A number from 1 to 1000.",
        "night_until": "A number from 0 to 23.",
    }
    saved(owner, path, {**ANSWERING, "mode": "", "agreed": ""})
    assert Account.objects.get(pk="roses").config == {}


def test_nobody_else_chooses_how_an_account_is_answered(operator: Client, hub: Hub) -> None:
    assert operator.get("/accounts/roses/sending").status_code == 403
    assert operator.post("/accounts/roses/sending", ANSWERING).status_code == 403
