"""What ends again and again is started after ever longer pauses: a browser by its worker, an account by the hub."""

from __future__ import annotations

from typing import Final, NamedTuple

SHORT_LIFE_MS: Final = 60_000
"""What ends sooner after the one before (and its pause) goes on with the streak; what ends later begins a new one."""
FREE: Final = 2
"""So many ends in a row are no reason to wait: anything may end once, and what begins anew may meet the same fault."""
FIRST_MS: Final = 15_000
MOST_MS: Final = 1_800_000


def pause_ms(streak: int, first_ms: int = FIRST_MS) -> int:
    """Return how long to wait after so many ends in a row. `first_ms`: the first pause."""
    return 0 if streak <= FREE else min(first_ms << min(streak - FREE - 1, 20), MOST_MS)


class _Streak(NamedTuple):
    ends: int
    until: int


class CrashStreaks:
    """The ends in a row of several things, by their names. Times are ms, of any one clock."""

    def __init__(self, first_ms: int = FIRST_MS) -> None:
        self._first_ms = first_ms
        self._streaks: dict[str, _Streak] = {}

    def note(self, name: str, now: int) -> int:
        """Take notice of an end, and return how long to wait."""
        before = self._streaks.get(name)
        count = before.ends + 1 if before is not None and now - before.until < SHORT_LIFE_MS else 1
        pause = pause_ms(count, self._first_ms)
        self._streaks[name] = _Streak(count, now + pause)
        return pause

    def count(self, name: str) -> int:
        """Return how many ends in a row there were."""
        streak = self._streaks.get(name)
        return streak.ends if streak is not None else 0

    def paused_until(self, name: str, now: int) -> int | None:
        """Return until when it is not to be started; None if it may be."""
        streak = self._streaks.get(name)
        return streak.until if streak is not None and now < streak.until else None

    def paused(self, now: int) -> set[str]:
        """Return the names of all that are not to be started now."""
        return {name for name, streak in self._streaks.items() if now < streak.until}
