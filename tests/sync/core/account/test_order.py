"""The persistent order against a sorted list."""

from bisect import bisect_left, bisect_right
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.core.account.order import CHUNK, EMPTY, Order

KEYS = st.tuples(st.integers(0, 400), st.sampled_from("abcd"))
CHANGES = st.lists(st.tuples(st.lists(KEYS, max_size=120), st.lists(KEYS, max_size=120)), max_size=8)
MANY = [(number // 4, "abcd"[number % 4]) for number in range(1_600)]


def agrees(order: Order, expected: list[Any], probe: Any) -> None:
    assert list(order) == expected
    assert len(order) == len(expected)
    assert order.first() == (expected[0] if expected else None)
    assert order.last() == (expected[-1] if expected else None)
    assert (probe in order) == (probe in expected)
    assert order.rank(probe) == bisect_left(expected, probe)
    assert list(order.after(probe)) == expected[bisect_right(expected, probe) :]
    below = expected[: bisect_left(expected, probe)]
    assert order.before(probe) == (below[-1] if below else None)
    assert list(order.backwards(probe)) == below[::-1]
    for count in (0, 1, len(expected) // 2, len(expected), len(expected) + 1):
        assert list(order.skip(count)) == expected[count:]
    assert order == Order.of(expected)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([[], MANY, MANY[: CHUNK * 2 + 3]]), CHANGES, st.lists(KEYS, min_size=1, max_size=3))
def test_an_order_is_a_sorted_list_without_doubles(start: list[Any], changes: Any, probes: list[Any]) -> None:
    order, expected = Order.of(start), sorted(start)
    for remove, add in changes:
        before = list(order)
        changed = order.update(remove, add)
        assert list(order) == before
        order, expected = changed, sorted(set(expected) - set(remove) | set(add))
    for probe in probes:
        agrees(order, expected, probe)


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(3 * CHUNK)), st.integers(0, 3 * CHUNK))
def test_one_key_at_a_time_comes_to_the_same(numbers: list[int], kept: int) -> None:
    order = EMPTY
    for number in numbers:
        order = order.update((), [(number, "x")])
    assert list(order) == [(number, "x") for number in range(3 * CHUNK)]
    for number in numbers[kept:]:
        order = order.update([(number, "x")])
    agrees(order, sorted((number, "x") for number in numbers[:kept]), (CHUNK, "x"))


def test_a_key_that_is_removed_and_added_at_once_is_there() -> None:
    small, large = Order.of([(1, "a")]), Order.of(MANY)
    assert list(small.update([(1, "a")], [(1, "a")])) == [(1, "a")]
    assert (5, "a") in large.update([(5, "a")], [(5, "a")])


def test_an_insertion_into_many_keys_copies_one_chunk() -> None:
    order = Order.of([(number, "x") for number in range(10_000)])
    changed = order.update([(5_000, "x")], [(7_000, "y")])
    shared = {id(chunk) for chunk in order._chunks} & {id(chunk) for chunk in changed._chunks}
    assert len(order._chunks) - len(shared) == 2


def test_a_page_deep_in_the_order_reads_no_more_than_itself() -> None:
    order = Order.of([(number, "x") for number in range(10_000)])
    assert list(islice(order.after((9_000, "x")), 2)) == [(9_001, "x"), (9_002, "x")]


def test_chunks_stay_small() -> None:
    order = EMPTY
    for number in range(10 * CHUNK):
        order = order.update((), [(-number, "x")])
    assert max(len(chunk) for chunk in order._chunks) <= 2 * CHUNK


def test_an_order_is_no_key() -> None:
    with pytest.raises(TypeError):
        hash(EMPTY)
