"""Decides when to observe which surface. Pure: the clock is passed in."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from crawler.uplink.backoff import Uniform, uniform
from sync.protocol.intervals import INTERVALS
from sync.protocol.messages import Surface

_JITTER: Final = 0.2
_MAX_BACKOFF_S: Final = 900


class DueSurface(Struct, frozen=True):
    """The surface to observe next, and the seconds to wait before it."""

    surface: Surface
    wait_s: float


class Schedule:
    """The next observation of each surface.

    At the start all surfaces are due, in their order; then each after its interval, give or take a fifth. `intervals_s`
    has seconds by surface (missing: the protocol's), `now` is ms UTC everywhere.
    """

    def __init__(
        self, surfaces: Sequence[Surface], intervals_s: Mapping[str, float], now: int, uniform: Uniform = uniform
    ) -> None:
        self._surfaces = tuple(surfaces)
        self._intervals_s = {name: float(intervals_s.get(name, INTERVALS[name])) for name in surfaces}
        self._uniform = uniform
        self._due: dict[Surface, int] = dict.fromkeys(self._surfaces, now)
        self._failures: dict[Surface, int] = dict.fromkeys(self._surfaces, 0)

    @property
    def is_all_failing(self) -> bool:
        """Return whether the last observation of every surface failed."""
        return all(self._failures.values())

    @property
    def is_any_failing(self) -> bool:
        """Return whether the last observation of some surface failed."""
        return any(self._failures.values())

    def is_failing(self, surface: Surface) -> bool:
        """Return whether the last observation of `surface` failed; False for one that is never observed."""
        return self._failures.get(surface, 0) > 0

    def next(self, now: int) -> DueSurface:
        """Return the surface that is due first, and how long to wait for it."""
        surface = min(self._surfaces, key=lambda name: self._due[name])
        return DueSurface(surface, max(0, self._due[surface] - now) / 1000)

    def succeeded(self, surface: Surface, now: int) -> None:
        """Plan the next observation of `surface` after its interval."""
        self._failures[surface] = 0
        self._plan(surface, now, self._intervals_s[surface])

    def failed(self, surface: Surface, now: int) -> None:
        """Plan the next observation of `surface`. The wait doubles with each failure in a row, up to 15 minutes."""
        self._failures[surface] += 1
        interval_s = self._intervals_s[surface]
        wait_s = min(interval_s * 2.0 ** min(self._failures[surface], 16), max(_MAX_BACKOFF_S, interval_s))
        self._plan(surface, now, wait_s)

    def _plan(self, surface: Surface, now: int, wait_s: float) -> None:
        self._due[surface] = now + int(wait_s * self._uniform(1 - _JITTER, 1 + _JITTER) * 1000)
