"""Tells clients of what the owner changes of an account (name, alias, group, colour, switch), and the core of rules.

These facts stand in rows of their own. They count like any other change: through the Writer, with a number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sync.core.change.changes import Change, OwnerChanged, RulesChanged
from sync.core.rules import Rules
from sync.directory import Directory
from sync.storage.records import Actor
from sync.store import DataStore
from sync.writing.jobs import Answer, Job, Outcome, Refused, as_change

OWNER: Final = Actor("owner")
"""Who it was stands in the admin's own history."""


class OwnerChanges:
    """Writes a change for each account whose row is newer than what clients know. `submit`: the Writer's."""

    def __init__(self, store: DataStore, submit: Callable[[Job], bool]) -> None:
        self._store = store
        self._submit = submit
        self._notified: dict[str, int] = {}
        self._rules: dict[str, Rules] = {}
        self._is_behind = False

    def begin(self, directory: Directory) -> None:
        """Write what changed while no hub ran, for accounts that the owner changed before."""
        for account in directory.accounts.values():
            notified = self._store.get_view(account.id).owner_at
            self._notified[account.id] = account.updated_at if notified is None else notified
        self.directory_changed(directory)

    def directory_changed(self, directory: Directory) -> None:
        """Write what changed since. What the Writer refuses is tried again by the next call, or by `retry`."""
        self._is_behind = False
        for account_id in self._notified.keys() - directory.accounts.keys():
            del self._notified[account_id]
            self._rules.pop(account_id, None)
        for account in directory.accounts.values():
            self._keep_rules(account.id, directory.rules_of(account))
            notified = self._notified.setdefault(account.id, account.updated_at)
            if notified != account.updated_at:
                if self._submit(_job(account.id, OwnerChanged(at=account.updated_at))):
                    self._notified[account.id] = account.updated_at
                else:
                    self._is_behind = True

    def retry(self, directory: Directory) -> None:
        """Write what the Writer refused, if it refused anything."""
        if self._is_behind:
            self.directory_changed(directory)

    def _keep_rules(self, account_id: str, rules: Rules) -> None:
        """Write the rules unless the account has them, or will have once what is queued is written."""
        coming = self._rules.get(account_id) or self._store.get_view(account_id).rules

        def answer(outcome: Outcome) -> None:
            if isinstance(outcome, Refused):
                self._rules.pop(account_id, None)
                self._is_behind = True

        if coming == rules:
            return
        if self._submit(_job(account_id, RulesChanged(rules=rules), answer)):
            self._rules[account_id] = rules
        else:
            self._is_behind = True


def _job(account_id: str, change: Change, answer: Answer = lambda _outcome: None) -> Job:
    return Job(account_id=account_id, make=as_change(change), actor=OWNER, answer=answer)
