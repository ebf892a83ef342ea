"""Accounts as people tell them apart: a square with a character, a name, and one sentence on how they are."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from django.utils.translation import gettext
from msgspec import Struct

from im_api import words
from im_api.queries import Reading
from im_api.queries.home import get_state, is_reading_history

# The squares that tokens.css has in light and dark.
TINTS: Final = ("#3F4FD0", "#0B6F78", "#8B3FA0", "#A4451B", "#2F6B2F", "#B02A5C", "#6B5A12", "#4B5563")
FRESH_MS: Final = 90_000
STALE_MS: Final = 5 * words.MINUTE
_PALE: Final = 0.18


class AccountCard(Struct, frozen=True, kw_only=True):
    """`tint`: index into TINTS, None with a `color` of its own. `tone`: ok, wait, act, off. `looked`: when each
    surface was last read."""

    id: str
    name: str
    initial: str
    tint: int | None
    color: str | None
    is_pale: bool
    group: str
    platform: str
    state: str
    tone: str
    seen_at: int | None
    seen: str
    looked: list[tuple[str, str]]
    unread: int
    needs_reply: int
    may_write: bool

    @property
    def is_fresh(self) -> bool:
        return self.tone == "ok"

    @property
    def in_words(self) -> str:
        """For who sees only the square."""
        return f"{self.name} · {self.state} · {gettext('%(n)s unread') % {'n': self.unread}}"


class Group(Struct, frozen=True):
    name: str
    accounts: list[AccountCard]


def make_card(reading: Reading, now: int) -> AccountCard:
    account, totals = reading.account, reading.view.totals
    name = account.alias or account.name or account.id
    seen = reading.seen_at
    seen_at = seen.get("messages", max(seen.values(), default=None))
    state, tone = _state(reading, seen_at, now)
    tint = _tint(account.id, account.color)
    return AccountCard(
        id=account.id,
        name=name,
        initial=name[:1],
        tint=tint,
        color=account.color if tint is None else None,
        is_pale=tint is None and _lightness(account.color or "") > _PALE,
        group=account.group or words.say_platform(account.platform),
        platform=words.say_platform(account.platform),
        state=state,
        tone=tone,
        seen_at=seen_at,
        seen=words.say_ago(seen_at, now) if seen_at is not None else "",
        looked=[(words.say_surface(surface), words.say_ago(seen[surface], now)) for surface in sorted(seen)],
        unread=totals.total_unread,
        needs_reply=totals.needs_reply,
        may_write=reading.grant != "read",
    )


def _state(reading: Reading, seen_at: int | None, now: int) -> tuple[str, str]:
    """Fine means that the worker looked at the private messages, and could read them, a moment ago."""
    said = get_state(reading)
    if said.tone != "ok":
        return gettext(said.words), said.tone
    if seen_at is None:
        reads = is_reading_history(reading)
        return gettext("Reading the history") if reads else gettext("Not looked at yet"), "wait"
    age = now - seen_at
    if age <= FRESH_MS:
        return gettext("seen %(ago)s") % {"ago": words.say_ago(seen_at, now)}, "ok"
    text = gettext("no update for %(n)s min") % {"n": age // words.MINUTE}
    return text, "wait" if age <= STALE_MS else "act"


def _tint(account_id: str, color: str | None) -> int | None:
    if color is None:
        return zlib.crc32(account_id.encode()) % len(TINTS)
    return TINTS.index(color.upper()) if color.upper() in TINTS else None


def _lightness(color: str) -> float:
    """0 to 1, as the eye weighs red, green and blue. An unreadable colour is dark."""
    try:
        red, green, blue = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    except ValueError:
        return 0.0
    return float(0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2)


def group_cards(cards: Iterable[AccountCard]) -> list[Group]:
    ordered = sorted(cards, key=lambda card: (card.group, card.name, card.id))
    return [Group(name, list(members)) for name, members in groupby(ordered, key=lambda card: card.group)]
