"""Replies go at a person's pace: apart, bounded by hour and day, not at night, and slower after a refusal."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.replies.budget import NEVER, Person, Turn, estimate_turns, gap_ms, next_turn, stopped_by
from sync.core.replies.reply import Reason, Reply
from sync.protocol.account_config import Budget, Pace
from tests.sync.builders import HOUR, MINUTE
from tests.sync.core.replies.builders import a_reply

ZONE = ZoneInfo("Asia/Shanghai")
NOON = int(datetime(2026, 5, 20, 12, tzinfo=ZONE).timestamp() * 1000)
USUAL = Budget()
FAN = Person(heard_at=NOON - HOUR)


def sent(number: int, at: int, **fields: Any) -> Reply:
    return a_reply(number, **({"state": "sent", "pressed_at": at, "ended_at": at} | fields))


def refused(number: int, at: int, code: str = "blocked") -> Reply:
    return sent(number, at, state="refused", reason=Reason(code))


def turn(replies: list[Reply], now: int = NOON, person: Person = FAN, kind: Any = "message") -> Turn:
    return next_turn(kind, person, replies, USUAL, ZONE, now)


def test_the_first_goes_at_once() -> None:
    assert turn([]) == (NOON, None)


def test_the_next_one_waits_as_long_as_a_person_would() -> None:
    waits = {turn([sent(number, NOON)]).at - NOON for number in range(50)}
    assert len(waits) > 40
    assert min(waits) >= 45_000
    assert max(waits) <= 120_000
    assert turn([sent(1, NOON)]) == turn([sent(1, NOON)])


def test_comments_have_a_pace_of_their_own() -> None:
    assert turn([sent(1, NOON)], kind="comment") == (NOON, None)
    assert 60_000 <= turn([sent(1, NOON, kind="work")], kind="comment").at - NOON <= 180_000


def test_an_hour_has_fifteen_messages_and_a_day_sixty() -> None:
    hour = [sent(number, NOON - 50 * MINUTE + number * MINUTE) for number in range(15)]
    assert turn(hour) == (NOON + 10 * MINUTE, "hour")
    day = [sent(number, NOON - 3 * HOUR + number * 3 * MINUTE) for number in range(60)]
    assert turn(day) == (NOON + 21 * HOUR, "day")


@pytest.mark.parametrize(("hour", "waits_until"), [(23, None), (0, 8), (7, 8), (8, None)])
def test_nobody_is_woken(hour: int, waits_until: int | None) -> None:
    now = int(datetime(2026, 5, 20, hour, 30, tzinfo=ZONE).timestamp() * 1000)
    at, why = turn([], now, Person(heard_at=now - HOUR))
    assert why == ("night" if waits_until else None)
    assert datetime.fromtimestamp(at / 1000, ZONE).hour == (waits_until or hour)


def test_who_wrote_a_moment_ago_is_answered_at_night() -> None:
    now = int(datetime(2026, 5, 20, 3, tzinfo=ZONE).timestamp() * 1000)
    assert turn([], now, Person(heard_at=now - 9 * MINUTE)) == (now, None)
    assert turn([], now, Person(heard_at=now - 11 * MINUTE)).why == "night"


def test_a_stranger_gets_one_message() -> None:
    assert turn([], person=Person(is_stranger=True)) == (NOON, None)
    assert turn([], person=Person(is_stranger=True, is_written_to=True)) == (NEVER, "stranger")


def test_each_refusal_in_a_row_makes_the_pause_longer() -> None:
    replies = [sent(0, NOON - 9 * HOUR)]
    pauses = []
    for number in range(1, 6):
        replies.append(refused(number, NOON + number))
        pauses.append(turn(replies, NOON + number, Person(heard_at=NOON + 2 * 24 * HOUR)).at - NOON - number)
    assert pauses == [HOUR // 2, 2 * HOUR, 6 * HOUR, 24 * HOUR, 24 * HOUR]
    assert turn([*replies, sent(9, NOON + 9)], NOON + HOUR) == (NOON + HOUR, None)


@pytest.mark.parametrize("code", ["check", "risk", "kicked"])
def test_at_a_check_nothing_goes_until_somebody_tries_again(code: str) -> None:
    stop = refused(1, NOON - 30 * 24 * HOUR, code)
    assert turn([stop]) == (NEVER, "stopped")
    assert stopped_by([stop]) == stop
    again = a_reply(2, retry_of=stop.id)
    assert stopped_by([stop, again]) == stop, "it can still be taken back"
    assert stopped_by([stop, replace(again, state="cancelled")]) == stop
    for state in ("queued", "typing", "pressing", "sent", "unknown", "failed"):
        assert stopped_by([stop, replace(again, state=state)]) is None


PACES = st.builds(
    lambda low, more, hour, day: Pace((low, low + more), hour, day),
    st.integers(1, 200),
    st.integers(0, 200),
    st.integers(1, 8),
    st.integers(1, 30),
)


@settings(max_examples=60)
@given(PACES, st.tuples(st.integers(0, 23), st.integers(0, 23)), st.integers(1, 40), st.integers(0, 47))
def test_whatever_the_bounds_they_are_kept(pace: Pace, night: tuple[int, int], count: int, hour: int) -> None:
    budget = Budget(messages=pace, night=night)
    begin = NOON + hour * HOUR // 2
    waiting: list[Any] = [("message", Person(), f"repl_acc_{number:032x}") for number in range(count)]
    turns = estimate_turns(waiting, [], budget, ZONE, begin)
    times = [at for at, _ in turns]
    assert times == sorted(times)
    for (_, _, one), before, after in zip(waiting, times, times[1:], strict=False):
        assert after - before >= gap_ms(one, pace) >= pace.apart_s[0] * 1000
        assert gap_ms(one, pace) <= pace.apart_s[1] * 1000
    for most, span in ((pace.per_hour, HOUR), (pace.per_day, 24 * HOUR)):
        assert all(later - at >= span for at, later in zip(times, times[most:], strict=False))
    for at in times:
        there = datetime.fromtimestamp(at / 1000, ZONE).hour
        asleep = night[0] <= there < night[1] if night[0] < night[1] else there >= night[0] or there < night[1]
        assert night[0] == night[1] or not asleep


def test_what_was_never_pressed_costs_nothing() -> None:
    assert turn([replace(sent(1, NOON), state="failed", pressed_at=None)]) == (NOON, None)
