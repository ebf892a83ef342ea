"""Values as words for people, in their language. Times are ms UTC and shown in the hub's time zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final, NamedTuple

from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, gettext_noop

from im_api.queries.account_overview import split_age
from inbox.preferences import get_waiting_limits
from sync.protocol.platforms import get_label
from sync.protocol.text import is_blank, visible

MINUTE: Final = 60_000
JUST_NOW_MS: Final = 5_000
MAX_PILL: Final = 99

_PLACEHOLDERS: Final = {
    "image": gettext_noop("[Picture]"),
    "video": gettext_noop("[Video]"),
    "audio": gettext_noop("[Voice]"),
    "file": gettext_noop("[File]"),
    "link": gettext_noop("[Link]"),
    "card": gettext_noop("[Card]"),
    "sticker": gettext_noop("[Sticker]"),
    "system": gettext_noop("[Notice]"),
    "other": gettext_noop("[A message of a kind that is shown on the platform only]"),
}
_NOTICES: Final = {
    "like": gettext_noop("liked your work"),
    "follow": gettext_noop("followed you"),
    "comment": gettext_noop("commented on your work"),
    "mention": gettext_noop("mentioned you"),
    "system": gettext_noop("System notice"),
}
_SURFACES: Final = {
    "messages": gettext_noop("messages"),
    "comments": gettext_noop("comments"),
    "notifications": gettext_noop("notices"),
    "contents": gettext_noop("works"),
}
_WEEKDAYS: Final = (
    gettext_noop("Mon"),
    gettext_noop("Tue"),
    gettext_noop("Wed"),
    gettext_noop("Thu"),
    gettext_noop("Fri"),
    gettext_noop("Sat"),
    gettext_noop("Sun"),
)


class WaitingText(NamedTuple):
    """The age of a question in words. `tone`: empty, `warn` or `bad`. `since`: ms UTC; scripts renew the text by it."""

    text: str
    tone: str
    since: int


def format_person(user_id: str | None, name: str | None) -> str:
    """Return the name of a person, else the end of the id, which tells unknown people apart.

    In a sentence the name needs `foreign_text.isolate`, in a page `<bdi>`.
    """
    if seen := visible(name):
        return one_line(seen)
    return gettext("User %(tail)s") % {"tail": user_id[-4:]} if user_id else gettext("Unknown")


def format_platform(platform: str) -> str:
    """Return what people call the platform in the language of the device."""
    return get_label(platform, get_language() or "en")


def format_platforms() -> str:
    """Return the platforms of this hub as a list in words."""
    return gettext(", ").join(format_platform(name) for name in settings.PLATFORMS)


def format_surface(surface: str) -> str:
    return gettext(_SURFACES.get(surface, surface))


def format_surface_title(surface: str) -> str:
    """Return the name of a surface as it begins a line."""
    name = format_surface(surface)
    return name[:1].upper() + name[1:]


def format_notice(kind: str) -> str:
    return gettext(_NOTICES[kind]) if kind in _NOTICES else gettext("Notice")


def format_placeholder(msg_type: str | None, seconds: float | None = None) -> str:
    """Return what stands for a message without words, as [Voice 12″]; empty for a text."""
    text = gettext(_PLACEHOLDERS[msg_type]) if msg_type in _PLACEHOLDERS else ""
    return f"{text[:-1]} {round(seconds)}″{text[-1]}" if text and seconds else text


def format_ago(at: int, now: int) -> str:
    """Return how long ago `at` was, never in the future: two clocks may differ a little."""
    if now - at < JUST_NOW_MS:
        return gettext("just now")
    unit, count = split_age(now - at)
    sentences = {
        "s": gettext("%(n)s s ago"),
        "min": gettext("%(n)s min ago"),
        "h": gettext("%(n)s h ago"),
        "d": gettext("%(n)s d ago"),
    }
    return sentences[unit] % {"n": count}


def format_waiting(since: int, now: int, *, is_bare: bool = False) -> WaitingText:
    """Return how long somebody has waited, and whether that is long by the choice of the device.

    `is_bare`: without the word "waiting", which stands beside it. accounts/waiting.js says the same, too.
    """
    age = max(0, now - since)
    warn, bad = get_waiting_limits()
    tone = "bad" if age >= bad * MINUTE else "warn" if age >= warn * MINUTE else ""
    return WaitingText(_format_wait(age, is_bare=is_bare), tone, since)


def _format_wait(age: int, *, is_bare: bool) -> str:
    if age < MINUTE:
        return gettext("just now")
    if is_bare:
        return format_span(age)
    unit, count = split_age(age)
    sentences = {
        "min": gettext("waiting %(n)s min"),
        "h": gettext("waiting %(n)s h"),
        "d": gettext("waiting %(n)s d"),
    }
    return sentences[unit] % {"n": count}


def format_no_wait(reason: str | None) -> str:
    """Return why nobody waits though nobody answered; empty if somebody waits, or all is answered."""
    reasons = {
        "closing": gettext("no reply needed: closing words"),
        "fan_to_fan": gettext("no reply needed: between fans"),
    }
    return reasons.get(reason or "", "")


def format_span(ms: int) -> str:
    """Return a time span in the largest unit that fits, at least in minutes."""
    unit, count = split_age(ms)
    minutes = gettext("%(n)s min")
    sentences = {"s": minutes, "min": minutes, "h": gettext("%(n)s h"), "d": gettext("%(n)s d")}
    return sentences[unit] % {"n": count if unit != "s" else 0}


def to_local(at: int) -> datetime:
    return timezone.localtime(datetime.fromtimestamp(at / 1000, UTC))


def format_clock(at: int) -> str:
    return to_local(at).strftime("%H:%M")


def format_time(at: int, now: int) -> str:
    """Return a time as short as a row needs it: 14:02, yesterday, Wed, 11-20, 2025-11-20."""
    moment, today = to_local(at), to_local(now)
    days = (today.date() - moment.date()).days
    if days <= 0:
        return format_clock(at)
    if days == 1:
        return gettext("yesterday")
    if days < 7:
        return gettext(_WEEKDAYS[moment.weekday()])
    return moment.strftime("%m-%d" if moment.year == today.year else "%Y-%m-%d")


def format_moment(at: int, now: int) -> str:
    """Return a time with its day, unless that is today: 03:02, yesterday 03:02, 11-20 03:02."""
    day, clock = format_time(at, now), format_clock(at)
    return clock if day == clock else f"{day} {clock}"


def format_day(at: int, now: int) -> str:
    """The line above the messages of a day."""
    moment, today = to_local(at), to_local(now)
    days = (today.date() - moment.date()).days
    if days == 0:
        return gettext("today")
    if days == 1:
        return gettext("yesterday")
    pattern = gettext("D j M") if moment.year == today.year else gettext("D j M Y")
    return formats.date_format(moment, pattern)


def format_count(count: int) -> str:
    """8.3万 or 83k above what a row has room for."""
    if count < 10_000:
        return f"{count:,}"
    if get_language() == "zh-hans":
        return f"{count / 10_000:.1f}".removesuffix(".0") + "万"
    return f"{count / 1_000:.0f}k"


def format_pill(count: int) -> str:
    return f"{MAX_PILL}+" if count > MAX_PILL else str(count)


def one_line(text: str) -> str:
    """Return `text` without breaks; empty if nobody would see anything of it."""
    return "" if is_blank(text) else re.sub(r"\s+", " ", text).strip()
