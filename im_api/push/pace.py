"""So many values in a second, and of those above it the newest, later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

SECOND_S: Final = 1.0


class Pace(Generic[T]):
    """Hands values on to `take`, `a_second` at most. What comes above that waits, and only the newest of it."""

    def __init__(self, a_second: int, take: Callable[[T], None]) -> None:
        self._a_second = a_second
        self._take = take
        self._taken = 0
        self._waiting: list[T] = []
        self._timer: asyncio.TimerHandle | None = None

    def put(self, value: T) -> None:
        """Hand it on, now or later."""
        if self._taken >= self._a_second:
            self._waiting = [value]
            return
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SECOND_S, self._begin_anew)
        self._taken += 1
        self._take(value)

    def end(self) -> None:
        """Forget what waits."""
        self._waiting = []
        if self._timer is not None:
            self._timer.cancel()

    def _begin_anew(self) -> None:
        self._timer, self._taken = None, 0
        waiting, self._waiting = self._waiting, []
        for value in waiting:
            self.put(value)
