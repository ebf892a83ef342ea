"""The rows of an inbox, of one account or several."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from im_api.access import Principal
from im_api.queries.cursors import CursorScope, KeyTypes, PageRequest
from im_api.queries.lists import Listed
from im_api.queries.scope import ALL, Reading, get_readings
from sync.core.row_lists import RowFilter, Sort, list_rows
from sync.core.rows import Preview, Row, find_row

__all__ = ["Preview", "Row", "RowFilter", "Sort", "find_thread", "list_threads"]

THREAD_KEY: Final[KeyTypes] = (bool, int, int, str, str, str)


def list_threads(
    principal: Principal, account_ids: str, group: str | None, where: RowFilter, sort: Sort, page: PageRequest
) -> Listed[Row]:
    """`account_ids` as for `get_readings`; `group`: only accounts that the owner put there."""
    readings = [r for r in get_readings(principal, account_ids) if group is None or r.account.group == group]
    by_account = {reading.account.id: reading for reading in readings}
    accounts = [ALL] if account_ids == ALL else by_account
    scope = CursorScope(page.route, accounts, (_sorted(where), group, sort), THREAD_KEY)
    window = scope.read(page.cursor).window(page.count)
    found = list_rows([reading.view for reading in readings], where, sort, window)
    rows = [(by_account[view.account_id], row) for view, row in found.rows]
    return Listed(rows, scope.write(found.next), readings)


def find_thread(reading: Reading, thread_id: str) -> Row | None:
    return find_row(reading.view, thread_id)


def _sorted(where: RowFilter) -> tuple[Any, ...]:
    """A set has no order of its own that a cursor could rely on."""
    return sorted(where.kinds or ()), msgspec.structs.replace(where, kinds=None)
