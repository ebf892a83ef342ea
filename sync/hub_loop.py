"""The event loop that the hub runs on, for callers of other threads; and the tasks that the hub began there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import Context
from typing import Any, Final, TypeVar

import structlog

from sync.hub_errors import HubBusy

log = structlog.get_logger(__name__)

T = TypeVar("T")

ANSWER_TIMEOUT_S: Final = 30.0


class HubLoop:
    """Does work on the loop that `begin` was given, in a context of its own: it must not believe itself inside a
    request. Before that, and once the loop is closed, whoever brings work does it.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use this loop from now on."""
        self._loop = loop

    @property
    def is_there(self) -> bool:
        """Return whether there is a loop, and it is not closed."""
        return self._loop is not None and not self._loop.is_closed()

    # -- work that waits for nothing

    def soon(self, work: Callable[[], object]) -> None:
        """Do `work` on the loop, without waiting for it; here if there is no loop."""
        if self._loop is None or self._loop.is_closed():
            work()
        else:
            self._loop.call_soon_threadsafe(work, context=Context())

    def call(self, work: Callable[[], T]) -> T:
        """Do `work` on the loop and return its result; here if this is the loop or none runs. Raises HubBusy."""
        if self._loop is None or self._loop.is_closed() or not self._loop.is_running() or _is_on(self._loop):
            return work()
        done: Future[T] = Future()

        def do() -> None:
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 (for whoever waits)
                done.set_exception(error)

        self._loop.call_soon_threadsafe(do, context=Context())
        try:
            return done.result(ANSWER_TIMEOUT_S)
        except TimeoutError:
            raise HubBusy("the hub has no time for it") from None

    # -- tasks

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` on the loop and keep hold of it until it ends. Call it there."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def cancel_all(self) -> None:
        """Cancel what was spawned and has not ended."""
        for task in list(self._tasks):
            task.cancel()

    def count_tasks(self) -> int:
        """Return the number of tasks on the loop, whoever began them."""
        return len(asyncio.all_tasks(self._loop)) if self._loop is not None else 0

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the hub failed", exc_info=error)


def _is_on(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False
