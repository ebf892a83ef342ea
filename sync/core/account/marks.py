"""Marks: what operators said of items (read, pinned, deleted, done, ...) and of people.

Marks are kept beside the items, by (collection, id), and by ("people", the platform's id of the person). No snapshot
changes a mark, with two exceptions: `base` follows the platform's count down, and `status` yields to a later one of the
platform. A mark outlives its item, which may come back. Stored keys are older than some attribute names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from sync.core.account.history import LAST, is_up_to, make_rank
from sync.core.account.order import Key
from sync.protocol.items import Collection, MessageStatus

HIGHEST_ID: Final = "\U0010ffff"
"""Behind every id: where a mark stands for all items of one moment."""

ALL_ITEMS: Final = ""
"""In place of an item's id: the mark is on all comments, or all notices, of the account."""

MarkKind = Collection | Literal["people"]


class Upto(NamedTuple):
    """The newest item that a read marker covers: its time (ms UTC or None), id and platform order.

    `order` None: all items of that time are covered. So it is where the platform names a last message that nobody
    crawled (`id` is then HIGHEST_ID), and in markers that were stored before items had an order.
    """

    time: int | None
    id: str
    order: str | None

    @property
    def key(self) -> Key:
        """The place in a list: the keys of items that are later are less than this one."""
        time = LAST if self.time is None else -self.time
        return (time,) if self.order is None else (time, make_rank(self.order, self.id))

    def is_from(self, before: int) -> bool:
        """Return whether it is not later than `before` (ms UTC); an unknown time is earlier than every known one."""
        return is_up_to(self.time, before)


NOTHING: Final = Upto(None, "", "")
"""Before every item."""


class ReadMarker(Struct, frozen=True, omit_defaults=True, gc=False):
    """A read marker: how far somebody read, deleted or handled.

    `version`: of the account, when it was set. `time` (ms UTC), `id`, `order`: of the newest item known then (`Upto`).
    For conversations also: `base`, the platform's unread count then (lowered when the platform reports less), and
    `rest`, how many unread messages nobody had crawled then; as many may still arrive and are read. `last_id`: the id
    of the platform's last message, where the marker ends at that and nobody had crawled it.
    """

    version: int
    time: int | None
    id: str
    base: int = 0
    rest: int = 0
    order: str | None = None
    last_id: str | None = None

    @property
    def upto(self) -> Upto:
        """The newest item that the marker covers."""
        return Upto(self.time, self.id, self.order)

    @property
    def key(self) -> Key:
        """The place of the marker in a list: the keys of items that are later are less than this one."""
        return self.upto.key

    def is_before(self, time: int) -> bool:
        """Return whether all that the marker covers is earlier than `time` (ms UTC)."""
        return self.time is None or self.time < time


if TYPE_CHECKING:
    StoredMarker = ReadMarker
else:
    # Earlier versions stored the first five values as an array. It stays one until a view takes it in
    # (`with_markers`), so that the checksum of an old export is that of what is encoded again.
    StoredMarker = ReadMarker | tuple[Any, ...]


class Note(Struct, frozen=True, array_like=True, gc=False):
    """An operators' note on a person. `at`: when it was written, ms UTC. `by`: the operator's name."""

    text: str
    at: int
    by: str


class Mark(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """All that operators said of one item. None: nothing was said, the platform's word stands.

    `read`: of a message, comment or notice. `read_marker`: of a conversation, or of ALL_ITEMS of the comments or
    notices. `unread_at`: the version in which a conversation without any message was marked unread. `deleted`: of a
    message or comment; `deleted_marker`: of a conversation. `pinned`, `muted`: of a conversation. `recalled_at`: ms
    UTC. `done_marker`: how far a conversation was handled; `done_at`: when, ms UTC, also of a comment. `read_by`,
    `done_by`: names of operators. `note`: of a person. `reply_id`: the reply that this own item is, `answered_by`: the
    name of who wrote it. Stored as `read_upto`, `deleted_upto`, `done_upto` are the three
    markers.
    """

    read: bool | None = None
    read_marker: StoredMarker | None = field(default=None, name="read_upto")
    unread_at: int | None = None
    deleted: bool = False
    deleted_marker: StoredMarker | None = field(default=None, name="deleted_upto")
    pinned: bool | None = None
    muted: bool | None = None
    recalled_at: int | None = None
    status: MessageStatus | None = None
    done_marker: StoredMarker | None = field(default=None, name="done_upto")
    done_at: int | None = None
    done_by: str = ""
    read_by: str = ""
    note: Note | None = None
    reply_id: str = ""
    answered_by: str = ""


NO_MARK: Final = Mark()
_MARKERS: Final = ("read_marker", "deleted_marker", "done_marker")


def with_markers(mark: Mark) -> Mark:
    """Return `mark` with the markers that an earlier version stored as this version has them."""
    stored = {name: getattr(mark, name) for name in _MARKERS}
    old = {name: ReadMarker(*values) for name, values in stored.items() if isinstance(values, tuple)}
    return replace(mark, **old) if old else mark


class ItemMark(Struct, frozen=True, omit_defaults=True):
    """The mark that an item has from now on. NO_MARK: it has none any more."""

    collection: MarkKind
    id: str
    mark: Mark = NO_MARK
