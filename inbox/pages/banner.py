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

from im_api.queries.health.condition import needs_person
from im_api.queries.status import Ailment
from inbox import formatting
from inbox.foreign_text import isolate
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
    is_dialog: bool = False


def make_banner(
    cards: Iterable[AccountCard],
    now: int,
    *,
    is_owner: bool,
    dismissed: frozenset[str],
    ailment: tuple[Ailment, int] | None = None,
) -> Banner | None:
    """The worst that is true. One that was dismissed hides those below it: they are no news either. `ailment`: of the
    hub itself, and since when."""
    troubled = sorted((card for card in cards if is_trouble(card)), key=lambda card: (card.now.rank, card.name))
    banner = _of_hub(*ailment) if ailment is not None else None
    if banner is None and troubled:
        banner = _of_trouble(troubled, now)
    if banner is None and settings.DEMO:
        banner = _of_demo(is_owner=is_owner)
    return None if banner is None or banner.key in dismissed else banner


def is_trouble(card: AccountCard) -> bool:
    return needs_person(card.now.kind, card.tone, is_paused=card.is_paused)


def parse_dismissed(cookie: str) -> frozenset[str]:
    return frozenset(cookie.split("."))


def _of_hub(kind: Ailment, since: int) -> Banner:
    """Return the sentence on a hub that can store nothing, or soon cannot: then nobody's account goes on."""
    sentence = {
        "disk_full": gettext(
            "<b>Nothing can be saved: the disk is full.</b> Nothing new comes in, and what you mark is not kept."
            " Make room on the computer that runs IM Hub; then all goes on by itself."
        ),
        "disk_low": gettext(
            "<b>The disk is nearly full.</b> Make room on the computer that runs IM Hub, or soon nothing can be saved."
        ),
        "away": gettext(
            "<b>Nothing can be saved: the database does not answer.</b> Nothing new comes in, and what you mark is not"
            " kept. As soon as it answers all goes on by itself."
        ),
    }[kind]
    strong, rest = _split(sentence)
    return Banner(key=_key((kind, str(since))), tone="bad", strong=strong, rest=rest)


def _of_trouble(troubled: list[AccountCard], now: int) -> Banner:
    first, alone = troubled[0], len(troubled) == 1
    strong, rest = _format_one(first, now) if alone else _format_several(troubled, now)
    can_log_in = alone and first.now.kind == "login" and first.can_log_in
    return Banner(
        key=_key(chain.from_iterable((card.id, card.now.kind, str(card.now.seen_at)) for card in troubled)),
        tone="bad",
        strong=strong,
        rest=rest,
        action=gettext("Log in by QR") if can_log_in else gettext("Accounts"),
        href=reverse("account-login", args=[first.id])
        if can_log_in
        else reverse("accounts") + (f"#card-{first.id}" if alone else ""),
        is_dialog=can_log_in,
    )


def _format_several(troubled: list[AccountCard], now: int) -> tuple[str, str]:
    """Return their number, and what they have in common or else the state of each."""
    count = len(troubled)
    strong = ngettext("%(n)s account needs you", "%(n)s accounts need you", count) % {"n": count}
    kinds = {card.now.kind for card in troubled}
    if kinds == {"worker"} and len({card.worker.name if card.worker else "" for card in troubled}) == 1:
        return strong, " " + _format_worker(troubled, now)
    return strong, " " + gettext(", ").join(f"{isolate(card.name)} · {card.state}" for card in troubled)


def _format_worker(troubled: list[AccountCard], now: int) -> str:
    """Return the one sentence on a computer of which several accounts hang."""
    worker = troubled[0].worker
    host = worker.host if worker is not None else ""
    seen = [card.now.seen_at for card in troubled if card.now.seen_at is not None]
    if not seen:
        sentence = gettext("The computer “%(host)s” is not working. Check that it is on, awake and online.")
        return sentence % {"host": host}
    sentence = gettext(
        "The computer “%(host)s” is not working; no updates since %(time)s. Check that it is on, awake and online."
    )
    return sentence % {"host": host, "time": formatting.format_moment(max(seen), now)}


def _format_one(card: AccountCard, now: int) -> tuple[str, str]:
    """Return what is wrong with the account, by its name, since when, and what follows."""
    seen_at, worker = card.now.seen_at, card.worker
    sentence = (_never(card) if seen_at is None else _since(card)) or gettext(
        "<b>“%(account)s”: %(state)s.</b> Nothing new has come in from it since %(time)s."
    )
    return _split(
        sentence,
        account=isolate(card.name),
        state=card.state,
        why=card.why,
        host=worker.host if worker is not None else "",
        platform=card.platform,
        surface=formatting.format_surface(card.now.surface or ""),
        time=formatting.format_moment(seen_at, now) if seen_at is not None else "",
    )


def _since(card: AccountCard) -> str | None:
    """Return the sentence on an account that was read before; None for the general one."""
    if card.now.kind == "page":
        return _page(card)
    if card.why:
        return gettext("<b>“%(account)s” has not been read since %(time)s.</b> %(why)s")
    return {
        "login": gettext("<b>“%(account)s” needs a new login.</b> Nothing new has come in from it since %(time)s."),
        "worker": gettext(
            "<b>“%(account)s” has had no updates since %(time)s:</b> the computer “%(host)s” is not working."
            " Check that it is on, awake and online."
        ),
        "full": gettext(
            "<b>“%(account)s” has no place on the computer “%(host)s”.</b>"
            " Nothing new has come in from it since %(time)s."
        ),
        "unassigned": gettext(
            "<b>No computer reads “%(account)s”.</b> Nothing new has come in from it since %(time)s."
        ),
        "stale": gettext("<b>“%(account)s” is not being updated.</b> Nothing new has come in from it since %(time)s."),
    }.get(card.now.kind)


def _never(card: AccountCard) -> str:
    """Return the sentence on an account of which nothing was read yet."""
    kind = card.now.kind
    if kind == "page":
        return _page(card)
    if card.why:
        return gettext("<b>“%(account)s” cannot be read.</b> %(why)s")
    if kind == "worker" and card.worker is not None and not card.worker.has_come:
        return gettext(
            "<b>“%(account)s” waits for the computer “%(host)s”,</b> which has never connected. Start its worker there."
        )
    return {
        "login": gettext("<b>“%(account)s” is not logged in yet.</b> Nothing comes in from it before."),
        "worker": gettext(
            "<b>“%(account)s” cannot be read:</b> the computer “%(host)s” is not working."
            " Check that it is on, awake and online."
        ),
        "full": gettext(
            "<b>“%(account)s” has no place on the computer “%(host)s”.</b> Nothing comes in from it before."
        ),
        "unassigned": gettext("<b>No computer reads “%(account)s” yet.</b> Nothing comes in from it before."),
    }.get(kind, gettext("<b>“%(account)s”: %(state)s.</b> Nothing has come in from it yet."))


def _page(card: AccountCard) -> str:
    """Return the sentence on a page that changed. Only while all else is read does it say so."""
    if card.now.rest_works:
        return gettext(
            "<b>The %(surface)s of “%(account)s” cannot be read for now:</b> %(platform)s changed its page."
            " Everything else works; what was read before is kept."
        )
    return gettext(
        "<b>The %(surface)s of “%(account)s” cannot be read for now:</b> %(platform)s changed its page."
        " What was read before is kept."
    )


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
