"""The state of an account in one sentence: what keeps its messages away goes first, its freshness last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.translation import gettext, gettext_noop
from msgspec import Struct

from im_api.queries import AuthorizedAccount, get_liveness
from im_api.queries.account_overview import get_pace, get_state
from inbox import formatting

# Nobody may wait there unseen: an account is as fresh as the worse of them.
WATCHED: Final = ("messages", "comments")
# What people miss when it cannot be read, the worst first. A page of replies is one of comments.
READ: Final = ("messages", "comments", "notifications", "contents")
FRESH_PACES: Final = 3
LATE_PACES: Final = 10
FRESH_MS: Final = 90_000
LATE_MS: Final = 5 * formatting.MINUTE

_BROKEN: Final = {
    "banned": gettext_noop("Banned by the platform"),
    "login": gettext_noop("Needs a new login"),
    "worker": gettext_noop("Its computer is not working"),
    "unassigned": gettext_noop("No computer reads it yet"),
    "error": gettext_noop("Stopped by an error"),
    "paused": gettext_noop("Paused"),
}
_ORDER: Final = ("banned", "login", "worker", "unassigned", "error", "page", "paused", "reading", "stale", "late")


class CardState(Struct, frozen=True, kw_only=True):
    """The state on a card. `kind`: banned, login, worker, unassigned, error, page, paused, reading, stale, late, fresh.
    `tone`: ok, wait, act, off. `seen_at`: when the surface was read that the words are about. `surface`: the page that
    changed, of several the worst."""

    kind: str
    words: str
    tone: str
    seen_at: int | None = None
    surface: str | None = None

    @property
    def rank(self) -> int:
        """Smaller: needs somebody first."""
        return _ORDER.index(self.kind) if self.kind in _ORDER else len(_ORDER)

    @property
    def is_fresh(self) -> bool:
        return self.kind == "fresh"

    @property
    def ticks(self) -> bool:
        """True if the words change with time alone."""
        return self.kind in ("stale", "late", "fresh")


class SurfaceRead(NamedTuple):
    """When a surface was last read, and up to which age that is fresh, or late. ms."""

    surface: str
    seen_at: int
    fresh_ms: int
    late_ms: int

    def grade(self, now: int) -> int:
        """0 fresh, 1 late, 2 stale."""
        age = now - self.seen_at
        return (age > self.fresh_ms) + (age > self.late_ms)


def make_state(authorized: AuthorizedAccount, now: int) -> CardState:
    state = get_state(authorized)
    if state.kind in _BROKEN:
        return CardState(
            kind=state.kind, words=gettext(_BROKEN[state.kind]), tone=state.tone, seen_at=_seen(authorized)
        )
    surface = get_unreadable(authorized)
    if surface is not None:
        text = gettext("The %(surface)s page changed") % {"surface": formatting.format_surface(surface)}
        seen_at = get_liveness(authorized.account.id).seen_at.get(surface)
        return CardState(kind="page", words=text, tone="act", surface=surface, seen_at=seen_at)
    if "messages" not in get_liveness(authorized.account.id).seen_at:
        return CardState(kind="reading", words=gettext("Reading the history"), tone="wait")
    return grade(list_observed(authorized), now)


def get_unreadable(authorized: AuthorizedAccount) -> str | None:
    broken = {
        "comments" if surface == "replies" else surface for surface in get_liveness(authorized.account.id).unreadable
    }
    return next((surface for surface in READ if surface in broken), None)


def list_observed(authorized: AuthorizedAccount) -> list[SurfaceRead]:
    """Return when the watched surfaces were read, messages first. One that is never read is left out."""
    seen = get_liveness(authorized.account.id).seen_at
    return [SurfaceRead(name, seen[name], *_limits(get_pace(authorized, name))) for name in WATCHED if name in seen]


def _limits(pace: int) -> tuple[int, int]:
    return max(FRESH_MS, FRESH_PACES * pace), max(LATE_MS, LATE_PACES * pace)


def grade(observed: list[SurfaceRead], now: int) -> CardState:
    """Return the state by the stalest surface, of equal ones by the first. freshness.js does it between answers."""
    worst = max(observed, key=lambda one: one.grade(now))
    seen_at = worst.seen_at
    if not worst.grade(now):
        return CardState(kind="fresh", words=format_seen(seen_at, now), tone="ok", seen_at=seen_at)
    text = gettext("no update for %(n)s min") % {"n": (now - seen_at) // formatting.MINUTE}
    stale = worst.grade(now) > 1
    return CardState(kind="stale" if stale else "late", words=text, tone="act" if stale else "wait", seen_at=seen_at)


def format_seen(seen_at: int, now: int) -> str:
    return gettext("seen %(ago)s") % {"ago": formatting.format_ago(seen_at, now)}


def _seen(authorized: AuthorizedAccount) -> int | None:
    """When it was last read, for whoever asks since when nothing comes in."""
    seen: Mapping[str, int] = get_liveness(authorized.account.id).seen_at
    return seen.get("messages", max(seen.values(), default=None))
