"""Signs of life, statuses and sessions on their way to the hub."""

import asyncio
import threading
from typing import Any

import msgspec
import psutil
import pytest
from structlog.testing import capture_logs

from crawler.account.status import StatusBoard
from crawler.heartbeat import ResourceMeter, SessionKeeper, send_statuses
from crawler.uplink.uplink import Uplink
from sync.protocol.messages import (
    AccountStatuses,
    AccountStatusesAck,
    Profile,
    Register,
    SessionReport,
    SessionReportAck,
)
from tests.crawler.builders import clock
from tests.crawler.fake_hub import FakeHub
from tests.crawler.fakes import a_state
from tests.crawler.uplink.test_uplink import Recorder, an_uplink, running
from tests.waiting import until


def test_memory_and_processor_are_those_of_the_whole_family() -> None:
    meter = ResourceMeter()
    memory, _ = meter.read()
    assert 10 < memory < 100_000
    assert sum(i * i for i in range(300_000)) > 0
    assert meter.read()[1] > 0


async def test_a_sign_of_life_waits_for_no_measurement_and_fails_with_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.heartbeat.PATIENCE_S", 0.01)
    monkeypatch.setattr("crawler.heartbeat.METER_S", 0)
    meter, may_go_on = ResourceMeter(), threading.Event()

    def slow() -> tuple[float, float]:
        assert may_go_on.wait(30)
        return 7.0, 8.0

    def refused() -> tuple[float, float]:
        raise psutil.AccessDenied

    monkeypatch.setattr(meter, "read", slow)
    assert [await meter.newest() for _ in range(2)] == [(0.0, 0.0)] * 2
    may_go_on.set()
    async with asyncio.timeout(30):
        while await meter.newest() != (7.0, 8.0):
            pass
    monkeypatch.setattr(meter, "read", refused)
    assert [await meter.newest() for _ in range(3)] == [(7.0, 8.0)] * 3


async def test_a_change_is_due_at_once_and_a_count_is_not() -> None:
    board = StatusBoard()
    board.update("a", worker_status="crawling")
    assert [status.account_id for status in board.take_due()] == ["a"]
    board.update("a", worker_status="crawling", counts={"messages": 5}, last_crawl_time=7)
    assert not board.changed.is_set()
    board.update("a", profile=Profile(user_name="小店"))
    board.update("a", profile=Profile(follower_count=3))
    [status] = board.take_due()
    assert status.profile == Profile(user_name="小店", follower_count=3)
    assert status.counts == {"messages": 5}


async def test_statuses_that_were_not_answered_go_again() -> None:
    board = StatusBoard()
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        hub.answers[AccountStatuses] = lambda m: None
        async with running(uplink):
            sending = asyncio.create_task(send_statuses(uplink, board))
            board.update("a", worker_status="crawling")
            await hub.nth(AccountStatuses, 1)
            del hub.answers[AccountStatuses]
            await hub.cut()
            again = await hub.nth(AccountStatuses, 2)
            sending.cancel()
    assert [status.account_id for status in again.account_statuses] == ["a"]


@pytest.mark.parametrize(
    "ack",
    [
        AccountStatusesAck(success=False, error_code="busy", retry_after_ms=10, failed={"a": "busy", "b": "busy"}),
        AccountStatusesAck(success=True, retry_after_ms=10, updated=["b"], failed={"a": "busy", "c": "not_assigned"}),
    ],
)
async def test_statuses_that_the_hub_had_no_room_for_go_again(ack: AccountStatusesAck) -> None:
    board = StatusBoard()
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        hub.answers[AccountStatuses] = lambda m: ack
        async with running(uplink):
            for account_id in "abc":
                board.update(account_id, worker_status="crawling")
            sending = asyncio.create_task(send_statuses(uplink, board))
            await hub.nth(AccountStatuses, 1)
            del hub.answers[AccountStatuses]
            again = await hub.nth(AccountStatuses, 2)
            sending.cancel()
    expected = ["a"] if ack.success else ["a", "b", "c"]
    assert [status.account_id for status in again.account_statuses] == expected


async def test_all_statuses_go_regularly() -> None:
    board = StatusBoard()
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        async with running(uplink):
            board.update("a", worker_status="crawling")
            sending = asyncio.create_task(send_statuses(uplink, board, every_s=0.05))
            await hub.nth(AccountStatuses, 3)
            sending.cancel()


def keeping(keeper: SessionKeeper) -> asyncio.Task[Any]:
    return asyncio.create_task(keeper.run())


async def test_a_session_is_stored_once_the_hub_took_the_newest_one() -> None:
    stored: list[str] = []
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        keeper = SessionKeeper(uplink, stored.append)

        def take(message: SessionReport) -> SessionReportAck:
            if message.account_id == "a" and message.storage_state == a_state("s1"):
                keeper.keep("a", a_state("s2"))
            return SessionReportAck(success=message.account_id == "a", error_code="not_assigned")

        hub.answers[SessionReport] = take
        async with running(uplink):
            task = keeping(keeper)
            with capture_logs() as logs:
                keeper.keep("a", a_state("s1"))
                keeper.keep("b", a_state("s1"))
                await hub.nth(SessionReport, 3)
                await until(lambda: not keeper._sender.waiting)
            task.cancel()
    assert stored == ["a"]
    refused = [log["account"] for log in logs if log["event"] == "the hub did not take a session"]
    assert refused == ["b"]


async def test_a_session_never_travels_where_others_can_read_it() -> None:
    uplink = Uplink("ws://hub.example/", "w1:s", lambda: Register(worker_id="w1"), Recorder(), clock)
    keeper = SessionKeeper(uplink)
    with capture_logs() as logs:
        keeper.keep("a", a_state("s1"))
    assert keeper._sender.waiting == []
    assert "not encrypted" in logs[0]["event"]
    assert "s1" not in str(logs)


async def test_a_session_above_the_frame_limit_goes_without_its_databases() -> None:
    origin = {"origin": "https://x", "localStorage": [], "indexedDB": [{"name": "big", "x": "y" * 1_200_000}]}
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        keeper = SessionKeeper(uplink)
        async with running(uplink):
            task = keeping(keeper)
            keeper.keep("a", a_state("s1") | {"origins": [origin]})
            session = await hub.nth(SessionReport, 1)
            task.cancel()
    assert session.storage_state["cookies"] == a_state("s1")["cookies"]
    assert session.storage_state["origins"] == [{"origin": "https://x", "localStorage": []}]
    assert len(msgspec.json.encode(session)) < 1_000
