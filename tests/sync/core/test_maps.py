"""A map is the same to everybody, whether it is a dict of few entries or a trie of many."""

from __future__ import annotations

from operator import ne
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from immutables import Map as Trie

from sync.core.maps import FEW, Map

ENTRIES = st.dictionaries(st.integers(0, 2 * FEW), st.integers(), max_size=2 * FEW)
STEPS = st.lists(st.dictionaries(st.integers(0, 2 * FEW), st.none() | st.integers(), max_size=FEW), max_size=4)


@given(start=ENTRIES, steps=STEPS)
def test_a_map_holds_what_was_put_into_it_and_its_former_versions_stay(start: Any, steps: Any) -> None:
    entries, expected = Map(start), dict(start)
    for step in steps:
        former = dict(entries)
        with entries.mutate() as after:
            for key, value in step.items():
                if value is None:
                    after.pop(key, None)
                else:
                    after[key] = value
            changed = after.finish()
        assert dict(entries) == former
        entries = changed
        expected = {key: value for key, value in (expected | step).items() if value is not None}
        assert dict(entries) == expected
        assert entries == Map(expected)
        assert Map(expected) == entries
        assert len(entries) == len(expected)


@given(start=ENTRIES, key=st.integers(0, 2 * FEW))
def test_one_entry_at_a_time_comes_to_the_same(start: dict[int, int], key: int) -> None:
    entries = Map(start)
    assert dict(entries.set(key, 7)) == {**start, key: 7}
    assert dict(entries.update({key: 7})) == {**start, key: 7}
    assert dict(entries.set(key, 7).delete(key)) == {of: value for of, value in start.items() if of != key}
    assert entries == Map(start)
    assert entries != Map({**start, key: "another"})


def test_few_entries_are_a_dict_and_more_a_trie() -> None:
    assert isinstance(Map(dict.fromkeys(range(FEW), 0)), dict)
    assert isinstance(Map((number, 0) for number in range(FEW + 1)), Trie)


def test_a_trie_that_has_few_entries_left_equals_the_dict_of_the_same_ones() -> None:
    many = Map(dict.fromkeys(range(FEW + 2), 0))
    left, few = many.delete(0).delete(1), Map(dict.fromkeys(range(2, FEW + 2), 0))
    assert (type(left), type(few)) == (Trie, Map)
    assert left == few
    assert few == left
    assert (ne(left, few), ne(few, left)) == (False, False)
    assert few != left.set(2, 1)
    assert few != {}


def test_a_map_is_changed_by_nobody() -> None:
    few: Any = Map({1: 2})
    with pytest.raises(TypeError):
        few[1] = 3
    with pytest.raises(TypeError):
        few.pop(1)
    with pytest.raises(KeyError):
        few.delete(2)
    with pytest.raises(TypeError):
        hash(few)
    assert few == {1: 2}
