"""An event loop whose time passes only when somebody waits for it. What runs on it runs the same way every time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple, Unpack

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

START = 1_790_000_000_000
"""ms UTC at the loop's time 0."""


class Stuck(Exception):
    """Somebody waits for what will never happen."""


class _NoWaiting(selectors.DefaultSelector):
    """Instead of waiting for the time to pass, lets it pass."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise Stuck("nothing is under way")
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        selector = _NoWaiting()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[Unpack[Ts]], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """At once: a thread would come back whenever it likes. No loop runs where `func` does, as in a thread."""
        future: asyncio.Future[T] = self.create_future()
        asyncio._set_running_loop(None)
        try:
            future.set_result(func(*args))
        finally:
            asyncio._set_running_loop(self)
        return future

    def clock(self) -> int:
        """ms UTC."""
        return START + int(self.now * 1000)

    def pass_time(self, seconds: float) -> None:
        """Advance the clock; everything due meanwhile happens in its order."""
        self.run_until_complete(asyncio.sleep(seconds))

    def settle(self) -> None:
        """Everything that can happen now has happened when this returns."""
        for _ in range(1_000):
            self.run_until_complete(asyncio.sleep(0))
            if not self._ready:  # type: ignore[attr-defined]  # what runs next
                return
        raise Stuck("something goes on for ever without waiting")

    def end(self) -> None:
        tasks = asyncio.all_tasks(self)
        for task in tasks:
            task.cancel()
        if tasks:
            self.run_until_complete(asyncio.wait(tasks))
        self.close()
