"""Which errors of the database mean that it cannot serve now, and which are ours."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from types import SimpleNamespace

import pytest
import structlog
from django.db import InterfaceError, OperationalError, ProgrammingError
from structlog.testing import capture_logs

from sync.storage import database_errors
from sync.storage.database_errors import Health, find_trouble, keep_going


def full_disk() -> sqlite3.OperationalError:
    """Return what SQLite raises when there is no room: here a database that may not grow."""
    with sqlite3.connect(":memory:") as database:
        database.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError) as error:
            database.execute("CREATE TABLE t AS SELECT randomblob(100000)")
    database.close()
    return error.value


def no_table() -> sqlite3.OperationalError:
    with sqlite3.connect(":memory:") as database, pytest.raises(sqlite3.OperationalError) as error:
        database.execute("SELECT * FROM nothing")
    database.close()
    return error.value


class PostgresError(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__()
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "cause", "trouble"),
    [
        (OperationalError(), full_disk(), "disk_full"),
        (OperationalError(), PostgresError("53100"), "disk_full"),
        (OperationalError(), PostgresError("57P01"), "away"),
        (OperationalError(), None, "away"),
        (InterfaceError(), None, "away"),
        (OperationalError(), no_table(), None),
        (ProgrammingError(), PostgresError("42P01"), None),
        (ValueError(), None, None),
    ],
    ids=["full", "full on PostgreSQL", "ended", "no connection", "closed", "no table", "no table there", "ours"],
)
def test_what_is_wrong_is_told_apart(error: Exception, cause: Exception | None, trouble: str | None) -> None:
    error.__cause__ = cause
    assert find_trouble(error) == trouble


def test_work_that_is_done_again_goes_on_and_an_error_of_ours_is_logged() -> None:
    with capture_logs() as lines:
        for error in (OperationalError("away"), ValueError("ours")):
            with keep_going(structlog.get_logger(), "the look failed"):
                raise error
    assert [(line["event"], line["log_level"], str(line["exc_info"])) for line in lines] == [
        ("the look failed", "error", "True")
    ]


def test_an_end_that_is_asked_for_is_not_held_up() -> None:
    with pytest.raises(asyncio.CancelledError), keep_going(structlog.get_logger(), "the look failed"):
        raise asyncio.CancelledError


@pytest.mark.parametrize(("free", "trouble"), [(10**9, "away"), (4096, "disk_full")])
@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR | 4 << 8, sqlite3.SQLITE_CANTOPEN])
def test_a_file_that_cannot_grow_on_a_disk_without_room_is_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, code: int, free: int, trouble: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    cause = sqlite3.OperationalError("disk I/O error")
    cause.sqlite_errorcode = code
    error = OperationalError()
    error.__cause__ = cause
    assert find_trouble(error) == trouble


@pytest.mark.parametrize(
    ("free", "vendor", "kind"),
    [
        (10**9, "sqlite", None),
        (50 * 1024**2, "sqlite", "disk_low"),
        (4096, "sqlite", "disk_full"),
        (4096, "postgresql", "disk_low"),  # its own disk may have room
    ],
)
def test_a_disk_without_room_is_full_though_a_small_row_was_still_taken(
    monkeypatch: pytest.MonkeyPatch, free: int, vendor: str, kind: str | None
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    monkeypatch.setattr(database_errors, "connection", SimpleNamespace(vendor=vendor))
    health = Health(lambda: 7)
    health.stored()
    assert (health.kind, health.since) == (kind, 7 if kind else None)
