"""Pages of inbox rows, of several accounts in one order: pinned first, then by time or by who waits longest.

A key is (not pinned, bucket, time, rank, id, kind, account). By time there is one bucket, and the time is negated; by
waiting the rows that wait stand in the first bucket, the longest first, and have no rank.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

from immutables import Map
from msgspec import Struct
from msgspec.structs import replace

from sync.core.account.comment_threads import thread_rank
from sync.core.account.history import LAST
from sync.core.account.inbox_rows import InboxRow, RowKind, SearchHit, conversation_partner, make_row
from sync.core.account.notice_groups import QUIET, place_of
from sync.core.account.order import Key, Order
from sync.core.account.view import Totals, View
from sync.core.lists.filters import contains
from sync.core.lists.pages import ListPage, ListWindow, page_of
from sync.core.lists.search import find_rows
from sync.core.pace import Check, go_on

Sort = Literal["latest", "waiting"]
ROW_KINDS: Final[tuple[RowKind, ...]] = get_args(RowKind)


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
        found = [(kind, row_id) for kind in kinds for row_id in find_rows(view, kind, where.q, check)]
        return RowCounts(
            sum(_matches(view, kind, row_id, waiting) for kind, row_id in found),
            sum(_count_unread(view, *row) for row in found if _matches(view, *row, unread)),
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
    if kind == "direct_message":
        return bool(where.is_muted) or not view.conversation_states[row_id].muted
    return kind == "comment" or not _is_quiet(view, row_id)


def _count_unread(view: View, kind: RowKind, row_id: str) -> int:
    if kind == "direct_message":
        return view.conversation_states[row_id].unread_count
    return view.comment_threads[row_id].unread if kind == "comment" else view.notice_groups[row_id].unread


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
        place = (since, b"") if sort == "waiting" else _newest(view, kind, row_id)
        key: Key = (not_pinned, 0, *place, row_id, kind, view.account_id)
        if (after is None or key > after) and _matches(view, kind, row_id, where):
            yield key, Place(view, kind, row_id)


def _newest(view: View, kind: RowKind, row_id: str) -> Key:
    """Return (negated time, rank) of a row."""
    if kind == "direct_message":
        return view.conversation_states[row_id].sort_key[1:3]
    if kind == "notification":
        place = place_of(row_id, view.notice_groups[row_id])
        return (LAST, b"") if place is None else place[1:3]
    newest = view.comment_threads[row_id].newest
    return (LAST if newest is None else newest[0], thread_rank(view.account_id, row_id))


def _found(view: View, kind: RowKind, where: RowFilter, sort: Sort, window: ListWindow) -> Iterator[Placed]:
    """Yield the rows in which the text stands: by time of the newest item that holds it, or by who waits longest."""
    assert where.q is not None
    waiting = {key[-2]: key[:2] for key in view.waiting_order if key[-1] == kind} if sort == "waiting" else {}
    for row_id, hit in find_rows(view, kind, where.q, window.check).items():
        if row_id in waiting:
            not_pinned, since = waiting[row_id]
            place: Key = (not_pinned, 0, since, b"")
        else:
            newest = _newest(view, kind, row_id) if hit.place is None else hit.place
            place = (True, 1 if sort == "waiting" else 0, *newest)
        key = (*place, row_id, kind, view.account_id)
        if (window.after is None or key > window.after) and _matches(view, kind, row_id, where):
            yield key, Place(view, kind, row_id, hit)


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
    if kind == "direct_message":
        return view.conversation_states[row_id].needs_reply
    return kind == "comment" and view.comment_threads[row_id].waiting > 0


def _matches(view: View, kind: RowKind, row_id: str, where: RowFilter) -> bool:
    """Return whether the row passes. Cheap questions go first, because a filter may look at every row."""
    if kind == "direct_message":
        state = view.conversation_states[row_id]
        unread, pinned, muted = state.unread_count, state.pinned, state.muted
    else:
        group: Any = view.comment_threads[row_id] if kind == "comment" else view.notice_groups[row_id]
        unread, pinned, muted = group.unread, False, False
    return (
        (where.unread is None or where.unread == (unread > 0 and calls_for_somebody(view, kind, row_id, where)))
        and (where.needs_reply is None or where.needs_reply == _waits_for_us(view, kind, row_id, where))
        and (where.is_pinned is None or where.is_pinned == pinned)
        and (where.is_muted is None or where.is_muted == muted)
        and (not where.new_people or (kind == "direct_message" and _is_unanswered(view, row_id)))
        and (not where.strangers or (kind == "direct_message" and _is_strangers(view, row_id)))
        and (not where.by_name or where.q is None or _is_named(view, kind, row_id, where.q))
    )


def _is_strangers(view: View, conversation_id: str) -> bool:
    entry = view.conversations.get(conversation_id)
    return entry is not None and entry.item.is_stranger is True


def _is_unanswered(view: View, conversation_id: str) -> bool:
    return view.conversation_states[conversation_id].last_own(view.rules) is None


def _waits_for_us(view: View, kind: RowKind, row_id: str, where: RowFilter) -> bool:
    return _waits(view, kind, row_id) and calls_for_somebody(view, kind, row_id, where)


def _is_quiet(view: View, row_id: str) -> bool:
    newest = view.notice_groups[row_id].order.first()
    return newest is not None and view.notifications[newest[-1]].item.type in QUIET


def _is_named(view: View, kind: RowKind, row_id: str, q: str) -> bool:
    """Return whether the row is a conversation with a person in whose name `q` stands."""
    if kind != "direct_message":
        return False
    entry = view.conversations.get(row_id)
    remark = entry.item.remark_name if entry is not None else None
    return contains(q, conversation_partner(view, view.conversation_states[row_id]).name, remark)
