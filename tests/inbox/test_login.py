"""Logging an account in from the inbox, and by the link for whoever holds the phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from msgspec.structs import replace

from im_api import access
from im_api.models import Grant
from sync.core.account.entries import Report
from sync.hub import Hub
from sync.models import Account, Worker
from sync.protocol.login_messages import CAN_LOG_IN, AccountLogin, LoginCode, LoginReport
from sync.protocol.messages import Register, WireMessage
from tests.inbox.test_owner import in_words
from tests.sync.histories import write_history
from tests.sync.threaded_hub import running_hub

QR = "data:image/png;base64,c2NhbiBtZQ=="
LOGIN = "/accounts/roses/login"


class Link:
    """The connection of the worker "office"."""

    number = 1
    is_confidential = True
    leases: Mapping[str, int] = MappingProxyType({"roses": 1})

    def __init__(self) -> None:
        self.orders: list[WireMessage] = []

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        self.orders.append(message)
        return True


class Stage:
    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.link = Link()
        self.connect()

    def connect(self, instance: str = "") -> None:
        hub, capabilities = self.hub, ["douyin", CAN_LOG_IN]
        register = Register(worker_id="office", host="前台电脑", capabilities=capabilities, instance=instance)
        token_hash = hub.directory.workers["office"].token_hash
        hub.on_loop(lambda: hub.presence.connect("office", self.link, register, token_hash))

    def say(self, state: Any, **facts: Any) -> None:
        [order] = [order for order in self.link.orders if isinstance(order, AccountLogin)][-1:]
        report = LoginReport(session_id=order.session_id, account_id="roses", state=state, **facts)
        assert self.hub.on_loop(lambda: self.hub.logins.note(report))

    def show_code(self) -> None:
        self.say("qrcode_ready", qrcode=QR, expires_at=self.hub.clock() + 60_500)


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    """roses, read by "office"; mei may act for it, rea may read it, and cho has no grant."""
    write_history("roses", {"conversations": []})
    Account.objects.filter(pk="roses").update(alias="小满花店", worker=Worker.objects.create(name="office"))
    for name, level in (("mei", "operate"), ("rea", "read"), ("cho", None)):
        user = get_user_model().objects.create_user(name)
        if level is not None:
            Grant.objects.create(user=user, account_id="roses", level=level)
    get_user_model().objects.create_user("boss", is_staff=True)
    access.reload()
    with running_hub() as hub:
        yield Stage(hub)


def a_client(name: str | None, **options: Any) -> Client:
    client = Client(**options)
    if name is not None:
        client.force_login(get_user_model().objects.get(username=name))
    return client


def said(response: Any) -> str:
    """What the dialog says."""
    found = re.search(r'<p class="say[^"]*" role="status">(.*?)</p>', response.content.decode(), re.DOTALL)
    assert found is not None
    return re.sub(r"<[^>]+>", "", found.group(1)).strip().replace("\u2068", "").replace("\u2069", "")


def test_the_code_is_shown_then_each_step_and_the_end(stage: Stage) -> None:
    mei = a_client("mei")
    assert "Show the login code" in in_words(mei.get(LOGIN))
    assert stage.link.orders == []
    assert said(mei.post(LOGIN)) == "Getting the code. This takes up to half a minute."
    stage.show_code()
    page = mei.get(LOGIN)
    assert f'src="{QR}"' in page.content.decode()
    assert said(page) == "Scan with the phone that is logged in as “小满花店”; renews in 60 s."
    assert "no-store" in page.headers["Cache-Control"]
    stage.say("scanned")
    assert said(mei.get(LOGIN)) == "Scanned. Confirm it on the phone."
    stage.say("code_required", hint="138****1234")
    assert said(mei.get(LOGIN)) == "Douyin sent a code to 138****1234. Type it here."
    for bad in ("", "12", "12 34 56", "123456789", "<b>1234"):
        response = mei.post(f"{LOGIN}/code", {"code": bad})
        assert response.status_code == 422
        assert "A code has four to eight digits or letters." in in_words(response)
    assert said(mei.post(f"{LOGIN}/code", {"code": " 204918 "})) == "Scanned. Confirm it on the phone."
    assert [o.code for o in stage.link.orders if isinstance(o, LoginCode)] == ["204918"]
    assert mei.post(f"{LOGIN}/code", {"code": "204918"}).status_code == 409
    stage.say("success")
    assert said(mei.get(LOGIN)) == "Logged in. “小满花店” is being read now."


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("wrong_account", "Another account was scanned. It was not kept; “小满花店” is wanted."),
        ("expired", "Nobody scanned the code in time."),
        ("failed", "The login page could not be read just now."),
    ],
)
def test_an_end_without_a_login_says_why_and_offers_another(stage: Stage, state: str, sentence: str) -> None:
    mei = a_client("mei")
    mei.post(LOGIN)
    stage.say(state)
    page = mei.get(LOGIN)
    assert said(page) == sentence
    assert re.search(r"New code|Try again", in_words(page))
    mei.post(LOGIN)
    assert len(stage.link.orders) == 2


def test_the_dialog_and_the_link_are_for_those_who_may_act(stage: Stage) -> None:
    for path in (LOGIN, f"{LOGIN}/code", f"{LOGIN}/link"):
        assert a_client("rea").post(path).status_code == 403
        assert a_client("cho").post(path).status_code == 404
        assert a_client(None).post(path).status_code == 302
        assert a_client("mei", enforce_csrf_checks=True).post(path).status_code == 403
    assert a_client("rea").get(LOGIN).status_code == 403
    assert a_client("mei").get("/accounts/nothing/login").status_code == 404
    assert stage.link.orders == []


def test_what_stands_in_the_way_is_a_sentence(stage: Stage) -> None:
    mei, hub = a_client("mei"), stage.hub
    hub.on_loop(lambda: hub.presence.disconnect("office", stage.link))
    assert said(mei.get(LOGIN)) == "The computer “前台电脑” is not working. Check that it is on, awake and online."
    assert mei.post(LOGIN).status_code == 409
    Account.objects.update(worker=None)
    hub._read_directory()
    assert said(mei.get(LOGIN)).startswith("No computer reads “小满花店” yet.")


def test_an_account_that_is_kept_back_says_when_it_is_tried_again(stage: Stage) -> None:
    mei = a_client("mei")
    for number in range(4):
        stage.connect(f"i{number}")
    assert said(mei.get(LOGIN)).startswith("The worker ended 3 times in a row while it read this account. It is tried")
    assert said(mei.get(LOGIN, headers={"Accept-Language": "zh-CN"})).startswith(
        "读取这个账号时，采集程序连续退出了3次"
    )
    assert mei.post(LOGIN).status_code == 409
    assert stage.link.orders == []


@pytest.mark.parametrize("state", ["starting", "qrcode_ready", "scanned", "code_required"])
def test_an_open_dialog_follows_a_computer_that_goes_and_comes_back(stage: Stage, state: str) -> None:
    mei, hub = a_client("mei"), stage.hub
    mei.post(LOGIN)
    if state != "starting":
        stage.show_code()
    if state in ("scanned", "code_required"):
        stage.say(state)
    hub.on_loop(lambda: hub.presence.disconnect("office", stage.link))
    hub.on_loop(lambda: hub.logins.fail(["roses"]))
    page = mei.get(LOGIN)
    assert said(page) == "The computer “前台电脑” is not working. Check that it is on, awake and online."
    assert QR not in page.content.decode()
    assert "data-waits" in page.content.decode(), "it is asked for again"
    assert mei.post(f"{LOGIN}/code", {"code": "204918"}).status_code == 409
    stage.connect()
    page = mei.get(LOGIN)
    assert said(page) == "The computer “前台电脑” stopped in the middle of the login. Ask for a new code."
    assert QR not in page.content.decode()
    assert "New code" in in_words(page)
    zh = mei.get(LOGIN, headers={"Accept-Language": "zh-CN"})
    assert said(zh) == "电脑「前台电脑」在登录中途停了，请换一个二维码。"
    assert said(mei.post(LOGIN)).startswith("Getting the code.")
    stage.show_code()
    stage.say("success")
    assert said(mei.get(LOGIN)) == "Logged in. “小满花店” is being read now."


def test_a_hub_that_started_anew_knows_of_no_login_and_shows_a_new_code(stage: Stage) -> None:
    mei = a_client("mei")
    [address] = re.findall(r"/scan/[\w-]+", mei.post(f"{LOGIN}/link").content.decode())[:1]
    mei.post(LOGIN)
    stage.show_code()
    stage.hub.on_loop(lambda: stage.hub.logins.forget("roses"))
    stage.hub.on_loop(lambda: stage.hub.login_links.end("roses"))
    page = mei.get(LOGIN)
    assert "Show the login code" in in_words(page)
    assert QR not in page.content.decode()
    assert "This link is no longer valid" in in_words(a_client(None).get(address))
    assert said(mei.post(LOGIN)).startswith("Getting the code.")


def test_two_people_who_begin_at_once_see_one_code(stage: Stage) -> None:
    mei, boss = a_client("mei"), a_client("boss")
    for one in (mei, boss, mei):
        assert one.post(LOGIN).status_code == 200
    assert len(stage.link.orders) == 1
    stage.show_code()
    for one in (mei, boss):
        assert QR in one.get(LOGIN).content.decode()
    stage.say("code_required")
    assert boss.post(f"{LOGIN}/code", {"code": "204918"}).status_code == 200
    assert mei.post(f"{LOGIN}/code", {"code": "204918"}).status_code == 409, "the other was first"
    stage.say("success")
    for one in (mei, boss):
        assert said(one.get(LOGIN)) == "Logged in. “小满花店” is being read now."


def test_a_link_shows_the_code_to_the_first_browser_that_asks(stage: Stage) -> None:
    made = a_client("mei").post(f"{LOGIN}/link").content.decode()
    [address] = re.findall(r'value="http://testserver(/scan/[\w-]+)"', made)
    preview, phone, other = a_client(None), a_client(None), a_client(None)
    looked = in_words(preview.get(address))
    assert "Log in “小满花店”" in looked
    assert stage.link.orders == []
    assert "Getting the code" in said(phone.post(address))
    stage.show_code()
    page = phone.get(address)
    assert f'src="{QR}"' in page.content.decode()
    assert "no-store" in page.headers["Cache-Control"]
    assert page.cookies["imhub_scan"]["httponly"]
    for stranger in (other, preview):
        assert stranger.get(address).status_code == 410
        assert stranger.post(address).status_code == 410
        assert stranger.post(address, {"code": "123456"}).status_code == 410
    stage.say("code_required")
    assert phone.post(address, {"code": "1"}).status_code == 422
    assert phone.post(address, {"code": "204918"}).status_code == 200
    assert isinstance(stage.link.orders[-1], LoginCode)
    for path in ("/accounts", "/", LOGIN):
        assert phone.get(path).status_code == 302


def test_a_link_ends_with_the_grant_with_time_and_is_nothing_else(stage: Stage) -> None:
    [address] = re.findall(r"/scan/[\w-]+", a_client("mei").post(f"{LOGIN}/link").content.decode())[:1]
    stranger = a_client(None)
    assert stranger.get(address).status_code == 200
    assert stranger.get(address[:-1] + ("a" if address[-1] != "a" else "b")).status_code == 404
    assert stranger.get("/scan/short").status_code == 404
    Grant.objects.filter(user__username="mei").update(level="read")
    access.reload()
    assert stranger.get(address).status_code == 404
    assert stranger.post(address).status_code == 404
    assert "This link is no longer valid" in in_words(stranger.get(address))
    assert stage.link.orders == []


def test_card_and_banner_lead_to_the_code(stage: Stage) -> None:
    view = stage.hub.store.get_view("roses")
    stage.hub.store.publish([replace(view, report=Report(login_status="not_logged_in"))])
    mei, rea = a_client("mei"), a_client("rea")
    page = mei.get("/accounts").content.decode()
    assert page.count(f'href="{LOGIN}" data-dialog') == 2
    assert "Scan a code with the phone of the account." in page
    assert LOGIN not in rea.get("/accounts").content.decode()
    assert f'href="{LOGIN}" data-dialog' in mei.get("/").content.decode()
    stage.hub.on_loop(lambda: stage.hub.presence.disconnect("office", stage.link))
    assert LOGIN not in mei.get("/accounts").content.decode()
