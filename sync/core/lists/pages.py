"""Pages of a view: rows are chosen in the order of the list, from a key on. Filters apply before paging."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.order import EMPTY, Feed, Key, Order
from sync.core.account.view import View
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.found_items import FoundItems
from sync.core.pace import Check, Pace, go_on
from sync.protocol.items import Collection, Comment, Content, Message, Notification

T = TypeVar("T")
EntryFilter = MessageFilter | ContentFilter | CommentFilter | NotificationFilter


class ListPage(NamedTuple, Generic[T]):
    """Rows of a list. `next`: the key of the last row when more rows follow, else None."""

    rows: list[T]
    next: Key | None


class FeedRow(NamedTuple):
    """A row of the unified feed: a message, comment or notice of one account."""

    view: View
    collection: Collection
    entry: Entry[Any]


class ListWindow(NamedTuple):
    """The part of a list to return.

    `limit`: at most so many rows. `after`: only rows behind this key. `skip`: pass over so many matching rows first.
    `seen`: not the rows up to this key, in which equal times stood by ascending id. `check`: see `Pace`.
    """

    limit: int
    after: Key | None = None
    skip: int = 0
    seen: Key | None = None
    check: Check = go_on

    def pace(self) -> Pace:
        """Return the pace at which rows are looked at."""
        return Pace(self.check)


def list_conversations(view: View, where: ConversationFilter, window: ListWindow) -> ListPage[ConversationState]:
    """Return a page of conversations: pinned first, then by the last message."""

    keys = _keys(view.conversation_order, window.after)
    if where == ConversationFilter():  # nothing is asked of a row
        return page_of(((key, view.conversation_states[key[-1]]) for key in keys), window)
    rows = ((key, view.conversation_states[key[-1]]) for key in window.pace().over(keys))
    return page_of((row for row in rows if where.matches(view, row[1])), window)


def list_messages(view: View, where: MessageFilter, window: ListWindow) -> ListPage[Entry[Message]]:
    """Return a page of messages, of one conversation or of all, newest first."""
    order: Order = view.message_order
    states: list[ConversationState] | None = None
    if where.conversation_id is not None:
        state = view.conversation_states.get(where.conversation_id)
        order, states = (state.order, [state]) if state is not None else (EMPTY, [])
        # The order holds no other conversation's messages, so that this needs no second look at every row.
        where = replace(where, conversation_id=None)
    keys = _keys(order, _from(where.until, window.after), where.since)
    return _entries("messages", keys, where, view, window, states)


def list_contents(view: View, where: ContentFilter, window: ListWindow) -> ListPage[Entry[Content]]:
    """Return a page of works, newest first."""
    return _entries("contents", _keys(view.content_order, window.after), where, view, window)


def list_comments(view: View, where: CommentFilter, window: ListWindow) -> ListPage[Entry[Comment]]:
    """Return a page of comments, newest first: the replies of one, the comments of a work, or all."""
    if where.parent_comment_id is not None:
        order = view.comment_thread(where.parent_comment_id).replies
    elif where.content_id is not None:
        order = view.work(where.content_id).order
    else:
        order = view.comment_order
    return _entries("comments", _keys(order, window.after), where, view, window)


def list_notifications(view: View, where: NotificationFilter, window: ListWindow) -> ListPage[Entry[Notification]]:
    """Return a page of notices, newest first."""
    return _entries("notifications", _keys(view.notification_order, window.after), where, view, window)


def list_feed(views: Sequence[View], where: FeedFilter, window: ListWindow) -> ListPage[FeedRow]:
    """Return a page of messages, comments and notices of several accounts in one order, newest first.

    A key is that of `View.feed`, then the account.
    """

    streams: list[Iterator[tuple[Key, FeedRow | View | None]]] = [
        _feed_rows(view, where, window) if view.is_resident else _feed_of_head(view, where, window)
        for view in views
        if view.has_unread or not (where.is_new or where.is_read is False)
    ]
    merged = streams[0] if len(streams) == 1 else heapq.merge(*streams, key=_key_of)
    return page_of(_look_up(merged, where), window)


def _feed_rows(view: View, where: FeedFilter, window: ListWindow) -> Iterator[tuple[Key, FeedRow]]:
    pace = window.pace()
    passes = _passes(view, where, pace)
    for key in pace.over(_feed_keys(view, window.after, where.since)):
        entry = view.entries(key[-1])[key[-2]]
        if passes(key[-1], entry):
            yield (*key, view.account_id), FeedRow(view, key[-1], entry)


def _feed_of_head(view: View, where: FeedFilter, window: ListWindow) -> Iterator[tuple[Key, FeedRow | View | None]]:
    """Yield what stands where in an account that is out of memory: it is read only if the page comes to it."""
    if where.q is not None:
        yield from _feed_found(view, where, window)
        return
    for key in _feed_keys(view, window.after, where.since):
        yield (*key, view.account_id), view


def _feed_found(view: View, where: FeedFilter, window: ListWindow) -> Iterator[tuple[Key, FeedRow | None]]:
    """Yield the place where the first row may stand, with no row, then the rows in which the text stands.

    The body is read when the page comes to that place. It is let go of at once, but for what the page may show of it:
    a rare text is looked for in all accounts.
    """
    place = _first_place(view, window.after)
    if place is None or (where.since is not None and place[0] > -where.since):
        return
    yield place, None
    window.check()  # to read a body takes longer than to search most of them
    most = window.skip + window.limit + 1 if window.seen is None else None
    for key, row in list(islice(_feed_rows(view.peek(), where, window), most)):
        yield key, FeedRow(view, row.collection, row.entry)


def _look_up(placed: Iterable[tuple[Key, FeedRow | View | None]], where: FeedFilter) -> Iterator[tuple[Key, FeedRow]]:
    for key, row in placed:
        if isinstance(row, View):
            collection, entry = key[-2], row.entries(key[-2])[key[-3]]
            row = FeedRow(row, collection, entry) if where.matches(row, collection, entry) else None
        if row is not None:
            yield key, row


def _passes(view: View, where: FeedFilter, pace: Pace) -> Callable[[Collection, Entry[Any]], bool]:
    """Return what tells whether a row of the feed of `view` passes."""
    if where.q is None:
        return lambda collection, entry: where.matches(view, collection, entry)
    found = FoundItems(view, where.q, pace)
    return lambda collection, entry: found.teller(collection)(entry.item) and where.matches(view, collection, entry)


def _feed_keys(view: View, after: Key | None, since: int | None) -> Iterator[Key]:
    """Return the keys of a view's feed behind `after`. An id may occur in two accounts: then the account decides."""
    if after is None or len(after) == 1:
        return _keys(view.feed, after, since)
    *own, account_id = after
    keys = _keys(view.feed, tuple(own), since)
    return chain([tuple(own)], keys) if account_id < view.account_id and tuple(own) in view.feed else keys


def _first_place(view: View, after: Key | None) -> Key | None:
    """Return a key that no row of the view's feed behind `after` stands before, None if there is no such row. No body
    is read for it.
    """
    if after is None or len(after) == 1:
        return view.feed.first_place(after)
    *own, account_id = after
    if account_id >= view.account_id:
        return view.feed.first_place(tuple(own))
    place = view.feed.first_place(tuple(own[:-1]))  # the same key may be one of this account, too
    return place and max(place, tuple(own))


def _key_of(row: tuple[Key, object]) -> Key:
    return row[0]


def _entries(
    collection: Collection,
    keys: Iterable[Key],
    where: EntryFilter,
    view: View,
    window: ListWindow,
    states: list[ConversationState] | None = None,
) -> ListPage[Entry[Any]]:
    """Return a page of a collection. `states`: the conversations that messages are of, None for all."""
    entries = view.entries(collection)
    if where == type(where)():  # nothing is asked of a row
        return page_of(((key, entries[key[-1]]) for key in keys), window)
    pace = window.pace()
    if isinstance(where, NotificationFilter) or where.q is None:
        chosen = pace.over(keys)
    else:
        chosen = FoundItems(view, where.q, pace, states).among(collection, keys)
    rows = ((key, entries[key[-1]]) for key in chosen)
    return page_of((row for row in rows if where.matches(view, row[1])), window)


def _keys(order: Order | Feed, after: Key | None, since: int | None = None) -> Iterator[Key]:
    """Return the keys behind `after`, down to the time `since`, below which no row can match."""
    keys = iter(order) if after is None else order.after(after)
    if since is None:
        return keys
    return _down_to(keys, -since)


def _down_to(keys: Iterator[Key], limit: int) -> Iterator[Key]:
    for key in keys:
        if key[0] > limit:
            return
        yield key


def _from(until: int | None, after: Key | None) -> Key | None:
    """Return the key to go on from, not before the first key older than `until`."""
    if until is None:
        return after
    start: Key = (1 - until,)
    return start if after is None or after < start else after


def _without_rank(key: Key) -> Key:
    return tuple(part for part in key if not isinstance(part, bytes))


def page_of(rows: Iterator[tuple[Key, T]], window: ListWindow) -> ListPage[T]:
    """Return the page of `rows`, which come with their keys and in order, that `window` asks for."""
    if (seen := window.seen) is not None:
        rows = (row for row in rows if _without_rank(row[0]) > seen)
    for _ in range(window.skip):
        if next(rows, None) is None:
            return ListPage([], None)
    chosen: list[T] = []
    last: Key | None = None
    for key, row in rows:
        if len(chosen) == window.limit:
            return ListPage(chosen, last)
        chosen.append(row)
        last = key
    return ListPage(chosen, None)


def page_of_unsorted(rows: Iterable[tuple[Key, T]], window: ListWindow) -> ListPage[T]:
    """Return the page of `rows`, which come with their keys in any order, that `window` asks for."""
    ordered = sorted(rows, key=itemgetter(0))
    return page_of((row for row in ordered if window.after is None or row[0] > window.after), window)
