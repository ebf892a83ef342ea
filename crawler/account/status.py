"""Keeps what the worker reports of its accounts."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import asdict, replace

from sync.protocol.messages import AccountStatus, Profile

# Changes of these are reported within a minute, all others at once.
_SLOW = frozenset({"last_crawl_time", "counts"})


class StatusBoard:
    """The newest status of each account.

    `changed` is set while a status should be reported at once. `on_update` is called with every new status.
    """

    def __init__(self, on_update: Callable[[AccountStatus], None] = lambda _status: None) -> None:
        self._statuses: dict[str, AccountStatus] = {}
        self._due: set[str] = set()
        self._on_update = on_update
        self.changed = asyncio.Event()

    def update(self, account_id: str, **changes: Any) -> None:
        """Change attributes of the account's status.

        Everything but the time of the crawl and the counts is reported at once.
        """
        before = self._statuses.get(account_id) or AccountStatus(account_id=account_id)
        if changes.get("profile") is not None and before.profile is not None:
            changes["profile"] = _merge_profile(before.profile, changes["profile"])
        after = replace(before, **changes)
        self._statuses[account_id] = after
        if any(getattr(before, name) != getattr(after, name) for name in changes.keys() - _SLOW):
            self.mark([account_id])
        self._on_update(after)

    def remove(self, account_id: str) -> None:
        """Forget the account."""
        self._statuses.pop(account_id, None)
        self._due.discard(account_id)

    def all(self) -> list[AccountStatus]:
        """Return every status."""
        return list(self._statuses.values())

    def get_platform_user_id(self, account_id: str) -> str | None:
        """Return the account's number at the platform, as it was read here; None before."""
        status = self._statuses.get(account_id)
        return status.profile.platform_user_id if status is not None and status.profile is not None else None

    def mark(self, account_ids: Iterable[str] | None = None) -> None:
        """Have these accounts reported (again); all of them by default."""
        self._due.update(self._statuses if account_ids is None else account_ids)
        if self._due:
            self.changed.set()

    def take_due(self) -> list[AccountStatus]:
        """Return the statuses that are to be reported, in the order of their ids. They are then no longer due."""
        due = [self._statuses[id] for id in sorted(self._due) if id in self._statuses]
        self._due.clear()
        self.changed.clear()
        return due


def _merge_profile(held: Profile, observed: Profile) -> Profile:
    return replace(held, **{name: value for name, value in asdict(observed).items() if value is not None})
