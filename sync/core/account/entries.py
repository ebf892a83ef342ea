"""Entries of a view: items with what the hub knows of them, what it remembers of those that are gone, and the report.

Items that are gone may come back, and are then not new. The report is the worker's last one on the account.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Generic, TypeVar

from msgspec import Struct, field

from sync.core.account.order import EMPTY, Order
from sync.core.maps import Map
from sync.protocol.items import Collection, Item
from sync.protocol.messages import LoginStatus, Profile, WorkerStatus
from sync.protocol.times import DAY_MS

T = TypeVar("T", bound=Item, covariant=True)


class Entry(Struct, Generic[T], frozen=True, omit_defaults=True, gc=False):
    """An item and what the hub knows of it.

    `first_seen`: ms UTC, the hub's clock. `first_version`: the account's version that brought it. `first_unread`: the
    platform's unread count when a conversation was first stored. `operator_created`: an operator created the
    conversation; stored as `made`.
    """

    item: T
    first_seen: int
    first_version: int
    first_unread: int = 0
    operator_created: bool = field(default=False, name="made")


FAILING: Final[frozenset[str | None]] = frozenset({"backoff", "error"})
"""The worker's own words for an account that it cannot read."""


class Report(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The worker's last report on the account itself. `error`: why it fails, in the worker's words, while it does; or
    which other account was scanned, while it waits for a login."""

    login_status: LoginStatus = "unknown"
    worker_status: WorkerStatus | None = None
    profile: Profile = Profile()
    error: str | None = None


KEEP_MS: Final = 90 * DAY_MS


class RemovedItem(Struct, frozen=True, array_like=True, gc=False):
    """An item that is gone. `at`: when it went; `time`: its own time; both ms UTC. The rest is as in `Entry`."""

    collection: Collection
    id: str
    at: int
    time: int | None
    first_seen: int
    first_version: int
    first_unread: int = 0


class RemovedItems(Struct, frozen=True, gc=False):
    """The items that are gone, by (collection, id). `order` holds (when it went, collection, id)."""

    by_id: Map[tuple[Collection, str], RemovedItem] = Map()
    order: Order = EMPTY

    def get(self, collection: Collection, item_id: str) -> RemovedItem | None:
        """Return what is remembered of an item, or None."""
        return self.by_id.get((collection, item_id))

    def moved(self, gone: Iterable[RemovedItem], come: Iterable[tuple[Collection, str]]) -> RemovedItems:
        """Return what is remembered once `gone` have left and `come` are back."""
        by_id, left, added = self.by_id, [], []
        for collection, item_id in come:
            if (item := by_id.get((collection, item_id))) is not None:
                left.append((item.at, collection, item_id))
                by_id = by_id.delete((collection, item_id))
        for item in gone:
            added.append((item.at, item.collection, item.id))
            by_id = by_id.set((item.collection, item.id), item)
        return RemovedItems(by_id, self.order.update(left, added)) if left or added else self

    def without_old(self, now: int) -> RemovedItems:
        """Return what is remembered without what went more than KEEP_MS before `now` (ms UTC)."""
        old = []
        for key in self.order:
            if key[0] >= now - KEEP_MS:
                break
            old.append((key[1], key[2]))
        return self.moved((), old) if old else self
