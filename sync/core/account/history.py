"""The order of items in time, and where the history of an account ends."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

from sync.core.account.entries import Entry
from sync.core.account.order import Key
from sync.protocol.items import Content, Item

LAST = 2**63 - 1
"""In place of a negated time that is unknown: behind every known one."""

TIMES: Final = 4_096
"""So many times are remembered, of what is being changed at the moment."""

_LENGTHS: Final = 0xFFFF
_INVERTED: Final = bytes(range(255, -1, -1))


def item_time(item: Item) -> int | None:
    """Return the time that orders `item` in its lists, ms UTC, or None."""
    if isinstance(item, Content) and item.publish_time is not None:
        return item.publish_time
    return item.created_at


def platform_order(item: Any) -> str:
    """Return the platform's own place of `item` among items of one time: its sort key if it has one, else its id."""
    order: str = getattr(item, "order", None) or item.platform_id
    return order


def make_rank(order: str, item_id: str) -> bytes:
    """Return the place in a list among items of one time: the greatest `order` first, then the greatest id.

    An order is compared by its length, then by its characters, so that decimal numbers of any size are in order. The
    bytes are the complement of these texts, because keys stand in ascending order.
    """
    head = (_LENGTHS - min(len(order), _LENGTHS)).to_bytes(2)
    text = order.encode("utf-8", "surrogatepass") + item_id.encode("utf-8", "surrogatepass")
    return head + text.translate(_INVERTED) + b"\xff"


def item_key(item: Item) -> Key:
    """Return the key that orders `item` in lists: newest first, unknown times last; see `make_rank` for equal times.

    It is (negated time or LAST, rank, id). A shorter one stands before all keys that begin with it.
    """
    return (negated(item_time(item)), make_rank(platform_order(item), item.id), item.id)


@lru_cache(maxsize=TIMES)
def negated(time: int | None) -> int:
    """Return the first part of a key: one object for one moment, which a message and its conversation often share."""
    return LAST if time is None else -time


def reversed_key(item: Item) -> Key:
    """Return the key that orders `item` the other way round: unknown times first, then the oldest first."""
    time, rank, item_id = item_key(item)
    return (-1 if time == LAST else -time, rank.translate(_INVERTED), item_id)


def is_up_to(time: int | None, before: int) -> bool:
    """Return whether `time` is at or before `before`; an unknown time (None) counts as before. Both ms UTC."""
    return time is None or time <= before


class History(NamedTuple):
    """The end of an account's history.

    `started_at`: ms UTC. `started_version`: the version of the first snapshot. `fresh_ms`: how old an item may be at
    the start for somebody still to wait for an answer. `clock`: what the hub's clock showed at the start, ms UTC.
    """

    started_at: int
    started_version: int
    fresh_ms: int
    clock: int

    def covers(self, entry: Entry[Any]) -> bool:
        """Return whether the item is from before the start; of unknown time: whether the first snapshot brought it."""
        time = item_time(entry.item)
        return entry.first_version <= self.started_version if time is None else time <= self.started_at

    def is_old(self, entry: Entry[Any]) -> bool:
        """Return whether history covers the item and it was too old at the start for anybody to wait for an answer."""
        time = item_time(entry.item)
        return self.covers(entry) and (time is None or not self.is_fresh(time))

    def is_fresh(self, time: int) -> bool:
        """Return whether somebody who wrote at `time` (ms UTC) may still wait for an answer."""
        return time > self.stale_at

    @property
    def stale_at(self) -> int:
        """The newest time, ms UTC, of what was too old at the start for anybody to wait for an answer."""
        return min(self.started_at, self.clock - self.fresh_ms)
