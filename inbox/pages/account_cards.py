"""Accounts as people tell them apart: a square with a character, a name, and one sentence on how they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Final

from django.utils.translation import gettext
from msgspec import Struct

from im_api.access import Principal
from im_api.queries import AuthorizedAccount, get_liveness, list_authorized
from im_api.queries.account_overview import (
    AssignedWorker,
    get_assigned_worker,
    get_now,
    get_tint,
    get_today,
)
from im_api.queries.health.day import Coverage
from im_api.queries.liveness import Liveness
from im_api.queries.login.logins import find_obstacle
from im_api.queries.owner import list_workers
from inbox import formatting
from inbox.foreign_text import first_grapheme, isolate
from inbox.pages.account_state import READ, CardState, list_observed, make_state
from inbox.pages.accounts.answers import format_answers
from inbox.pages.accounts.coverage_bars import DayCoverage, SurfaceBar, make_day
from inbox.pages.accounts.failures import (
    Remedy,
    find_remedy,
    format_failure,
    format_moved,
    format_pause,
    format_wrong_scan,
)
from inbox.pages.accounts.marks import list_marks
from inbox.pages.login.steps import CardStep, list_card_steps
from inbox.pages.next_steps import NextStep, choose_step, format_hint, log_in_step
from sync.protocol.text import visible

FAILS: Final = frozenset({"error", "retrying"})
"""The states whose reason the computer knows."""
_PALE: Final = 0.18
_REST_MS: Final = 30 * formatting.MINUTE
NO_DAYS: Final[Mapping[str, Coverage]] = {}


class AccountCard(Struct, frozen=True, kw_only=True):
    """`tint`: number of its square, None with a `color` of its own. `observed`: what its state grows old by."""

    id: str
    name: str
    initial: str
    tint: int | None
    color: str | None
    is_pale: bool
    group: str
    own_group: str | None
    platform: str
    now: CardState
    observed: str
    worker: AssignedWorker | None
    is_paused: bool
    conversations: int
    unread: int
    new_comments: int = 0
    needs_reply: int
    may_write: bool
    can_log_in: bool = False
    """Whoever looks at it may log it in, and nothing stands in the way."""
    why: str = ""
    """What its computer says went wrong; empty for nothing."""

    @property
    def state(self) -> str:
        return self.now.words

    @property
    def tone(self) -> str:
        return self.now.tone

    @property
    def is_fresh(self) -> bool:
        return self.now.is_fresh

    @property
    def in_words(self) -> str:
        """Name, state and unread count, for people who see only the square."""
        return f"{isolate(self.name)} · {self.state} · {gettext('%(n)s unread') % {'n': self.unread}}"


class SurfaceLine(Struct, frozen=True):
    """`at`: ms UTC, None where nothing could be read yet. `pace`: how often it is looked at, in words. `bar`: its last
    24 hours. `moved`: where its page was, if it moved."""

    surface: str
    name: str
    at: int | None
    ago: str
    is_readable: bool
    pace: str = ""
    bar: SurfaceBar | None = None
    moved: str = ""


class AccountDetails(Struct, frozen=True, kw_only=True):
    """The part of an account on the accounts page that its card lacks. `longest`: None if nobody waits. `hint`: what a
    person can do about its state, empty for nothing. `step`: the link that does it. `day`: what was read of the last 24
    hours. `steps`: the way to its messages, for an account that does not run. `answers`: how one answers as it."""

    card: AccountCard
    surfaces: list[SurfaceLine]
    new_people: int
    waiting: int
    longest: formatting.WaitingText | None
    hint: str
    step: NextStep | None
    day: DayCoverage = DayCoverage()
    steps: list[CardStep] = []
    answers: str = ""
    marks: list[str] = []
    """What reading it may mark at the platform."""


class AccountGroup(Struct, frozen=True):
    name: str
    accounts: list[AccountCard]


def make_card(authorized: AuthorizedAccount, now: int) -> AccountCard:
    account, totals = authorized.account, authorized.view.totals
    name = visible(account.alias) or visible(account.name) or account.id
    tint, state = get_tint(authorized), make_state(authorized, now)
    platform, worker = formatting.format_platform(account.platform), get_assigned_worker(authorized)
    return AccountCard(
        id=account.id,
        name=name,
        initial=first_grapheme(name),
        tint=tint,
        color=account.color if tint is None else None,
        is_pale=tint is None and _lightness(account.color or "") > _PALE,
        own_group=account.group,
        group=account.group or platform,
        platform=platform,
        now=state,
        observed=" ".join(":".join(map(str, observed)) for observed in list_observed(authorized)),
        worker=worker,
        is_paused=account.paused,
        conversations=totals.conversations,
        unread=totals.total_unread,
        new_comments=totals.unread_comments + totals.unread_discussions,
        needs_reply=totals.needs_reply,
        may_write=authorized.grant != "read",
        can_log_in=authorized.grant != "read" and find_obstacle(authorized) is None,
        why=format_pause(worker) or _format_why(state, get_liveness(account.id), platform),
    )


def _format_why(state: CardState, liveness: Liveness, platform: str) -> str:
    """Return what its computer says went wrong; also where a login is missing because the wrong one was made."""
    if state.kind == "login" and liveness.worker_status == "waiting":
        return format_wrong_scan(liveness.worker_error)
    fails = state.kind in FAILS or (state.kind == "login" and liveness.worker_status == "error")
    return format_failure(liveness.worker_error, platform) if fails else ""


def list_account_details(
    principal: Principal, cards: Iterable[AccountCard], days: Mapping[str, Coverage] = NO_DAYS
) -> list[AccountDetails]:
    """Return the details of `cards` in their order. `days`: the last day of each account. Raises HubNotReady."""
    now, accounts = get_now(), {authorized.account.id: authorized for authorized in list_authorized(principal)}
    workers = list_workers() if principal.is_staff else None
    return [
        _make_details(accounts[card.id], card, now, workers, days.get(card.id)) for card in cards if card.id in accounts
    ]


def _make_details(
    authorized: AuthorizedAccount, card: AccountCard, now: int, workers: list[str] | None, observed: Coverage | None
) -> AccountDetails:
    """`workers`: the names of all, None for who may not choose one."""
    today, liveness = get_today(authorized, now), get_liveness(authorized.account.id)
    seen = liveness.seen_at
    known = [surface for surface in READ if surface in seen or surface in liveness.unreadable]
    day = make_day(observed, card.now) if observed is not None else DayCoverage()
    remedy = find_remedy(liveness.worker_error)
    hint = format_hint(card.now, card.worker, card.conversations, can_log_in=card.can_log_in)
    return AccountDetails(
        card=card,
        surfaces=[
            SurfaceLine(
                surface,
                formatting.format_surface(surface),
                seen.get(surface),
                formatting.format_ago(seen[surface], now) if surface in seen else gettext("not yet"),
                surface not in liveness.unreadable,
                format_pace(surface, liveness, seen.get(surface)),
                day.bars.get(surface),
                format_moved(liveness.worker_error, surface),
            )
            for surface in known
        ],
        new_people=today.new_people,
        waiting=today.waiting,
        longest=(
            formatting.format_waiting(today.waiting_since, now, is_bare=True)
            if today.waiting_since is not None
            else None
        ),
        hint="" if card.why and card.now.kind == "error" else hint,
        step=_choose_step(card, workers, remedy),
        day=day,
        marks=list_marks(authorized.account.config, card.platform),
        steps=list_card_steps(
            card.now,
            card.worker,
            is_logged_in=authorized.view.report.login_status == "logged_in",
            is_read="messages" in seen,
            remedy=remedy,
        ),
        answers=format_answers(authorized),
    )


def format_pace(surface: str, liveness: Liveness, seen_at: int | None) -> str:
    """Return how often the surface is looked at, as its worker says; '' if it does not. `seen_at`: ms UTC."""
    next_ms, is_live = liveness.next_looks.get(surface), liveness.live.get(surface)
    if is_live:
        return gettext("as they arrive")
    if next_ms is None:
        return ""
    if next_ms > _REST_MS and seen_at is not None:
        return gettext("next look at %(time)s") % {"time": formatting.format_clock(seen_at + next_ms)}
    words = gettext("about every %(span)s") % {"span": _format_span(next_ms)}
    return words if is_live is None else gettext("by responses, %(pace)s") % {"pace": words}


def _format_span(span_ms: int) -> str:
    """Return the span, rounded: it is another one each time."""
    if span_ms < formatting.MINUTE:
        return gettext("%(n)s s") % {"n": max(5, round(span_ms / 5_000) * 5)}
    return gettext("%(n)s min") % {"n": round(span_ms / formatting.MINUTE)}


def _choose_step(card: AccountCard, workers: list[str] | None, remedy: Remedy | None) -> NextStep | None:
    if card.can_log_in and (card.now.kind == "login" or remedy == "login"):
        return log_in_step(card.id)
    return choose_step(card.id, card.now, card.worker, workers, remedy) if workers is not None else None


def _lightness(color: str) -> float:
    """0 to 1, as the eye weighs red, green and blue. An unreadable colour is dark."""
    try:
        red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    except ValueError:
        return 0.0
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)


def group_cards(cards: Iterable[AccountCard]) -> list[AccountGroup]:
    ordered = sorted(cards, key=lambda card: (card.group, card.name, card.id))
    return [AccountGroup(name, list(members)) for name, members in groupby(ordered, key=lambda card: card.group)]
