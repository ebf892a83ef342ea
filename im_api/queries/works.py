"""Works by what is said under them, of one account or several, and what is said under one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Final
from weakref import WeakKeyDictionary

from im_api.access import Principal
from im_api.errors import NotFound
from im_api.queries.cursors import CursorScope, KeyTypes, PageRequest
from im_api.queries.items import find_item
from im_api.queries.lists import Listed
from im_api.queries.scope import ALL, Reading, get_reading, get_readings
from sync.core.account.comment_threads import CommentThread
from sync.core.account.entries import Entry
from sync.core.lists.works import (
    CommentThreadSort,
    CommentThreadTab,
    WorkFilter,
    WorkIndex,
    WorkRow,
    WorkSort,
    WorkThread,
    count_comment_threads,
    list_comment_threads,
)
from sync.core.lists.works import list_works as list_in
from sync.protocol.items import Comment
from sync.store import DataStore

__all__ = [
    "CommentThreadSort",
    "CommentThreadTab",
    "WorkFilter",
    "WorkRow",
    "WorkSort",
    "WorkThread",
    "count_new",
    "count_said",
    "find_work",
    "get_older",
    "list_said",
    "list_works",
    "root_of_talk",
    "take_replies",
]

WORK_KEY: Final[KeyTypes] = (int, str, str)
TALK_KEY: Final[KeyTypes] = (int, str, bool, int, int, str)
_indexes: WeakKeyDictionary[DataStore, dict[str, WorkIndex]] = WeakKeyDictionary()


def list_works(
    principal: Principal, account_ids: str, where: WorkFilter, sort: WorkSort, page: PageRequest
) -> Listed[WorkRow]:
    """`account_ids` as for `get_readings`."""
    readings = get_readings(principal, account_ids)
    by_account = {reading.account.id: reading for reading in readings}
    scope = CursorScope(page.route, [ALL] if account_ids == ALL else by_account, (where, sort), WORK_KEY)
    window = scope.read(page.cursor).window(page.count)
    found = list_in([_index(reading) for reading in readings], where, sort, window)
    rows = [(by_account[view.account_id], row) for view, row in found.rows]
    return Listed(rows, scope.write(found.next), readings)


def count_new(principal: Principal, account_ids: str) -> int:
    """How many rows have unread comments."""
    return sum(_index(reading).new for reading in get_readings(principal, account_ids))


def _index(reading: Reading) -> WorkIndex:
    """Kept as long as the account stays at its version: other accounts' changes cost it nothing."""
    kept = _indexes.setdefault(reading.hub.store, {})
    index = kept.get(reading.account.id)
    if index is None or index.view is not reading.view:
        index = kept[reading.account.id] = WorkIndex(reading.view)
    return index


def find_work(principal: Principal, content_id: str) -> tuple[Reading, str]:
    """Raises NotFound, BadRequest."""
    return find_item(principal, "contents", content_id)


def get_older(principal: Principal, account_id: str) -> tuple[Reading, tuple[str, ...]]:
    """The works that are known from comments alone. Raises NotFound, also if there is none."""
    reading = get_reading(principal, account_id)
    older = _index(reading).older
    if older is None:
        raise NotFound("Content not found")
    return reading, older.content_ids


def list_said(
    reading: Reading, content_ids: Sequence[str], tab: CommentThreadTab, sort: CommentThreadSort, page: PageRequest
) -> Listed[WorkThread]:
    """Raises BadRequest for a cursor of another list."""
    under = content_ids[0] if len(content_ids) == 1 else None
    scope = CursorScope(page.route, [reading.account.id], (under, tab, sort), TALK_KEY)
    found = list_comment_threads(reading.view, content_ids, tab, sort, scope.read(page.cursor).window(page.count))
    return Listed([(reading, talk) for talk in found.rows], scope.write(found.next), [reading])


def count_said(reading: Reading, content_ids: Sequence[str]) -> dict[CommentThreadTab, int]:
    return count_comment_threads(reading.view, content_ids)


def root_of_talk(reading: Reading, talk: WorkThread) -> Entry[Comment] | None:
    """None: it was never read, or it was removed."""
    return reading.view.comments[talk.root_id] if talk.thread.root is not None else None


def take_replies(reading: Reading, thread: CommentThread, count: int) -> list[Entry[Comment]]:
    """The newest ones, the oldest of these first."""
    newest = [reading.view.comments[key[-1]] for key in islice(thread.replies, count)]
    return newest[::-1]
