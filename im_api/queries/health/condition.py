"""The condition of an account: what keeps its messages away, or how fresh it is. Pages and alerts put it into words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from msgspec import Struct

from im_api.queries.account_overview import get_assigned_worker, get_pace, get_state
from im_api.queries.liveness import get_liveness
from im_api.queries.scope import AuthorizedAccount

# Nobody may wait there unseen: an account is as fresh as the worse of them.
WATCHED: Final = ("messages", "comments")
# What people miss when it cannot be read, the worst first. A page of replies is one of comments.
READ: Final = ("messages", "comments", "notifications", "contents")
FRESH_PACES: Final = 3
LATE_PACES: Final = 10
FRESH_MS: Final = 90_000
LATE_MS: Final = 5 * 60_000
OVERDUE_MS: Final = 5 * 60_000
LONG_OVERDUE_MS: Final = 30 * 60_000

ORDER: Final = (
    "banned", "login", "worker", "unassigned", "full", "error", "page", "paused", "retrying", "starting", "reading",
    "stale", "late",
)  # fmt: skip
"""The kinds, what needs somebody first goes first. One more is `fresh`."""
BROKEN: Final = frozenset({"banned", "login", "worker", "unassigned", "error", "paused"})


class Condition(Struct, frozen=True, kw_only=True):
    """The condition of an account. `kind`: one of ORDER, or fresh. `tone`: ok, wait, act (a person must act), off.

    `seen_at`: when the surface was read that it is about, ms UTC. `surface`: the page that changed, of several the
    worst. `rest_works`: every other surface is read as often as it should be. `is_first`: for a login, nothing was
    ever read; for a worker, it was never here.
    """

    kind: str
    tone: str
    seen_at: int | None = None
    surface: str | None = None
    rest_works: bool = False
    is_first: bool = False


class SurfaceRead(NamedTuple):
    """When a surface was last read, and up to which age that is fresh, or late. ms."""

    surface: str
    seen_at: int
    fresh_ms: int
    late_ms: int

    def grade(self, now: int) -> int:
        """Return 0 for fresh, 1 for late, 2 for stale."""
        age = now - self.seen_at
        return (age > self.fresh_ms) + (age > self.late_ms)


def get_condition(authorized: AuthorizedAccount, now: int) -> Condition:
    """Return how the account is. `now`: ms UTC. Raises HubNotReady."""
    state, worker = get_state(authorized), get_assigned_worker(authorized)
    seen = get_liveness(authorized.account.id).seen_at
    if state.kind in BROKEN:
        is_first = (state.kind == "login" and not seen) or (
            state.kind == "worker" and worker is not None and not worker.has_come
        )
        return Condition(kind=state.kind, tone=state.tone, seen_at=_seen(seen), is_first=is_first)
    if state.kind == "waiting" and worker is not None and worker.is_full:
        return Condition(kind="full", tone="act", seen_at=_seen(seen))
    surface = get_unreadable(authorized)
    if surface is not None:
        rest_works = _works_beside(authorized, surface, now)
        return Condition(kind="page", tone="act", surface=surface, seen_at=seen.get(surface), rest_works=rest_works)
    if state.kind == "retrying":
        tone = "act" if _fails_for_long(authorized, now) else state.tone
        return Condition(kind="retrying", tone=tone, seen_at=_seen(seen))
    if "messages" not in seen:
        return Condition(kind=_begins(authorized, state.kind), tone="wait")
    return grade(list_observed(authorized), now)


def needs_person(kind: str, tone: str, *, is_paused: bool) -> bool:
    """Return whether somebody must act. What the owner switched off is missed by nobody."""
    return tone == "act" and (not is_paused or kind == "banned")


def _fails_for_long(authorized: AuthorizedAccount, now: int) -> bool:
    """Return whether trying again is news: a surface is stale or, where nothing was read yet, the report is old."""
    observed, changed_at = list_observed(authorized), authorized.view.changed_at
    if observed:
        return any(one.grade(now) > 1 for one in observed)
    return changed_at is not None and now - changed_at > LATE_MS


def _begins(authorized: AuthorizedAccount, kind: str) -> str:
    """Return how far an account is of which no message was read yet. Only a login and a look make it `reading`."""
    return "reading" if kind == "running" and authorized.view.report.login_status == "logged_in" else "starting"


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
    """Return up to which age a surface is fresh, and late. One that rests for long is not fresh for three rests."""
    fresh, late = min(FRESH_PACES * pace, pace + OVERDUE_MS), min(LATE_PACES * pace, pace + LONG_OVERDUE_MS)
    return max(FRESH_MS, fresh), max(LATE_MS, late)


def grade(observed: list[SurfaceRead], now: int) -> Condition:
    """Return the condition by the stalest surface, of equal ones by the first. freshness.js does it between answers."""
    worst = max(observed, key=lambda one: one.grade(now))
    kind, tone = (("fresh", "ok"), ("late", "wait"), ("stale", "act"))[worst.grade(now)]
    return Condition(kind=kind, tone=tone, seen_at=worst.seen_at)


def _seen(seen: Mapping[str, int]) -> int | None:
    """Return when it was last read, for whoever asks since when nothing comes in."""
    return seen.get("messages", max(seen.values(), default=None))
