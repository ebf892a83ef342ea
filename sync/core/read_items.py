"""The items of an account's last snapshot by their bytes: what comes again as it was is not read again."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Final

from sync.protocol.items import Collection, Item

MOST_ACCOUNTS: Final = 256
MOST_BYTES: Final = 128 * 1024
"""Of one account's snapshot. A larger one is not kept."""

ItemsByBytes = Mapping[Collection, Mapping[bytes, Item]]


class ReadItems:
    """Items that were read without a warning, of the accounts whose snapshots came last. Used by one thread.

    The bytes of an item say all of it, but for the ids of other accounts and a time that is ahead of the clock: with
    other accounts, or a clock that was put back, everything is read again.
    """

    def __init__(self) -> None:
        self._items: dict[str, ItemsByBytes] = {}
        self._accounts: Container[str] = ()
        self._now = 0

    def of(self, account_id: str, now: int, accounts: Container[str]) -> ItemsByBytes:
        """Return what the bytes of an item stand for. `now`: ms UTC; `accounts`: the ids of all that exist."""
        if accounts is not self._accounts or now < self._now:
            self._items.clear()
            self._accounts = accounts
        self._now = now
        return self._items.get(account_id, {})

    def keep(self, account_id: str, items: ItemsByBytes, accounts: Container[str]) -> None:
        """Keep the items of a snapshot that was just read, instead of those of the one before.

        `accounts`: those that it was read by. They are others by now if the reading was interrupted by another one.
        """
        self._items.pop(account_id, None)
        if accounts is not self._accounts:
            return
        if sum(sum(map(len, of)) for of in items.values()) <= MOST_BYTES:
            self._items[account_id] = items
        if len(self._items) > MOST_ACCOUNTS:
            self._items.pop(next(iter(self._items)))
