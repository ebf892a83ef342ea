"""A worker that hears nothing of the hub: it stops its browsers, and goes on when the hub is back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from msgspec.structs import replace
from websockets.exceptions import ConnectionClosed

from crawler.uplink.hub_silence import HubSilence
from sync.protocol.lease_times import CLOSE_S, STOP_S
from sync.protocol.messages import (
    AccountStatuses,
    DataDelta,
    DataFetch,
    DataSync,
    Goodbye,
    Heartbeat,
    Register,
    RegisterAck,
    TaskAssign,
    WireMessage,
)
from tests.crawler.builders import a_message, an_observation
from tests.crawler.fake_hub import FakeHub
from tests.crawler.fakes import a_state
from tests.crawler.stage import an_active, on_stage
from tests.crawler.uplink.test_uplink import FAST
from tests.waiting import until


class Clock:
    """A clock of seconds that goes only when the test says so. `until`: what the watchdog was told; `told` is called
    with it.
    """

    def __init__(self) -> None:
        self.seconds = 100.0
        self.until: float | None = None
        self.told: Callable[[float | None], None] = lambda _until: None

    def silence(self) -> HubSilence:
        return HubSilence(lambda: self.seconds, self._told)

    def _told(self, until: float | None) -> None:
        self.until = until
        self.told(until)


def mute(hub: FakeHub, *kinds: type[WireMessage]) -> None:
    for kind in kinds:
        hub.answers[kind] = lambda _message: None


def messages_in(hub: FakeHub) -> set[str]:
    """The platform's ids of the messages that the hub was sent, in whatever form."""
    sent = [sync.snapshot.data for sync in hub.all_of(DataSync)] + [delta.upserts for delta in hub.all_of(DataDelta)]
    lists = [msgspec.json.decode(data["messages"]) for data in sent if "messages" in data]
    return {item["messageId"] for items in lists for item in items}


async def test_browsers_stop_when_the_hub_is_silent_and_go_on_when_it_is_back_with_what_was_not_acknowledged() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence()) as stage:
        hub = stage.hub
        await hub.nth(DataSync, 1)
        await until(lambda: stage.sessions.open == ["a"])
        mute(hub, Heartbeat, DataSync, DataDelta, Register)
        stage.platform.of("a").take(an_observation(items={"messages": [a_message(7, account="a")]}))
        seen = len(hub.all_of(DataSync))
        clock.seconds += STOP_S
        await until(lambda: stage.sessions.open == [])
        assert clock.until is None

        hub.answers.clear()
        await hub.cut()
        await until(lambda: stage.sessions.open == ["a"])
        await until(lambda: len(hub.all_of(DataSync)) > seen)
        assert "m7" in messages_in(hub)
        assert len(hub.all_of(DataFetch)) == 1
        assert clock.until == clock.seconds + STOP_S


async def test_a_process_that_was_stopped_for_long_closes_its_browsers_before_it_says_anything() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence(), heartbeat_s=0.02) as stage:
        hub = stage.hub
        await until(lambda: stage.sessions.open == ["a"])
        open_when: list[list[str]] = []
        seen = len(hub.received)

        def register(message: Any) -> WireMessage | None:
            open_when.append(list(stage.sessions.open))
            del hub.answers[Register]
            [answer] = hub._ordinary(message)
            return answer

        hub.answers[Register] = register
        await hub.tell(TaskAssign(account=an_active("b")))  # it lies in the socket when the process wakes
        clock.seconds += 60
        await hub.nth(Register, 2)
        await until(lambda: bool(open_when))
        said = [type(message).__name__ for message in hub.received[seen:]]
        assert open_when == [[]]
        assert set(said[: said.index("Register")]) <= {"Heartbeat", "DataSync", "DataDelta", "AccountStatuses"}
        await until(lambda: stage.sessions.open == ["a"])


async def test_an_account_that_went_to_another_worker_meanwhile_is_not_begun_again() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence()) as stage:
        await until(lambda: stage.sessions.open == ["a"])
        stage.hub.accounts = []
        clock.seconds += STOP_S
        await stage.hub.nth(Register, 2)
        await stage.worker.uplink.wait_registered()
        assert stage.sessions.open == []
        assert stage.worker.board.all() == []


async def test_what_the_hub_answers_while_the_browsers_stop_opens_none_of_them() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence(), uplink=replace(FAST, open=60)) as stage:
        hub = stage.hub
        await until(lambda: stage.sessions.open == ["a"])
        rest, is_closed, go_on = stage.worker._crawls["a"].rest, asyncio.Event(), asyncio.Event()

        async def slow() -> None:
            await rest()
            is_closed.set()
            await go_on.wait()

        stage.worker._crawls["a"].rest = slow  # type: ignore[method-assign]
        mute(hub, Heartbeat, DataSync, DataDelta, AccountStatuses, Register)
        clock.seconds += 1
        await hub.cut()
        await hub.nth(Register, 2)
        asked = [frame for frame, _ in hub.frames if isinstance(frame.message, Register)][-1]
        clock.seconds += STOP_S - 1
        await is_closed.wait()
        ack = RegisterAck(success=True, session_id="s", assigned_accounts=hub.accounts)
        await hub.tell(ack, asked.request_id)
        await hub.tell(TaskAssign(account=an_active("b")))
        await until(lambda: clock.until == clock.seconds + 1)
        go_on.set()
        await hub.nth(Register, 3)
        assert (stage.sessions.open, clock.until) == ([], None)
        hub.answers.clear()
        await hub.cut()
        await until(lambda: stage.sessions.open == ["a"])


async def test_the_newest_session_is_the_one_that_it_goes_on_with() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence()) as stage:
        stage.sessions.state = a_state("s2")
        await until(lambda: stage.sessions.open == ["a"])
        await until(lambda: stage.worker._crawls["a"].storage_state == a_state("s2"))
        clock.seconds += STOP_S
        await stage.hub.nth(Register, 2)
        await until(lambda: len(stage.sessions.made) == 2)
        assert stage.sessions.made[1].started_from == a_state("s2")


async def test_answers_keep_the_browsers_open() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence(), heartbeat_s=0.01) as stage:
        await until(lambda: stage.sessions.open == ["a"])
        for _ in range(5):
            clock.seconds += STOP_S - 1
            heard = len(stage.hub.all_of(Heartbeat))
            await stage.hub.nth(Heartbeat, heard + 2)
            await until(lambda: clock.until == clock.seconds + STOP_S)
        assert len(stage.sessions.made) == 1
        assert len(stage.hub.all_of(Register)) == 1


async def test_a_worker_that_is_told_to_end_hands_its_accounts_back_as_the_last_thing_it_says() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataSync, 1)
        stage.platform.of("a").take(an_observation(items={"messages": [a_message(8, account="a")]}))
        stage.worker.stop()
        async with asyncio.timeout(30):
            await stage.task
        assert stage.sessions.open == []
        assert isinstance(stage.hub.received[-1], Goodbye)
        assert "m8" in messages_in(stage.hub)


async def test_a_browser_that_could_not_be_stopped_is_killed_when_the_others_are_closed() -> None:
    clock = Clock()
    async with on_stage(an_active("a"), an_active("b"), silence=clock.silence()) as stage:
        await until(lambda: sorted(stage.sessions.open) == ["a", "b"])
        rest_of_b = stage.worker._crawls["b"].rest

        async def broken() -> None:
            raise OSError("no more processes")

        async def slow() -> None:
            await asyncio.sleep(0.05)
            await rest_of_b()

        stage.worker._crawls["a"].rest, stage.worker._crawls["b"].rest = broken, slow  # type: ignore[method-assign]
        told: list[tuple[float | None, list[str]]] = []
        clock.told = lambda until: told.append((until, list(stage.sessions.open)))
        mute(stage.hub, Register)
        clock.seconds += STOP_S
        await until(lambda: bool(told))
        assert told == [(clock.seconds - CLOSE_S, ["a"])]
        stage.hub.answers.clear()


async def test_a_worker_that_ends_opens_no_browser_for_an_account_that_it_is_given_meanwhile() -> None:
    async with on_stage(an_active("a")) as stage:
        await stage.hub.nth(DataSync, 1)
        mute(stage.hub, Goodbye)  # it waits a second for the answer
        stage.worker.stop()
        await stage.hub.nth(Goodbye, 1)
        with suppress(ConnectionClosed):
            await stage.hub.tell(TaskAssign(account=an_active("b")))
            await stage.hub.tell(TaskAssign(account=an_active("a", lease_epoch=2)))
        await stage.task
        assert len(stage.sessions.made) == 1


async def test_a_worker_that_ends_while_its_browsers_rest_does_not_go_on_when_the_hub_is_back() -> None:
    clock = Clock()
    async with on_stage(an_active(), silence=clock.silence()) as stage:
        await stage.hub.nth(DataSync, 1)
        await until(lambda: stage.sessions.open == ["a"])
        mute(stage.hub, Heartbeat, DataSync, DataDelta, Register)
        stage.platform.of("a").take(an_observation(items={"messages": [a_message(9, account="a")]}))
        clock.seconds += STOP_S
        await until(lambda: stage.sessions.open == [])
        stage.worker.stop()
        stage.hub.answers.clear()
        await stage.hub.cut()
        await stage.task
        assert len(stage.sessions.made) == 1


async def test_a_hub_that_knows_no_goodbye_does_not_keep_a_worker_from_ending() -> None:
    async with on_stage(an_active()) as stage:
        mute(stage.hub, Goodbye)
        await stage.hub.nth(DataSync, 1)
        stage.worker.stop()
        async with asyncio.timeout(30):
            await stage.task
