"""How fresh each surface is, across a restart."""

import tracemalloc

import pytest

from sync.models import Account
from sync.protocol.messages import Canary, Surface, WireObservation
from sync.storage.observations import Freshness, save_observations
from sync.storage.records import Observed

NOW = 1_790_000_000_000


def a_look(second: int, surface: Surface = "messages", canary: Canary = "ok") -> WireObservation:
    at = NOW + second * 1000
    return WireObservation(surface=surface, start=at, end=at, canary=canary)


def test_what_cannot_be_read_is_known_after_a_restart_too(db: None) -> None:
    Account.objects.create(pk="a", name="A")
    looks = [
        a_look(1),
        a_look(2, canary="page_changed"),
        a_look(1, "comments", canary="empty_suspicious"),
        a_look(2, "comments"),
        a_look(3, "contents", canary="page_changed"),
    ]
    observed = Observed("a", looks, NOW + 10_000)
    before, after = Freshness(), Freshness()
    before.note(observed)
    save_observations(observed)
    after.load([])
    for freshness in (before, after):
        assert freshness.unreadable("a") == {"messages", "contents"}
        assert freshness.observed_at("a") == {"messages": NOW + 1_000, "comments": NOW + 2_000}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_looks_in_one_report_the_later_counts(order: tuple[int, int]) -> None:
    looks = [a_look(1, canary="page_changed"), a_look(2)]
    freshness = Freshness()
    freshness.note(Observed("a", [looks[index] for index in order], NOW + 10_000))
    assert freshness.unreadable("a") == set()
    freshness.note(Observed("a", [a_look(3, canary="page_changed")], NOW + 10_000))
    assert freshness.unreadable("a") == {"messages"}
    freshness.forget("a")
    assert freshness.unreadable("a") == set()


def test_what_is_noted_of_one_account_costs_no_copy_of_the_others() -> None:
    freshness = Freshness()
    for number in range(4_000):
        freshness.note(Observed(f"a{number}", [a_look(1)], NOW + 10_000))
    tracemalloc.start()
    try:
        freshness.note(Observed("a7", [a_look(2)], NOW + 20_000))
        freshness.forget("a8")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert freshness.observed_at("a7") == {"messages": NOW + 2_000}
    assert freshness.last_sync("a8") is None
    assert peak < 50_000
