"""Folded texts of many items, joined in blocks: one look at a block tells whether a text stands in any of them.

Looking at each item by itself takes a hundred times as long, most of it for reaching the item. Texts are folded when
somebody looks for one: most accounts are never searched.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sync.protocol.text import fold

Key = tuple[Any, ...]
"""Of an item; texts stand in the order of their keys."""

BLOCK: Final = 128
BETWEEN: Final = "\u00ad"
"""Stands between two texts: folding leaves no soft hyphen in them. It takes one byte where the texts do."""


class Block:
    """Texts that follow one another, and their keys. `texts`: not folded; the same objects as in the items."""

    __slots__ = ("_joined", "keys", "texts")

    def __init__(self, keys: tuple[Key, ...], texts: tuple[str, ...]) -> None:
        self.keys = keys
        self.texts = texts
        self._joined: str | None = None

    @property
    def joined(self) -> str:
        """The folded texts with BETWEEN between them. Two threads that ask at once make the same."""
        if self._joined is None:
            self._joined = BETWEEN.join(map(fold, self.texts))
        return self._joined


class FoldedTexts:
    """Texts by key, in the order of the keys. Immutable: a change copies the blocks that it is about."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: tuple[Block, ...] = ()) -> None:
        self._blocks = blocks

    @classmethod
    def of(cls, keys: Sequence[Key], texts: Sequence[str]) -> FoldedTexts:
        """Return the texts of `keys`, which are in order. They are not folded yet."""
        if not keys:
            return NO_TEXTS
        parts = (slice(start, start + BLOCK) for start in range(0, len(keys), BLOCK))
        return cls(tuple(Block(tuple(keys[part]), tuple(texts[part])) for part in parts))

    def __iter__(self) -> Iterator[tuple[Key, str]]:
        for block in self._blocks:
            yield from zip(block.keys, block.joined.split(BETWEEN), strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FoldedTexts) and (self is other or list(self) == list(other))

    def __hash__(self) -> int:
        raise TypeError("folded texts are no key")

    def __repr__(self) -> str:
        return f"FoldedTexts({list(self)!r})"

    def list_keys(self) -> list[Key]:
        """Return the keys, in their order."""
        return [key for block in self._blocks for key in block.keys]

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
        return FoldedTexts(tuple(blocks)) if blocks else NO_TEXTS


NO_TEXTS: Final = FoldedTexts()
NOTHING: Final = Block((), ())


def _changed(block: Block, changes: Mapping[Key, str | None]) -> Iterator[Block]:
    """Yield the blocks that `block` becomes: none, itself, or several."""
    texts = dict(zip(block.keys, block.texts, strict=True))
    for key, text in changes.items():
        if text is None:
            texts.pop(key, None)
        else:
            texts[key] = text
    keys = sorted(texts)
    length = len(keys) if len(keys) <= 2 * BLOCK else BLOCK
    for start in range(0, len(keys), length or 1):
        part = tuple(keys[start : start + length])
        yield Block(part, tuple([texts[key] for key in part]))


def _head(block: Block) -> Key:
    return block.keys[0]
