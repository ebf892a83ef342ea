"""The head of a list: tabs, order and filters, each a link to the page with it, and chips, each a link without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext, pgettext
from msgspec import Struct

from im_api.queries.threads import RowCounts, RowFilter
from inbox.pages.account_cards import AccountCard
from inbox.pages.address import ALL_KINDS, Address, WorksAddress
from sync.protocol.text import fold


class FilterChip(Struct, frozen=True):
    """A filter that is on; `href` is the page without it."""

    text: str
    href: str


class LinkChoice(Struct, frozen=True):
    """`value`: what is chosen, where a script must know it."""

    text: str
    href: str
    is_on: bool
    count: int | None = None
    value: str = ""


class ListFilters(Struct, frozen=True, kw_only=True):
    """`view`: in one line what is looked at. `found`: accounts that are called what is searched for."""

    tabs: list[LinkChoice]
    sorts: list[LinkChoice]
    kinds: list[LinkChoice]
    flags: list[LinkChoice]
    groups: list[LinkChoice]
    accounts: list[LinkChoice]
    chips: list[FilterChip]
    view: str
    found: list[AccountCard]


def make_choices(names: Mapping[str, str], chosen: str | None, link: Callable[[str], str]) -> list[LinkChoice]:
    """Return a link for each of `names`, which are texts by value; `chosen` is on."""
    return [LinkChoice(text, link(value), value == chosen) for value, text in names.items()]


def make_account_chips(address: Address | WorksAddress, cards: Mapping[str, AccountCard]) -> list[FilterChip]:
    """Return a chip for each account that `address` asks for."""

    def without(account_id: str) -> str:
        return address.with_(accounts=tuple(one for one in address.accounts if one != account_id)).of_list

    return [FilterChip(cards[account_id].name, without(account_id)) for account_id in address.accounts]


def make_search_chips(address: Address | WorksAddress) -> list[FilterChip]:
    """Return a chip for what is searched for."""
    return [FilterChip(f"“{address.q}”", address.with_(q="").of_list)] if address.q else []


def wanted(address: Address) -> RowFilter:
    return RowFilter(
        kinds=frozenset({address.kind}) if address.kind is not None else None,
        needs_reply=True if address.tab == "wait" else None,
        unread=True if address.tab == "unread" else None,
        is_pinned=True if address.pinned else None,
        is_muted=True if address.muted else None,
        new_people=address.new_people,
        strangers=address.strangers,
        q=address.q or None,
    )


def make_filters(address: Address, cards: list[AccountCard], counts: Mapping[str, RowCounts]) -> ListFilters:
    """`counts`: of the list that the address asks for, by kind, in whatever tab and kind."""
    chips = _chips(address, {card.id: card for card in cards})
    tabs = _tabs(address, counts)
    kinds = _kinds(address, counts)
    return ListFilters(
        tabs=tabs,
        sorts=_sorts(address),
        kinds=kinds,
        flags=_flags(address),
        groups=_groups(address, cards),
        accounts=_accounts(address, cards),
        chips=chips,
        view=" · ".join(
            [
                next(tab.text for tab in tabs if tab.is_on),
                *([kind_names()[address.kind]] if address.kind is not None else []),
                *(chip.text for chip in chips),
            ]
        ),
        found=[card for card in cards if address.q and fold(address.q) in fold(card.name)],
    )


def _tabs(address: Address, counts: Mapping[str, RowCounts]) -> list[LinkChoice]:
    chosen = [counts[address.kind]] if address.kind is not None else list(counts.values())
    shown = {"wait": sum(c.needs_reply for c in chosen), "unread": sum(c.unread for c in chosen), "all": None}
    names = {"wait": gettext("Needs reply"), "unread": gettext("Unread"), "all": gettext("All")}
    return [
        LinkChoice(names[tab], address.in_tab(tab).of_list, address.tab == tab, count) for tab, count in shown.items()
    ]


def _sorts(address: Address) -> list[LinkChoice]:
    names = {"waiting": gettext("Longest wait"), "latest": gettext("Newest")}
    return make_choices(names, address.sort, lambda sort: address.with_(sort=sort).of_list)


def kind_names() -> dict[str, str]:
    return {
        "direct_message": pgettext("kind", "Messages"),
        "comment": gettext("Comments"),
        "notification": gettext("Notices"),
    }


def _kinds(address: Address, counts: Mapping[str, RowCounts]) -> list[LinkChoice]:
    """Return a tab for all kinds and one for each, with how many wait there or are unread, as the tab counts."""
    shown = {kind: one.needs_reply if address.tab == "wait" else one.unread for kind, one in counts.items()}
    total = sum(shown.values()) if address.kind is not None else None  # else the tab says it
    every = LinkChoice(gettext("All"), address.with_(kind=None).of_list, address.kind is None, total, ALL_KINDS)
    return [
        every,
        *(
            LinkChoice(text, address.with_(kind=kind).of_list, address.kind == kind, shown.get(kind), kind)
            for kind, text in kind_names().items()
        ),
    ]


def flag_names() -> dict[str, str]:
    """Fields of the address that are on or off."""
    return {
        "pinned": gettext("Pinned"),
        "muted": gettext("Muted"),
        "new_people": gettext("New people"),
        "strangers": gettext("Strangers"),
    }


def _flags(address: Address) -> list[LinkChoice]:
    """Each turns itself on or off."""
    return [
        LinkChoice(text, _with(address, name, not getattr(address, name)).of_list, getattr(address, name))
        for name, text in flag_names().items()
    ]


def _groups(address: Address, cards: list[AccountCard]) -> list[LinkChoice]:
    """Return the groups of accounts to choose from, an empty list without groups."""
    names = sorted({card.own_group for card in cards if card.own_group})
    return [LinkChoice(name, address.with_(group=name).of_list, address.group == name) for name in names]


def _accounts(address: Address, cards: list[AccountCard]) -> list[LinkChoice]:
    every = LinkChoice(gettext("All accounts"), address.with_(accounts=()).of_list, not address.accounts)
    ordered = sorted(cards, key=lambda card: (card.group, card.name, card.id))
    return [every, *(LinkChoice(c.name, address.of_account(c.id), c.id in address.accounts, c.unread) for c in ordered)]


def _chips(address: Address, cards: dict[str, AccountCard]) -> list[FilterChip]:
    chips = make_account_chips(address, cards)
    if address.group is not None:
        chips.append(FilterChip(address.group, address.with_(group=None).of_list))
    chips += [
        FilterChip(text, _with(address, name, False).of_list)
        for name, text in flag_names().items()
        if getattr(address, name)
    ]
    return [*chips, *make_search_chips(address)]


def _with(address: Address, name: str, value: Any) -> Address:
    return address.with_(**{name: value})
