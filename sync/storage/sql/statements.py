"""The statements of every commit, in SQL: the ORM takes longer to make them than the database to run them.

Everything else that is read or written goes through the ORM.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from django.db import connection

IDS_IN_A_QUERY: Final = 500

_READ_BASES: Final = "SELECT id, version, lease_epoch FROM sync_account WHERE id IN "
_MOVE_ACCOUNT: Final = "UPDATE sync_account SET version = %s, seq = %s WHERE id = %s AND version = %s"
_WITH_LEASE: Final = " AND lease_epoch = %s"
_ADD_CHANGE: Final = (
    "INSERT INTO sync_change (account_id, version, seq_from, seq_to, at, actor, origin, action, body) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


class NewChange(NamedTuple):
    """The values of a new row of the change log, in the order of its statement. They are those of `Change`."""

    account_id: str
    version: int
    seq_from: int
    seq_to: int
    at: int
    actor: str
    origin: str
    action: str
    body: bytes


def read_bases(account_ids: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return account id -> (version, lease epoch), of the accounts that exist."""
    ids = list(account_ids)
    found: dict[str, tuple[int, int]] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(ids), IDS_IN_A_QUERY):
            part = ids[start : start + IDS_IN_A_QUERY]
            cursor.execute(f"{_READ_BASES}({', '.join(['%s'] * len(part))})", part)
            found |= {account_id: (version, epoch) for account_id, version, epoch in cursor.fetchall()}
    return found


def move_account(account_id: str, *, before: int, version: int, seq: int, lease_epochs: Collection[int]) -> bool:
    """Move the account from the version `before` to `version`, with `seq` events.

    Return False, and move nothing, if it has another version, or another lease than one of `lease_epochs` says.
    """
    with connection.cursor() as cursor:
        statement = _MOVE_ACCOUNT + _WITH_LEASE * len(lease_epochs)
        cursor.execute(statement, [version, seq, account_id, before, *lease_epochs])
        return bool(cursor.rowcount)


def add_changes(changes: Sequence[NewChange]) -> None:
    """Add rows to the change log."""
    if changes:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD_CHANGE, changes)
