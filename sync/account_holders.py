"""Which workers may have a browser open for an account, so that nobody else is given it before that is closed."""

from __future__ import annotations

from collections.abc import Collection


class AccountHolders:
    """The workers that were given an account and have not said, or shown, that they closed its browser."""

    def __init__(self) -> None:
        self._accounts: dict[str, set[str]] = {}

    def given(self, worker: str, account_id: str) -> None:
        """Take notice that the worker is given the account."""
        self._accounts.setdefault(worker, set()).add(account_id)

    def closed(self, worker: str, account_id: str) -> bool:
        """Take notice that the worker has closed it. Return whether that is news."""
        held = self._accounts.get(worker, set())
        was_held = account_id in held
        held.discard(account_id)
        return was_held

    def closed_but(self, worker: str, account_ids: Collection[str]) -> bool:
        """Take notice that the worker has closed all but these. Return whether that is news."""
        held = self._accounts.get(worker, set())
        gone = held - set(account_ids)
        held -= gone
        return bool(gone)

    def workers(self) -> list[str]:
        """Return the workers that may have a browser open."""
        return [worker for worker, held in self._accounts.items() if held]

    def is_held_by_another(self, worker: str, account_id: str) -> bool:
        """Return whether another worker than this one may have a browser open for the account."""
        return any(account_id in held for name, held in self._accounts.items() if name != worker)
