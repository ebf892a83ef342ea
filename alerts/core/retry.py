"""Decides when a failed delivery is tried again, and when it is given up."""

from __future__ import annotations

from typing import Final

from alerts.core.hours import MINUTE_MS

DELAYS_MS: Final = (5_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, 60 * MINUTE_MS)
"""After the first failure, the second, …; the last one stands for all that follow."""
WANTED_MS: Final = 24 * 60 * MINUTE_MS


def next_try(failures: int, now: int) -> int:
    """Return when to try again after `failures` (at least 1) in a row. ms UTC."""
    return now + DELAYS_MS[min(failures, len(DELAYS_MS)) - 1]


def is_over(created_at: int, now: int) -> bool:
    """Return whether a delivery that just failed again is given up: it is older than a day."""
    return now - created_at > WANTED_MS
