"""What ends again and again gets ever longer pauses, and what works for a while is forgiven."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.crash_pauses import FIRST_MS, FREE, MOST_MS, SHORT_LIFE_MS, CrashStreaks, pause_ms


def test_two_ends_are_forgiven_then_pauses_double_up_to_half_an_hour() -> None:
    assert [pause_ms(streak) // 1_000 for streak in range(12)] == [0, 0, 0, 15, 30, 60, 120, 240, 480, 960, 1800, 1800]


def test_it_waits_from_the_third_short_life_on_and_begins_anew_after_a_long_one() -> None:
    streaks, now = CrashStreaks(), 1_000
    assert [streaks.note("a", now), streaks.note("a", now + 1), streaks.note("a", now + 2)] == [0, 0, FIRST_MS]
    assert streaks.count("a") == 3
    assert streaks.paused_until("a", now + 3) == now + 2 + FIRST_MS
    assert streaks.paused_until("b", now) is None
    assert streaks.paused(now + 3) == {"a"}
    back = now + 2 + FIRST_MS
    assert streaks.paused_until("a", back) is None
    assert streaks.paused(back) == set()
    assert streaks.note("a", back + SHORT_LIFE_MS) == 0
    assert streaks.count("a") == 1


@given(st.lists(st.integers(0, 2 * SHORT_LIFE_MS), max_size=40), st.integers(1, 50))
def test_however_things_end_no_pause_is_longer_than_the_longest(lives: list[int], more: int) -> None:
    streaks, now = CrashStreaks(), 0
    for life in lives:
        now = (streaks.paused_until("a", now) or now) + life
        assert 0 <= streaks.note("a", now) <= MOST_MS
    assert pause_ms(FREE + more) <= pause_ms(FREE + more + 1)
