"""The right to do what one alone must do, of the hubs that share a database: for a few seconds at a time.

The database's clock decides who may have it, and the holder counts from the moment at which it asked, which is earlier.
So a hub that was stopped, or whose machine slept, has lost it when it wakes, before it asks anybody.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

if TYPE_CHECKING:
    import psycopg

LEASE_S: Final = 9.0
"""Three times as long as from one look at the locks to the next."""
RENEW_S: Final = 2.0
"""One that was renewed less than so long ago is not renewed again: whoever confirms it may ask every second."""
_TAKE: Final = """
    INSERT INTO sync_hubchores AS chores (id, holder, until)
    SELECT 1, %(holder)s, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + %(ms)s
    ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, until = EXCLUDED.until
    WHERE chores.holder = EXCLUDED.holder OR chores.until < EXCLUDED.until - %(ms)s
"""
_GIVE_BACK: Final = "UPDATE sync_hubchores SET until = 0 WHERE holder = %(holder)s"


class ChoresLease:
    """The lease as one hub sees it."""

    def __init__(self) -> None:
        self._holder = uuid4().hex
        self._renewed_at = 0.0
        self._until = 0.0

    @property
    def is_held(self) -> bool:
        """Return whether this hub has it now."""
        return _steady_s() < self._until

    def ask(self, session: psycopg.Connection[Any]) -> None:
        """Renew it, or take it if nobody has it. Raises psycopg.Error; what this hub has then ends by itself."""
        asked_at = _steady_s()
        if self.is_held and asked_at - self._renewed_at < RENEW_S:
            return
        done = session.execute(_TAKE, {"holder": self._holder, "ms": round(LEASE_S * 1000)})
        self._renewed_at, self._until = asked_at, asked_at + LEASE_S if done.rowcount else 0.0

    def give_back(self, session: psycopg.Connection[Any]) -> None:
        """Let others have it at once. Raises psycopg.Error."""
        self._until = 0.0
        session.execute(_GIVE_BACK, {"holder": self._holder})


def _steady_s() -> float:
    """Return seconds of a clock that goes on while the process is stopped or the machine sleeps.

    On Linux the second of these names stands still meanwhile, on macOS it does not, and the first is not there.
    """
    number: int | None = getattr(time, "CLOCK_BOOTTIME", getattr(time, "CLOCK_MONOTONIC_RAW", None))
    return time.monotonic() if number is None else time.clock_gettime(number)
