"""Orders of works and of their comment threads: newest, most liked, longest waiting.

Works that are known from their comments alone are one row per account, the older works.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from msgspec import Struct

from sync.core.account.comment_threads import CommentThread, root_of
from sync.core.account.history import LAST, item_key, make_rank
from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.lists.filters import contains
from sync.core.lists.found_items import FoundItems
from sync.core.lists.pages import ListPage, ListWindow, page_of, page_of_unsorted
from sync.core.pace import Check, Pace

WorkSort = Literal["recent", "published", "comments"]
CommentThreadSort = Literal["latest", "likes"]
CommentThreadTab = Literal["wait", "unread", "all"]


class WorkFilter(Struct, frozen=True, kw_only=True):
    """Selects works. `is_new`: with unread comments. `q`: in titles, descriptions and comments."""

    is_new: bool = False
    q: str | None = None


class WorkRow(NamedTuple):
    """A row of the list of works.

    `content_id` None: the older works; `content_ids` then has the one with the newest comment first. `newest`,
    `published`: negated ms UTC, or LAST. `comments`: the platform's count, else how many are known. `waiting`: comment
    threads that need a reply.
    """

    content_id: str | None
    content_ids: tuple[str, ...]
    newest: int
    published: int
    comments: int
    unread: int
    waiting: int


class WorkIndex:
    """The works of one view. Each order is made when it is first asked for. `view` may be replaced by another form of
    the same version: whole, or its head alone.
    """

    def __init__(self, view: View) -> None:
        self.view = view
        self._orders: dict[WorkSort, list[tuple[Key, WorkRow]]] = {}
        self._rows = list(_rows(view))
        self._ranks = [b"" if row.content_id is None else _work_rank(view, row.content_id) for row in self._rows]

    @property
    def older(self) -> WorkRow | None:
        """The row of the older works, or None."""
        return next((row for row in self._rows if row.content_id is None), None)

    @property
    def new(self) -> int:
        """The number of rows with unread comments."""
        return sum(row.unread > 0 for row in self._rows)

    def rows(self, sort: WorkSort, after: Key | None) -> Iterator[tuple[Key, tuple[View, WorkRow]]]:
        """Yield (key, (view, row)) in the order `sort`, behind `after`."""
        if sort not in self._orders:
            account_id = self.view.account_id
            ranked = zip(self._rows, self._ranks, strict=True)
            keyed = [(_key(account_id, row, rank, sort), row) for row, rank in ranked]
            self._orders[sort] = sorted(keyed, key=lambda placed: placed[0])
        order = self._orders[sort]
        start = 0 if after is None else bisect_right(order, after, key=lambda placed: placed[0])
        for at in range(start, len(order)):
            yield order[at][0], (self.view, order[at][1])


def _key(account_id: str, row: WorkRow, rank: bytes, sort: WorkSort) -> Key:
    value = {"recent": row.newest, "published": row.published, "comments": -row.comments}[sort]
    return (value, rank, row.content_id or "", account_id)


def _rows(view: View) -> Iterator[WorkRow]:
    waiting = _count_waiting(view)
    older = []
    for content_id, work in view.works.items():
        entry = view.contents.get(content_id)
        if entry is None:
            older.append(content_id)
            continue
        count = len(work.order) if entry.item.comment_count is None else entry.item.comment_count
        published = item_key(entry.item)[0]
        newest = _newest(view, content_id)
        yield WorkRow(content_id, (content_id,), newest, published, count, work.unread, waiting[content_id])
    if older:
        yield _older_row(view, sorted(older, key=lambda one: (_newest(view, one), _work_rank(view, one))), waiting)


def _older_row(view: View, ids: Sequence[str], waiting: Mapping[str, int]) -> WorkRow:
    works = [view.work(content_id) for content_id in ids]
    return WorkRow(
        None,
        tuple(ids),
        _newest(view, ids[0]),
        LAST,
        sum(len(work.order) for work in works),
        sum(work.unread for work in works),
        sum(waiting[content_id] for content_id in ids),
    )


def _work_rank(view: View, content_id: str) -> bytes:
    """Return the place of a work, also of one that is known from its comments alone, among works of one time."""
    return make_rank(view.platform_id_of_work(content_id), content_id)


def _newest(view: View, content_id: str) -> int:
    first = view.work(content_id).order.first()
    return LAST if first is None else first[0]


def _count_waiting(view: View) -> Counter[str]:
    """Return the number of waiting comment threads by work. Only threads that wait are looked at."""
    counts: Counter[str] = Counter()
    for _, _, row_id, kind in view.waiting_order:
        if kind != "comment":
            continue
        newest = view.comment_threads[row_id].newest
        content_id = view.comments[newest[-1]].item.content_id if newest is not None else None
        if content_id is not None:
            counts[content_id] += 1
    return counts


def list_works(
    indexes: Sequence[WorkIndex], where: WorkFilter, sort: WorkSort, window: ListWindow
) -> ListPage[tuple[View, WorkRow]]:
    """Return a page of the works of several accounts in one order, each with its view."""
    streams = [index.rows(sort, window.after) for index in indexes]
    merged, said = heapq.merge(*streams, key=lambda placed: placed[0]), _Said(where.q, window.pace())
    return page_of((placed for placed in merged if _matches(*placed[1], where, said)), window)


def find_works(indexes: Sequence[WorkIndex], q: str, count: int, check: Check) -> list[tuple[View, WorkRow]]:
    """Return the first `count` works in whose title or description `q` stands, the latest comment first. `check`: see
    `Pace`."""
    streams = [index.rows("recent", None) for index in indexes]
    works = Pace(check).over(heapq.merge(*streams, key=lambda placed: placed[0]))
    return list(islice((placed for _, placed in works if contains(q, *_titles(*placed))), count))


def _matches(view: View, row: WorkRow, where: WorkFilter, said: _Said) -> bool:
    if where.is_new and not row.unread:
        return False
    return where.q is None or contains(where.q, *_titles(view, row)) or said.under(view, row)


def _titles(view: View, row: WorkRow) -> Iterator[str | None]:
    if row.content_id is not None:
        item = view.contents[row.content_id].item
        yield from (item.title, item.description)


class _Said:
    """Tells under which works the text `q` is said. The comments of an account are searched once for all its works."""

    def __init__(self, q: str | None, pace: Pace) -> None:
        self._q = q
        self._pace = pace
        self._works: dict[str, set[str | None]] = {}

    def under(self, view: View, row: WorkRow) -> bool:
        """Return whether a comment under a work of the row holds the text, or a name or title beside it does."""
        works = self._works.get(view.account_id)
        if works is None:
            found = FoundItems(view, self._q or "", self._pace).all_of("comments")
            works = self._works[view.account_id] = {view.comments[one].item.content_id for one in found}
        return not works.isdisjoint(row.content_ids)


# -- what is said under a work


class WorkThread(NamedTuple):
    """A comment thread of a work. `root_id`: the id of its top-level comment, which may be unknown."""

    root_id: str
    content_id: str
    thread: CommentThread


def list_comment_threads(
    view: View, content_ids: Sequence[str], tab: CommentThreadTab, sort: CommentThreadSort, window: ListWindow
) -> ListPage[WorkThread]:
    """Return a page of the comment threads of works, work by work in the order of `content_ids`' newest comments.

    In each work, what the platform pinned stands first.
    """
    keyed = (
        (_talk_key(view, talk, sort, alone=len(content_ids) == 1), talk)
        for content_id in content_ids
        for talk in _talks(view, content_id)
        if _is_in(talk, tab)
    )
    return page_of_unsorted(keyed, window)


def count_comment_threads(view: View, content_ids: Sequence[str]) -> dict[CommentThreadTab, int]:
    """Return the counts of the tabs: threads that wait, comments that are unread, all comments."""
    works = [view.work(content_id) for content_id in content_ids]
    return {
        "wait": sum(talk.thread.waiting > 0 for content_id in content_ids for talk in _talks(view, content_id)),
        "unread": sum(work.unread for work in works),
        "all": sum(len(work.order) for work in works),
    }


def _talks(view: View, content_id: str) -> Iterator[WorkThread]:
    roots = dict.fromkeys(root_of(view.comments[key[-1]].item) for key in view.work(content_id).order)
    return (WorkThread(root_id, content_id, view.comment_thread(root_id)) for root_id in roots)


def _is_in(talk: WorkThread, tab: CommentThreadTab) -> bool:
    return tab == "all" or (talk.thread.waiting if tab == "wait" else talk.thread.unread) > 0


def _talk_key(view: View, talk: WorkThread, sort: CommentThreadSort, *, alone: bool) -> Key:
    key = talk.thread.root or talk.thread.newest
    entry = view.comments.get(talk.root_id) if talk.thread.root is not None else None
    time, rank = (LAST, b"") if key is None else key[:2]
    first = time if sort == "latest" or entry is None else -(entry.item.like_count or 0)
    is_pinned = entry is not None and bool(entry.item.is_pinned)
    if alone:
        group: Key = (0, b"", "")
    else:
        group = (_newest(view, talk.content_id), _work_rank(view, talk.content_id), talk.content_id)
    return (*group, not is_pinned, first, time, rank, talk.root_id)
