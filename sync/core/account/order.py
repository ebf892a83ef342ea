"""A persistent sorted sequence of keys. Insertion copies one chunk, not the whole.

A key is a tuple whose last element is the id of an item; keys are unique and compare in list order
(the first key is the first row that a person sees).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

Key = tuple[Any, ...]

CHUNK: Final = 256
SHORT: Final = 8
_MERGE_SHARE: Final = 4


class Order:
    """A sorted sequence of keys. Immutable: every method that changes it returns another one."""

    __slots__ = ("_chunks", "_length")

    def __init__(self, chunks: tuple[tuple[Key, ...], ...] = (), length: int = 0) -> None:
        self._chunks = chunks
        self._length = length

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Order:
        """Return the order of `keys`, given in any sequence."""
        return cls.in_order(sorted(keys))

    @classmethod
    def in_order(cls, ordered: Sequence[Key]) -> Order:
        """Return the order of keys that are in sequence already."""
        if not ordered:
            return EMPTY
        chunks = tuple(tuple(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK))
        return cls(chunks, len(ordered))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Key]:
        return chain.from_iterable(self._chunks)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Order)
            and len(self) == len(other)
            and all(a == b for a, b in zip(self, other, strict=True))
        )

    def __hash__(self) -> int:
        raise TypeError("an Order is no key")

    def __repr__(self) -> str:
        return f"Order({list(self)!r})"

    def __contains__(self, key: Key) -> bool:
        at, index = self._find(key)
        return at < len(self._chunks) and index < len(self._chunks[at]) and self._chunks[at][index] == key

    def or_equal(self, *others: Order) -> Order:
        """Return the first of `others` that equals this order, if it is a short one; else this order. Orders of few
        keys are many, and equal ones need not be in memory twice.
        """
        if self._length > SHORT:
            return self
        return next((order for order in others if order._length == self._length and order == self), self)

    def first(self) -> Key | None:
        """Return the least key, or None."""
        return self._chunks[0][0] if self._chunks else None

    def last(self) -> Key | None:
        """Return the greatest key, or None."""
        return self._chunks[-1][-1] if self._chunks else None

    def after(self, key: Key) -> Iterator[Key]:
        """Yield the keys greater than `key`, which need not be in the sequence."""
        at = max(0, bisect_right(self._chunks, key, key=_head) - 1)
        for number in range(at, len(self._chunks)):
            chunk = self._chunks[number]
            yield from chunk[bisect_right(chunk, key) :] if number == at else chunk

    def before(self, key: Key) -> Key | None:
        """Return the greatest key less than `key`, or None."""
        at = bisect_left(self._chunks, key, key=_head) - 1
        if at < 0:
            return None
        chunk = self._chunks[at]
        return chunk[bisect_left(chunk, key) - 1]

    def backwards(self, key: Key) -> Iterator[Key]:
        """Yield the keys less than `key`, which need not be in the sequence, the greatest first."""
        at = bisect_left(self._chunks, key, key=_head) - 1
        for number in range(at, -1, -1):
            chunk = self._chunks[number]
            yield from reversed(chunk[: bisect_left(chunk, key)] if number == at else chunk)

    def skip(self, count: int) -> Iterator[Key]:
        """Yield the keys from position `count` on."""
        for chunk in self._chunks:
            if count >= len(chunk):
                count -= len(chunk)
                continue
            yield from chunk[count:] if count else chunk
            count = 0

    def rank(self, key: Key) -> int:
        """Return how many keys are less than `key`."""
        at, index = self._find(key)
        return sum(len(chunk) for chunk in self._chunks[:at]) + index

    def update(self, remove: Iterable[Key] = (), add: Iterable[Key] = ()) -> Order:
        """Return the order without `remove` (absent keys are passed over) and with `add` (present ones too)."""
        removed, added = list(remove), list(add)
        if (len(removed) + len(added)) * _MERGE_SHARE > self._length:
            return self._merged(removed, added)
        order = self
        for key in removed:
            order = order._without(key)
        for key in added:
            order = order._with(key)
        return order

    def _merged(self, removed: list[Key], added: list[Key]) -> Order:
        if not removed and not added:
            return self
        keys = set(self)
        keys.difference_update(removed)
        keys.update(added)
        return Order.of(keys)

    def _find(self, key: Key) -> tuple[int, int]:
        """Return (chunk, index in it) where `key` is or would be inserted."""
        at = max(0, bisect_right(self._chunks, key, key=_head) - 1)
        return (at, bisect_left(self._chunks[at], key)) if self._chunks else (0, 0)

    def _with(self, key: Key) -> Order:
        if not self._chunks:
            return Order(((key,),), 1)
        at, index = self._find(key)
        chunk = self._chunks[at]
        if index < len(chunk) and chunk[index] == key:
            return self
        grown = (*chunk[:index], key, *chunk[index:])
        half = len(grown) // 2
        pieces = (grown,) if len(grown) <= 2 * CHUNK else (grown[:half], grown[half:])
        return Order((*self._chunks[:at], *pieces, *self._chunks[at + 1 :]), self._length + 1)

    def _without(self, key: Key) -> Order:
        if key not in self:
            return self
        at, index = self._find(key)
        chunk = self._chunks[at]
        shrunk = chunk[:index] + chunk[index + 1 :]
        pieces = (shrunk,) if shrunk else ()
        return Order((*self._chunks[:at], *pieces, *self._chunks[at + 1 :]), self._length - 1)


def _head(chunk: tuple[Key, ...]) -> Key:
    return chunk[0]


EMPTY: Final = Order()
