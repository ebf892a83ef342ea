"""Who hears what: grants and credentials, also when they change under an open socket."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session as SessionRow
from django.test import Client as Browser
from django.utils import timezone

from im_api.models import ApiToken, Grant
from im_api.push.feed import PushFeed
from sync.hub import Hub
from sync.models import Account
from sync.storage.database import in_database
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.im_api.conftest import push
from tests.im_api.push.client import Client, Refused, kinds
from tests.im_api.push.conftest import Listen, change
from tests.waiting import until

HOST = (b"host", b"testserver")


def news_of_b(number: int) -> dict[str, Any]:
    return {**a_snapshot(messages=[a_message(f"n{number}", "mia", 95, "acc-b")]), "partial": ["messages"]}


async def test_nobody_hears_of_an_account_that_is_not_granted(writing_hub: Hub, listen: Listen) -> None:
    alice, bob, charlie = [await listen(name) for name in ("alice", "bob", "charlie")]
    assert sorted(await alice.subscribe("all")) == ["acc-a"]
    assert sorted(await bob.subscribe("all")) == ["acc-b"]
    assert await charlie.subscribe("all") == {}
    await push(writing_hub, "acc-b", news_of_b(1))
    assert await alice.catch_up() == await charlie.catch_up() == []
    assert ("message.created", "msg_acc-b_n1") in kinds(await bob.catch_up())


async def test_an_account_of_others_and_one_that_is_not_there_are_refused_alike(listen: Listen) -> None:
    alice = await listen("alice")
    assert await alice.subscribe(["acc-b", "acc-a", "nowhere"]) != {}
    assert [(f["type"], f["code"], f["account"]) for f in alice.heard] == [
        ("error", "not_granted", "acc-b"),
        ("error", "not_granted", "nowhere"),
    ]


async def test_a_grant_that_is_taken_away_ends_the_news_and_says_so(writing_hub: Hub, listen: Listen) -> None:
    dora = await listen("dora")
    await dora.subscribe("all")
    await change(writing_hub, Grant.objects.filter(user__username="dora", account_id="acc-b").delete)
    await push(writing_hub, "acc-b", news_of_b(1))
    assert [(f["type"], f.get("code"), f["account"]) for f in await dora.catch_up()] == [
        ("error", "not_granted", "acc-b")
    ]


async def test_a_grant_that_is_given_brings_the_account_to_who_wants_all(writing_hub: Hub, listen: Listen) -> None:
    bob = await listen("bob")
    await bob.subscribe("all")
    await change(
        writing_hub,
        lambda: Grant.objects.create(user=User.objects.get(username="bob"), account_id="acc-a", level="read"),
    )
    view = writing_hub.store.get_view("acc-a")
    assert await bob.catch_up() == [
        {"type": "reset", "account": "acc-a", "epoch": view.epoch, "seq": view.seq, "initial": False}
    ]


async def test_a_deleted_account_ends_its_news(writing_hub: Hub, listen: Listen) -> None:
    olivia = await listen("olivia")
    await olivia.subscribe("all")
    await change(writing_hub, Account.objects.filter(pk="acc-b").delete)
    assert kinds(await olivia.catch_up()) == [("error", "acc-b")]


async def closed_with(client: Client) -> int:
    return int((await client.read_until("closed"))["code"])


@pytest.mark.parametrize(
    "end",
    [
        lambda: ApiToken.objects.get(user__username="alice").delete(),
        lambda: User.objects.get(username="alice").delete(),
        lambda: _block("alice"),
        lambda: _expire("alice"),
    ],
    ids=["token deleted", "user deleted", "user blocked", "token expired"],
)
async def test_who_may_no_longer_come_in_is_shown_out(writing_hub: Hub, listen: Listen, end: Callable[[], Any]) -> None:
    alice, bob = await listen("alice"), await listen("bob")
    await alice.subscribe("all")
    await change(writing_hub, end)
    assert await closed_with(alice) == 4001
    await bob.subscribe("all")


def _block(name: str) -> None:
    user = User.objects.get(username=name)
    user.is_active = False
    user.save()


def _expire(name: str) -> None:
    token = ApiToken.objects.get(user__username=name)
    token.expires_at = timezone.now() - timedelta(seconds=1)
    token.save()


# -- a browser


async def a_browser(name: str) -> Browser:
    browser = Browser()
    await in_database(lambda: browser.force_login(User.objects.get(username=name)))
    return browser


def cookie_of(browser: Browser) -> tuple[bytes, bytes]:
    name = settings.SESSION_COOKIE_NAME
    return (b"cookie", f"{name}={browser.cookies[name].value}".encode())


@pytest.fixture
async def browser(writing_hub: Hub) -> Browser:
    return await a_browser("alice")


async def test_a_page_of_ours_hears_with_its_session(browser: Browser, feed: PushFeed) -> None:
    client = await Client(feed, HOST, cookie_of(browser), (b"origin", b"http://testserver")).open()
    assert sorted(await client.subscribe("all")) == ["acc-a"]
    await client.leave()


@pytest.mark.parametrize(
    "origin",
    [None, b"http://evil.test", b"null", b"http://testserver.evil.test", b"http://[x", b"https://testserver"],
)
async def test_a_page_of_others_does_not_get_in_by_the_session(
    browser: Browser, feed: PushFeed, origin: bytes | None
) -> None:
    headers = [HOST, cookie_of(browser)] + ([(b"origin", origin)] if origin is not None else [])
    with pytest.raises(Refused):
        await Client(feed, *headers).open()


@pytest.mark.parametrize(
    ("scheme", "secure_cookies", "trusted", "origin"),
    [
        ("wss", False, [], b"https://testserver"),
        ("ws", True, [], b"https://testserver"),
        ("ws", False, ["https://hub.example.com:8443"], b"https://hub.example.com:8443"),
    ],
)
async def test_a_page_of_ours_gets_in_through_a_proxy_that_ends_tls(
    browser: Browser,
    feed: PushFeed,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    secure_cookies: bool,
    trusted: list[str],
    origin: bytes,
) -> None:
    monkeypatch.setattr(settings, "SECURE_COOKIES", secure_cookies)
    monkeypatch.setattr(settings, "CSRF_TRUSTED_ORIGINS", trusted)
    client = await Client(feed, HOST, cookie_of(browser), (b"origin", origin), scheme=scheme).open()
    assert sorted(await client.subscribe("all")) == ["acc-a"]
    await client.leave()


@pytest.mark.parametrize("way", ["logout", "password"])
async def test_a_session_that_ends_closes_its_sockets(
    writing_hub: Hub, browser: Browser, feed: PushFeed, way: str
) -> None:
    other = await a_browser("dora")
    headers = (HOST, (b"origin", b"http://testserver"))
    mine = await Client(feed, *headers, cookie_of(browser)).open()
    theirs = await Client(feed, *headers, cookie_of(other)).open()
    await mine.subscribe("all")
    if way == "logout":
        await change(writing_hub, browser.logout)
    else:
        await change(writing_hub, lambda: _new_password("alice"))
    assert await closed_with(mine) == 4001
    assert sorted(await theirs.subscribe("all")) == ["acc-a", "acc-b"]
    await theirs.leave()


def _new_password(name: str) -> None:
    user = User.objects.get(username=name)
    user.set_password("another long one")
    user.save()


async def test_an_expired_session_opens_nothing(browser: Browser, feed: PushFeed) -> None:
    await in_database(lambda: SessionRow.objects.update(expire_date=timezone.now() - timedelta(seconds=1)))
    with pytest.raises(Refused):
        await Client(feed, HOST, cookie_of(browser), (b"origin", b"http://testserver")).open()


# -- nothing stays behind


async def test_nothing_is_kept_of_a_socket_that_is_gone(writing_hub: Hub, feed: PushFeed) -> None:
    tasks = len(asyncio.all_tasks())
    for _ in range(20):
        client = await Client(feed, (b"authorization", b"Token alice")).open()
        await client.subscribe("all")
        await client.leave()
    assert len(feed) == 0
    assert feed._listening == {}
    await until(lambda: len(asyncio.all_tasks()) <= tasks + 1)  # the hub has tasks of its own now and then


async def test_what_the_hub_does_without_clients_is_rendered_for_nobody(
    writing_hub: Hub, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("im_api.push.render.render", None)
    await push(writing_hub, "acc-b", a_snapshot(conversations=[a_conversation("mia", "acc-b", userName="Mia 2")]))
