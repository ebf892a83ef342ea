"""Which errors of the database mean that it cannot serve now, and which are ours."""

from __future__ import annotations

import sqlite3

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError

from sync.storage.database_errors import find_trouble


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
