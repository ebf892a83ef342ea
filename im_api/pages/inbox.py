"""The whole page: accounts, tabs, rows, and the thread that is open."""

from __future__ import annotations

from collections import Counter
from typing import Final, cast

from django.utils.translation import gettext, ngettext
from msgspec import Struct

from im_api import queries, shapes, words
from im_api.access import Principal
from im_api.pages.accounts import AccountCard, Group, group_cards, make_card
from im_api.pages.address import Address
from im_api.pages.banner import is_trouble
from im_api.pages.pane import Pane
from im_api.pages.rows import Row, make_row
from im_api.queries import PageRequest
from im_api.queries.home import get_now
from im_api.queries.scope import ALL
from im_api.queries.threads import RowFilter, Sort, list_threads

ROWS: Final = 50
MAX_ROWS: Final = 200
FILTER_FROM: Final = 12


_SUMMED: Final = {kind: kind for kind in ("fresh", "late", "login", "reading", "paused")}


class Chip(Struct, frozen=True):
    """A filter that is on; `href` is the page without it."""

    text: str
    href: str


class Choice(Struct, frozen=True):
    text: str
    href: str
    is_on: bool
    count: int | None = None


class Rail(Struct, frozen=True, kw_only=True):
    cards: list[AccountCard]
    groups: list[Group]
    unread: int
    needs_reply: int
    troubled: list[AccountCard]

    @property
    def latest_look(self) -> str:
        """Of the account that was looked at last."""
        looked = [card.now.seen_at for card in self.cards if card.now.seen_at is not None]
        return words.say_ago(max(looked), get_now()) if looked else ""

    @property
    def not_fresh(self) -> list[AccountCard]:
        return [card for card in self.cards if card.tone in ("wait", "act")]

    @property
    def summary(self) -> str:
        """How many accounts there are, and how: what is fine first."""
        kinds = Counter(_SUMMED.get(card.now.kind, "broken") for card in self.cards)
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
    def by_need(self) -> list[AccountCard]:
        """Who needs something first."""
        return sorted(self.cards, key=lambda card: (card.now.rank, card.name))

    @property
    def has_filter(self) -> bool:
        return len(self.cards) > FILTER_FROM


class Inbox(Struct, frozen=True, kw_only=True):
    address: Address
    rail: Rail
    tabs: list[Choice]
    sorts: list[Choice]
    kinds: list[Choice]
    by_account: list[Choice]
    chips: list[Chip]
    rows: list[Row]
    next: str | None
    pane: Pane | None = None

    @property
    def waits(self) -> int:
        return self.rail.needs_reply


def read_rail(principal: Principal) -> Rail:
    """Raises HubNotReady."""
    now = get_now()
    cards = [make_card(reading, now) for reading in queries.get_readings(principal)]
    return Rail(
        cards=cards,
        groups=group_cards(cards),
        unread=sum(card.unread for card in cards),
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
    chosen = [cards[account_id] for account_id in address.accounts] or rail.cards
    threads = [shapes.thread(reading, row) for reading, row in listed.rows]
    rows = [make_row(thread, cards[thread.account_id], address, now) for thread in threads]
    return Inbox(
        address=address,
        rail=rail,
        tabs=_tabs(address, chosen),
        sorts=_sorts(address),
        kinds=_kinds(address),
        by_account=_by_account(address, rail),
        chips=_chips(address, cards),
        rows=rows,
        next=listed.cursor,
        pane=pane,
    )


def wanted(address: Address) -> RowFilter:
    return RowFilter(
        kinds=frozenset({address.kind}) if address.kind is not None else None,
        needs_reply=True if address.tab == "wait" else None,
        unread=True if address.tab == "unread" else None,
        is_pinned=True if address.pinned else None,
        is_muted=True if address.muted else None,
        q=address.q or None,
    )


def _tabs(address: Address, chosen: list[AccountCard]) -> list[Choice]:
    counts = {"wait": sum(c.needs_reply for c in chosen), "unread": sum(c.unread for c in chosen), "all": None}
    names = {"wait": gettext("Needs reply"), "unread": gettext("Unread"), "all": gettext("All")}
    return [Choice(names[tab], address.in_tab(tab).of_list, address.tab == tab, count) for tab, count in counts.items()]


def _sorts(address: Address) -> list[Choice]:
    names = {"waiting": gettext("Longest wait"), "latest": gettext("Newest")}
    return [Choice(text, address.with_(sort=sort).of_list, address.sort == sort) for sort, text in names.items()]


def kind_names() -> dict[str, str]:
    return {
        "direct_message": gettext("Private messages"),
        "comment": gettext("Comments"),
        "notification": gettext("Notices"),
    }


def _kinds(address: Address) -> list[Choice]:
    every = Choice(gettext("All kinds"), address.with_(kind=None).of_list, address.kind is None)
    named = kind_names().items()
    return [every, *(Choice(text, address.with_(kind=kind).of_list, address.kind == kind) for kind, text in named)]


def _by_account(address: Address, rail: Rail) -> list[Choice]:
    every = Choice(gettext("All accounts"), address.with_(accounts=()).of_list, not address.accounts)
    cards = (card for group in rail.groups for card in group.accounts)
    return [every, *(Choice(c.name, address.of_account(c.id), c.id in address.accounts, c.unread) for c in cards)]


def _chips(address: Address, cards: dict[str, AccountCard]) -> list[Chip]:
    chips = []
    for account_id in address.accounts:
        rest = tuple(one for one in address.accounts if one != account_id)
        chips.append(Chip(cards[account_id].name, address.with_(accounts=rest).of_list))
    if address.kind is not None:
        chips.append(Chip(kind_names()[address.kind], address.with_(kind=None).of_list))
    if address.group is not None:
        chips.append(Chip(address.group, address.with_(group=None).of_list))
    if address.pinned:
        chips.append(Chip(gettext("Pinned"), address.with_(pinned=False).of_list))
    if address.q:
        chips.append(Chip(f"“{address.q}”", address.with_(q="").of_list))
    return chips
