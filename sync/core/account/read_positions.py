"""The position of a read marker among items: decides which items are after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from sync.core.account.entries import Entry
from sync.core.account.history import History, item_key, item_time, reversed_key
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import ReadMarker
from sync.core.account.order import EMPTY, Key, Order
from sync.protocol.items import Conversation, Message
from sync.protocol.times import DAY_MS

LATE_WITHIN_MS: Final = DAY_MS


def is_late(marker: ReadMarker, entry: Entry[Any]) -> bool:
    """Return whether the item came after the marker was set and soon after its own time, so that nobody can have read
    it.
    """
    time = item_time(entry.item)
    return entry.first_version > marker.version and (time is None or entry.first_seen - time <= LATE_WITHIN_MS)


def is_after(marker: ReadMarker, entry: Entry[Any]) -> bool:
    """Return whether a comment or notice is after the marker, by the time that it has now.

    The marker ends at a time, so it covers a part of what was known. `keep_covered` holds that to its side.
    """
    return item_key(entry.item) < marker.key or is_late(marker, entry)


class ReadPosition(Struct, frozen=True, omit_defaults=True, gc=False):
    """A read marker among the messages of its conversation.

    Only messages that were first seen after the marker was set are looked at: all others are covered by it, whatever
    time they have now. `later`, `later_own`: how many of them, inbound and outbound, are later than the marker.
    `arrived`: the inbound ones at or before it, in the order of their coming. The marker counted the first
    `marker.rest` of them, so these are not after it. `late`: those of `arrived` that may be after it.
    """

    marker: ReadMarker
    later: int = 0
    later_own: int = 0
    arrived: Order = EMPTY
    late: Order = EMPTY

    @property
    def end(self) -> Key | None:
        """The key in `arrived` where the messages begin that the marker did not count, or None."""
        return next(self.arrived.skip(self.marker.rest), None)

    @property
    def left(self) -> int:
        """The number of messages that the marker counted and that have not come yet."""
        return max(0, self.marker.rest - len(self.arrived))

    def is_after(self, entry: Entry[Message], history: History) -> bool:
        """Return whether the message is after the marker."""
        if not self._is_new(entry):
            return False
        if self._is_later(entry):
            return True
        if not is_late(self.marker, entry) or history.covers(entry):
            return False
        if entry.item.direction == "outbound":
            return True
        end = self.end
        return end is not None and arrival(entry) >= end

    def is_last_after(
        self, conversation: Conversation, messages: Mapping[str, Entry[Message]], history: History
    ) -> bool:
        """Return whether the platform's own last message is after the marker. `messages`: all of the account."""
        time, named = conversation.last_message_time, conversation.last_message_id
        if time is None or not self.marker.is_before(time) or (named is not None and named == self.marker.last_id):
            return False
        entry = messages.get(named or "")
        known = entry is not None and entry.item.conversation_id == conversation.id
        return not known or entry is None or self.is_after(entry, history)

    def count_after(self) -> int:
        """Return how many inbound messages are after the marker."""
        end = self.end
        return self.later + (0 if end is None else len(self.late) - self.late.rank(end))

    def between(self, other: ReadPosition) -> Iterable[str]:
        """Return the ids of the late messages that are after one of the two positions and not after the other."""
        ends = (self.end, other.end)
        if ends[0] == ends[1]:
            return []
        low = min(end for end in ends if end is not None)
        return [key[-1] for position in (self, other) for key in position.late if key >= low]

    def moved(self, changes: Iterable[ItemChange], history: History) -> ReadPosition:
        """Return the position after `changes` of the conversation's messages."""
        changes = list(changes)
        gone = [change.old for change in changes if change.old is not None and self._is_new(change.old)]
        come = [change.new for change in changes if change.new is not None and self._is_new(change.new)]
        if not gone and not come:
            return self
        counts = Counter(entry.item.direction == "outbound" for entry in come if self._is_later(entry))
        counts.subtract(Counter(entry.item.direction == "outbound" for entry in gone if self._is_later(entry)))
        gone, come = ([entry for entry in entries if self._has_arrived(entry)] for entries in (gone, come))
        return msgspec.structs.replace(
            self,
            later=self.later + counts[False],
            later_own=self.later_own + counts[True],
            arrived=self.arrived.update(map(arrival, gone), map(arrival, come)),
            late=self.late.update(
                [arrival(entry) for entry in gone if self._may_be_after(entry, history)],
                [arrival(entry) for entry in come if self._may_be_after(entry, history)],
            ),
        )

    def _is_new(self, entry: Entry[Message]) -> bool:
        return entry.first_version > self.marker.version

    def _is_later(self, entry: Entry[Message]) -> bool:
        return item_key(entry.item) < self.marker.key and entry.item.id != self.marker.last_id

    def _has_arrived(self, entry: Entry[Message]) -> bool:
        return entry.item.direction != "outbound" and not self._is_later(entry)

    def _may_be_after(self, entry: Entry[Message], history: History) -> bool:
        return is_late(self.marker, entry) and not history.covers(entry)


def arrival(entry: Entry[Any]) -> Key:
    """Return the key of an entry in the order of coming; what came together is ordered by time."""
    return (entry.first_version, *reversed_key(entry.item))


def read_position_at(
    marker: ReadMarker | None,
    before: ReadPosition | None,
    changes: list[ItemChange],
    held: Iterable[Entry[Message]],
    history: History,
    version: int,
) -> ReadPosition | None:
    """Return the position of `marker` after `changes`, in `version` of the account.

    `before`: the position before the step. `held`: all messages; they are read only if the marker is not that of
    `before`.
    """
    if marker is None:
        return None
    if marker.version >= version:
        return ReadPosition(marker)
    if before is not None and before.marker.upto == marker.upto and before.marker.version == marker.version:
        return msgspec.structs.replace(before, marker=marker).moved(changes, history)
    return ReadPosition(marker).moved((ItemChange(None, entry) for entry in held), history)
