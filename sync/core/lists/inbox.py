"""Pages of inbox rows, of several accounts in one order: pinned first, then by time or by who waits longest.

A key is (not pinned, bucket, time, rank, id, kind, account). By time there is one bucket, and the time is negated; by
waiting the rows that wait stand in the first bucket, the longest first, and have no rank.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

from msgspec.structs import replace

from sync.core.account.inbox_rows import InboxRow, RowKind, SearchHit, make_row
from sync.core.account.order import Key, Order
from sync.core.account.view import Totals, View
from sync.core.lists.pages import ListPage, ListWindow, page_of
from sync.core.lists.row_filter import KeptRow, RowFilter, RowInView, calls, matches
from sync.core.lists.search import find_rows, list_waiting
from sync.core.maps import Map
from sync.core.pace import Check, go_on

Sort = Literal["latest", "waiting"]
ROW_KINDS: Final[tuple[RowKind, ...]] = get_args(RowKind)


class RowCounts(NamedTuple):
    """The counts of a list.

    `needs_reply`: rows that need a reply. `unread`: unread items of the rows that call for somebody.
    """

    needs_reply: int
    unread: int


class Place(NamedTuple):
    """The place of a row: its view, kind and id, and where in it a searched text stands. `is_open`: nobody has asked
    yet whether the row passes, because its account is out of memory. `is_void`: it does not; its key says how far one
    came.
    """

    view: View
    kind: RowKind
    id: str
    hit: SearchHit | None = None
    is_open: bool = False
    is_void: bool = False


def list_rows(
    views: Sequence[View], where: RowFilter, sort: Sort, window: ListWindow
) -> ListPage[tuple[View, InboxRow]]:
    """Return a page of the rows of `views`, each with its view.

    Of accounts that are out of memory those are read whose rows the page comes to.
    """
    streams = [
        stream
        for view in views
        for stream in (_streams if _is_at_hand(view, where) else _streams_of_head)(view, where, sort, window)
    ]
    merged = heapq.merge(*streams, key=lambda placed: placed[0])
    found = page_of((placed for placed in merged if _passes(placed[1], where)), window)
    rows = ((place.view, _make_row(place)) for place in found.rows)
    return ListPage([(view, row) for view, row in rows if row is not None], found.next)


def _make_row(place: Place) -> InboxRow | None:
    row = make_row(place.view, place.kind, place.id)
    return row if row is None or place.hit is None else replace(row, hit=place.hit)


def count_rows(view: View, where: RowFilter, check: Check = go_on) -> RowCounts:
    """Return the counts of the rows that pass `where`, whatever it says of `needs_reply` and `unread`.

    Looks at every row only if `where` asks for more than kinds. `check`: see `Pace`.
    """
    where = replace(where, needs_reply=None, unread=None)
    kinds = [kind for kind in ROW_KINDS if where.kinds is None or kind in where.kinds]
    if where == RowFilter(kinds=where.kinds):
        counts = [count_of_kind(view.totals, kind) for kind in kinds]
        return RowCounts(sum(one.needs_reply for one in counts), sum(one.unread for one in counts))
    waiting, unread = replace(where, needs_reply=True), replace(where, unread=True)
    if where.q is not None and not where.by_name:
        found = [row for kind in kinds for _, _, row in _search(view, kind, where, check)]
        return RowCounts(
            sum(matches(row, waiting) for row in found), sum(row.unread for row in found if matches(row, unread))
        )
    return RowCounts(
        sum(1 for _ in _who_wait(view, waiting, kinds, "latest", None)),
        sum(count for kind in kinds for row_id, count in _unread(view, kind) if _matches(view, kind, row_id, unread)),
    )


def count_of_kind(totals: Totals, kind: RowKind) -> RowCounts:
    """Return the counts of all rows of a kind."""
    if kind == "direct_message":
        return RowCounts(totals.waiting_conversations, totals.unread_direct_messages)
    if kind == "comment":
        return RowCounts(totals.waiting_comment_threads, totals.unread_comments + totals.unread_discussions)
    return RowCounts(0, totals.unread_notifications)


def calls_for_somebody(view: View, kind: RowKind, row_id: str, where: RowFilter) -> bool:
    """Return whether the row counts where it is unread or waits, in the list that `where` chooses."""
    return calls(RowInView(view, kind, row_id), where)


def _unread(view: View, kind: RowKind) -> Iterator[tuple[str, int]]:
    """Yield (id, number of unread items) of the unread rows of a kind."""
    if kind == "direct_message":
        states = view.conversation_states.values()
        yield from ((state.id, state.unread_count) for state in states if not state.hidden and state.unread_count)
        return
    groups: Map[str, Any] = view.comment_threads if kind == "comment" else view.notice_groups
    yield from ((row_id, group.unread) for row_id, group in groups.items() if group.unread)


Placed = tuple[Key, Place]


def _streams(view: View, where: RowFilter, sort: Sort, window: ListWindow) -> Iterator[Iterator[Placed]]:
    """Yield iterators of placed rows, each in the order of the keys, behind the first key of `window`."""
    after = window.after
    kinds = [kind for kind in ROW_KINDS if where.kinds is None or kind in where.kinds]
    if where.q is not None and not where.by_name:
        for kind in kinds:
            yield iter(sorted(_found(view, kind, where, sort, window), key=lambda placed: placed[0]))
        return
    if where.needs_reply:
        yield iter(sorted(_who_wait(view, where, kinds, sort, after), key=lambda placed: placed[0]))
        return
    if sort == "waiting" and where.needs_reply is None:
        yield _who_wait(view, where, kinds, sort, after)
    for kind in kinds:
        yield _by_time(view, kind, where, sort, window)


def _is_at_hand(view: View, where: RowFilter) -> bool:
    return view.is_resident or (where.q is not None and not where.by_name)


def _streams_of_head(view: View, where: RowFilter, sort: Sort, window: ListWindow) -> Iterator[Iterator[Placed]]:
    """Do as `_streams` for an account that is out of memory: no row is looked at, and empty orders are passed over."""
    waiting = {(key[-1], key[-2]): key for key in view.waiting_order}
    for kind in ROW_KINDS:
        if where.kinds is not None and kind not in where.kinds:
            continue
        if where.unread and not where.is_muted and not count_of_kind(view.totals, kind).unread:
            continue
        mine = {row_id: key for (of, row_id), key in waiting.items() if of == kind}
        if sort == "waiting" and where.needs_reply is not False:
            yield iter(sorted(_open_waiting(view, kind, mine, window), key=lambda placed: placed[0]))
        if sort == "latest" or not where.needs_reply:
            yield _open_by_time(view, kind, mine, where, sort, window)


def _open_waiting(view: View, kind: RowKind, waiting: Mapping[str, Key], window: ListWindow) -> Iterator[Placed]:
    for row_id, (not_pinned, since, *_) in waiting.items():
        key: Key = (not_pinned, 0, since, b"", row_id, kind, view.account_id)
        if window.after is None or key > window.after:
            yield key, Place(view, kind, row_id, is_open=True)


def _open_by_time(
    view: View, kind: RowKind, waiting: Mapping[str, Key], where: RowFilter, sort: Sort, window: ListWindow
) -> Iterator[Placed]:
    bucket, after, left = 1 if sort == "waiting" else 0, window.after, len(waiting)
    if where.needs_reply and not left:
        return
    for not_pinned, time, rank, row_id in _from(_order(view, kind), bucket, after):
        key: Key = (not_pinned, bucket, time, rank, row_id, kind, view.account_id)
        waits = row_id in waiting
        is_void = not waits if where.needs_reply else (sort == "waiting" and where.needs_reply is None and waits)
        if after is None or key > after:
            yield key, Place(view, kind, row_id, is_open=True, is_void=is_void)
        left -= waits
        if where.needs_reply and not left:
            return


def _passes(place: Place, where: RowFilter) -> bool:
    if not place.is_open:
        return True
    if place.is_void:
        return False
    return where == RowFilter(kinds=where.kinds) or _matches(place.view, place.kind, place.id, where)


def _who_wait(
    view: View, where: RowFilter, kinds: Sequence[RowKind], sort: Sort, after: Key | None
) -> Iterator[Placed]:
    for not_pinned, since, row_id, kind in view.waiting_order:
        if kind not in kinds:
            continue
        place = (since, b"") if sort == "waiting" else RowInView(view, kind, row_id).newest
        key: Key = (not_pinned, 0, *place, row_id, kind, view.account_id)
        if (after is None or key > after) and _matches(view, kind, row_id, where):
            yield key, Place(view, kind, row_id)


def _found(view: View, kind: RowKind, where: RowFilter, sort: Sort, window: ListWindow) -> Iterator[Placed]:
    """Yield the rows in which the text stands: by time of the newest item that holds it, or by who waits longest."""
    rows = list(_search(view, kind, where, window.check))
    looks = sort == "waiting" and any(isinstance(row, RowInView) for _, _, row in rows)
    waiting = list_waiting(view, kind) if looks else {}
    for row_id, hit, row in rows:
        since = row.waiting if isinstance(row, KeptRow) else waiting.get(row_id)
        if since is not None and sort == "waiting":
            place: Key = (since[0], 0, since[1], b"")
        else:
            place = (True, 1 if sort == "waiting" else 0, *(row.newest if hit.place is None else hit.place))
        key = (*place, row_id, kind, view.account_id)
        if (window.after is None or key > window.after) and matches(row, where):
            yield key, Place(view, kind, row_id, hit)


def _search(
    view: View, kind: RowKind, where: RowFilter, check: Check
) -> Iterator[tuple[str, SearchHit, KeptRow | RowInView]]:
    """Yield the rows in which the text stands. One that was kept is not looked for in an account out of memory."""
    for row_id, (hit, kept) in find_rows(view, kind, where.q or "", check).items():
        yield row_id, hit, kept or RowInView(view, kind, row_id)


def _by_time(view: View, kind: RowKind, where: RowFilter, sort: Sort, window: ListWindow) -> Iterator[Placed]:
    bucket, after = 1 if sort == "waiting" else 0, window.after
    for not_pinned, time, rank, row_id in window.pace().over(_from(_order(view, kind), bucket, after)):
        key: Key = (not_pinned, bucket, time, rank, row_id, kind, view.account_id)
        if (after is None or key > after) and _matches(view, kind, row_id, where):
            if sort == "waiting" and where.needs_reply is None and _waits(view, kind, row_id):
                continue
            yield key, Place(view, kind, row_id)


def _order(view: View, kind: RowKind) -> Order:
    if kind == "direct_message":
        return view.conversation_order
    return view.comment_thread_order if kind == "comment" else view.notice_group_order


def _from(order: Order, bucket: int, after: Key | None) -> Iterator[Key]:
    """Return the keys of `order` from `after` on. Rows of one time are told apart later, by their whole key."""
    if after is None:
        return iter(order)
    not_pinned, of, time = after[:3]
    return order.after((not_pinned, time) if of == bucket else (not_pinned,))


def _waits(view: View, kind: RowKind, row_id: str) -> bool:
    return RowInView(view, kind, row_id).waits


def _matches(view: View, kind: RowKind, row_id: str, where: RowFilter) -> bool:
    """Return whether the row passes."""
    row = RowInView(view, kind, row_id)
    return matches(row, where) and (not where.by_name or where.q is None or row.is_named(where.q))
