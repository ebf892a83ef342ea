from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.core.hours import (
    MINUTE_MS,
    Business,
    Span,
    format_clock,
    has_waited,
    is_business,
    is_quiet,
    last_quiet_end,
    parse_clock,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
WORKDAYS = Business(frozenset(range(5)), 9 * 60, 18 * 60)


def at(text: str, zone: ZoneInfo = SHANGHAI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "minute"),
    [("9:00", 540), ("09:05", 545), ("23:59", 1439), (" 00:00 ", 0), ("9：30", 570), ("24:00", None), ("9", None)],
)
def test_a_time_of_day_is_read_as_people_write_it(text: str, minute: int | None) -> None:
    assert parse_clock(text) == minute


@given(st.integers(0, 1439))
def test_every_minute_is_written_as_it_is_read(minute: int) -> None:
    assert parse_clock(format_clock(minute)) == minute


def test_quiet_hours_may_go_over_midnight() -> None:
    night = Span(23 * 60, 8 * 60)
    assert is_quiet(at("2026-03-02T23:00"), night, SHANGHAI)
    assert is_quiet(at("2026-03-03T07:59"), night, SHANGHAI)
    assert not is_quiet(at("2026-03-03T08:00"), night, SHANGHAI)
    assert not is_quiet(at("2026-03-03T03:00"), None, SHANGHAI)
    assert last_quiet_end(at("2026-03-03T08:00"), night, SHANGHAI) == at("2026-03-03T08:00")
    assert last_quiet_end(at("2026-03-03T07:59"), night, SHANGHAI) == at("2026-03-02T08:00")


def test_who_writes_on_friday_evening_waits_from_monday_morning_on() -> None:
    friday = at("2026-03-06T17:50")
    assert not has_waited(friday, at("2026-03-08T20:00"), 30, WORKDAYS, SHANGHAI)
    assert not has_waited(friday, at("2026-03-09T09:20"), 30, WORKDAYS, SHANGHAI)
    assert has_waited(friday, at("2026-03-09T09:21"), 30, WORKDAYS, SHANGHAI)


def test_a_day_with_a_change_of_the_clocks_has_its_business_hours() -> None:
    sundays = Business(frozenset({6}), 60, 5 * 60)  # the clocks of Berlin go from 2:00 to 3:00 on 2026-03-29
    since = at("2026-03-28T12:00", BERLIN)
    assert not has_waited(since, at("2026-03-29T04:59", BERLIN), 179, sundays, BERLIN)
    assert has_waited(since, at("2026-03-29T05:00", BERLIN), 179, sundays, BERLIN)


@given(
    since=st.integers(0, 6 * 24 * 60),
    length=st.integers(0, 3 * 24 * 60),
    minutes=st.integers(1, 1500),
    days=st.frozensets(st.integers(0, 6), min_size=1),
    opens=st.integers(0, 1380),
    hours=st.integers(1, 24),
)
def test_a_wait_is_counted_as_somebody_would_who_looks_at_every_minute(
    since: int, length: int, minutes: int, days: frozenset[int], opens: int, hours: int
) -> None:
    begin = int(datetime(2026, 3, 2, tzinfo=UTC).timestamp() * 1000) + since * MINUTE_MS
    business = Business(days, opens, min(1440, opens + hours * 60))
    open_minutes = sum(is_business(begin + one * MINUTE_MS, business, SHANGHAI) for one in range(length))
    assert has_waited(begin, begin + length * MINUTE_MS, minutes, business, SHANGHAI) == (open_minutes > minutes)
