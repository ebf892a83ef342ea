"""Works by the comments under them, of one account or several, and the comment threads of a work."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final

from im_api.access import Principal
from im_api.errors import NotFound
from im_api.event_loop import check_client
from im_api.queries.cursors import CursorScope, KeyTypes, PageRequest
from im_api.queries.items import find_item
from im_api.queries.lists import Listed
from im_api.queries.scope import ALL, AuthorizedAccount, get_authorized, list_authorized
from im_api.queries.store_memory import get_memory
from sync.core.account.comment_threads import CommentThread
from sync.core.account.entries import Entry
from sync.core.lists import works as lists
from sync.core.lists.works import (
    CommentThreadSort,
    CommentThreadTab,
    WorkFilter,
    WorkIndex,
    WorkRow,
    WorkSort,
    WorkThread,
)
from sync.protocol.items import Comment

__all__ = [
    "CommentThreadSort",
    "CommentThreadTab",
    "WorkFilter",
    "WorkRow",
    "WorkSort",
    "WorkThread",
    "count_comment_threads",
    "count_unread_works",
    "find_work",
    "find_works",
    "get_newest_replies",
    "get_older",
    "get_root_comment",
    "list_comment_threads",
    "list_works",
]

WORK_KEY: Final[KeyTypes] = (int, bytes, str, str)
COMMENT_THREAD_KEY: Final[KeyTypes] = (int, bytes, str, bool, int, int, bytes, str)


def list_works(
    principal: Principal, account_ids: str, where: WorkFilter, sort: WorkSort, page: PageRequest
) -> Listed[WorkRow]:
    """Return a page of works, each with the counts of the comments under it.

    `account_ids` as for `list_authorized`. Raises NotFound, BadRequest.
    """
    accounts = list_authorized(principal, account_ids)
    by_account = {authorized.account.id: authorized for authorized in accounts}
    scope = CursorScope(page.route, [ALL] if account_ids == ALL else by_account, (where, sort), WORK_KEY)
    window = scope.read(page.cursor).window(page.count)
    found = lists.list_works([_index(authorized) for authorized in accounts], where, sort, window)
    rows = [(by_account[view.account_id], row) for view, row in found.rows]
    return Listed(rows, scope.write(found.next), accounts)


def find_works(
    principal: Principal, account_ids: str, group: str | None, q: str, count: int
) -> list[tuple[AuthorizedAccount, WorkRow]]:
    """Return the first `count` works in whose title or description `q` stands.

    `account_ids` as for `list_authorized`; `group`: only accounts that the owner put there. Raises NotFound.
    """
    chosen = [one for one in list_authorized(principal, account_ids) if group in (None, one.account.group)]
    by_account = {authorized.account.id: authorized for authorized in chosen}
    found = lists.find_works([_index(authorized) for authorized in chosen], q, count, check_client)
    return [(by_account[view.account_id], row) for view, row in found]


def count_unread_works(principal: Principal, account_ids: str) -> int:
    """Return how many works have unread comments. Raises NotFound."""
    return sum(_index(authorized).new for authorized in list_authorized(principal, account_ids))


def _index(authorized: AuthorizedAccount) -> WorkIndex:
    """Return the index of works. It is kept as long as the account stays at its version, also while its body is out
    of memory: other accounts' changes cost it nothing.
    """
    kept, view = get_memory().work_indexes, authorized.view
    index = kept.get(authorized.account.id)
    if index is None or (index.view.version, index.view.epoch) != (view.version, view.epoch):
        index = kept[authorized.account.id] = WorkIndex(view.peek())
    index.view = view
    return index


def find_work(principal: Principal, content_id: str, account_id: str | None) -> tuple[AuthorizedAccount, str]:
    """Return the account and the id of a work. `account_id`: as for `find_item`. Raises NotFound, BadRequest."""
    return find_item(principal, "contents", content_id, account_id)


def get_older(principal: Principal, account_id: str) -> tuple[AuthorizedAccount, tuple[str, ...]]:
    """Return the account and its works that are known from comments alone. Raises NotFound, also if there is none."""
    authorized = get_authorized(principal, account_id)
    older = _index(authorized).older
    if older is None:
        raise NotFound("Content not found")
    return authorized, older.content_ids


def list_comment_threads(
    authorized: AuthorizedAccount,
    content_ids: Sequence[str],
    tab: CommentThreadTab,
    sort: CommentThreadSort,
    page: PageRequest,
) -> Listed[WorkThread]:
    """Return a page of the comment threads under these works. Raises BadRequest for a cursor of another list."""
    under = content_ids[0] if len(content_ids) == 1 else None
    scope = CursorScope(page.route, [authorized.account.id], (under, tab, sort), COMMENT_THREAD_KEY)
    found = lists.list_comment_threads(
        authorized.view, content_ids, tab, sort, scope.read(page.cursor).window(page.count)
    )
    return Listed([(authorized, thread) for thread in found.rows], scope.write(found.next), [authorized])


def count_comment_threads(authorized: AuthorizedAccount, content_ids: Sequence[str]) -> dict[CommentThreadTab, int]:
    """Return the number of comment threads under these works, by tab."""
    return lists.count_comment_threads(authorized.view, content_ids)


def get_root_comment(authorized: AuthorizedAccount, listed: WorkThread) -> Entry[Comment] | None:
    """Return the top-level comment of a thread; None if it was never read, or was removed."""
    return authorized.view.comments[listed.root_id] if listed.thread.root is not None else None


def get_newest_replies(authorized: AuthorizedAccount, thread: CommentThread, count: int) -> list[Entry[Comment]]:
    """Return the newest `count` replies of a thread, the oldest of these first."""
    newest = [authorized.view.comments[key[-1]] for key in islice(thread.replies, count)]
    return newest[::-1]
