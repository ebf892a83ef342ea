"""Decides when to observe which surface, by need. Pure: the clock is passed in."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from crawler.uplink.backoff import Uniform, uniform
from sync.protocol.intervals import AWAKE_S, GROWTH, JITTER, NIGHT, NIGHT_ZONE_H, PACES, SLOW_DOWN_S, SurfacePace
from sync.protocol.messages import Surface

_MAX_BACKOFF_S: Final = 900
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 24 * _HOUR_MS


class DueSurface(Struct, frozen=True):
    """The surface to observe next, and the seconds to wait before it."""

    surface: Surface
    wait_s: float


class _Plan(Struct):
    """The plan of one surface. `due`: ms UTC. `quiet`: looks in a row that brought nothing. `failures`: in a row."""

    pace: SurfacePace
    due: int
    quiet: int = 0
    failures: int = 0

    @property
    def wait_s(self) -> float:
        """Return the seconds to the next look after one that succeeded, without the jitter."""
        return min(self.pace.least * GROWTH ** min(self.quiet, 32), self.pace.most)


class Schedule:
    """The next observation of each surface.

    At the start all surfaces are due, in their order. A look that brought something is followed by the next one soon, a
    quiet surface is looked at ever less often, and not at night unless something arrives. `intervals_s` has the owner's
    own seconds by surface, which count day and night. `now` is ms UTC everywhere.
    """

    def __init__(
        self, surfaces: Sequence[Surface], intervals_s: Mapping[str, float], now: int, uniform: Uniform = uniform
    ) -> None:
        self._uniform = uniform
        self._plans = {name: _Plan(_pace_of(name, intervals_s), now) for name in surfaces}
        self._awake_until = now
        self._pauses = 0

    @property
    def is_all_failing(self) -> bool:
        """Return whether the last observation of every surface failed."""
        return all(plan.failures for plan in self._plans.values())

    @property
    def is_any_failing(self) -> bool:
        """Return whether the last observation of some surface failed."""
        return any(plan.failures for plan in self._plans.values())

    def is_failing(self, surface: Surface) -> bool:
        """Return whether the last observation of `surface` failed; False for one that is never observed."""
        return surface in self._plans and self._plans[surface].failures > 0

    def next(self, now: int) -> DueSurface:
        """Return the surface that is due first, and how long to wait for it."""
        surface = min(self._plans, key=lambda name: self._plans[name].due)
        return DueSurface(surface, self.wait_s(surface, now))

    def wait_s(self, surface: Surface, now: int) -> float:
        """Return the seconds until `surface` is looked at."""
        return max(0, self._plans[surface].due - now) / 1000

    def succeeded(self, surface: Surface, now: int, *, brought: bool = False) -> None:
        """Plan the next observation of `surface`. `brought`: this one found something new."""
        plan = self._plans[surface]
        plan.failures = self._pauses = 0
        plan.quiet = 0 if brought else plan.quiet + 1
        due = now + self._jittered_ms(plan.wait_s)
        plan.due = due if not plan.pace.rests or due < self._awake_until else self._after_night(due)

    def failed(self, surface: Surface, now: int) -> None:
        """Plan the next observation of `surface`. The wait doubles with each failure in a row, up to 15 minutes."""
        plan = self._plans[surface]
        plan.failures += 1
        least = plan.pace.least
        plan.due = now + self._jittered_ms(min(least * 2.0 ** min(plan.failures, 16), max(_MAX_BACKOFF_S, least)))

    def slowed_down(self, now: int) -> None:
        """Look at nothing for a while: the platform asked to slow down. The pause doubles each time in a row."""
        first, longest = SLOW_DOWN_S
        until = now + self._jittered_ms(min(first * 2.0 ** min(self._pauses, 16), longest))
        self._pauses += 1
        for plan in self._plans.values():
            plan.due = max(plan.due, until)

    def hurry(self, surface: Surface, now: int) -> None:
        """Look at `surface` next, unless it fails or the platform asked to slow down."""
        plan = self._plans.get(surface)
        if plan is not None and not plan.failures and not self._pauses:
            plan.due = min(plan.due, now)

    def arrived(self, now: int) -> None:
        """Note that something arrived by itself: for an hour looks go on as by day."""
        self._awake_until = now + int(AWAKE_S * 1000)
        for plan in self._plans.values():
            if plan.pace.rests and not plan.failures and not self._pauses:
                plan.due = min(plan.due, now + self._jittered_ms(plan.pace.most))

    def _jittered_ms(self, wait_s: float) -> int:
        return int(wait_s * self._uniform(1 - JITTER, 1 + JITTER) * 1000)

    def _after_night(self, due: int) -> int:
        """Return `due`, or a moment after the night that it is in. Not every surface is due in the same one."""
        begin, end = (hour * _HOUR_MS for hour in NIGHT)
        into_day = (due + NIGHT_ZONE_H * _HOUR_MS) % _DAY_MS
        if not begin <= into_day < end:
            return due
        return due - into_day + end + self._jittered_ms(0.1 * end / 1000) % _HOUR_MS


def _pace_of(surface: Surface, intervals_s: Mapping[str, float]) -> SurfacePace:
    """Return the owner's own pace, which is even and knows no night, or the usual one."""
    own = intervals_s.get(surface)
    return PACES[surface] if own is None else SurfacePace(float(own), float(own), rests=False)
