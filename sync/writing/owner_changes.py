"""Tells clients of what the owner changes of an account: name, alias, group, colour, switch.

These facts stand in the account's row. Clients learn of a change like of any other: through the Writer, with a number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sync.core.change.changes import OwnerChanged
from sync.directory import Directory
from sync.storage.records import Actor
from sync.store import DataStore
from sync.writing.jobs import Job, as_change

OWNER: Final = Actor("owner")
"""Who it was stands in the admin's own history."""


class OwnerChanges:
    """Writes a change for each account whose row is newer than what clients know. `submit`: the Writer's."""

    def __init__(self, store: DataStore, submit: Callable[[Job], bool]) -> None:
        self._store = store
        self._submit = submit
        self._notified: dict[str, int] = {}

    def begin(self, directory: Directory) -> None:
        """Write what changed while no hub ran, for accounts that the owner changed before."""
        for account in directory.accounts.values():
            notified = self._store.get_view(account.id).owner_at
            self._notified[account.id] = account.updated_at if notified is None else notified
        self.directory_changed(directory)

    def directory_changed(self, directory: Directory) -> None:
        """Write what changed since. What the Writer refuses is tried at the next change or start."""
        for account_id in self._notified.keys() - directory.accounts.keys():
            del self._notified[account_id]
        for account in directory.accounts.values():
            notified = self._notified.setdefault(account.id, account.updated_at)
            if notified != account.updated_at and self._submit(_job(account.id, account.updated_at)):
                self._notified[account.id] = account.updated_at


def _job(account_id: str, at: int) -> Job:
    change = OwnerChanged(at=at)
    return Job(account_id=account_id, make=as_change(change), actor=OWNER, answer=lambda _outcome: None)
