"""How late the event loop is: how long whatever becomes due has to wait for its turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Final

from sync.histogram import Histogram

EVERY_S: Final = 0.01
BOUNDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
MOST_AT_ONCE: Final = 1_000
"""A machine that slept is not measured second by second."""


class LoopLateness:
    """Measures the loop that runs `watch`, 100 times a second, which takes less than a thousandth of its time.

    While the loop is held up, the moments at which it would have been measured count as well: the shares of
    `seconds` are those of things that become due at any moment, not of turns of the loop.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.seconds = Histogram(BOUNDS)
        self._clock = clock

    async def watch(self) -> None:
        """Measure until cancelled."""
        while True:
            due = self._clock() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.note(self._clock() - due)

    def note(self, late: float) -> None:
        """Count a turn that came `late` seconds after it was due, and those that were missed meanwhile."""
        self.seconds.observe(max(0.0, late))
        missed = min(int(late / EVERY_S), MOST_AT_ONCE)
        for number in range(1, missed + 1):
            self.seconds.observe(late - number * EVERY_S)
