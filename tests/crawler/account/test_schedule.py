"""What is looked at when: as often as it earns it, with jitter, not at night, and less when the platform says so."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.account.schedule import Schedule
from sync.protocol.intervals import INTERVALS, JITTER, NIGHT, NIGHT_ZONE_H, PACES, SLOW_DOWN_S
from sync.protocol.messages import Surface
from tests.crawler.builders import NOW

ALL: tuple[Surface, ...] = get_args(Surface)
HOUR = 3_600_000
NOON = NOW - (NOW + NIGHT_ZONE_H * HOUR) % (24 * HOUR) + 12 * HOUR


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def is_night(at: int) -> bool:
    hour = (datetime.fromtimestamp(at / 1000, UTC).hour + NIGHT_ZONE_H) % 24
    return NIGHT[0] <= hour < NIGHT[1]


def test_the_first_looks_come_in_the_platform_s_order() -> None:
    schedule = Schedule(("profile", "contents", "messages"), {}, NOW, middle)
    seen = []
    for _ in range(3):
        surface, wait = (due := schedule.next(NOW)).surface, due.wait_s
        assert wait == 0
        seen.append(surface)
        schedule.succeeded(surface, NOW)
    assert seen == ["profile", "contents", "messages"]


def test_messages_are_looked_at_most_often() -> None:
    schedule, now, counts = Schedule(tuple(INTERVALS), {}, NOON, middle), NOON, dict.fromkeys(INTERVALS, 0)
    while now < NOON + 600_000:
        due = schedule.next(now)
        now += int(due.wait_s * 1000)
        counts[due.surface] += 1
        schedule.succeeded(due.surface, now)
    assert counts["messages"] == max(counts.values()) == 25
    assert counts["contents"] == 2


def test_an_account_s_own_interval_wins_by_day_and_by_night() -> None:
    schedule = Schedule(("comments",), {"comments": 5}, NOW, middle)
    midnight = NOON + 14 * HOUR
    assert is_night(midnight)
    for now in (NOON, NOON + 1, midnight):
        schedule.succeeded("comments", now)
        assert schedule.next(now).wait_s == 5


def test_intervals_are_not_even() -> None:
    for bound, expected in ((lambda low, high: low, 20.0), (lambda low, high: high, 30.0)):
        schedule = Schedule(("messages",), {}, NOW, bound)
        schedule.succeeded("messages", NOW)
        assert schedule.next(NOW).wait_s == expected


def test_failures_double_the_wait_up_to_a_quarter_of_an_hour() -> None:
    schedule, waits = Schedule(("messages",), {}, NOW, middle), []
    for _ in range(8):
        schedule.failed("messages", NOW)
        waits.append(schedule.next(NOW).wait_s)
    assert waits == [50, 100, 200, 400, 800, 900, 900, 900]
    schedule.succeeded("messages", NOW)
    assert schedule.next(NOW).wait_s == 25


def test_one_failing_surface_is_not_all_of_them() -> None:
    schedule = Schedule(("messages", "profile"), {}, NOW, middle)
    schedule.failed("messages", NOW)
    assert (schedule.is_any_failing, schedule.is_all_failing) == (True, False)
    schedule.failed("profile", NOW)
    assert schedule.is_all_failing


def test_what_is_fresh_is_looked_at_within_a_minute_and_what_is_quiet_within_a_quarter_of_an_hour() -> None:
    schedule = Schedule(("comments",), {}, NOON, lambda low, high: high)
    schedule.succeeded("comments", NOON, brought=True)
    assert schedule.next(NOON).wait_s == 60
    waits = []
    for _ in range(12):
        schedule.succeeded("comments", NOON)
        waits.append(schedule.next(NOON).wait_s)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (90, 900)
    schedule.succeeded("comments", NOON, brought=True)
    assert schedule.next(NOON).wait_s == 60


def test_at_night_nothing_is_looked_at_until_something_arrives() -> None:
    midnight = NOON + 14 * HOUR
    schedule = Schedule(("messages", "comments"), {}, midnight, middle)
    schedule.succeeded("messages", midnight)
    schedule.succeeded("comments", midnight)
    # Its page is open anyway: to look at messages loads nothing.
    assert schedule.wait_s("messages", midnight) == 25
    rest = schedule.wait_s("comments", midnight)
    assert not is_night(midnight + int(rest * 1000))
    assert 5 * 3600 <= rest <= 6 * 3600
    schedule.arrived(midnight + 1000)
    assert schedule.wait_s("comments", midnight + 1000) == 750
    # For an hour it is as by day.
    schedule.succeeded("comments", midnight + 60_000, brought=True)
    assert schedule.wait_s("comments", midnight + 60_000) == 50


def test_the_platform_s_word_to_slow_down_holds_for_all_surfaces_and_longer_each_time() -> None:
    schedule = Schedule(("messages", "comments"), {}, NOON, middle)
    pauses = []
    for _ in range(6):
        schedule.slowed_down(NOON)
        pauses.append(schedule.next(NOON).wait_s)
    assert pauses == [900, 1800, 3600, 7200, 7200, 7200]
    later = NOON + 7200_000
    schedule.succeeded("messages", later)
    schedule.slowed_down(later)
    assert schedule.next(later).wait_s == SLOW_DOWN_S[0]


@pytest.mark.parametrize("surface", ["comments", "contents", "notifications", "profile"])
@given(
    steps=st.lists(st.sampled_from(["brought", "nothing", "failed", "arrived", "slow"]), max_size=40),
    shares=st.lists(st.floats(0, 1), min_size=80, max_size=80),
    start=st.integers(0, 48),
)
def test_whatever_happens_a_look_is_neither_hasty_nor_forgotten(
    surface: Surface, steps: list[str], shares: list[float], start: int
) -> None:
    chances, now = iter(shares), NOON + start * HOUR // 2

    def chance(low: float, high: float) -> float:
        return low + next(chances, 0.5) * (high - low)

    schedule, heard_at = Schedule((surface,), {}, now, chance), -HOUR * 100
    for step in steps:
        if step == "arrived":
            before = schedule.wait_s(surface, now)
            schedule.arrived(now)
            heard_at = now
            assert schedule.wait_s(surface, now) <= before
        elif step == "slow":
            schedule.slowed_down(now)
            assert schedule.wait_s(surface, now) >= SLOW_DOWN_S[0] * (1 - JITTER) - 0.001
        elif step == "failed":
            schedule.failed(surface, now)
            assert PACES[surface].least * (1 - JITTER) - 0.001 <= schedule.wait_s(surface, now) <= 900 * (1 + JITTER)
        else:
            schedule.succeeded(surface, now, brought=step == "brought")
            wait, due = schedule.wait_s(surface, now), now + int(schedule.wait_s(surface, now) * 1000)
            assert wait >= PACES[surface].least * (1 - JITTER) - 0.001
            assert not is_night(due) or due <= heard_at + HOUR
            assert wait <= 900 or is_night(now + int(PACES[surface].most * (1 + JITTER) * 1000)) or is_night(now + 1)
        now += int(schedule.wait_s(surface, now) * 1000)


def test_every_surface_has_a_pace_with_a_quarter_of_an_hour_as_its_end() -> None:
    assert set(PACES) == set(ALL)
    assert all(pace.least <= pace.most <= 900 / (1 + JITTER) for pace in PACES.values())
