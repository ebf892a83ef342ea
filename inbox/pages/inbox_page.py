"""The whole page: accounts, tabs, rows, and the thread that is open."""

from __future__ import annotations

from typing import Final, cast

from msgspec import Struct

from im_api import queries
from im_api.access import Principal
from im_api.queries import PageRequest
from im_api.queries.account_overview import get_now
from im_api.queries.scope import ALL
from im_api.queries.threads import InboxRow as CoreRow
from im_api.queries.threads import RowFilter, Sort, count_threads, list_threads
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import Address
from inbox.pages.inbox_rows import InboxLine, make_line
from inbox.pages.list_filters import ListFilters, make_filters, wanted
from inbox.pages.rail import Rail, read_rail

ROWS: Final = 50
PEOPLE: Final = 5
MAX_ROWS: Final = 200


class InboxPage(Struct, frozen=True, kw_only=True):
    """`chosen`: the accounts that the address asks for; all, if it asks for none."""

    address: Address
    rail: Rail
    filters: ListFilters
    rows: list[InboxLine]
    people: list[InboxLine]
    next: str | None
    chosen: list[AccountCard]

    @property
    def reading_history(self) -> list[AccountCard]:
        """The chosen accounts whose history comes in for the first time."""
        return [card for card in self.chosen if card.now.kind == "reading"]

    @property
    def waits(self) -> int:
        return self.rail.needs_reply


def read_inbox(principal: Principal, address: Address, count: int, cursor: str | None) -> InboxPage:
    """Raises HubNotReady, NotFound for an account that is not granted."""
    page = PageRequest("inbox", count, cursor)
    account_ids = ",".join(address.accounts) or ALL
    listed = list_threads(principal, account_ids, address.group, wanted(address), cast(Sort, address.sort), page)
    rail, now = read_rail(principal), get_now()
    cards = {card.id: card for card in rail.cards}
    people = _find_people(principal, account_ids, address) if address.q and cursor is None else []
    chosen = [cards[account_id] for account_id in address.accounts] or rail.cards
    rows = [make_line(at, row, cards[at.account.id], address, now) for at, row in listed.rows]
    return InboxPage(
        address=address,
        rail=rail,
        filters=make_filters(
            address, rail.cards, count_threads(principal, account_ids, address.group, wanted(address))
        ),
        rows=rows,
        people=[make_line(at, row, cards[at.account.id], address, now) for at, row in people],
        next=listed.cursor,
        chosen=chosen,
    )


def _find_people(
    principal: Principal, account_ids: str, address: Address
) -> list[tuple[queries.AuthorizedAccount, CoreRow]]:
    """Return rows of people whose name matches the search; they stand above those who only wrote it."""
    where, page = RowFilter(q=address.q, by_name=True), PageRequest("people", PEOPLE)
    return list_threads(principal, account_ids, address.group, where, "latest", page).rows
