"""The state of an account in one sentence: what keeps its messages away goes first, its freshness last."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext, gettext_noop
from msgspec import Struct

from im_api.queries import AuthorizedAccount
from im_api.queries.health.condition import ORDER, READ, Condition, get_condition, list_observed
from inbox import formatting

__all__ = ["READ", "CardState", "list_observed", "make_state"]

_WORDS: Final = {
    "banned": gettext_noop("Banned by the platform"),
    "login": gettext_noop("Needs a new login"),
    "worker": gettext_noop("Its computer is not working"),
    "unassigned": gettext_noop("No computer reads it yet"),
    "full": gettext_noop("No place on its computer"),
    "error": gettext_noop("Stopped by an error"),
    "paused": gettext_noop("Paused"),
    "retrying": gettext_noop("Trying again after an error"),
    "starting": gettext_noop("Not read yet"),
    "reading": gettext_noop("Reading the history"),
}
_FIRST: Final = {
    "login": gettext_noop("Not logged in yet"),
    "worker": gettext_noop("Its computer has never connected"),
}
"""Words for an account of which nothing was read yet, or whose worker was never here."""


class CardState(Struct, frozen=True, kw_only=True):
    """The state on a card. `kind`: one of ORDER, or fresh. `tone`: ok, wait, act, off. `seen_at`: when the surface was
    read that the words are about. `surface`: the page that changed, of several the worst. `rest_works`: every other
    surface is read as often as it should be."""

    kind: str
    words: str
    tone: str
    seen_at: int | None = None
    surface: str | None = None
    rest_works: bool = False

    @property
    def rank(self) -> int:
        """Smaller: needs somebody first."""
        return ORDER.index(self.kind) if self.kind in ORDER else len(ORDER)

    @property
    def is_fresh(self) -> bool:
        return self.kind == "fresh"

    @property
    def ticks(self) -> bool:
        """True if the words change with time alone."""
        return self.kind in ("stale", "late", "fresh")


def make_state(authorized: AuthorizedAccount, now: int) -> CardState:
    """Return how the account is. `now`: ms UTC. Raises HubNotReady."""
    condition = get_condition(authorized, now)
    return CardState(
        kind=condition.kind,
        words=_format(condition, now),
        tone=condition.tone,
        seen_at=condition.seen_at,
        surface=condition.surface,
        rest_works=condition.rest_works,
    )


def _format(condition: Condition, now: int) -> str:
    if condition.kind == "page":
        return gettext("The %(surface)s page changed") % {"surface": formatting.format_surface(condition.surface or "")}
    if condition.kind == "fresh" and condition.seen_at is not None:
        return format_seen(condition.seen_at, now)
    if condition.kind in ("late", "stale") and condition.seen_at is not None:
        return gettext("no update for %(n)s min") % {"n": (now - condition.seen_at) // formatting.MINUTE}
    words = _FIRST if condition.is_first else _WORDS
    return gettext(words[condition.kind])


def format_seen(seen_at: int, now: int) -> str:
    return gettext("seen %(ago)s") % {"ago": formatting.format_ago(seen_at, now)}
