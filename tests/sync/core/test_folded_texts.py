"""Texts in blocks are found exactly as each of them would be by itself, and at the cost of few looks."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from sync.core.account.order import Key
from sync.core.folded_texts import BETWEEN, BLOCK, NO_TEXTS, FoldedTexts
from sync.protocol.text import fold

WORDS = st.text(st.sampled_from("尺码，,aＡ①éß㎏\u1100\u1161\u200b\u0301\u00ad😀"), max_size=4)
CHANGES = st.lists(st.dictionaries(st.integers(0, 400), st.none() | WORDS, max_size=60), max_size=4)


def key_of(number: int) -> Key:
    return (number // 3, bytes([number % 3]), f"m{number}")


def counted() -> tuple[list[int], FoldedTexts]:
    looks: list[int] = []
    return looks, NO_TEXTS.update((), {key_of(n): f"第{n}句" for n in range(5 * BLOCK)})


@given(steps=CHANGES, q=WORDS, first=st.integers(0, 700))
def test_the_first_text_is_found_whatever_came_and_went(steps: list[dict[int, str | None]], q: str, first: int) -> None:
    expected = {key_of(n): "尺" * (n % 2) for n in range(first)}
    texts = NO_TEXTS.update((), expected)
    for step in steps:
        gone = [key_of(n) for n, text in step.items() if text is None]
        come = {key_of(n): text for n, text in step.items() if text is not None}
        texts = texts.update(gone, come)
        expected = {key: text for key, text in (expected | come).items() if key not in gone}
    assert list(texts) == [(key, fold(expected[key])) for key in sorted(expected)]
    if folded := fold(q):
        found = (key for key in sorted(expected) if folded in fold(expected[key]))
        every = list(found)
        assert texts.find(folded, lambda _: None) == next(iter(every), None)
        assert [key for block in texts.blocks for key in block.find_all(folded)] == every


def test_what_stands_between_two_texts_is_left_in_none() -> None:
    assert BETWEEN not in fold("".join(map(chr, range(sys.maxunicode + 1))))


def test_each_text_is_looked_at_once_and_none_behind_the_found_one() -> None:
    looks, texts = counted()
    assert texts.find("第五", looks.append) is None
    assert sum(looks) == 5 * BLOCK
    assert max(looks) <= 2 * BLOCK
    looks.clear()
    assert texts.find("第0", looks.append) == key_of(0)
    assert len(looks) == 1


def test_a_change_leaves_the_other_blocks_as_they_are() -> None:
    _, texts = counted()
    changed = texts.update([], {key_of(BLOCK): "另一句"})
    shared = {id(block) for block in texts.blocks} & {id(block) for block in changed.blocks}
    assert len(shared) == len(texts.blocks) - 1
    assert dict(texts)[key_of(BLOCK)] == f"第{BLOCK}句"


def test_what_stands_beside_a_block_is_read_once_and_anew_after_a_change_of_it() -> None:
    asked: list[int] = []
    texts = NO_TEXTS.update((), {key_of(n): "句" for n in range(3)})

    def name_all(keys: tuple[Key, ...]) -> str:
        asked.append(len(keys))
        return "name"

    def read(of: FoldedTexts) -> None:
        assert [block.beside(name_all) for block in of.blocks] == ["name"]

    read(texts)
    read(texts)
    assert asked == [3]
    read(texts.update([key_of(1)], {key_of(1): "句"}))
    assert asked == [3, 3]


def test_keys_that_somebody_holds_in_one_tuple_are_held_once() -> None:
    keys = tuple(key_of(n) for n in range(3))
    (block,) = NO_TEXTS.update((), dict.fromkeys(keys, "句"), keys).blocks
    assert block.keys is keys
    (other,) = NO_TEXTS.update((), dict.fromkeys(keys, "句"), keys[:2]).blocks
    assert other.keys == keys
