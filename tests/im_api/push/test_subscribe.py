"""What a client hears after it subscribed, and of what it missed."""

import asyncio
from typing import Any

import httpx
import pytest

from im_api.push.feed import PushFeed
from sync.hub import Hub, set_hub
from sync.models import Change
from sync.storage import replay
from sync.storage.database import in_database
from sync.storage.records import Actor
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.im_api.conftest import get, push, send
from tests.im_api.push.client import Client, Refused, kinds
from tests.im_api.push.conftest import Listen


def news(number: int, **fields: Any) -> dict[str, Any]:
    """A snapshot that brings one more message of ben."""
    message = a_message(f"n{number}", "ben", 95 + number, **fields)
    return {**a_snapshot(messages=[message]), "partial": ["messages"]}


async def test_an_arriving_message_is_told_with_all_that_follows(writing_hub: Hub, listen: Listen) -> None:
    client = await listen("alice")
    told = await client.subscribe("all")
    seq, epoch = writing_hub.store.get_view("acc-a").seq, writing_hub.store.get_view("acc-a").epoch
    assert told == {"acc-a": {"seq": seq, "epoch": epoch}}
    assert len(epoch) == 32
    await push(writing_hub, "acc-a", news(1, content="还在吗？"))
    heard = await client.catch_up()
    assert kinds(heard)[0] == ("message.created", "msg_acc-a_n1")
    assert ("conversation.updated", "conv_acc-a_ben") in kinds(heard)
    assert ("unread.changed", None) in kinds(heard)
    assert [frame["seq"] for frame in heard] == list(range(seq + 1, seq + 1 + len(heard)))
    message = heard[0]["data"]
    assert (message["content"], message["is_read"], message["account_id"]) == ("还在吗？", False, "acc-a")


async def test_every_datum_is_what_rest_answers(writing_hub: Hub, listen: Listen, operator: httpx.AsyncClient) -> None:
    client = await listen("alice")
    await client.subscribe(["acc-a"])
    await push(writing_hub, "acc-a", news(1))
    await send(operator, "DELETE", "/conversations/conv_acc-a_mia/pin")
    await send(operator, "PUT", "/discussions/comm_acc-a_c1/read")
    last = {
        (frame["kind"].partition(".")[0], ident): frame["data"]
        for frame, (_, ident) in _with_ids(await client.catch_up())
    }
    assert last["message", "msg_acc-a_n1"] == await get(operator, "/messages/msg_acc-a_n1")
    for name in ("ben", "mia"):
        path = f"/conversations/conv_acc-a_{name}"
        assert last["conversation", f"conv_acc-a_{name}"] == await get(operator, path)
    assert last["discussion", "comm_acc-a_c1"] == await get(operator, "/discussions/comm_acc-a_c1")
    stats = await get(operator, "/unified-messages/stats", account_id="acc-a")
    assert last["unread", None] == stats["accounts"]["acc-a"]


def _with_ids(frames: list[dict[str, Any]]) -> Any:
    return zip(frames, kinds(frames), strict=True)


async def test_own_writes_come_back_to_all_windows(listen: Listen, operator: httpx.AsyncClient) -> None:
    windows = [await listen("alice"), await listen("alice"), await listen("olivia")]
    for window in windows:
        await window.subscribe("all")
    await send(operator, "DELETE", "/conversations/conv_acc-a_ben")
    for window in windows:
        assert ("conversation.removed", "conv_acc-a_ben") in kinds(await window.catch_up())


async def test_what_was_missed_is_told_first_and_nothing_twice(writing_hub: Hub, listen: Listen) -> None:
    first = await listen("alice")
    since = await first.subscribe("all")
    for number in range(3):
        await push(writing_hub, "acc-a", news(number))
    expected = await first.catch_up()
    second = await listen("alice")
    told = await second.subscribe("all", since=since)
    assert [(f["seq"], f["kind"]) for f in second.heard] == [(f["seq"], f["kind"]) for f in expected]
    assert told["acc-a"]["seq"] == expected[-1]["seq"]
    assert await second.subscribe("all", since=told) == told
    assert second.heard[len(expected) :] == []


async def test_one_missed_event_is_told(writing_hub: Hub, listen: Listen) -> None:
    client = await listen("alice")
    await push(writing_hub, "acc-a", news(1))
    position = (await client.subscribe("all"))["acc-a"]
    await client.subscribe("all", since={"acc-a": {**position, "seq": position["seq"] - 1}})
    assert [frame["seq"] for frame in client.heard] == [position["seq"]]


async def test_what_happens_while_missed_events_are_read_comes_after_them(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    await push(writing_hub, "acc-a", news(1))
    await client.catch_up()
    loop = asyncio.get_running_loop()
    authorized, read_missed = asyncio.Event(), replay.missed_events

    def slowly(*args: Any) -> Any:
        found = read_missed(*args)
        loop.call_soon_threadsafe(authorized.set)
        asyncio.run_coroutine_threadsafe(push(writing_hub, "acc-a", news(2)), loop).result(30)
        return found

    monkeypatch.setattr("im_api.queries.events.missed_events", slowly)
    told = await client.subscribe("all", since=since)
    assert authorized.is_set()
    numbers = [frame["seq"] for frame in client.heard]
    assert numbers == list(range(since["acc-a"]["seq"] + 1, told["acc-a"]["seq"] + 1))
    assert told["acc-a"]["seq"] == writing_hub.store.get_view("acc-a").seq
    assert ("message.created", "msg_acc-a_n2") in kinds(client.heard)


@pytest.mark.parametrize(("gap", "is_replayed"), [(1, True), (4, True), (5, False)])
async def test_too_much_missed_is_a_reset(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch, gap: int, is_replayed: bool
) -> None:
    monkeypatch.setattr(replay, "MOST_EVENTS", 4)
    for number in range(3):
        await push(writing_hub, "acc-a", news(number))
    client = await listen("alice")
    now = (await client.subscribe("all"))["acc-a"]
    await client.subscribe("all", since={"acc-a": {**now, "seq": now["seq"] - gap}})
    if is_replayed:
        assert [frame["seq"] for frame in client.heard] == list(range(now["seq"] - gap + 1, now["seq"] + 1))
    else:
        assert client.heard == [{"type": "reset", "account": "acc-a", **now, "initial": False}]


@pytest.mark.parametrize("change", [{"epoch": "another"}, {"seq": 10**9}])
async def test_a_position_that_never_was_is_a_reset(listen: Listen, change: dict[str, Any]) -> None:
    client = await listen("alice")
    now = (await client.subscribe("all"))["acc-a"]
    await client.subscribe("all", since={"acc-a": {**now, **change}})
    assert client.heard == [{"type": "reset", "account": "acc-a", **now, "initial": False}]


async def test_a_log_that_lost_its_rows_is_a_reset(writing_hub: Hub, listen: Listen) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    await push(writing_hub, "acc-a", news(1))
    await client.catch_up()
    await in_database(Change.objects.filter(account_id="acc-a").delete)
    await client.subscribe("all", since=since)
    assert kinds(client.heard) == [("reset", "acc-a")]


async def test_the_first_snapshot_of_an_account_is_one_initial_reset(writing_hub: Hub, listen: Listen) -> None:
    client = await listen("olivia")
    await client.subscribe("all")
    await in_database(writing_hub.clear_account, "acc-b", Actor("user:olivia"))
    cleared = await client.read()
    assert (cleared["type"], cleared["account"], cleared["initial"]) == ("reset", "acc-b", False)
    await push(writing_hub, "acc-b", a_snapshot(conversations=[a_conversation("mia", "acc-b")]))
    first = await client.read()
    assert (first["type"], first["initial"], first["epoch"]) == ("reset", True, cleared["epoch"])
    assert first["seq"] == cleared["seq"] + 1


async def test_more_than_two_hundred_events_are_one_reset(writing_hub: Hub, listen: Listen) -> None:
    client = await listen("alice")
    await client.subscribe("all")
    many = [a_message(f"x{n}", "ben", 96) for n in range(201)]
    await push(writing_hub, "acc-a", {**a_snapshot(messages=many), "partial": ["messages"]})
    assert kinds(await client.catch_up()) == [("reset", "acc-a")]


async def test_a_hub_that_starts_again_goes_on_where_the_former_ended(
    writing_hub: Hub, feed: PushFeed, listen: Listen
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    await push(writing_hub, "acc-a", news(1))
    expected = await client.catch_up()
    await writing_hub.stop()
    again = Hub(clock=writing_hub.clock, followers=(feed,))
    again.acquire()
    await again.start()
    set_hub(again)
    try:
        other = await listen("alice")
        await other.subscribe("all", since=since)
        assert other.heard == expected
    finally:
        set_hub(writing_hub)
        await again.stop()


@pytest.mark.parametrize("headers", [(), ((b"authorization", b"Token nobody"),), ((b"cookie", b"sessionid=x"),)])
async def test_without_credentials_the_socket_does_not_open(
    writing_hub: Hub, feed: PushFeed, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    with pytest.raises(Refused):
        await Client(feed, *headers).open()
