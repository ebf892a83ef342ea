"""The one line above the page: what stands worst, since when, and where to go. Told once per change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from itertools import chain
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from msgspec import Struct

from inbox import formatting
from inbox.pages.account_cards import AccountCard

DISMISSED_COOKIE: Final = "imhub_banner"


class Banner(Struct, frozen=True, kw_only=True):
    """`key`: another one as soon as anything changed. `strong`: all that a phone has room for."""

    key: str
    tone: str
    strong: str
    rest: str = ""
    action: str = ""
    href: str = ""


def make_banner(cards: Iterable[AccountCard], now: int, *, is_owner: bool, dismissed: frozenset[str]) -> Banner | None:
    """The worst that is true. One that was dismissed hides those below it: they are no news either."""
    troubled = sorted((card for card in cards if is_trouble(card)), key=lambda card: (card.now.rank, card.name))
    banner = _of_trouble(troubled, now) if troubled else None
    if banner is None and settings.DEMO:
        banner = _of_demo(is_owner=is_owner)
    return None if banner is None or banner.key in dismissed else banner


def is_trouble(card: AccountCard) -> bool:
    """Somebody must act. What the owner switched off is missed by nobody."""
    return card.tone == "act" and not (card.is_paused and card.now.kind != "banned")


def parse_dismissed(cookie: str) -> frozenset[str]:
    return frozenset(cookie.split("."))


def _of_trouble(troubled: list[AccountCard], now: int) -> Banner:
    first = troubled[0]
    alone, same = len(troubled) == 1, len({_shared(card) for card in troubled}) == 1
    if same and first.now.kind == "worker":
        strong, rest = _format_worker(troubled, now)
    elif same and first.now.kind == "page":
        strong, rest = _split(
            gettext(
                "<b>%(platform)s changed its %(surface)s page and we cannot read it for now.</b>"
                " Everything else works; what was read before is kept."
            ),
            platform=first.platform,
            surface=formatting.format_surface(first.now.surface or ""),
        )
    elif alone:
        strong, rest = _format_one(first, now)
    else:
        count = len(troubled)
        strong = ngettext("%(n)s account needs you", "%(n)s accounts need you", count) % {"n": count}
        rest = " " + gettext(", ").join(f"{card.name} · {card.state}" for card in troubled)
    return Banner(
        key=_key(chain.from_iterable((card.id, card.now.kind, str(card.now.seen_at)) for card in troubled)),
        tone="bad",
        strong=strong,
        rest=rest,
        action=gettext("Accounts"),
        href=reverse("accounts") + (f"#card-{first.id}" if alone else ""),
    )


def _shared(card: AccountCard) -> tuple[str, str | None]:
    """Return what several accounts may have in common, so that one sentence tells of all."""
    if card.now.kind == "worker":
        return "worker", card.worker.name if card.worker is not None else None
    return (card.now.kind, f"{card.platform} {card.now.surface}" if card.now.kind == "page" else card.id)


def _format_worker(troubled: list[AccountCard], now: int) -> tuple[str, str]:
    worker, count = troubled[0].worker, len(troubled)
    host = worker.host if worker is not None else ""
    seen = [card.now.seen_at for card in troubled if card.now.seen_at is not None]
    if not seen:
        return _split(
            gettext("<b>The computer “%(host)s” is not working.</b> Check that it is on, awake and online."), host=host
        )
    sentence = ngettext(
        "<b>The computer “%(host)s” is not working;</b> %(n)s account has had no updates since %(time)s."
        " Check that it is on, awake and online.",
        "<b>The computer “%(host)s” is not working;</b> %(n)s accounts have had no updates since %(time)s."
        " Check that it is on, awake and online.",
        count,
    )
    return _split(sentence, host=host, n=count, time=formatting.format_moment(max(seen), now))


def _format_one(card: AccountCard, now: int) -> tuple[str, str]:
    kind, account = card.now.kind, card.name
    if card.now.seen_at is None:
        sentence = {
            "login": gettext("<b>“%(account)s” needs a login.</b> Nothing comes in from it before."),
            "unassigned": gettext("<b>No computer reads “%(account)s” yet.</b> Nothing comes in from it before."),
        }.get(kind, gettext("<b>“%(account)s”: %(state)s.</b> Nothing has come in from it yet."))
        return _split(sentence, account=account, state=card.state)
    sentence = {
        "login": gettext("<b>“%(account)s” needs a new login.</b> Nothing new has come in from it since %(time)s."),
        "unassigned": gettext(
            "<b>No computer reads “%(account)s”.</b> Nothing new has come in from it since %(time)s."
        ),
        "stale": gettext("<b>“%(account)s” is not being updated.</b> Nothing new has come in from it since %(time)s."),
    }.get(kind, gettext("<b>“%(account)s”: %(state)s.</b> Nothing new has come in from it since %(time)s."))
    return _split(sentence, account=account, state=card.state, time=formatting.format_moment(card.now.seen_at, now))


def _of_demo(*, is_owner: bool) -> Banner:
    sentence = gettext("<b>Demo: accounts and messages are made up,</b> nothing connects to %(platforms)s.")
    strong, rest = _split(sentence, platforms=formatting.format_platforms())
    action, href = (gettext("Start with my own accounts"), reverse("account-add")) if is_owner else ("", "")
    return Banner(key="demo", tone="info", strong=strong, rest=rest, action=action, href=href)


def _split(sentence: str, **values: object) -> tuple[str, str]:
    """Return what a phone has room for, and the rest. Names are filled in last: they may contain anything."""
    strong, _, rest = sentence.removeprefix("<b>").partition("</b>")
    return strong % values, rest % values


def _key(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:8]
