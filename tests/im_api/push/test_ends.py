"""How connections end other than in order, and what that must not do to others; long catching up."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from im_api.push import feed as feed_module
from im_api.push.connection import ClientConnection
from im_api.push.credentials import TokenCredential
from im_api.push.feed import PushFeed
from im_api.push.lookup import HubLookup
from sync import outbox as outbox_module
from sync.hub import Hub
from sync.outbox import Outbox
from tests.im_api.builders import a_message, a_snapshot
from tests.im_api.conftest import push
from tests.im_api.push.client import Client, kinds
from tests.im_api.push.conftest import Listen, tell_often_how_fresh_all_is
from tests.waiting import until

ALICE = (b"authorization", b"Token alice")


def news(number: int, **fields: Any) -> dict[str, Any]:
    return {**a_snapshot(messages=[a_message(f"n{number}", "ben", 95 + number, **fields)]), "partial": ["messages"]}


async def test_nothing_is_kept_of_a_socket_whose_frame_could_not_be_answered(
    writing_hub: Hub, feed: PushFeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = len(asyncio.all_tasks())
    client = await Client(feed, ALICE).open()
    now = (await client.subscribe("all"))["acc-a"]

    async def broken(*_: Any) -> Any:
        raise OSError("the disk is gone")

    monkeypatch.setattr("im_api.push.lookup.read_missed_events", broken)
    await client.say(type="subscribe", accounts="all", since={"acc-a": {**now, "seq": now["seq"] - 1}})
    with pytest.raises(OSError, match="the disk is gone"):
        await client.leave()
    await until(lambda: len(feed) == 0)
    assert feed._listening == {}
    await until(lambda: len(asyncio.all_tasks()) <= tasks)  # the hub has tasks of its own now and then


async def test_nothing_is_kept_of_a_socket_that_the_server_cancels(writing_hub: Hub, feed: PushFeed) -> None:
    tasks = len(asyncio.all_tasks())
    client = await Client(feed, ALICE).open()
    await client.subscribe("all")
    client.cut()
    await until(lambda: len(feed) == 0)
    await until(lambda: len(asyncio.all_tasks()) <= tasks)


async def test_who_cannot_be_told_how_fresh_all_is_does_not_keep_others_from_it(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = await listen("alice"), await listen("dora")
    await broken.subscribe("all")
    await sound.subscribe("all")
    check = ClientConnection.check

    def fails_for_alice(connection: ClientConnection) -> None:
        if connection.user_name == "alice":
            raise KeyError("alice")
        check(connection)

    monkeypatch.setattr(ClientConnection, "check", fails_for_alice)
    tell_often_how_fresh_all_is(monkeypatch)
    assert (await broken.read_until("closed"))["code"] == 1011
    for _ in range(2):
        assert (await sound.read_until("fresh"))["accounts"] == {"acc-a": {}, "acc-b": {}}


async def test_more_than_a_full_outbox_was_missed_and_a_client_that_reads_gets_it_all(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    for number in range(8):
        await push(writing_hub, "acc-a", news(number, content="还在吗？" * 100))
    expected = [frame["seq"] for frame in await client.catch_up()]
    monkeypatch.setattr(outbox_module, "MAX_CHARS", 4_000)
    monkeypatch.setattr("im_api.push.connection.REPLAYED_AT_ONCE", 2)
    again = await listen("alice")
    told = await again.subscribe("all", since=since)
    assert [frame["seq"] for frame in again.heard] == expected
    assert told["acc-a"]["seq"] == expected[-1]


async def test_who_does_not_read_while_he_catches_up_is_closed_as_too_slow(
    writing_hub: Hub, feed: PushFeed, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    for number in range(8):
        await push(writing_hub, "acc-a", news(number, content="还在吗？" * 100))
    monkeypatch.setattr(outbox_module, "MAX_CHARS", 4_000)
    monkeypatch.setattr(outbox_module, "STALLED_S", 0.05)
    monkeypatch.setattr(feed_module, "LOOK_EVERY_S", 0.02)
    closed: list[int] = []
    credential = TokenCredential("alice")
    principal = await credential.confirm()
    assert principal is not None
    deaf = ClientConnection(
        feed, HubLookup(), credential, principal, Outbox(), lambda code, _reason: closed.append(code)
    )
    await client.leave()
    await asyncio.wait_for(deaf.receive(json.dumps({"type": "subscribe", "accounts": "all", "since": since})), 30)
    assert closed == [4002]
    assert len(feed) == 0


async def test_what_happens_during_long_catching_up_comes_after_it_once(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    for number in range(4):
        await push(writing_hub, "acc-a", news(number))
    monkeypatch.setattr("im_api.push.connection.REPLAYED_AT_ONCE", 1)
    again = await listen("alice")
    await again.say(type="subscribe", accounts="all", since=since)
    first = await again.read()
    await push(writing_hub, "acc-a", news(9))
    told = (await again.read_until("subscribed"))["accounts"]["acc-a"]["seq"]
    heard = [first, *again.heard]
    assert [frame["seq"] for frame in heard] == list(range(since["acc-a"]["seq"] + 1, told + 1))
    assert ("message.created", "msg_acc-a_n9") in kinds([*heard, *await again.catch_up()])


async def test_the_metrics_say_how_many_listen(
    writing_hub: Hub, listen: Listen, connect: Callable[..., httpx.AsyncClient]
) -> None:
    async def clients() -> list[str]:
        lines = (await connect("olivia").get("/metrics")).text.splitlines()
        assert any(line.startswith("imhub_tasks ") and float(line.split()[1]) > 0 for line in lines)
        return [line for line in lines if line.startswith("imhub_clients ")]

    assert await clients() == ["imhub_clients 0.0"]
    first, _ = await listen("alice"), await listen("dora")
    assert await clients() == ["imhub_clients 2.0"]
    await first.leave()
    assert await clients() == ["imhub_clients 1.0"]
