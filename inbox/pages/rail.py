"""The rail beside every page: the accounts in groups, and how many items are unread or need a reply."""

from __future__ import annotations

from collections import Counter
from typing import Final

from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from im_api import queries
from im_api.access import Principal
from im_api.queries.account_overview import get_now
from inbox import formatting
from inbox.pages.account_cards import AccountCard, AccountGroup, group_cards, make_card
from inbox.pages.banner import is_trouble
from inbox.pages.next_steps import NextStep, list_first_steps

FILTER_FROM: Final = 12
"""The rail has a field to find an account if there are more than that."""

_SUMMED: Final = {
    "fresh": "fresh", "late": "late", "reading": "reading", "starting": "starting", "retrying": "retrying"
}  # fmt: skip


class Rail(Struct, frozen=True, kw_only=True):
    """`troubled`: accounts that need somebody. `steps`: what an owner has to do first; empty for everybody else."""

    cards: list[AccountCard]
    groups: list[AccountGroup]
    unread: int
    new_comments: int
    needs_reply: int
    troubled: list[AccountCard]
    steps: list[NextStep]

    @property
    def badge(self) -> int:
        """Return the number of the page's title: who waits for a reply or, where nobody does, what is unread."""
        return self.needs_reply or self.unread

    @property
    def summary(self) -> str:
        """The states of the accounts if that is one short line, else how many are up to date."""
        kinds = self._kinds
        if len(kinds.keys() - {"fresh"}) < 2:
            return self.in_detail
        return gettext("%(n)s of %(total)s accounts up to date") % {"n": kinds["fresh"], "total": len(self.cards)}

    @property
    def in_detail(self) -> str:
        """The number of accounts by state, those up to date first."""
        kinds = self._kinds
        count = kinds["fresh"] or len(self.cards)
        if kinds["fresh"]:
            first = ngettext("%(n)s account up to date", "%(n)s accounts up to date", count) % {"n": count}
        else:
            first = ngettext("%(n)s account", "%(n)s accounts", count) % {"n": count}
        sentences = {
            "late": gettext("%(n)s slow"),
            "trouble": ngettext("%(n)s needs you", "%(n)s need you", kinds["trouble"]),
            "reading": gettext("%(n)s reading its history"),
            "starting": gettext("%(n)s not read yet"),
            "retrying": gettext("%(n)s trying again"),
            "paused": gettext("%(n)s paused"),
        }
        return gettext(", ").join([first, *(sentences[kind] % {"n": kinds[kind]} for kind in sentences if kinds[kind])])

    @property
    def _kinds(self) -> Counter[str]:
        """The number of accounts by state. What needs somebody is what the banner and the rail count, too."""
        return Counter(_sum_up(card) for card in self.cards)

    @property
    def by_need(self) -> list[AccountCard]:
        """The accounts, those that need somebody first."""
        return sorted(self.cards, key=lambda card: (card.now.rank, card.name))

    @property
    def has_filter(self) -> bool:
        return len(self.cards) > FILTER_FROM


class ListedAccounts(Struct, frozen=True, kw_only=True):
    """`cards`: at least one where there is an account. `ids`: theirs, separated by spaces; empty if they are all."""

    cards: list[AccountCard]
    ids: str

    @property
    def not_fresh(self) -> list[AccountCard]:
        """Nothing is known of them at this moment, also of those that the owner paused."""
        return [card for card in self.cards if not card.is_fresh]

    @property
    def last_look_ago(self) -> str:
        """Return how long ago the last of them was read, as HTML that scripts keep up to date."""
        seen = [card.now.seen_at for card in self.cards if card.now.seen_at is not None]
        if not seen:
            return ""
        text = formatting.format_ago(max(seen), get_now())
        return format_html('<span data-ago="{}" data-latest="{}">{}</span>', max(seen), self.ids, text)


def choose_listed(cards: list[AccountCard], account_ids: tuple[str, ...], group: str | None = None) -> ListedAccounts:
    """Return those of `cards` that an address asks for by ids and group; all, if it names none that is there."""
    chosen = [card for card in cards if card.id in (account_ids or (card.id,)) and group in (None, card.own_group)]
    is_some = 0 < len(chosen) < len(cards)
    return ListedAccounts(cards=chosen or cards, ids=" ".join(card.id for card in chosen) if is_some else "")


def _sum_up(card: AccountCard) -> str:
    if is_trouble(card):
        return "trouble"
    return "paused" if card.is_paused else _SUMMED.get(card.now.kind, "late")


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
        steps=list_first_steps(has_account=bool(cards)) if principal.is_staff else [],
    )
