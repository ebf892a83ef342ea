"""The socket itself: who may keep it open."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from sync.hub import Hub
from sync.worker.connection import REGISTER_S
from tests.sync.worker.socket import PlainWorker, a_registered_worker, a_worker

LetPass = Callable[[], None]


@pytest.fixture
async def let_the_deadline_pass(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> LetPass:
    """What is due when a worker must have registered happens when it is called."""
    loop = asyncio.get_running_loop()
    call_later = loop.call_later
    due: list[tuple[asyncio.TimerHandle, Callable[[], Any]]] = []

    def note(delay: float, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        handle = call_later(delay, callback, *args, **kwargs)
        if delay == REGISTER_S:
            due.append((handle, callback))
        return handle

    def let_pass() -> None:
        assert due
        for handle, callback in due:
            if not handle.cancelled():
                callback()

    monkeypatch.setattr(loop, "call_later", note)
    return let_pass


async def a_connected_worker() -> PlainWorker:
    worker = PlainWorker(await a_worker())
    assert await worker.connect()
    return worker


async def test_a_worker_that_does_not_register_in_time_is_closed(let_the_deadline_pass: LetPass) -> None:
    worker = await a_connected_worker()
    let_the_deadline_pass()
    event = await worker.socket.receive_output(timeout=30)
    reason = "worker:register did not come within 30 s"
    assert event == {"type": "websocket.close", "code": 1008, "reason": reason}


async def test_a_registration_that_was_refused_is_none(let_the_deadline_pass: LetPass) -> None:
    worker = await a_connected_worker()
    assert (await worker.register("somebody-else"))["payload"]["error_code"] == "worker_id_mismatch"
    let_the_deadline_pass()
    assert await worker.closed_with() == 1008


async def test_a_registered_worker_stays(hub: Hub, let_the_deadline_pass: LetPass) -> None:
    worker = await a_registered_worker(hub, "a")
    let_the_deadline_pass()
    assert (await worker.sync("a", {"conversations": []}))["success"] is True


async def test_a_frame_takes_no_thread(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels would have one look after database connections first: that takes as long as to write a change."""
    worker = await a_registered_worker(hub, "a")

    async def refuse() -> None:
        raise AssertionError("a frame went through a thread")

    with monkeypatch.context() as patch:
        patch.setattr("channels.consumer.aclose_old_connections", refuse)
        assert (await worker.say("worker:heartbeat", {"worker_id": "w1"}))["payload"]["success"] is True


async def test_nothing_waits_for_a_worker_that_left(let_the_deadline_pass: LetPass) -> None:
    worker = await a_connected_worker()
    await worker.disconnect()
    let_the_deadline_pass()
    assert await worker.socket.receive_nothing()
