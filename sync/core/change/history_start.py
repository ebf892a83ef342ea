"""Decide when the history of an account ends, although the hub's clock may be wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from sync.core.account.history import LAST, item_time
from sync.core.account.view import View
from sync.core.change.delta import Delta
from sync.protocol.items import COLLECTIONS, Collection, Conversation, Item
from sync.protocol.times import DAY_MS


def start_of_history(items: Mapping[Collection, Iterable[Item]], now: int) -> int:
    """Return the end of the history of an account whose first snapshot has `items`. `now`: ms UTC, the hub's clock.

    It is not later than a day after the newest time that the platform gives: a clock that is ahead would make
    everything history until the real time catches up. The publish times of works alone tell nothing of that.
    """
    times = [time for given in items.values() for item in given if (time := _time_of(item)) is not None]
    says_when = any(given for name, given in items.items() if name != "contents")
    return min(now, max(times) + DAY_MS) if times and says_when else now


def with_lowered_start(view: View, delta: Delta, now: int) -> Delta:
    """Return `delta`, and what it lowers because `now`, the hub's clock at a later change, is before the start."""
    if view.started_at is None or delta.reset:
        return delta
    lowered: dict[str, int] = {}
    if view.history.clock > now:
        lowered["started_clock"] = now
    if view.started_at > now:
        lowered["started_at"] = _lowered(view, delta, now)
    return replace(delta, **lowered) if lowered else delta


def _lowered(view: View, delta: Delta, now: int) -> int:
    """Return the end of the history in place of one that is after `now`.

    What the change brings is new if it is newer than all that was known and of the last day, so it is not covered.
    """
    newest = view.feed.first()
    known = -newest[0] if newest is not None and newest[0] != LAST else 0
    times = [
        _time_of(entry.item)
        for name in COLLECTIONS
        for entry in (delta.upserts(name) if name != "contents" else ())
        if view.entries(name).get(entry.item.id) != entry
    ]
    new = [time for time in times if time is not None and max(known, now - DAY_MS) < time <= now]
    return min(new, default=now + 1) - 1


def _time_of(item: Item) -> int | None:
    return item.last_message_time if isinstance(item, Conversation) else item_time(item)
