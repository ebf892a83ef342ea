"""Hubs wake each other over the channel layer, and say when they cannot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

import pytest
from channels.layers import InMemoryChannelLayer, get_channel_layer

from sync.hubs import wake_ups
from sync.hubs.wake_ups import GONE, WakeUps
from tests.waiting import until

soon = partial(until, timeout_s=30)


class AHub:
    """`heard`: account id -> version. `resumed`: how often it has to compare."""

    def __init__(self) -> None:
        self.heard: dict[str, int] = {}
        self.resumed = 0
        self.wake_ups = WakeUps(self._hear, self._resume)

    def _hear(self, versions: Mapping[str, int]) -> None:
        self.heard.update(versions)

    def _resume(self) -> None:
        self.resumed += 1


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    monkeypatch.setattr(wake_ups, "PULSE_S", 0.02)
    layer = get_channel_layer()
    assert isinstance(layer, InMemoryChannelLayer)
    return layer


@asynccontextmanager
async def running(*hubs: AHub) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(hub.wake_ups.run()) for hub in hubs]
    await soon(lambda: all(hub.resumed for hub in hubs))
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_hub_hears_of_others_and_not_of_itself(layer: InMemoryChannelLayer) -> None:
    here, there = AHub(), AHub()
    async with running(here, there):
        here.wake_ups.say({"a": 3})
        here.wake_ups.say({"a": 4, "b": 1})
        await soon(lambda: there.heard == {"a": 4, "b": 1})
        assert here.heard == {}
        assert here.wake_ups.trouble is None


async def test_while_redis_is_gone_a_hub_says_so_and_compares_when_it_is_back(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = AHub(), AHub()

    async def refuse(*_: object) -> None:
        raise ConnectionError

    async with running(here, there):
        with monkeypatch.context() as gone:
            gone.setattr(layer, "group_send", refuse)
            await soon(lambda: here.wake_ups.trouble == there.wake_ups.trouble == GONE)
            before = there.resumed
        await soon(lambda: here.wake_ups.trouble is None)
        await soon(lambda: there.resumed > before)
        here.wake_ups.say({"a": 9})
        await soon(lambda: there.heard == {"a": 9})


async def test_a_redis_that_says_nothing_is_gone_too(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = AHub()
    monkeypatch.setattr(wake_ups, "LATE_S", 0.2)

    async def swallow(*_: object) -> None:
        pass

    async with running(here):
        with monkeypatch.context() as gone:
            gone.setattr(layer, "group_send", swallow)
            await soon(lambda: here.wake_ups.trouble == GONE)
        await soon(lambda: here.wake_ups.trouble is None)


async def test_a_redis_that_takes_a_wake_up_and_never_answers_holds_up_only_that_one(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = AHub(), AHub()
    monkeypatch.setattr(wake_ups, "ANSWER_S", 0.2)
    asked = asyncio.Event()

    async def hang(*_: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with running(here, there):
        with monkeypatch.context() as stuck:
            stuck.setattr(layer, "group_send", hang)
            await asyncio.wait_for(asked.wait(), 30)
        await soon(lambda: here.wake_ups.trouble is None)
        here.wake_ups.say({"a": 9})
        await soon(lambda: there.heard == {"a": 9})
