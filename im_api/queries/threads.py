"""The rows of an inbox, of one account or several."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec

from im_api.access import Principal
from im_api.errors import NotFound
from im_api.event_loop import check_client
from im_api.queries.cursors import CursorScope, KeyTypes, PageRequest
from im_api.queries.lists import Listed
from im_api.queries.pinned_order import list_as_pinned
from im_api.queries.scope import ALL, AuthorizedAccount, list_authorized, note_walk
from im_api.queries.store_memory import get_memory
from sync.core.account.entries import Entry
from sync.core.account.inbox_rows import InboxRow, Preview, RowKind, SearchHit, find_row, make_row
from sync.core.account.view import View
from sync.core.lists.inbox import RowCounts, Sort, calls_for_somebody, count_rows, list_rows
from sync.core.lists.needle import Found, make_needle
from sync.core.lists.pages import ListWindow
from sync.core.lists.row_filter import RowFilter
from sync.protocol.items import Collection, Notification

__all__ = [
    "Found",
    "InboxRow",
    "Preview",
    "RowCounts",
    "RowFilter",
    "SearchHit",
    "Sort",
    "calls_for_somebody",
    "count_threads",
    "find_comment_row",
    "find_in",
    "find_thread",
    "get_notices",
    "list_newest_threads",
    "list_threads",
    "list_unread",
    "list_unread_comments",
]

COLLECTION: Final[Mapping[RowKind, Collection]] = {"direct_message": "conversations", "comment": "comments"}
THREAD_KEY: Final[KeyTypes] = (bool, int, int, bytes, str, str, str)


def list_threads(
    principal: Principal, account_ids: str, group: str | None, where: RowFilter, sort: Sort, page: PageRequest
) -> Listed[InboxRow]:
    """Return a page of inbox rows: pinned first, then by `sort`. The walk keeps the order that its first page saw.

    `account_ids` as for `list_authorized`; `group`: only accounts that the owner put there.
    Raises NotFound, BadRequest.
    """
    accounts = _chosen(principal, account_ids, group)
    by_account = {authorized.account.id: authorized for authorized in accounts}
    named = [ALL] if account_ids == ALL else by_account
    scope = CursorScope(page.route, named, (_sorted(where), group, sort), THREAD_KEY)
    start = scope.read(page.cursor)
    views = [authorized.view for authorized in accounts]
    if not views:
        return Listed([], None, accounts)
    pinned_orders = get_memory().pinned_orders
    began = pinned_orders.find_all(principal.pk, views, start.version)
    current = {view.account_id: view for view in views}
    found = list_as_pinned(
        lambda window: list_rows(began, where, sort, window),
        lambda rows: _as_they_are(rows, current),
        start.window(page.count),
    )
    number = pinned_orders.keep_all(principal.pk, began) if found.next is not None else None
    note_walk(began, views, number)
    rows = [(by_account[view.account_id], row) for view, row in found.rows]
    return Listed(rows, scope.write(found.next, number), accounts)


def list_newest_threads(
    principal: Principal, account_ids: str, group: str | None, where: RowFilter, count: int
) -> list[tuple[AuthorizedAccount, InboxRow]]:
    """Return the first `count` rows by time. Nobody walks on from there: no order is kept for it.

    `account_ids` and `group` as for `list_threads`. Raises NotFound, BadRequest.
    """
    by_account = {authorized.account.id: authorized for authorized in _chosen(principal, account_ids, group)}
    views = [authorized.view for authorized in by_account.values()]
    found = list_rows(views, where, "latest", ListWindow(count, check=check_client))
    return [(by_account[view.account_id], row) for view, row in found.rows]


def count_threads(principal: Principal, account_ids: str, group: str | None, where: RowFilter) -> RowCounts:
    """Return the counts of the rows that pass, whatever `where` says of `needs_reply` and `unread`.

    `account_ids` and `group` as for `list_threads`. Raises NotFound, BadRequest.
    """
    counts = [count_rows(authorized.view, where, check_client) for authorized in _chosen(principal, account_ids, group)]
    return RowCounts(sum(one.needs_reply for one in counts), sum(one.unread for one in counts))


def _chosen(principal: Principal, account_ids: str, group: str | None) -> list[AuthorizedAccount]:
    return [a for a in list_authorized(principal, account_ids) if group is None or a.account.group == group]


def _as_they_are(rows: Iterable[tuple[View, InboxRow]], current: Mapping[str, View]) -> Iterator[tuple[View, InboxRow]]:
    """Yield the current row of each; a row that became another one of the walk is shown there only."""
    for view, row in rows:
        now = current[view.account_id]
        if now is view:
            yield view, row
            continue
        known = row.id if row.kind == "notification" else now.find(COLLECTION[row.kind], row.id)
        if known is None or (known != row.id and make_row(view, row.kind, known) is not None):
            continue
        as_it_is = make_row(now, row.kind, known)
        if as_it_is is not None:
            yield now, as_it_is


def list_unread(authorized: AuthorizedAccount, row: InboxRow) -> list[str]:
    """Return the ids of a row's unread comments or notices. A conversation is read as a whole: it has none."""
    view = authorized.view
    if row.kind == "comment":
        return list_unread_comments(authorized, row.id)
    if row.kind == "notification":
        return [key[-1] for key in view.notice_groups[row.id].order if view.is_unread("notifications", key[-1])]
    return []


def list_unread_comments(authorized: AuthorizedAccount, root_id: str) -> list[str]:
    """Return the ids of the unread comments of a thread: the top-level comment and its replies."""
    view, thread = authorized.view, authorized.view.comment_thread(root_id)
    keys = [*([thread.root] if thread.root is not None else []), *thread.replies] if thread.unread else []
    return [key[-1] for key in keys if view.is_unread("comments", key[-1])]


def get_notices(
    principal: Principal, group_id: str, count: int
) -> tuple[AuthorizedAccount, InboxRow, list[Entry[Notification]]]:
    """Return the account and the row of a notice group, and its newest `count` notices. Raises NotFound."""
    for authorized in list_authorized(principal):
        view = authorized.view
        row = make_row(view.peek(), "notification", group_id) if view.may_know(group_id) else None
        if row is not None:
            keys = islice(view.notice_groups[group_id].order, count)
            return authorized, row, [view.notifications[key[-1]] for key in keys]
    raise NotFound("Notices not found")


def find_thread(authorized: AuthorizedAccount, thread_id: str) -> InboxRow | None:
    """Return the inbox row with this id; None if the account has none."""
    return find_row(authorized.view, thread_id)


def find_comment_row(authorized: AuthorizedAccount, root_id: str) -> InboxRow | None:
    """Return the inbox row of a comment with its replies; None if nothing of it is visible."""
    return make_row(authorized.view, "comment", root_id)


def find_in(text: str, q: str) -> Found | None:
    """Return `text` around the first place where `q` stands, or None."""
    return make_needle(q).find(text)


def _sorted(where: RowFilter) -> tuple[Any, ...]:
    """A set has no order of its own that a cursor could rely on."""
    return sorted(where.kinds or ()), msgspec.structs.replace(where, kinds=None)
