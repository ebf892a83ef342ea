"""Events that a client missed, read from the change log."""

from __future__ import annotations

from typing import Final

from sync.core.change.delta import Event
from sync.models import Change
from sync.storage.change_log import read_body

MOST_EVENTS: Final = 10_000
"""More are not read one by one: whoever missed so many reads everything again."""


def missed_events(account_id: str, after: int, upto: int) -> list[Event] | None:
    """Return the events with the numbers `after` + 1 to `upto`, in order.

    None: the log no longer has all of them, or they are too many. Raises Damaged.
    """
    if upto - after > MOST_EVENTS:
        return None
    found: list[list[Event]] = []
    expected = upto
    rows = Change.objects.filter(account_id=account_id, seq_from__lte=upto).order_by("-version")
    for row in rows.iterator(chunk_size=100):
        if expected <= after:
            break
        if row.seq_from > row.seq_to:
            continue
        if row.seq_to < expected:
            return None
        events = read_body(row).events
        found.append(events[max(0, after + 1 - row.seq_from) : expected - row.seq_from + 1])
        expected = row.seq_from - 1
    if expected > after:
        return None
    return [event for events in reversed(found) for event in events]
