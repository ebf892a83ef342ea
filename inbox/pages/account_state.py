"""The state of an account in one sentence: what keeps its messages away goes first, its freshness last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.utils.translation import gettext, gettext_noop
from msgspec import Struct

from im_api.queries import AuthorizedAccount, get_liveness
from im_api.queries.account_overview import get_assigned_worker, get_pace, get_state
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
_NEVER: Final = {
    "login": gettext_noop("Not logged in yet"),
    "worker": gettext_noop("Its computer has never connected"),
    "full": gettext_noop("No place on its computer"),
    "retrying": gettext_noop("Trying again after an error"),
    "starting": gettext_noop("Not read yet"),
    "reading": gettext_noop("Reading the history"),
}
"""Words for an account of which nothing was read yet, or whose worker was never here."""
_ORDER: Final = (
    "banned", "login", "worker", "unassigned", "full", "error", "page", "paused", "retrying", "starting", "reading",
    "stale", "late",
)  # fmt: skip


class CardState(Struct, frozen=True, kw_only=True):
    """The state on a card. `kind`: one of _ORDER, or fresh. `tone`: ok, wait, act, off. `seen_at`: when the surface was
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
    """Return how the account is. `now`: ms UTC. Raises HubNotReady."""
    state, worker = get_state(authorized), get_assigned_worker(authorized)
    seen = get_liveness(authorized.account.id).seen_at
    if state.kind in _BROKEN:
        words = _NEVER["login"] if state.kind == "login" and not seen else _BROKEN[state.kind]
        if state.kind == "worker" and worker is not None and not worker.has_come:
            words = _NEVER["worker"]
        return CardState(kind=state.kind, words=gettext(words), tone=state.tone, seen_at=_seen(authorized))
    if state.kind == "waiting" and worker is not None and worker.is_full:
        words = _NEVER["full"]
        return CardState(kind="full", words=gettext(words), tone="act", seen_at=_seen(authorized))
    surface = get_unreadable(authorized)
    if surface is not None:
        return _of_page(authorized, surface, now)
    if state.kind == "retrying":
        words = _NEVER[state.kind]
        return CardState(kind="retrying", words=gettext(words), tone=state.tone, seen_at=_seen(authorized))
    if "messages" not in seen:
        kind = _begins(authorized, state.kind)
        return CardState(kind=kind, words=gettext(_NEVER[kind]), tone="wait")
    return grade(list_observed(authorized), now)


def _begins(authorized: AuthorizedAccount, kind: str) -> str:
    """Return how far an account is of which no message was read yet. Only a login and a look make it `reading`."""
    return "reading" if kind == "running" and authorized.view.report.login_status == "logged_in" else "starting"


def _of_page(authorized: AuthorizedAccount, surface: str, now: int) -> CardState:
    text = gettext("The %(surface)s page changed") % {"surface": formatting.format_surface(surface)}
    return CardState(
        kind="page",
        words=text,
        tone="act",
        surface=surface,
        seen_at=get_liveness(authorized.account.id).seen_at.get(surface),
        rest_works=_works_beside(authorized, surface, now),
    )


def _works_beside(authorized: AuthorizedAccount, surface: str, now: int) -> bool:
    """Return True if all other surfaces that people watch are read, and none of the rest is known to fail."""
    broken = _broken_surfaces(authorized) - {surface}
    others = [one for one in list_observed(authorized) if one.surface != surface]
    return not broken and bool(others) and not any(one.grade(now) for one in others)


def get_unreadable(authorized: AuthorizedAccount) -> str | None:
    """Return the surface that cannot be read, of several the one that is missed most; None if all can."""
    broken = _broken_surfaces(authorized)
    return next((surface for surface in READ if surface in broken), None)


def _broken_surfaces(authorized: AuthorizedAccount) -> set[str]:
    unreadable = get_liveness(authorized.account.id).unreadable
    return {"comments" if surface == "replies" else surface for surface in unreadable} & set(READ)


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
