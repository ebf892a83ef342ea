"""Selects the inbox rows that a list shows.

A row is looked at in its account (`RowInView`), or by what was kept of it when the account was searched (`KeptRow`).
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from sync.core.account.comment_threads import thread_rank
from sync.core.account.history import LAST
from sync.core.account.inbox_rows import RowKind, conversation_partner
from sync.core.account.notice_groups import QUIET, place_of
from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.lists.filters import contains


class RowFilter(Struct, frozen=True, kw_only=True):
    """Selects inbox rows. None: does not matter.

    `unread` and `needs_reply` choose rows that call for somebody. Muted conversations do so only for whoever asks for
    them (`is_muted`), likes and follows never. `q`: any text, in names, messages, comments and titles; with `by_name`
    in names only. `new_people`: conversations in which nobody answered yet. `strangers`: those that the
    platform keeps apart.
    """

    kinds: frozenset[str] | None = None
    unread: bool | None = None
    needs_reply: bool | None = None
    is_pinned: bool | None = None
    is_muted: bool | None = None
    q: str | None = None
    by_name: bool = False
    new_people: bool = False
    strangers: bool = False


class FilteredRow(Protocol):
    """Answers what a filter may ask of a row. `newest`: its (negated time, rank)."""

    @property
    def kind(self) -> RowKind: ...
    @property
    def unread(self) -> int: ...
    @property
    def is_pinned(self) -> bool: ...
    @property
    def is_muted(self) -> bool: ...
    @property
    def waits(self) -> bool: ...
    @property
    def is_quiet(self) -> bool: ...
    @property
    def is_unanswered(self) -> bool: ...
    @property
    def is_strangers(self) -> bool: ...
    @property
    def newest(self) -> Key: ...


class KeptRow(NamedTuple):
    """A row of an account that is out of memory, as it was when the account was searched.

    `waiting`: its (not pinned, waiting since), None if it does not wait.
    """

    kind: RowKind
    unread: int
    is_pinned: bool
    is_muted: bool
    waits: bool
    is_quiet: bool
    is_unanswered: bool
    is_strangers: bool
    newest: Key
    waiting: Key | None

    @classmethod
    def of(cls, row: FilteredRow, waiting: Key | None) -> KeptRow:
        """Return what is kept of a row."""
        facts = {name: getattr(row, name) for name in cls._fields if name != "waiting"}
        return cls(**facts, waiting=waiting)


class RowInView:
    """A row in its account: each question is answered when it is asked."""

    __slots__ = ("_id", "_state", "_view", "kind")

    def __init__(self, view: View, kind: RowKind, row_id: str) -> None:
        self._view = view
        self._id = row_id
        self.kind = kind
        self._state: Any = _state_of(view, kind, row_id)

    @property
    def unread(self) -> int:
        count: int = self._state.unread_count if self.kind == "direct_message" else self._state.unread
        return count

    @property
    def is_pinned(self) -> bool:
        return self.kind == "direct_message" and self._state.pinned

    @property
    def is_muted(self) -> bool:
        return self.kind == "direct_message" and self._state.muted

    @property
    def waits(self) -> bool:
        if self.kind == "direct_message":
            waits: bool = self._state.needs_reply
            return waits
        return self.kind == "comment" and self._state.waiting > 0

    @property
    def is_quiet(self) -> bool:
        """Return whether it is a group of likes or follows."""
        newest = self._state.order.first() if self.kind == "notification" else None
        return newest is not None and self._view.notifications[newest[-1]].item.type in QUIET

    @property
    def is_unanswered(self) -> bool:
        """Return whether it is a conversation in which nobody answered yet."""
        return self.kind == "direct_message" and self._state.last_own(self._view.rules) is None

    @property
    def is_strangers(self) -> bool:
        """Return whether it is a conversation that the platform keeps apart."""
        entry = self._view.conversations.get(self._id) if self.kind == "direct_message" else None
        return entry is not None and entry.item.is_stranger is True

    @property
    def newest(self) -> Key:
        """Return the (negated time, rank) of the row."""
        if self.kind == "direct_message":
            key: Key = self._state.sort_key[1:3]
            return key
        if self.kind == "notification":
            place = place_of(self._id, self._state)
            return (LAST, b"") if place is None else place[1:3]
        newest = self._state.newest
        return (LAST if newest is None else newest[0], thread_rank(self._view.account_id, self._id))

    def is_named(self, q: str) -> bool:
        """Return whether the row is a conversation with a person in whose name `q` stands."""
        if self.kind != "direct_message":
            return False
        entry = self._view.conversations.get(self._id)
        remark = entry.item.remark_name if entry is not None else None
        return contains(q, conversation_partner(self._view, self._state).name, remark)


def _state_of(view: View, kind: RowKind, row_id: str) -> object:
    if kind == "direct_message":
        return view.conversation_states[row_id]
    return view.comment_threads[row_id] if kind == "comment" else view.notice_groups[row_id]


def calls(row: FilteredRow, where: RowFilter) -> bool:
    """Return whether the row counts where it is unread or waits, in the list that `where` chooses."""
    if row.kind == "direct_message":
        return bool(where.is_muted) or not row.is_muted
    return row.kind == "comment" or not row.is_quiet


def matches(row: FilteredRow, where: RowFilter) -> bool:
    """Return whether the row passes, whatever its name. Cheap questions go first: a filter may look at every row."""
    return (
        (where.unread is None or where.unread == (row.unread > 0 and calls(row, where)))
        and (where.needs_reply is None or where.needs_reply == (row.waits and calls(row, where)))
        and (where.is_pinned is None or where.is_pinned == row.is_pinned)
        and (where.is_muted is None or where.is_muted == row.is_muted)
        and (not where.new_people or row.is_unanswered)
        and (not where.strangers or row.is_strangers)
    )
