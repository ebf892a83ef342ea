"""A context that is old, or takes much memory, is made anew."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.account.hygiene import Hygiene, Limits
from crawler.browsers.session import ContextUse

MADE = 1_790_000_000_000


def a_use(memory_mb: float = 40.0, worked_s: float = 0.0, leaked: int = 0) -> ContextUse:
    return ContextUse(memory_mb, worked_s, pages=1, leaked=leaked)


def test_it_is_measured_every_minute_and_says_the_share_of_a_processor_since_the_last_time() -> None:
    hygiene = Hygiene(Limits(), MADE)
    assert hygiene.is_due(MADE)
    hygiene.note(a_use(worked_s=3.0), MADE + 60_000)
    assert (hygiene.use.cpu_percent, hygiene.use.memory_mb, hygiene.use.age_s) == (5.0, 40.0, 60)
    assert not hygiene.is_due(MADE + 119_999)
    assert hygiene.is_due(MADE + 120_000)
    hygiene.note(a_use(worked_s=33.0, leaked=2), MADE + 120_000)
    assert (hygiene.use.cpu_percent, hygiene.use.leaked) == (50.0, 2)


def test_it_is_worn_by_age_or_by_memory() -> None:
    hygiene = Hygiene(Limits(age_s=3600, memory_mb=500, rest_s=60), MADE)
    assert not hygiene.wants_new(MADE + 3_599_999)
    assert hygiene.wants_new(MADE + 3_600_000)
    hygiene.note(a_use(memory_mb=499), MADE)
    assert not hygiene.wants_new(MADE)
    hygiene.note(a_use(memory_mb=500), MADE)
    assert not hygiene.wants_new(MADE + 59_999)
    assert hygiene.wants_new(MADE + 60_000)


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(-1_000, 10**9)), max_size=20))
def test_whatever_is_measured_no_share_is_negative(measured: list[tuple[float, int]]) -> None:
    hygiene, now = Hygiene(Limits(), MADE), MADE
    for worked_s, apart in measured:  # pages that were closed take their work with them, and clocks are set
        now += apart
        hygiene.note(a_use(worked_s=worked_s), now)
        assert hygiene.use.cpu_percent >= 0
        assert hygiene.use.age_s >= 0
