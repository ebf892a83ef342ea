"""Tells a database that cannot serve now (away, busy, its disk full) from a fault of ours."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection

from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

Trouble = Literal["disk_full", "away"]
Ailment = Trouble | Literal["disk_low"]

PG_DISK_FULL: Final = "53100"
LEAST_FREE_BYTES: Final = 64 * 1024**2
NO_ROOM_BYTES: Final = 1024**2
"""With less free SQLite still takes a small row where its log had room, and nothing that somebody says."""

WORDS: Final[dict[Trouble, str]] = {
    "disk_full": "the disk is full: nothing can be stored until there is room again",
    "away": "the database is busy or away",
}


def find_trouble(error: BaseException | None) -> Trouble | None:
    """Return what is wrong with the database; None if the error says nothing of that, such as a missing table."""
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF == sqlite3.SQLITE_ERROR:
        return None
    is_full = code is not None and (
        code & 0xFF == sqlite3.SQLITE_FULL
        # Where the log or its index could not grow, SQLite speaks of input and output, or of opening.
        or (code & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN) and _get_free_bytes() < NO_ROOM_BYTES)
    )
    return "disk_full" if is_full or getattr(cause, "sqlstate", None) == PG_DISK_FULL else "away"


@contextmanager
def keep_going(log: structlog.stdlib.BoundLogger, event: str) -> Iterator[None]:
    """Let no error out, for work that is done again and again: whatever it was, the next time may succeed.

    `log` gets it as `event`, unless the database is in trouble: the hub's health tells that, once.
    """
    try:
        yield
    except Exception as error:
        if find_trouble(error) is None:
            log.exception(event)


def _get_free_bytes() -> int:
    return shutil.disk_usage(Path(settings.DATA_DIR)).free


class Health:
    """Knows whether the hub can store anything: it tries every few seconds. `clock`: ms UTC.

    `kind` and `reason`, in English words, say what is wrong, and `since` when that began; all None when all is well.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.kind: Ailment | None = None
        self.reason: str | None = None
        self.since: int | None = None

    def stored(self) -> None:
        """The database took a row. Nearly no room left counts as trouble before it is one, and none as a full disk."""
        free = _get_free_bytes()
        few = f"the disk is nearly full: less than {LEAST_FREE_BYTES // 1024**2} MB are free for the data directory"
        if free < NO_ROOM_BYTES and connection.vendor == "sqlite":
            self._say("disk_full", WORDS["disk_full"])
        elif free < LEAST_FREE_BYTES:
            self._say("disk_low", few)
        else:
            self._say(None, None)

    def failed(self, error: Exception) -> bool:
        """Take notice of an error. Return whether it was one of the database's troubles."""
        trouble = find_trouble(error)
        self._say(trouble or "away", WORDS[trouble] if trouble else "the hub's own row could not be written")
        return trouble is not None

    def _say(self, kind: Ailment | None, reason: str | None) -> None:
        if reason != self.reason:
            self.kind, self.reason = kind, reason
            self.since = None if reason is None else self._clock()
            if reason is None:
                log.info("the hub can store again")
            else:
                log.warning("the hub is degraded", reason=reason)
