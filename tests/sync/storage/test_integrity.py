"""A start looks at every row of the directory, at a small price, while other processes go on writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from sync.storage.errors import Damaged
from sync.storage.integrity import CHUNK, check_database
from tests.sync.places import Place, make_place

USERS = 2 * CHUNK + 1


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Place:
    place = make_place(tmp_path_factory.mktemp("made"), django_db_blocker)
    with place.used():
        users = [get_user_model()(username=f"user {number}") for number in range(USERS)]
        get_user_model().objects.bulk_create(users)
    return place


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Place:
    return made.copy_to(tmp_path / "place")


def execute(place: Place, statement: str) -> None:
    """By another process."""
    with closing(sqlite3.connect(place.database)) as other, other:
        other.execute(statement)


@contextmanager
def watched_users(asked: list[str], *, before_the_first: Any = lambda: None) -> Iterator[None]:
    """`asked`: gets the queries for rows of users that were listed before."""

    def watch(run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if 'FROM "auth_user" WHERE' in sql:
            if not asked:
                before_the_first()
            asked.append(sql)
        return run(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def test_many_rows_are_a_few_queries(place: Place) -> None:
    asked: list[str] = []
    with place.used(), watched_users(asked):
        check_database()
    assert len(asked) == 3


def test_a_row_that_another_process_deletes_meanwhile_is_no_damage(place: Place) -> None:
    asked: list[str] = []

    def delete() -> None:
        execute(place, "DELETE FROM auth_user WHERE username = 'user 7'")

    with place.used(), watched_users(asked, before_the_first=delete):
        check_database()
        assert get_user_model().objects.count() == USERS - 1
    assert len(asked) > CHUNK


@pytest.mark.parametrize("number", [0, CHUNK, USERS - 1])
def test_the_damaged_one_of_many_rows_is_named(place: Place, number: int) -> None:
    execute(place, f"UPDATE auth_user SET first_name = x'ff' WHERE username = 'user {number}'")
    with pytest.raises(Damaged, match=rf"user {number + 1} has a damaged first_name"), place.used():
        check_database()


def test_a_row_that_its_key_does_not_lead_to_is_named(place: Place) -> None:
    """The index of the table and the table tell different keys."""
    with closing(sqlite3.connect(place.database)) as other, other:
        [index] = other.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sqlite_autoindex_sync_account_1'")
        [size] = other.execute("PRAGMA page_size").fetchone()
    with closing(sqlite3.connect(place.database)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(place.database.read_bytes())
    page = (index[0] - 1) * size
    at = data.index(b"roses", page, page + size)
    data[at : at + 5] = b"aoses"
    place.database.write_bytes(data)
    with pytest.raises(Damaged), place.used():
        check_database()


def test_what_is_made_anew_is_not_looked_at(place: Place) -> None:
    execute(place, "INSERT INTO sync_hubinstance VALUES ('one', x'ff', 1, 'never')")
    with place.used():
        check_database()
