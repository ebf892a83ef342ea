"""What tests ask of a database after something died."""

import sqlite3
from contextlib import closing
from pathlib import Path


def assert_sound(database: Path) -> None:
    """SQLite finds nothing wrong with the file: pages, order, indexes, references."""
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
