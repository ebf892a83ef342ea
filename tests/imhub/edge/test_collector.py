"""Python's collector looks at what is new only, and what was frozen is not forgotten for ever."""

import gc
from collections.abc import Iterator
from weakref import WeakSet

import pytest

from imhub.edge import collector as module
from imhub.edge.collector import THAW_AFTER_S, THAW_AT_LAST_S, THRESHOLDS, Collector

MOST = 2 * THRESHOLDS[0]


class Circle:
    """An object that only the cyclic collector frees."""

    def __init__(self) -> None:
        self.itself = self


class Moments:
    now = 0.0
    requests = 0


@pytest.fixture
def moments() -> Moments:
    return Moments()


@pytest.fixture
def collector(moments: Moments) -> Iterator[Collector]:
    before = gc.get_threshold()
    made = Collector(lambda: moments.requests, lambda: moments.now)
    yield made
    made.leave()
    gc.set_threshold(*before)


def make(alive: WeakSet[Circle], count: int) -> None:
    for _ in range(count):
        alive.add(Circle())


def test_what_is_loaded_is_looked_at_no_more(collector: Collector) -> None:
    loaded = [Circle() for _ in range(1_000)]
    collector.settle()
    assert gc.get_freeze_count() >= len(loaded)
    assert not any(isinstance(one, Circle) for one in gc.get_objects())


def test_a_circle_made_by_each_request_does_not_grow_for_ever(collector: Collector) -> None:
    collector.settle()
    alive: WeakSet[Circle] = WeakSet()
    for _ in range(10):
        make(alive, THRESHOLDS[0])
        assert len(alive) <= MOST


def frozen_while_held(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> WeakSet[Circle]:
    """A circle that a request held during a long collection, and holds no longer."""
    monkeypatch.setattr(module, "LONG_S", 0.0)
    collector.settle()
    open_now = Circle()
    alive = WeakSet([open_now])
    gc.collect()
    return alive


def test_what_survives_a_long_collection_is_frozen_until_it_is_quiet(
    collector: Collector, moments: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = frozen_while_held(collector, monkeypatch)
    gc.collect()
    assert len(alive) == 1, "it was frozen while a request held it"
    moments.now, moments.requests = THAW_AFTER_S + 1, 1
    collector.look()
    assert len(alive) == 1, "somebody asks"
    collector.look()
    assert len(alive) == 0


def test_where_it_is_never_quiet_all_is_looked_at_once_a_day(
    collector: Collector, moments: Moments, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = frozen_while_held(collector, monkeypatch)
    for moments.now in (THAW_AFTER_S + 1, THAW_AT_LAST_S - 1, THAW_AT_LAST_S + 1):
        moments.requests += 1
        assert len(alive) == 1
        collector.look()
    assert len(alive) == 0


def test_where_nothing_was_frozen_nothing_is_looked_at(collector: Collector, moments: Moments) -> None:
    collector.settle()
    frozen = gc.get_freeze_count()
    moments.now = THAW_AT_LAST_S + 1
    collector.look()
    assert gc.get_freeze_count() <= frozen
