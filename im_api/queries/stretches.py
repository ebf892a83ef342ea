"""The part of a thread that somebody reads: around an item, and on from there. A thread is a conversation here, or the
replies to a comment."""

from __future__ import annotations

from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from im_api.errors import BadRequest
from im_api.queries.cursors import TIME_KEY, CursorScope
from im_api.queries.scope import AuthorizedAccount
from sync.core.account.entries import Entry
from sync.core.account.history import item_key
from sync.core.account.order import EMPTY, Key, Order
from sync.core.lists import stretch
from sync.core.lists.filters import CommentFilter, MessageFilter
from sync.core.lists.stretch import Stretch
from sync.protocol.items import Collection, Comment, Item, Message

T = TypeVar("T", bound=Item)

PAGE: Final = 50
FURTHER: Final = 100
ABOVE: Final = 20
BELOW: Final = PAGE - ABOVE
MOST: Final = 400
"""So many items at most are read again at once; an open page keeps fewer that it reads again."""


class StretchRequest(Struct, frozen=True, kw_only=True):
    """The part of a thread that a page asks for; the first of these that is given counts, else it is the newest part.

    `older`, `newer`: the cursor behind which it goes on. `first`, `last`: ids of the ends of what a page shows, to be
    read again. `at`: the id of the item around which it opens; not where `joined` says that the page is at the end.
    `count`: of the newest part.
    """

    older: str | None = None
    newer: str | None = None
    first: str | None = None
    last: str | None = None
    at: str | None = None
    joined: bool = False
    count: int = PAGE


class ReadStretch(Struct, Generic[T], frozen=True):
    """A part of a thread, oldest first. `older`, `newer`: cursors to go on from; None at the ends. `below`: how many
    items of the thread are newer. `total`: how many it has."""

    rows: list[Entry[T]]
    older: str | None
    newer: str | None
    below: int
    total: int


def read_messages(authorized: AuthorizedAccount, conversation_id: str, asked: StretchRequest) -> ReadStretch[Message]:
    """Return the part of a conversation that is asked for. Raises BadRequest for a cursor of another one."""
    state = authorized.view.conversation_states.get(conversation_id)
    scope = _scope("messages", authorized, MessageFilter(conversation_id=conversation_id))
    return _read(authorized, "messages", state.order if state is not None else EMPTY, scope, asked)


def read_replies(authorized: AuthorizedAccount, comment_id: str, asked: StretchRequest) -> ReadStretch[Comment]:
    """Return the part of the replies to a comment that is asked for. Raises BadRequest for a cursor of others."""
    order = authorized.view.comment_thread(comment_id).replies
    scope = _scope("replies", authorized, CommentFilter(parent_comment_id=comment_id))
    return _read(authorized, "comments", order, scope, asked)


def _scope(route: str, authorized: AuthorizedAccount, where: object) -> CursorScope:
    return CursorScope(route, [authorized.account.id], where, TIME_KEY)


def _read(
    authorized: AuthorizedAccount, collection: Collection, order: Order, scope: CursorScope, asked: StretchRequest
) -> ReadStretch[Any]:
    entries: Any = authorized.view.entries(collection)
    found = _choose(order, entries, scope, asked)
    older, newer = scope.write(found.older), scope.write(found.newer)
    return ReadStretch([entries[key[-1]] for key in found.keys], older, newer, found.below, len(order))


def _choose(order: Order, entries: Any, scope: CursorScope, asked: StretchRequest) -> Stretch:
    if asked.older is not None:
        return stretch.older_than(order, _place(scope, asked.older), FURTHER)
    if asked.newer is not None:
        return stretch.newer_than(order, _place(scope, asked.newer), FURTHER)
    first, last = _key_of(order, entries, asked.first), _key_of(order, entries, asked.last)
    if first is not None and last is not None:
        return stretch.between(order, first, last, MOST)
    at = _key_of(order, entries, asked.at) if not asked.joined else None
    if at is None:
        return stretch.newest(order, asked.count)
    if order.rank(at) < asked.count:  # near enough to the end: nothing is between
        return stretch.newest(order, max(asked.count, order.rank(at) + 1 + ABOVE))
    return stretch.around(order, at, ABOVE, BELOW)


def _place(scope: CursorScope, cursor: str) -> Key:
    after = scope.read(cursor).after
    if after is None:
        raise BadRequest("a part of a thread has no offset")
    return after


def _key_of(order: Order, entries: Any, item_id: str | None) -> Key | None:
    """Return the key of an item of the order; None for others."""
    entry = entries.get(item_id) if item_id else None
    key = item_key(entry.item) if entry is not None else None
    return key if key is not None and key in order else None
