"""An item before and after a step: the unit that indexes are advanced by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sync.core.account.entries import Entry
from sync.core.account.marks import NO_MARK, Mark
from sync.core.account.order import Key, Order

KeyOf = Callable[[Entry[Any]], Key]


class ItemChange(NamedTuple):
    """One item before and after a step.

    `old`, `new`: its entry, None where the item is not there. `old_mark`, `new_mark`: its mark. `was_unread`,
    `is_unread`: set for comments and notices once that is decided; for messages the state of their conversation decides
    it.
    """

    old: Entry[Any] | None
    new: Entry[Any] | None
    old_mark: Mark = NO_MARK
    new_mark: Mark = NO_MARK
    was_unread: bool = False
    is_unread: bool = False

    @property
    def id(self) -> str:
        """The id of the item."""
        entry = self.new or self.old
        assert entry is not None, "a change is of something"
        item_id: str = entry.item.id
        return item_id

    @property
    def listed_before(self) -> Entry[Any] | None:
        """The old entry, unless it was deleted."""
        return None if self.old_mark.deleted else self.old

    @property
    def listed_after(self) -> Entry[Any] | None:
        """The new entry, unless it is deleted."""
        return None if self.new_mark.deleted else self.new

    def leaving(self) -> ItemChange:
        """Return the change as seen by the group that the item leaves."""
        return self._replace(new=None, is_unread=False)

    def coming(self) -> ItemChange:
        """Return the change as seen by the group that the item joins."""
        return self._replace(old=None, was_unread=False)


def update_listed(order: Order, changes: Sequence[ItemChange], key: KeyOf) -> Order:
    """Return an order of `item_key`s after `changes`: it holds what is listed. `key`: makes the key of an entry."""
    before = [change.listed_before for change in changes]
    after = [change.listed_after for change in changes]
    return order.update(
        [key(entry) for entry in before if entry is not None],
        [key(entry) for entry in after if entry is not None],
    )


def count_unread_difference(changes: Iterable[ItemChange]) -> int:
    """Return how many more items are unread after `changes`."""
    return sum(change.is_unread - change.was_unread for change in changes)
