"""Other people's words: what JSON can carry, what people can see, what a search takes for the same."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.protocol.text import fold, is_blank, repair_escapes, visible, well_formed, well_formed_json

ANY_TEXT = st.text(st.characters(), max_size=20)  # halves of surrogate pairs among them
ANY_JSON = st.recursive(ANY_TEXT, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner))


@given(ANY_JSON)
def test_whatever_a_page_holds_can_be_encoded_once_it_is_well_formed(value: object) -> None:
    assert msgspec.json.decode(msgspec.json.encode(well_formed_json(value))) == well_formed_json(value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("小鱼儿", "小鱼儿"),
        ("小\ud800鱼", "小\ufffd鱼"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("\ud83d\ud83d\ude00", "\ufffd😀"),
    ],
)
def test_half_a_surrogate_pair_becomes_one_character_and_a_pair_its_own(text: str, expected: str) -> None:
    assert well_formed(text) == expected


@given(ANY_JSON)
def test_json_with_halves_of_pairs_as_escapes_is_read_by_a_strict_reader_once_repaired(value: object) -> None:
    assert msgspec.json.decode(repair_escapes(json.dumps(value))) == json.loads(repair_escapes(json.dumps(value)))


@pytest.mark.parametrize(
    ("escaped", "expected"),
    [
        (r'"\\ud800"', "\\ud800"),
        (r'"\\\ud800"', "\\\ufffd"),
        (r'"\ud83d\ude00\ud83d"', "😀\ufffd"),
        (r'"\n\uDFFF\u4e2d"', "\n\ufffd中"),
    ],
)
def test_only_halves_of_pairs_are_repaired(escaped: str, expected: str) -> None:
    assert msgspec.json.decode(repair_escapes(escaped)) == expected


@pytest.mark.parametrize(
    "name", ["", " ", "\u3000", "\u200b", "\u3164", "\u2800", "\u202e", "\ufe0f", "\0", "\u115f \u00ad\n"]
)
def test_a_name_of_which_nobody_sees_anything_is_none(name: str) -> None:
    assert is_blank(name)
    assert visible(name) is None


@pytest.mark.parametrize("name", ["a", ".", "\u200b小鱼", "\u202eabc", "👩\u200d🚀", "\u0301", "\ufffd", "\ue000"])
def test_a_name_of_which_something_is_seen_stays_as_it_is(name: str) -> None:
    assert visible(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ＢＥＮ１２", "ben12"),
        ("caf\u00e9", "CAFE\u0301"),
        ("Straße", "STRASSE"),
        ("ｶﾞ", "ガ"),
        ("①", "1"),
        ("小\u200b鱼", "小鱼"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_a_search_takes_these_for_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text(max_size=8))
def test_to_fold_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
