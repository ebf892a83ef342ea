"""An item before and after a step."""

from __future__ import annotations

from typing import Any, NamedTuple

from sync.core.delta import Entry
from sync.core.marks import NO_MARK, Mark


class Pair(NamedTuple):
    """`old`, `new`: None where the item is not there. `was`, `now`: its mark."""

    old: Entry[Any] | None
    new: Entry[Any] | None
    was: Mark = NO_MARK
    now: Mark = NO_MARK


class Judged(NamedTuple):
    """A pair of which it is known whether the item was unread and is unread."""

    old: Entry[Any] | None
    new: Entry[Any] | None
    was: Mark
    now: Mark
    was_unread: bool
    is_unread: bool

    @property
    def listed_before(self) -> Entry[Any] | None:
        return None if self.was.deleted else self.old

    @property
    def listed_after(self) -> Entry[Any] | None:
        return None if self.now.deleted else self.new

    def leaving(self) -> Judged:
        return self._replace(new=None, is_unread=False)

    def coming(self) -> Judged:
        return self._replace(old=None, was_unread=False)
