"""The whole page: accounts, tabs, rows, and the thread that is open."""

from __future__ import annotations

from typing import Final, cast

import msgspec
from msgspec import Struct

from im_api import queries
from im_api.access import Principal
from im_api.queries import PageRequest
from im_api.queries.account_overview import get_now
from im_api.queries.scope import ALL
from im_api.queries.threads import InboxRow as CoreRow
from im_api.queries.threads import RowCounts, RowFilter, Sort, count_threads, list_newest_threads, list_threads
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import KINDS, Address
from inbox.pages.inbox_rows import InboxLine, is_news, make_line
from inbox.pages.json_attributes import to_json
from inbox.pages.list_filters import ListFilters, make_filters, wanted
from inbox.pages.rail import ListedAccounts, Rail, choose_listed, read_rail

ROWS: Final = 50
PEOPLE: Final = 5
MAX_ROWS: Final = 200
NEWEST: Final = 50
"""So many of the newest rows are told to scripts, wherever they stand; news.js knows the number, too."""


class InboxPage(Struct, frozen=True, kw_only=True):
    """`filters`, `people`: of the head; None and empty where only rows are asked for.

    `newest`: as JSON, the rows of the list by their newest item: id, time (ms UTC), and whether it calls for somebody.
    """

    address: Address
    rail: Rail
    filters: ListFilters | None
    rows: list[InboxLine]
    people: list[InboxLine]
    next: str | None
    listed: ListedAccounts
    newest: str

    @property
    def reading_history(self) -> list[AccountCard]:
        """The accounts of the list whose history comes in for the first time."""
        return [card for card in self.listed.cards if card.now.kind == "reading"]

    @property
    def waits(self) -> int:
        return self.rail.needs_reply


def read_inbox(
    principal: Principal, address: Address, count: int, cursor: str | None, *, rows_only: bool = False
) -> InboxPage:
    """Return the list that `address` asks for; `rows_only` without what stands in its head.

    Raises HubNotReady, NotFound for an account that is not granted.
    """
    page = PageRequest("inbox", count, cursor)
    account_ids = ",".join(address.accounts) or ALL
    listed = list_threads(principal, account_ids, address.group, wanted(address), cast(Sort, address.sort), page)
    rail, now = read_rail(principal), get_now()
    cards = {card.id: card for card in rail.cards}
    people = _find_people(principal, account_ids, address) if address.q and not rows_only else []
    rows = [make_line(at, row, cards[at.account.id], address, now) for at, row in listed.rows]
    filters = None if rows_only else make_filters(address, rail.cards, _count_by_kind(principal, account_ids, address))
    return InboxPage(
        address=address,
        rail=rail,
        filters=filters,
        rows=rows,
        people=[make_line(at, row, cards[at.account.id], address, now) for at, row in people],
        next=listed.cursor,
        listed=choose_listed(rail.cards, address.accounts, address.group),
        newest=to_json(_list_newest(principal, account_ids, address)) if cursor is None else "",
    )


def _count_by_kind(principal: Principal, account_ids: str, address: Address) -> dict[str, RowCounts]:
    """Return the counts of each kind in the list that `address` asks for, whatever kind and tab it names."""
    where = wanted(address)
    return {
        kind: count_threads(
            principal, account_ids, address.group, msgspec.structs.replace(where, kinds=frozenset({kind}))
        )
        for kind in KINDS
    }


def _list_newest(principal: Principal, account_ids: str, address: Address) -> list[tuple[str, int, bool]]:
    rows = list_newest_threads(principal, account_ids, address.group, wanted(address), NEWEST)
    return [(row.id, row.update_time or 0, is_news(at, row, address)) for at, row in rows]


def _find_people(
    principal: Principal, account_ids: str, address: Address
) -> list[tuple[queries.AuthorizedAccount, CoreRow]]:
    """Return rows of people whose name matches the search; they stand above those who only wrote it."""
    where, page = RowFilter(q=address.q, by_name=True), PageRequest("people", PEOPLE)
    return list_threads(principal, account_ids, address.group, where, "latest", page).rows
