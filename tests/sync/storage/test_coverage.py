"""When an account was really observed: stretches and gaps that fill the time, and why there is a gap."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.models import Account
from sync.protocol.messages import WireObservation
from sync.storage.coverage import Gap, Looked, SurfaceCoverage, load_coverage, load_coverages, make_coverage
from sync.storage.observations import GAP_MS, save_observations
from sync.storage.records import Observed

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
NOW = 1_790_000_000_000
SINCE = NOW - DAY


def ago(minutes: int) -> int:
    return NOW - minutes * MINUTE


def said(*looked: Looked) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    """Stretches and gaps in minutes before now."""
    found = make_coverage(looked, SINCE, NOW)

    def back(at: int) -> int:
        return (NOW - at) // MINUTE

    return (
        [(back(one.start), back(one.end)) for one in found.stretches],
        [(back(one.start), back(one.end), one.cause) for one in found.gaps],
    )


def test_an_account_that_was_never_looked_at_has_neither() -> None:
    assert said() == ([], [])


def test_nothing_before_the_first_look_is_a_gap_and_a_pause_of_minutes_is_none() -> None:
    looked = Looked(ago(120), ago(60), True), Looked(ago(46), ago(10), True)
    assert said(*looked) == ([(120, 0)], [])


def test_what_nobody_looked_at_is_a_gap() -> None:
    looked = Looked(ago(2000), ago(600), True), Looked(ago(300), ago(40), True)
    assert said(*looked) == ([(1440, 600), (300, 40)], [(600, 300, "not_observed"), (40, 0, "not_observed")])


def test_a_page_that_changed_is_a_gap_with_its_cause_however_short() -> None:
    looked = Looked(ago(60), ago(30), True), Looked(ago(28), ago(27), False), Looked(ago(25), ago(5), True)
    assert said(*looked) == ([(60, 30), (25, 0)], [(30, 25, "page_changed")])
    assert said(Looked(ago(60), ago(30), True), Looked(ago(28), ago(2), False)) == (
        [(60, 30)],
        [(30, 0, "page_changed")],
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Looked]:
    starts = draw(st.lists(st.integers(SINCE - DAY, NOW), max_size=12))
    return [Looked(s, min(NOW, s + draw(st.integers(0, 3 * GAP_MS))), draw(st.booleans())) for s in starts]


@given(histories())
def test_stretches_and_gaps_fill_the_time_and_never_overlap(looked: list[Looked]) -> None:
    found = make_coverage(looked, SINCE, NOW)
    stretches = [(one.start, one.end) for one in found.stretches]
    pieces = sorted(stretches + [(one.start, one.end) for one in found.gaps])
    assert all(start <= end for start, end in pieces)
    assert all(left[1] == right[0] for left, right in itertools.pairwise(pieces))
    if looked:
        begin = max(SINCE, min(one.start for one in looked))
        assert not pieces or (pieces[0][0], pieces[-1][1]) == (begin, NOW)


@given(histories())
def test_what_is_older_than_the_window_need_not_be_read(looked: list[Looked]) -> None:
    recent = [one for one in looked if one.end >= SINCE - GAP_MS]
    older = any(one.end < SINCE for one in looked)
    assert make_coverage(recent, SINCE, NOW, was_looked_at=older) == make_coverage(looked, SINCE, NOW)


@pytest.mark.django_db
def test_an_account_that_was_looked_at_long_ago_only_has_one_gap() -> None:
    for name in ("roses", "tea"):
        Account.objects.create(pk=name, name=name)
    save_observations(Observed("roses", [WireObservation(surface="messages", start=ago(3000), end=ago(2900))], NOW))
    save_observations(Observed("tea", [WireObservation(surface="messages", start=ago(30), end=ago(20))], NOW))
    found = load_coverages(["roses", "tea", "dress"], SINCE, NOW)
    assert found["roses"]["messages"] == SurfaceCoverage([], [Gap(SINCE, NOW, "not_observed")])
    assert list(found) == ["roses", "tea"]


@pytest.mark.django_db
def test_stored_observations_are_read_by_surface() -> None:
    Account.objects.create(pk="roses", name="Roses")
    looks = [
        WireObservation(surface="messages", start=ago(90), end=ago(80)),
        WireObservation(surface="messages", start=ago(79), end=ago(5)),
        WireObservation(surface="comments", start=ago(30), end=ago(29), canary="page_changed"),
    ]
    save_observations(Observed("roses", looks, NOW))
    found = load_coverage("roses", SINCE, NOW)
    assert [(one.start, one.end) for one in found["messages"].stretches] == [(ago(90), NOW)]
    assert (found["comments"].stretches, [one.cause for one in found["comments"].gaps]) == ([], ["page_changed"])
