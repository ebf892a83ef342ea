"""Lanes and allowances: never more at once, never more that wait, and an address may fail so often."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imhub.edge.lanes import MAX_SOURCES, Allowance, Full, Lane


async def test_what_runs_and_what_waits_is_bounded_and_the_order_is_kept() -> None:
    lane = Lane(2, 3, 2)
    for source in ("a", "a"):
        await lane.enter(source)
    done: list[int] = []

    async def wait(number: int, source: str) -> None:
        await lane.enter(source)
        done.append(number)

    waiting = [asyncio.create_task(wait(number, source)) for number, source in enumerate(("a", "a", "b"))]
    await asyncio.sleep(0)
    for source, by_source in (("a", True), ("c", False)):
        with pytest.raises(Full) as full:
            await lane.enter(source)
        assert full.value.by_source is by_source
    assert (lane.running, lane.waiting) == (2, 3)
    waiting[0].cancel()
    for _ in range(2):
        lane.leave()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert done == [1, 2]
    assert (lane.running, lane.waiting) == (2, 0)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 30)), max_size=60))
def test_an_address_never_fails_more_often_than_it_is_allowed(steps: list[tuple[str, float]]) -> None:
    now = 0.0
    allowance = Allowance(3, 6, lambda: now)
    failed: list[float] = []
    for source, pause in steps:
        now += pause
        if not allowance.wait_s(source):
            allowance.charge(source)
            failed += [now] if source == "a" else []
    for begin in failed:
        assert len([at for at in failed if begin <= at < begin + 60]) <= 3 + 6


def test_who_waits_as_told_may_try_again() -> None:
    now = 0.0
    allowance = Allowance(1, 6, lambda: now)
    allowance.charge("a")
    assert allowance.wait_s("a") == 10
    assert allowance.wait_s("b") == 0
    now = 10.0
    assert allowance.wait_s("a") == 0


def test_what_is_remembered_of_addresses_is_bounded() -> None:
    allowance = Allowance(1, 1)
    for number in range(MAX_SOURCES + 100):
        allowance.charge(f"a{number}")
    assert len(allowance) == MAX_SOURCES
