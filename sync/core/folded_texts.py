"""Folded texts of many items, joined in blocks: one look at a block tells whether a text stands in any of them.

Looking at each item by itself takes a hundred times as long, most of it for reaching the item. Texts are folded when
somebody looks for one: most accounts are never searched.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from sync.protocol.text import fold

T = TypeVar("T")
Key = tuple[Any, ...]
"""Of an item; texts stand in the order of their keys."""

BLOCK: Final = 128
BETWEEN: Final = "\u00ad"
"""Stands between two texts: folding leaves no soft hyphen in them. It takes one byte where the texts do."""


class FoldedTexts(ABC):
    """Texts by key, in the order of the keys; "" for an item without words. Immutable: a change copies the blocks that
    it is about.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def blocks(self) -> tuple[Block, ...]:
        """The blocks, in order."""

    @staticmethod
    def of(keys: Sequence[Key], texts: Sequence[str]) -> FoldedTexts:
        """Return the texts of `keys`, which are in order. They are not folded yet."""
        if len(keys) <= 2 * BLOCK:
            return Block(keys, texts) if keys else NO_TEXTS
        parts = (slice(start, start + BLOCK) for start in range(0, len(keys), BLOCK))
        return _of([Block(keys[part], texts[part]) for part in parts])

    def __iter__(self) -> Iterator[tuple[Key, str]]:
        for block in self.blocks:
            yield from zip(block.keys, block.joined.split(BETWEEN), strict=True)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FoldedTexts) and (self is other or list(self) == list(other))

    def __hash__(self) -> int:
        raise TypeError("folded texts are no key")

    def __repr__(self) -> str:
        return f"FoldedTexts({list(self)!r})"

    def list_keys(self) -> list[Key]:
        """Return the keys, in their order."""
        return [key for block in self.blocks for key in block.keys]

    def find(self, folded: str, look: Callable[[int], None]) -> Key | None:
        """Return the first key in whose text `folded` stands, or None. `look` is told how many texts come next."""
        for block in self.blocks:
            keys = block.keys
            look(len(keys))
            joined = block.joined
            at = joined.find(folded)
            if at >= 0:
                return keys[joined.count(BETWEEN, 0, at)]
        return None

    def update(
        self, gone: Iterable[Key], come: Mapping[Key, str], all_keys: tuple[Key, ...] | None = None
    ) -> FoldedTexts:
        """Return the texts without those of `gone` and with `come`, which are not folded yet. The block of each is made
        anew, also where its text stays. `all_keys`: the keys afterwards, if somebody else holds them in one tuple.
        """
        blocks = list(self.blocks)
        by_block: defaultdict[int, dict[Key, str | None]] = defaultdict(dict)
        for key, text in [*((key, None) for key in gone), *come.items()]:
            by_block[max(0, bisect_right(blocks, key, key=_head) - 1)][key] = text
        if not by_block:
            return self
        for at in sorted(by_block, reverse=True):
            blocks[at : at + 1] = _changed(blocks[at] if blocks else None, by_block[at])
        if len(blocks) == 1 and all_keys == blocks[0].keys:
            return Block(all_keys, blocks[0].texts)
        return _of(blocks)


class Block(FoldedTexts):
    """Texts that follow one another, and their keys: most conversations have no more, and many a single one, around
    which nothing stands in memory. `texts`: not folded; the same objects as in the items.
    """

    __slots__ = ("_beside", "_joined", "_keys", "_texts")

    def __init__(self, keys: Sequence[Key], texts: Sequence[str]) -> None:
        is_alone = len(keys) == 1
        self._keys: Key | tuple[Key, ...] = keys[0] if is_alone else tuple(keys)
        self._texts: str | tuple[str, ...] = texts[0] if is_alone else tuple(texts)
        self._joined: str | None = None
        self._beside: Any = None

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (self,)

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys, in their order."""
        return (self._keys,) if isinstance(self._texts, str) else self._keys

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of the keys."""
        return (self._texts,) if isinstance(self._texts, str) else self._texts

    @property
    def joined(self) -> str:
        """The folded texts with BETWEEN between them. Two threads that ask at once make the same."""
        if self._joined is None:
            self._joined = BETWEEN.join(map(fold, self.texts))
        return self._joined

    def find_all(self, folded: str) -> list[Key]:
        """Return every key in whose text `folded` stands, in order."""
        if folded not in self.joined:
            return []
        texts = zip(self.keys, self.joined.split(BETWEEN), strict=True)
        return [key for key, text in texts if folded in text]

    def beside(self, read: Callable[[tuple[Key, ...]], T]) -> T:
        """Return what `read` makes of the keys. It is called at the first search, and must make the same each time:
        what it reads besides the texts is read anew once the block is.
        """
        if self._beside is None:
            self._beside = read(self.keys)
        made: T = self._beside
        return made


class _Blocks(FoldedTexts):
    __slots__ = ("_several",)

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._several = tuple(blocks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self._several


NO_TEXTS: Final[FoldedTexts] = _Blocks(())


def _of(blocks: Sequence[Block]) -> FoldedTexts:
    if len(blocks) == 1:
        return blocks[0]
    return _Blocks(blocks) if blocks else NO_TEXTS


def _changed(block: Block | None, changes: Mapping[Key, str | None]) -> Iterator[Block]:
    """Yield the blocks that `block` becomes: none, itself, or several."""
    texts = dict(zip(block.keys, block.texts, strict=True)) if block is not None else {}
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
