"""The statements of a commit, which are SQL of our own, say the same as the models and the ORM."""

from __future__ import annotations

import re

import pytest

from sync.models import Account, Change
from sync.storage.sql import statements
from sync.storage.sql.statements import NewChange, add_changes, move_account, read_bases

pytestmark = pytest.mark.django_db

ROW = NewChange("roses", 2, 5, 7, 1_790_000_000_000, "user:op", "browser, 127.0.0.1", "read", b"\x00body")


def columns_of(model: type[Account | Change]) -> list[str]:
    return [field.column or "" for field in model._meta.concrete_fields]


def test_a_change_is_added_with_every_column_of_its_table_but_the_number_that_the_database_gives() -> None:
    columns = [name for name in columns_of(Change) if name != "id"]
    assert list(NewChange._fields) == columns
    marks = ", ".join(["%s"] * len(columns))
    wanted = f"INSERT INTO {Change._meta.db_table} ({', '.join(columns)}) VALUES ({marks})"
    assert wanted == statements._ADD_CHANGE


def test_accounts_are_read_and_moved_by_columns_that_their_table_has() -> None:
    selected, table = re.fullmatch(r"SELECT (.+) FROM (\w+) WHERE id IN ", statements._READ_BASES).groups()  # type: ignore[union-attr]
    moved = statements._MOVE_ACCOUNT + statements._WITH_LEASE
    assert table == Account._meta.db_table == moved.split()[1]
    assert {*selected.split(", "), *re.findall(r"(\w+) = %s", moved)} <= set(columns_of(Account))


def test_what_is_added_is_what_the_orm_reads() -> None:
    Account.objects.create(pk="roses", name="Roses")
    add_changes([ROW, ROW._replace(version=3)])
    stored = Change.objects.order_by("version").values_list(*NewChange._fields)
    assert [NewChange(*row)._replace(body=bytes(row[-1])) for row in stored] == [ROW, ROW._replace(version=3)]


def test_an_account_moves_from_its_very_version_and_under_its_lease_alone() -> None:
    Account.objects.create(pk="roses", name="Roses")
    Account.objects.create(pk="tulips", name="Tulips")
    assert read_bases(["roses", "tulips", "gone"]) == {"roses": (0, 1), "tulips": (0, 1)}
    moves = [(1, ()), (0, (2,)), (0, (1, 2))]
    assert [move_account("roses", before=at, version=2, seq=9, lease_epochs=of) for at, of in moves] == [False] * 3
    assert move_account("roses", before=0, version=2, seq=9, lease_epochs=(1,))
    assert move_account("roses", before=2, version=3, seq=9, lease_epochs=())
    assert list(Account.objects.values_list("pk", "version", "seq")) == [("roses", 3, 9), ("tulips", 0, 0)]
