"""Moves SQLite's write-ahead log into the database file when nobody waits for it.

SQLite itself does it within a commit, which then takes many times as long as the others.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

DUE_COMMITS: Final = 200
DUE_BYTES: Final = 4_000_000


class WalUpkeep:
    """Counts what one writer commits. What others write is moved with it."""

    def __init__(self) -> None:
        self._commits = 0
        self._bytes = 0

    def committed(self, size: int) -> None:
        """Note a commit. `size`: bytes, about."""
        self._commits += 1
        self._bytes += size

    def take_due(self) -> bool:
        """Return whether the log is to be moved now, and begin to count anew if it is."""
        if connection.vendor != "sqlite" or (self._commits < DUE_COMMITS and self._bytes < DUE_BYTES):
            return False
        self._commits = self._bytes = 0
        return True


def move_log() -> None:
    """Move the log. Waits for no reader, and no writer for it: what one still looks at is left for the next time."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
