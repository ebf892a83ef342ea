"""Marks: what operators said of items (read, pinned, deleted, done, ...) and of people.

Marks are kept beside the items, by (collection, id), and by ("people", the platform's id of the person). No snapshot
changes a mark, with two exceptions: `base` follows the platform's count down, and `status` yields to a later one of the
platform. A mark outlives its item, which may come back. Stored keys are older than some attribute names.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct, field

from sync.protocol.items import Collection, MessageStatus

HIGHEST_ID: Final = "\U0010ffff"
"""Behind every id: where a mark stands for all items of one moment."""

ALL_ITEMS: Final = ""
"""In place of an item's id: the mark is on all comments, or all notices, of the account."""

MarkKind = Collection | Literal["people"]

Moment = tuple[int, str]
"""(time, id) of an item; greater is later. An unknown time is before every known one."""


def moment(time: int | None, item_id: str) -> Moment:
    """Return the moment of an item with this time (ms UTC or None) and id."""
    return (-1 if time is None else time, item_id)


class ReadMarker(Struct, frozen=True, array_like=True):
    """A read marker: how far somebody read, deleted or handled.

    `version`: of the account, when it was set. `time` (ms UTC), `id`: of the newest item known then. For conversations
    also: `base`, the platform's unread count then (lowered when the platform reports less), and `rest`, how many unread
    messages nobody had crawled then; as many may still arrive and are read.
    """

    version: int
    time: int | None
    id: str
    base: int = 0
    rest: int = 0

    @property
    def moment(self) -> Moment:
        """The moment of the newest item that the marker covers."""
        return moment(self.time, self.id)


class Note(Struct, frozen=True, array_like=True):
    """An operators' note on a person. `at`: when it was written, ms UTC. `by`: the operator's name."""

    text: str
    at: int
    by: str


class Mark(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that operators said of one item. None: nothing was said, the platform's word stands.

    `read`: of a message, comment or notice. `read_marker`: of a conversation, or of ALL_ITEMS of the comments or
    notices. `unread_at`: the version in which a conversation without any message was marked unread. `deleted`: of a
    message or comment; `deleted_marker`: of a conversation. `pinned`, `muted`: of a conversation. `recalled_at`: ms
    UTC. `done_marker`: how far a conversation was handled; `done_at`: when, ms UTC, also of a comment. `read_by`,
    `done_by`: names of operators. `note`: of a person. Stored as `read_upto`, `deleted_upto`, `done_upto` are the three
    markers.
    """

    read: bool | None = None
    read_marker: ReadMarker | None = field(default=None, name="read_upto")
    unread_at: int | None = None
    deleted: bool = False
    deleted_marker: ReadMarker | None = field(default=None, name="deleted_upto")
    pinned: bool | None = None
    muted: bool | None = None
    recalled_at: int | None = None
    status: MessageStatus | None = None
    done_marker: ReadMarker | None = field(default=None, name="done_upto")
    done_at: int | None = None
    done_by: str = ""
    read_by: str = ""
    note: Note | None = None


NO_MARK: Final = Mark()


class ItemMark(Struct, frozen=True, omit_defaults=True):
    """The mark that an item has from now on. NO_MARK: it has none any more."""

    collection: MarkKind
    id: str
    mark: Mark = NO_MARK
