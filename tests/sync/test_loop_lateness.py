import asyncio
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from sync.hub import Hub
from sync.loop_lateness import BOUNDS, EVERY_S, MOST_AT_ONCE, LoopLateness


def counted(lateness: LoopLateness) -> dict[float, int]:
    return dict(zip([*BOUNDS, float("inf")], lateness.seconds.cumulative(), strict=True))


def test_a_turn_that_comes_in_time_counts_once() -> None:
    lateness = LoopLateness()
    lateness.note(-0.0004)  # a timer may come a little early
    lateness.note(0.0004)
    assert counted(lateness)[0.001] == lateness.seconds.count == 2
    assert lateness.seconds.sum == 0.0004


def test_what_would_have_been_due_while_the_loop_was_held_up_counts_too() -> None:
    lateness = LoopLateness()
    lateness.note(0.034)  # and 0.024, 0.014, 0.004
    counts = counted(lateness)
    assert [counts[bound] for bound in (0.002, 0.005, 0.01, 0.02, 0.05)] == [0, 1, 1, 2, 4]


@given(st.floats(0, 9))
def test_the_measured_moments_are_those_of_the_time_that_the_loop_was_held_up(late: float) -> None:
    lateness = LoopLateness()
    lateness.note(late)
    assert lateness.seconds.count == 1 + int(late / EVERY_S)


def test_a_machine_that_slept_for_a_day_costs_a_bounded_number_of_counts() -> None:
    lateness = LoopLateness()
    lateness.note(86_400)
    assert lateness.seconds.count == MOST_AT_ONCE + 1


async def test_it_says_how_late_each_turn_comes() -> None:
    # Due at 0.01 and at 0.06; the turns come at 0.05 and at 0.061.
    times = iter((0.0, 0.05, 0.05, 0.061))

    def clock() -> float:
        try:
            return next(times)
        except StopIteration:
            raise asyncio.CancelledError from None

    lateness = LoopLateness(clock)
    with suppress(asyncio.CancelledError):
        await lateness.watch()
    counts = counted(lateness)
    assert counts[0.002] == 2  # 0.001, and what came due just before the end of the first
    assert counts[0.05] == counts[2.5] == 6


async def test_a_hub_measures_its_loop_from_its_start(hub: Hub) -> None:
    deadline = asyncio.get_running_loop().time() + 30
    while hub.lateness.seconds.count < 2:
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0)
