"""Times of the day and days of the week. A minute of the day is 0 to 1439; times are ms UTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

MINUTE_MS: Final = 60_000
DAY_MIN: Final = 24 * 60
_CLOCK: Final = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")


class Span(NamedTuple):
    """A time of every day, from minute `begin` up to minute `end`. It goes over midnight if `end` is not later."""

    begin: int
    end: int

    def has(self, minute: int) -> bool:
        """Return whether the minute of the day is in it."""
        if self.begin < self.end:
            return self.begin <= minute < self.end
        return minute >= self.begin or minute < self.end


class Business(NamedTuple):
    """The business hours: from minute `begin` to minute `end` (at most 1440) of these days (0 is Monday)."""

    days: frozenset[int]
    begin: int
    end: int


def parse_clock(text: str) -> int | None:
    """Return the minute of the day of 9:00 or 21:30; None if it is no time of day."""
    found = _CLOCK.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def format_clock(minute: int) -> str:
    """Return a minute of the day as 09:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def to_local(at: int, zone: tzinfo) -> datetime:
    """Return the moment as the clocks of `zone` show it."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def is_quiet(at: int, quiet: Span | None, zone: tzinfo) -> bool:
    """Return whether `at` is in the quiet hours."""
    return quiet is not None and quiet.has(_minute(at, zone))


def is_business(at: int, business: Business, zone: tzinfo) -> bool:
    """Return whether `at` is in the business hours."""
    return to_local(at, zone).weekday() in business.days and business.begin <= _minute(at, zone) < business.end


def last_quiet_end(at: int, quiet: Span, zone: tzinfo) -> int:
    """Return when the quiet hours ended last, at or before `at`."""
    today = to_local(at, zone).date()
    ends = (_moment(today - timedelta(days=back), quiet.end, zone) for back in (0, 1, 2))
    return next(end for end in ends if end <= at)


def has_waited(since: int, now: int, minutes: int, business: Business, zone: tzinfo) -> bool:
    """Return whether more than `minutes` of business hours passed between `since` and `now`."""
    left = minutes * MINUTE_MS
    if now - since <= left:
        return False
    for begin, end in _open_times(since, now, business, zone):
        left -= max(0, min(end, now) - max(begin, since))
        if left < 0:
            return True
    return False


def _open_times(since: int, now: int, business: Business, zone: tzinfo) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of the business hours of each day that `since` to `now` touches."""
    day, last = to_local(since, zone).date(), to_local(now, zone).date()
    while day <= last:
        if day.weekday() in business.days:
            yield _moment(day, business.begin, zone), _moment(day, business.end, zone)
        day += timedelta(days=1)


def _minute(at: int, zone: tzinfo) -> int:
    local = to_local(at, zone)
    return local.hour * 60 + local.minute


def _moment(day: date, minute: int, zone: tzinfo) -> int:
    if minute >= DAY_MIN:
        day, minute = day + timedelta(days=1), minute - DAY_MIN
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return int(local.timestamp() * 1000)
