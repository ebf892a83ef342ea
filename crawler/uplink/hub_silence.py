"""Counts for how long the hub was silent: a worker that hears nothing of it has to stop its browsers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from sync.protocol.lease_times import CLOSE_S, STOP_S, stops_at

_LOOK_S: Final = 1.0
_SOON_S: Final = 0.02


def steady_s() -> float:
    """Return seconds of a clock that nobody sets, and that goes on while the computer sleeps or the process is stopped.

    On Linux and macOS the usual clock of Python stands still while the computer sleeps, so another one is asked there.
    """
    number = find_clock(sys.platform)
    return time.clock_gettime(number) if number is not None else time.monotonic()


def find_clock(platform: str) -> int | None:
    """Return the number of the system's clock that `steady_s` asks; None for Python's usual one.

    `platform` is `sys.platform`. The clock of that name stands still on Linux while the computer sleeps, not on macOS.
    """
    name = "CLOCK_MONOTONIC_RAW" if platform == "darwin" else "CLOCK_BOOTTIME"
    number: int | None = getattr(time, name, None)
    return number


class HubSilence:
    """The time until which the hub lets the worker be at work. `now` gives seconds.

    It begins with the first answer, and ends with `obeyed`, until the next one. `on_change` gets the time, None where
    no browser is open.
    """

    def __init__(
        self, now: Callable[[], float] = steady_s, on_change: Callable[[float | None], None] = lambda _until: None
    ) -> None:
        self.now = now
        self._on_change = on_change
        self._until: float | None = None

    def heard(self, asked_at: float) -> None:
        """Take notice that the hub answered what was asked at `asked_at`."""
        until = stops_at(asked_at)
        if self._until is None or until > self._until:
            self._until = until
            self._on_change(until)

    @property
    def is_over(self) -> bool:
        """Return whether the browsers have to be stopped before anything else happens."""
        return self._until is not None and self.now() >= self._until

    @property
    def lets_work(self) -> bool:
        """Return whether browsers may be open now."""
        return self._until is not None and self.now() < self._until

    def obeyed(self, *, is_sure: bool = True) -> None:
        """Take notice that the browsers were stopped. If that `is_sure` not, whoever watches is told to kill them now:
        that the time passed so long ago.
        """
        self._until = None
        self._on_change(None if is_sure else self.now() - CLOSE_S)

    def next_look_s(self) -> float:
        """Return after how many seconds to look again."""
        left = STOP_S if self._until is None else self._until - self.now()
        return min(max(left, _SOON_S), _LOOK_S)
