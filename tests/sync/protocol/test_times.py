"""Times come in every spelling and leave as ms UTC, or not at all."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.times import DAY_MS, EARLIEST_MS, InvalidTime, parse_time

NOW = 1_761_804_248_025
VALID_TIMES = st.integers(EARLIEST_MS, NOW + DAY_MS)
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))

# fmt: off
INVALID_TIMES = [
    0, "0", -1, EARLIEST_MS - 1, NOW + DAY_MS + 1, 1e300, float("inf"), float("nan"), 10**400, -(10**30), True, False,
    "yesterday", "  ", "1" * 60, "2009-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59", "١٢٣",
    [], {}, ["2025-01-01"],
]
# fmt: on


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC) + timedelta(milliseconds=ms % 1000)


@given(VALID_TIMES)
def test_milliseconds_stay_what_they_are(ms: int) -> None:
    assert parse_time(ms, NOW) == ms
    assert parse_time(str(ms), NOW) == ms
    assert parse_time(float(ms), NOW) == ms


@given(VALID_TIMES.map(lambda ms: ms // 1000 * 1000))
def test_seconds_become_milliseconds(ms: int) -> None:
    assert parse_time(ms // 1000, NOW) == ms
    assert parse_time(str(ms // 1000), NOW) == ms


@given(VALID_TIMES)
def test_seconds_with_a_fraction_keep_their_milliseconds(ms: int) -> None:
    assert parse_time(ms / 1000, NOW) == ms


@given(VALID_TIMES, st.integers(0, 999))
def test_microseconds_become_milliseconds(ms: int, rest: int) -> None:
    assert parse_time(ms * 1000 + rest, NOW) == ms
    assert parse_time(str(ms * 1000 + rest), NOW) == ms


@given(VALID_TIMES, ZONES)
def test_iso_8601_means_the_moment_that_it_names(ms: int, zone: timezone) -> None:
    assert parse_time(moment(ms).astimezone(zone).isoformat(), NOW) == ms


@given(VALID_TIMES)
def test_iso_8601_without_a_zone_is_utc(ms: int) -> None:
    assert parse_time(moment(ms).replace(tzinfo=None).isoformat(), NOW) == ms
    assert parse_time(moment(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z", NOW) == ms


@pytest.mark.parametrize("value", [None, ""])
def test_no_time_is_none_without_complaint(value: object) -> None:
    assert parse_time(value, NOW) is None


@pytest.mark.parametrize("value", INVALID_TIMES, ids=lambda value: str(value)[:20])
def test_an_invalid_time_is_refused(value: object) -> None:
    with pytest.raises(InvalidTime) as caught:
        parse_time(value, NOW)
    assert len(str(caught.value)) < 120


@given(st.one_of(st.integers(), st.floats(), st.text(), st.binary(), st.booleans(), st.none()))
def test_any_value_gives_a_valid_time_or_none_or_a_refusal(value: object) -> None:
    try:
        ms = parse_time(value, NOW)
    except InvalidTime:
        return
    assert ms is None or EARLIEST_MS <= ms <= NOW + DAY_MS
