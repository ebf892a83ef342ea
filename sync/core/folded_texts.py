"""Folded texts of many items, joined in blocks: one look at a block tells whether a text stands in any of them.

Looking at each item by itself takes a hundred times as long, most of it for reaching the item.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sync.protocol.text import fold

Key = tuple[Any, ...]
"""Of an item; texts stand in the order of their keys."""

BLOCK: Final = 128
BETWEEN: Final = "\u00ad"
"""Stands between two texts: folding leaves no soft hyphen in them. It takes one byte where the texts do."""


class Block(NamedTuple):
    """Texts that follow one another: their keys, and the texts with BETWEEN between them."""

    keys: tuple[Key, ...]
    joined: str


class FoldedTexts:
    """Texts by key, in the order of the keys. Immutable: a change copies the blocks that it is about."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: tuple[Block, ...] = ()) -> None:
        self._blocks = blocks

    def __iter__(self) -> Iterator[tuple[Key, str]]:
        for block in self._blocks:
            yield from zip(block.keys, block.joined.split(BETWEEN), strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FoldedTexts) and list(self) == list(other)

    def __hash__(self) -> int:
        raise TypeError("folded texts are no key")

    def __repr__(self) -> str:
        return f"FoldedTexts({list(self)!r})"

    def find(self, folded: str, look: Callable[[int], None]) -> Key | None:
        """Return the first key in whose text `folded` stands, or None. `look` is told how many texts come next."""
        for block in self._blocks:
            look(len(block.keys))
            at = block.joined.find(folded)
            if at >= 0:
                return block.keys[block.joined.count(BETWEEN, 0, at)]
        return None

    def update(self, gone: Iterable[Key], come: Mapping[Key, str]) -> FoldedTexts:
        """Return the texts without those of `gone` and with `come`, which are not folded yet."""
        by_block: defaultdict[int, dict[Key, str | None]] = defaultdict(dict)
        for key, text in [*((key, None) for key in gone), *come.items()]:
            by_block[max(0, bisect_right(self._blocks, key, key=_head) - 1)][key] = text
        if not by_block:
            return self
        blocks = list(self._blocks)
        for at in sorted(by_block, reverse=True):
            blocks[at : at + 1] = _changed(blocks[at] if blocks else NOTHING, by_block[at])
        return FoldedTexts(tuple(blocks))


NO_TEXTS: Final = FoldedTexts()
NOTHING: Final = Block((), "")


def _changed(block: Block, changes: Mapping[Key, str | None]) -> Iterator[Block]:
    """Yield the blocks that `block` becomes: none, itself, or several."""
    texts = dict(zip(block.keys, block.joined.split(BETWEEN), strict=False))
    for key, text in changes.items():
        if text is None:
            texts.pop(key, None)
        else:
            texts[key] = fold(text)
    keys = sorted(texts)
    length = len(keys) if len(keys) <= 2 * BLOCK else BLOCK
    for start in range(0, len(keys), length or 1):
        part = tuple(keys[start : start + length])
        yield Block(part, BETWEEN.join([texts[key] for key in part]))


def _head(block: Block) -> Key:
    return block.keys[0]
