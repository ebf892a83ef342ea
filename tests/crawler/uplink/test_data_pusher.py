"""The pusher over a real connection: nothing observed is lost, nothing is sent twice at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from crawler.uplink.backoff import Backoff
from crawler.uplink.data_pusher import DataPusher
from crawler.uplink.snapshot import AccountSnapshot
from crawler.uplink.uplink import LinkTiming, Uplink
from sync.protocol.items import Collection
from sync.protocol.messages import DataDelta, DataSync, DataSyncAck, ProtocolError, Register
from tests.crawler.builders import a_wire_observation, clock
from tests.crawler.fake_hub import FakeHub, items_of
from tests.crawler.uplink.test_uplink import FAST, IMPATIENT, an_uplink
from tests.waiting import until


def a_snapshot(account: str = "a", *numbers: int, **changes: Any) -> AccountSnapshot:
    items = {f"m{n}": b'{"id":"m%d","messageId":"%d"}' % (n, n) for n in numbers}
    values: dict[str, Any] = {"items": {"messages": items}, "partial": frozenset(["messages"])}
    return AccountSnapshot(account_id=account, platform="p", **(values | changes))


@asynccontextmanager
async def pushing(hub: FakeHub, timing: LinkTiming = FAST) -> AsyncIterator[tuple[DataPusher, Uplink]]:
    uplink = an_uplink(hub, timing=timing)
    pusher = DataPusher(uplink, clock, backoff=lambda: Backoff(0.01, 0.05))
    task = asyncio.create_task(uplink.run())
    try:
        yield pusher, uplink
    finally:
        await pusher.close()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def sent_ids(sync: DataSync, collection: Collection = "messages") -> list[str]:
    return [item["id"] for item in items_of(sync, collection)]


async def test_a_snapshot_is_sent_and_acknowledged() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        pusher.push_data_sync(a_snapshot("a", 1, 2, observed=(a_wire_observation(),)))
        assert pusher.unacknowledged() == {"a"}
        assert await pusher.flush(30)
        [sync] = hub.all_of(DataSync)
    assert sent_ids(sync) == ["m1", "m2"]
    assert sync.snapshot.partial == ["messages"]
    assert len(sync.observed) == 1


async def test_a_cut_between_sending_and_acknowledging_sends_it_again() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: None
        pusher.push_data_sync(a_snapshot("a", 1))
        await hub.nth(DataSync, 1)
        del hub.answers[DataSync]
        await hub.cut()
        again = await hub.nth(DataSync, 2)
        assert await pusher.flush(30)
    assert sent_ids(again) == ["m1"]
    assert [type(m).__name__ for m in hub.received] == ["Register", "DataSync", "Register", "DataSync"]


async def test_an_acknowledgement_that_never_comes_makes_a_new_connection() -> None:
    async with FakeHub() as hub, pushing(hub, IMPATIENT) as (pusher, _):
        hub.answers[DataSync] = lambda m: None
        pusher.push_data_sync(a_snapshot("a", 1))
        await hub.nth(DataSync, 1)
        del hub.answers[DataSync]
        await hub.nth(Register, 2)
        assert await pusher.flush(30)


async def test_only_one_snapshot_of_an_account_is_unanswered() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: None if m.account_id == "a" else DataSyncAck(success=True)
        pusher.push_data_sync(a_snapshot("a", 1))
        await hub.nth(DataSync, 1)
        for number in range(2, 6):
            pusher.push_data_sync(a_snapshot("a", number))
        pusher.push_data_sync(a_snapshot("b", 1))
        await hub.nth(DataSync, 2)
        assert [sync.account_id for sync in hub.all_of(DataSync)] == ["a", "b"]


async def test_the_newest_goes_with_what_was_removed_and_observed_before_it() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: None
        pusher.push_data_sync(
            a_snapshot("a", 1, removed={"messages": frozenset(["gone", "m3"])}, observed=(a_wire_observation(1),))
        )
        await hub.nth(DataSync, 1)
        pusher.push_data_sync(a_snapshot("a", 1, 2, observed=(a_wire_observation(2),)))
        pusher.push_data_sync(a_snapshot("a", 1, 2, 3, observed=(a_wire_observation(3),)))
        del hub.answers[DataSync]
        await hub.cut()
        second = await hub.nth(DataSync, 2)
        assert await pusher.flush(30)
    assert sent_ids(second) == ["m1", "m2", "m3"]
    assert second.snapshot.removed == {"messages": ["gone"]}
    assert [observation.start for observation in second.observed] == [1, 2, 3]
    assert len(hub.all_of(DataSync)) == 2


async def test_a_collection_cleared_before_the_cut_is_still_cleared_after_it() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: None
        pusher.push_data_sync(a_snapshot("a", partial=frozenset(), cleared=frozenset(["messages"])))
        await hub.nth(DataSync, 1)
        pusher.push_data_sync(a_snapshot("a"))
        del hub.answers[DataSync]
        await hub.cut()
        second = await hub.nth(DataSync, 2)
    assert second.snapshot.cleared == ["messages"]
    assert second.snapshot.partial == []


async def test_a_sign_of_life_travels_as_an_empty_delta() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        pusher.push_data_sync(a_snapshot("a", items=None, partial=frozenset(), observed=(a_wire_observation(),)))
        delta = await hub.nth(DataDelta, 1)
        assert await pusher.flush(30)
    assert delta.upserts == {}
    assert delta.observed == [a_wire_observation()]


async def test_a_busy_hub_is_left_alone_for_as_long_as_it_asks() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        times: list[float] = []

        def busy_once(message: DataSync) -> DataSyncAck:
            times.append(asyncio.get_running_loop().time())
            busy = len(times) == 1
            return DataSyncAck(
                success=not busy, error_code="busy" if busy else None, retry_after_ms=200 if busy else None
            )

        hub.answers[DataSync] = busy_once
        pusher.push_data_sync(a_snapshot("a", 1))
        assert await pusher.flush(30)
    assert times[1] - times[0] >= 0.2
    assert len(hub.all_of(Register)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        DataSyncAck(success=False, error_code="not_assigned", error_message="no"),
        DataSyncAck(success=False, error_code="too_large"),
        DataSyncAck(success=False, error_code="bad_payload", error_message="no collection"),
        ProtocolError(success=False, error_code="bad_payload"),
    ],
)
async def test_what_the_hub_will_never_take_is_dropped_and_said(answer: Any) -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: answer
        with capture_logs() as logs:
            pusher.push_data_sync(a_snapshot("a", 1))
            assert await pusher.flush(30)
        assert len(hub.all_of(DataSync)) == 1
    assert any(line.get("code") == answer.error_code and line["log_level"] == "error" for line in logs)


async def test_a_connection_that_the_hub_does_not_know_is_made_anew() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        hub.answers[DataSync] = lambda m: DataSyncAck(
            success=len(hub.all_of(Register)) > 1,
            error_code=None if len(hub.all_of(Register)) > 1 else "not_registered",
        )
        pusher.push_data_sync(a_snapshot("a", 1))
        assert await pusher.flush(30)
        assert len(hub.all_of(Register)) == 2


async def test_a_snapshot_above_the_frame_limit_arrives_whole_in_parts() -> None:
    text = b"x" * 2_000
    items = {f"m{n}": b'{"id":"m%d","content":"%s"}' % (n, text) for n in range(1_500)}
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        pusher.push_data_sync(a_snapshot("a", items={"messages": items}))
        assert await pusher.flush(30)
        parts = hub.all_of(DataSync)
        sizes = [size for frame, size in hub.frames if isinstance(frame.message, DataSync)]
    assert len(parts) == 4
    assert max(sizes) <= 1_000_000
    assert [id for part in parts for id in sent_ids(part)] == list(items)


async def test_one_giant_item_does_not_hold_back_the_others() -> None:
    items = {"m1": b'{"id":"m1"}', "m2": b'{"id":"m2","content":"%s"}' % (b"x" * 1_000_000)}
    async with FakeHub() as hub, pushing(hub) as (pusher, _):
        comments = {"m2": b'{"id":"m2"}'}
        pusher.push_data_sync(a_snapshot("a", items={"messages": items, "comments": comments}, partial=frozenset()))
        sync = await hub.nth(DataSync, 1)
        assert await pusher.flush(30)
    assert (sent_ids(sync), sent_ids(sync, "comments")) == (["m1"], ["m2"])
    assert sync.snapshot.partial == ["messages"], "what was left out must not be taken for gone"


async def test_a_forgotten_account_sends_nothing_more() -> None:
    async with FakeHub() as hub, pushing(hub) as (pusher, uplink):
        pusher.push_data_sync(a_snapshot("a", 1))
        await pusher.forget("a")
        pusher.push_data_sync(a_snapshot("b", 1))
        await uplink.wait_registered()
        await until(lambda: not pusher.unacknowledged())
    assert [sync.account_id for sync in hub.all_of(DataSync)] == ["b"]
