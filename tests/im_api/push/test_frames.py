"""What else is said on the socket, wrong words, and clients that do not read."""

import pytest

from im_api.push.connection import ClientConnection
from im_api.push.credentials import TokenCredential
from im_api.push.feed import PushFeed
from im_api.push.lookup import HubLookup
from sync import outbox as outbox_module
from sync.hub import Hub
from sync.outbox import Outbox, Overflow
from tests.im_api.builders import a_message, a_snapshot
from tests.im_api.conftest import push
from tests.im_api.push.client import kinds
from tests.im_api.push.conftest import Listen, tell_often_how_fresh_all_is


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "truncated"),
        ("[]", "Expected `object`, got `array`"),
        ('{"type": "sing"}', "Invalid value 'sing' - at `$.type`"),
        ('{"accounts": "all"}', "missing required field `type`"),
        ('{"type": "subscribe"}', "missing required field `accounts`"),
        ('{"type": "subscribe", "accounts": "some"}', "Invalid enum value 'some' - at `$.accounts`"),
        ('{"type": "subscribe", "accounts": [1]}', "Expected `str`, got `int` - at `$.accounts[0]`"),
        ('{"type": "subscribe", "accounts": "all", "since": {"acc-a": 7}}', "got `int` - at `$.since[...]`"),
        ('{"type": "subscribe", "accounts": "all", "since": {"a": {"seq": -1, "epoch": ""}}}', "Expected `int` >= 0"),
        ('{"type": "viewing"}', "missing required field `thread_id`"),
        ("[" * 200_000, "got `array`"),
    ],
)
async def test_a_bad_frame_is_told_where_and_why_and_the_socket_stays(listen: Listen, text: str, says: str) -> None:
    client = await listen("alice")
    await client.say(text)
    answer = await client.read()
    assert (answer["type"], answer["code"]) == ("error", "bad_frame")
    assert says in answer["message"]
    assert sorted(await client.subscribe("all")) == ["acc-a"]


async def test_binary_and_endless_frames_are_bad_ones(listen: Listen) -> None:
    client = await listen("alice")
    await client.say_bytes(b"\xff")
    assert (await client.read())["message"] == "frames are text, not binary"
    await client.say(" " * 1_000_001)
    assert "at most 1000000 characters" in (await client.read())["message"]


async def test_a_hundred_bad_frames_close_the_socket(listen: Listen) -> None:
    client = await listen("alice")
    for _ in range(100):
        await client.say("x")
    assert (await client.read_until("closed"))["code"] == 1008


async def test_a_ping_is_answered(listen: Listen) -> None:
    client = await listen("alice")
    await client.say(type="ping")
    assert await client.read() == {"type": "pong"}


async def test_other_windows_see_which_thread_somebody_views(listen: Listen) -> None:
    mine, hers, bobs = await listen("alice"), await listen("olivia"), await listen("bob")
    for client in (mine, hers, bobs):
        await client.subscribe("all")
    for thread_id in ("conv_acc-a_ben", "comm_acc-a_c1"):
        await mine.say(type="viewing", thread_id=thread_id)
        seen = {"type": "viewing", "account": "acc-a", "thread_id": thread_id, "user_name": "alice"}
        assert await hers.read() == seen
    await mine.say(type="viewing", thread_id="conv_acc-b_mia")
    assert await mine.catch_up() == await hers.catch_up() == await bobs.catch_up() == []


async def test_how_fresh_each_surface_is_is_told_without_a_number(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_often_how_fresh_all_is(monkeypatch)
    client = await listen("dora")
    await client.subscribe("all")
    assert await client.read() == {"type": "fresh", "accounts": {"acc-a": {}, "acc-b": {}}}


# -- clients that do not read


async def test_a_full_outbox_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_module, "MAX_CHARS", 10)
    outbox = Outbox()
    outbox.put("x" * 100)  # alone, the largest frame fits
    with pytest.raises(Overflow):
        outbox.put("y")
    assert await outbox.next() == "x" * 100
    outbox.sent()
    outbox.put("y")
    assert not outbox.stalled


async def test_who_takes_nothing_for_long_is_told_apart_from_who_has_nothing_to_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outbox_module, "STALLED_S", -1.0)
    outbox = Outbox()
    assert not outbox.stalled
    outbox.put("x")
    assert outbox.stalled


async def test_who_reads_too_slowly_is_closed_and_catches_up_later(
    writing_hub: Hub, feed: PushFeed, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[int] = []
    credential = TokenCredential("alice")
    principal = await credential.confirm()
    assert principal is not None
    slow = ClientConnection(
        feed, HubLookup(), credential, principal, Outbox(), lambda code, _reason: closed.append(code)
    )
    await slow.receive('{"type": "subscribe", "accounts": "all"}')
    position = slow.accounts["acc-a"].position
    monkeypatch.setattr(outbox_module, "MAX_CHARS", 100)
    await push(writing_hub, "acc-a", {**a_snapshot(messages=[a_message("n1", "ben", 96)]), "partial": ["messages"]})
    assert closed == [4002]
    monkeypatch.undo()
    again = await listen("alice")
    await again.subscribe("all", since={"acc-a": position._asdict()})
    assert ("message.created", "msg_acc-a_n1") in kinds(again.heard)
