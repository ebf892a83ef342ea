"""The order of items in time, and where the history of an account ends."""

from __future__ import annotations

from typing import Any, NamedTuple

from sync.core.account.entries import Entry
from sync.core.account.order import Key
from sync.protocol.items import Item

LAST = 2**63 - 1
"""In place of a negated time that is unknown: behind every known one."""


def item_time(item: Item) -> int | None:
    """The time that orders `item` in its lists, ms UTC."""
    publish_time: int | None = getattr(item, "publish_time", None)
    return item.created_at if publish_time is None else publish_time


def item_key(item: Item) -> Key:
    """Newest first, unknown times last, then by id."""
    time = item_time(item)
    return (LAST if time is None else -time, item.id)


def is_up_to(time: int | None, before: int) -> bool:
    """Whether that time (None: unknown) is at or before the other."""
    return time is None or time <= before


class History(NamedTuple):
    """Where the history of an account ends (ms UTC and the version that began it)."""

    started_at: int
    started_version: int
    fresh_ms: int

    def covers(self, entry: Entry[Any]) -> bool:
        """At or before the start; of unknown time: came with the first snapshot."""
        time = item_time(entry.item)
        return entry.first_version <= self.started_version if time is None else time <= self.started_at

    def is_old(self, entry: Entry[Any]) -> bool:
        """Covered, and too old at the start for anybody to wait for an answer."""
        time = item_time(entry.item)
        return self.covers(entry) and (time is None or time <= self.started_at - self.fresh_ms)
