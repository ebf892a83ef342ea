"""Where a mark of how far somebody read, or deleted, stands among items: what is after it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from msgspec import Struct

from sync.core.account.entries import Entry
from sync.core.account.history import LAST, History, item_time
from sync.core.account.item_changes import ItemChange
from sync.core.account.marks import Moment, Upto, moment
from sync.core.account.order import EMPTY, Key, Order
from sync.protocol.items import Item, Message
from sync.protocol.times import DAY_MS

LATE_WITHIN_MS: Final = DAY_MS


def moment_of(item: Item) -> Moment:
    return moment(item_time(item), item.id)


def is_late(upto: Upto, entry: Entry[Any]) -> bool:
    """First seen after the mark was set, and soon after its own time: what nobody can have read."""
    time = item_time(entry.item)
    return entry.first_version > upto.version and (time is None or entry.first_seen - time <= LATE_WITHIN_MS)


def is_after(upto: Upto, entry: Entry[Any]) -> bool:
    """For items that are no messages."""
    return moment_of(entry.item) > upto.moment or is_late(upto, entry)


def newest_moment(order: Order, not_after: int | None = None) -> Moment | None:
    """Of an order of `item_key`s, whose equal times stand in the order of their ids. `not_after`: ms UTC."""
    first = order.first() if not_after is None else next(order.after((-not_after, "")), None)
    if first is None:
        return None
    last_of_time = order.before((first[0] + 1, "")) or first
    return moment(None if first[0] == LAST else -first[0], last_of_time[1])


def count_later(order: Order, upto: Upto) -> int:
    """How many `item_key`s of `order` are later than the mark."""
    time = LAST if upto.time is None else -upto.time
    same_time_greater_id = order.rank((time + 1, "")) - order.rank((time, upto.id + "\0"))
    return order.rank((time, "")) + same_time_greater_id


class ReadPosition(Struct, frozen=True):
    """A mark among the messages of its conversation.

    `arrived`: inbound ones at or before it that were first seen later, in the order of their coming; the first
    `upto.rest` of them were counted when it was set, and are not after it. `late`: those of them that may be after.
    """

    upto: Upto
    arrived: Order = EMPTY
    late: Order = EMPTY

    @property
    def end(self) -> Key | None:
        """Where in `arrived` those begin that nobody counted."""
        return next(self.arrived.skip(self.upto.rest), None)

    @property
    def left(self) -> int:
        """How many of those that were counted have not come yet."""
        return max(0, self.upto.rest - len(self.arrived))

    def is_after(self, entry: Entry[Message], history: History) -> bool:
        if moment_of(entry.item) > self.upto.moment:
            return True
        if not is_late(self.upto, entry) or history.covers(entry):
            return False
        if entry.item.direction == "outbound":
            return True
        end = self.end
        return end is not None and arrival(entry) >= end

    def count_after(self, received: Order) -> int:
        """How many of all inbound messages are after it."""
        end = self.end
        late = 0 if end is None else len(self.late) - self.late.rank(end)
        return count_later(received, self.upto) + late

    def between(self, other: ReadPosition) -> Iterable[str]:
        """The ids of the late messages that are after one of the two and not after the other."""
        ends = (self.end, other.end)
        if ends[0] == ends[1]:
            return []
        low = min(end for end in ends if end is not None)
        return [key[-1] for line in (self, other) for key in line.late if key >= low]

    def moved(self, pairs: Iterable[ItemChange], history: History) -> ReadPosition:
        pairs = list(pairs)
        gone = [old for old, *_ in pairs if old is not None and self._has_arrived(old)]
        come = [new for _, new, *_ in pairs if new is not None and self._has_arrived(new)]
        if not gone and not come:
            return self
        return msgspec.structs.replace(
            self,
            arrived=self.arrived.update(map(arrival, gone), map(arrival, come)),
            late=self.late.update(
                [arrival(entry) for entry in gone if self._may_be_after(entry, history)],
                [arrival(entry) for entry in come if self._may_be_after(entry, history)],
            ),
        )

    def _has_arrived(self, entry: Entry[Message]) -> bool:
        return (
            entry.first_version > self.upto.version
            and entry.item.direction != "outbound"
            and moment_of(entry.item) <= self.upto.moment
        )

    def _may_be_after(self, entry: Entry[Message], history: History) -> bool:
        return is_late(self.upto, entry) and not history.covers(entry)


def arrival(entry: Entry[Any]) -> Key:
    """The order of coming; what came together, by time."""
    return (entry.first_version, *moment_of(entry.item))


def read_position_at(
    upto: Upto | None,
    before: ReadPosition | None,
    pairs: list[ItemChange],
    held: Iterable[Entry[Message]],
    history: History,
    version: int,
) -> ReadPosition | None:
    """The line of `upto` after `pairs`, in that version of the account.

    `held`: all messages, read only where the mark is not the one of `before` and older than they may be.
    """
    if upto is None:
        return None
    if upto.version >= version:
        return ReadPosition(upto)
    if before is not None and before.upto.moment == upto.moment and before.upto.version == upto.version:
        return msgspec.structs.replace(before, upto=upto).moved(pairs, history)
    return ReadPosition(upto).moved((ItemChange(None, entry) for entry in held), history)
