"""The times that keep two workers from one account: both ends follow them, each by a clock of its own.

A worker counts from the moment at which it asked something that the hub answered; the hub counts from the moment at
which it was asked, which is later. So a worker that counts to STOP_S has stopped before the hub has counted to
REASSIGN_S, whatever was delayed or lost on the way. Between the two it has the time to close its browsers.
"""

from __future__ import annotations

from typing import Final

RENEW_S: Final = 3.0
"""A worker says so often that it is there."""
STOP_S: Final = 10.0
"""A worker that was answered nothing for so long stops its browsers."""
CLOSE_S: Final = 3.0
"""So long it may take to close them; then they are killed."""
REASSIGN_S: Final = 15.0
"""The hub gives a worker's accounts to another one no earlier than so long after the worker's last sign."""


def stops_at(asked_at: float) -> float:
    """Return when the worker must stop that asked something at `asked_at` and was answered. Seconds, any clock."""
    return asked_at + STOP_S


def is_gone(silent_ms: int) -> bool:
    """Return whether a worker of which the hub heard nothing for `silent_ms` has stopped its browsers for certain."""
    return silent_ms >= REASSIGN_S * 1000
