"""Lanes: how many requests of one kind run at once, and how many wait for their turn."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

MAX_SOURCES: Final = 10_000


class Full(Exception):
    """Raised when no more may wait. `by_source`: because of this one address."""

    def __init__(self, *, by_source: bool) -> None:
        super().__init__()
        self.by_source = by_source


class Lane:
    """Lets `at_once` through; `waiting` more wait in order, of which one address has `of_one_source` at most.

    `refused`: those for whom there was no room, since the start.
    """

    def __init__(self, at_once: int, waiting: int, of_one_source: int) -> None:
        self.at_once = at_once
        self.running = 0
        self.refused = 0
        self._free = asyncio.Semaphore(at_once)
        self._most_waiting = waiting
        self._most_of_one = of_one_source
        self._waiting: Counter[str] = Counter()

    @property
    def waiting(self) -> int:
        """Return how many wait."""
        return self._waiting.total()

    async def enter(self, source: str) -> None:
        """Wait for a turn. Whoever has entered must leave. Raises Full."""
        if self._free.locked():
            by_source = self._waiting[source] >= self._most_of_one
            if by_source or self.waiting >= self._most_waiting:
                self.refused += 1
                raise Full(by_source=by_source)
        self._waiting[source] += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting[source] -= 1
            if not self._waiting[source]:
                del self._waiting[source]
        self.running += 1

    def leave(self) -> None:
        """Give the turn to the next."""
        self.running -= 1
        self._free.release()


class Allowance:
    """Allows each address `at_once` failures, and `a_minute` more each minute. `clock`: seconds.

    Two threads that charge at once may count as one.
    """

    def __init__(self, at_once: int, a_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once = at_once
        self._a_second = a_minute / 60
        self._clock = clock
        # What is left of each, as of when. The longest unused is forgotten first.
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def wait_s(self, source: str) -> float:
        """Return how many seconds this address has to wait; 0 when it may try."""
        return max(0.0, (1 - self._now_left(source)) / self._a_second)

    def charge(self, source: str) -> None:
        """Count a failure of this address."""
        left = max(0.0, self._now_left(source) - 1)
        self._left[source] = (left, self._clock())
        self._left.move_to_end(source)
        while len(self._left) > MAX_SOURCES:
            self._left.popitem(last=False)

    def _now_left(self, source: str) -> float:
        left, then = self._left.get(source, (float(self._at_once), self._clock()))
        return min(float(self._at_once), left + (self._clock() - then) * self._a_second)
