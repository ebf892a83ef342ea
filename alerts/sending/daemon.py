"""Threads for work that waits. None holds up the event loop, the database's threads or the end of the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


async def in_daemon(work: Callable[[], T], timeout_s: float) -> T:
    """Return what `work` returns, or raise what it raises. Raises TimeoutError; the thread then ends by itself."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 (for whoever waits)
            answer(partial(done.set_exception, error))
        else:
            answer(partial(done.set_result, result))

    def answer(say: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the hub has ended
            loop.call_soon_threadsafe(lambda: None if done.done() else say())

    Thread(target=run, name="delivery", daemon=True).start()
    return await asyncio.wait_for(done, timeout_s)
