"""Decides when a failed delivery is tried again, and when it is given up."""

from __future__ import annotations

from typing import Final

from alerts.core.hours import MINUTE_MS

DELAYS_MS: Final = (5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS)
"""After the first failure, the second, …; the last one stands for all that follow."""
WANTED_MS: Final = 24 * 60 * MINUTE_MS


def next_try(failures: int, now: int, wait_s: int = 0) -> int:
    """Return when to try again after `failures` (at least 1) in a row. ms UTC.

    `wait_s`: so long the other side asked to be left alone; an hour of it counts.
    """
    asked = min(wait_s * 1000, DELAYS_MS[-1])
    return now + max(DELAYS_MS[min(failures, len(DELAYS_MS)) - 1], asked)


def is_over(created_at: int, now: int) -> bool:
    """Return whether a delivery that just failed again is given up: it is older than a day."""
    return now - created_at > WANTED_MS
