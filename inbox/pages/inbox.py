"""The whole page: accounts, tabs, rows, and the thread that is open."""

from __future__ import annotations

from collections import Counter
from typing import Final, cast

from django.utils.translation import gettext, ngettext
from msgspec import Struct

from im_api import queries
from im_api.access import Principal
from im_api.queries import PageRequest
from im_api.queries.account_overview import get_now
from im_api.queries.scope import ALL
from im_api.queries.threads import InboxRow as Listed
from im_api.queries.threads import RowFilter, Sort, list_threads
from inbox import formatting as words
from inbox.pages.accounts import AccountCard, Group, group_cards, make_card
from inbox.pages.address import Address
from inbox.pages.banner import is_trouble
from inbox.pages.filters import Filters, make_filters, wanted
from inbox.pages.pane import Pane
from inbox.pages.rows import Row, make_row

ROWS: Final = 50
PEOPLE: Final = 5
MAX_ROWS: Final = 200
FILTER_FROM: Final = 12


_SUMMED: Final = {kind: kind for kind in ("fresh", "late", "login", "reading", "paused")}


class Rail(Struct, frozen=True, kw_only=True):
    cards: list[AccountCard]
    groups: list[Group]
    unread: int
    new_comments: int
    needs_reply: int
    troubled: list[AccountCard]

    @property
    def latest_look(self) -> str:
        """Of the account that was looked at last."""
        looked = [card.now.seen_at for card in self.cards if card.now.seen_at is not None]
        return words.format_ago(max(looked), get_now()) if looked else ""

    @property
    def not_fresh(self) -> list[AccountCard]:
        """Nothing is known of them at this moment, also of those that the owner paused."""
        return [card for card in self.cards if not card.is_fresh]

    @property
    def summary(self) -> str:
        """How the accounts are, if that is one short line; else how many of them are fine."""
        kinds = self._kinds
        if len(kinds.keys() - {"fresh"}) < 2:
            return self.in_detail
        return gettext("%(n)s of %(total)s accounts up to date") % {"n": kinds["fresh"], "total": len(self.cards)}

    @property
    def in_detail(self) -> str:
        """How many accounts are how: what is fine first."""
        kinds = self._kinds
        count = kinds["fresh"] or len(self.cards)
        if kinds["fresh"]:
            first = ngettext("%(n)s account up to date", "%(n)s accounts up to date", count) % {"n": count}
        else:
            first = ngettext("%(n)s account", "%(n)s accounts", count) % {"n": count}
        said = {
            "late": gettext("%(n)s slow"),
            "login": gettext("%(n)s to log in"),
            "broken": gettext("%(n)s not updating"),
            "reading": gettext("%(n)s reading its history"),
            "paused": gettext("%(n)s paused"),
        }
        return gettext(", ").join([first, *(said[kind] % {"n": kinds[kind]} for kind in said if kinds[kind])])

    @property
    def _kinds(self) -> Counter[str]:
        return Counter(_SUMMED.get(card.now.kind, "broken") for card in self.cards)

    @property
    def by_need(self) -> list[AccountCard]:
        """Who needs something first."""
        return sorted(self.cards, key=lambda card: (card.now.rank, card.name))

    @property
    def has_filter(self) -> bool:
        return len(self.cards) > FILTER_FROM


class Inbox(Struct, frozen=True, kw_only=True):
    """`chosen`: the accounts that the address asks for; all, if it asks for none."""

    address: Address
    rail: Rail
    filters: Filters
    rows: list[Row]
    people: list[Row]
    next: str | None
    chosen: list[AccountCard]
    pane: Pane | None = None

    @property
    def authorized(self) -> list[AccountCard]:
        """Those of the chosen accounts whose history comes in for the first time."""
        return [card for card in self.chosen if card.now.kind == "reading"]

    @property
    def waits(self) -> int:
        return self.rail.needs_reply


def read_rail(principal: Principal) -> Rail:
    """Raises HubNotReady."""
    now = get_now()
    cards = [make_card(authorized, now) for authorized in queries.list_authorized(principal)]
    return Rail(
        cards=cards,
        groups=group_cards(cards),
        unread=sum(card.unread for card in cards),
        new_comments=sum(card.new_comments for card in cards),
        needs_reply=sum(card.needs_reply for card in cards),
        troubled=[card for card in cards if is_trouble(card)],
    )


def read_inbox(principal: Principal, address: Address, count: int, cursor: str | None, pane: Pane | None) -> Inbox:
    """Raises HubNotReady, NotFound for an account that is not granted."""
    page = PageRequest("inbox", count, cursor)
    account_ids = ",".join(address.accounts) or ALL
    listed = list_threads(principal, account_ids, address.group, wanted(address), cast(Sort, address.sort), page)
    rail, now = read_rail(principal), get_now()
    cards = {card.id: card for card in rail.cards}
    people = _find_people(principal, account_ids, address) if address.q and cursor is None else []
    chosen = [cards[account_id] for account_id in address.accounts] or rail.cards
    rows = [make_row(at, row, cards[at.account.id], address, now) for at, row in listed.rows]
    return Inbox(
        address=address,
        rail=rail,
        filters=make_filters(address, rail.cards, chosen),
        rows=rows,
        people=[make_row(at, row, cards[at.account.id], address, now) for at, row in people],
        next=listed.cursor,
        chosen=chosen,
        pane=pane,
    )


def _find_people(
    principal: Principal, account_ids: str, address: Address
) -> list[tuple[queries.AuthorizedAccount, Listed]]:
    """Who is called what is searched for; they stand before those who only wrote it."""
    where, page = RowFilter(q=address.q, by_name=True), PageRequest("people", PEOPLE)
    return list_threads(principal, account_ids, address.group, where, "latest", page).rows
