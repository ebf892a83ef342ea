"""A persistent sorted sequence of keys. Insertion copies one chunk, not the whole.

A key is a tuple whose last element is the id of an item; keys are unique and compare in list order
(the first key is the first row that a person sees).
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final

from sync.protocol.items import Collection

Key = tuple[Any, ...]
Chunk = tuple[Key, ...]
Chunks = tuple[Chunk, ...]

CHUNK: Final = 256
SHORT: Final = 8
_MERGE_SHARE: Final = 4


class Order:
    """A sorted sequence of keys. Immutable: every method that changes it returns another one.

    Most orders have one key or a few, so nothing stands around these in memory: what is held is the only key, or the
    only chunk, or all chunks. A key does not begin with a tuple; so the depth tells which.
    """

    __slots__ = ("_held", "_length")

    def __init__(self, chunks: Chunks = (), length: int = 0) -> None:
        self._held: Key | Chunk | Chunks = chunks
        if len(chunks) == 1:
            self._held = chunks[0] if len(chunks[0]) != 1 else chunks[0][0]
        self._length = length

    @property
    def _chunks(self) -> Chunks:
        held = self._held
        if not held or (type(held[0]) is tuple and type(held[0][0]) is tuple):
            return held
        return (held,) if type(held[0]) is tuple else ((held,),)

    @classmethod
    def of(cls, keys: Iterable[Key]) -> Order:
        """Return the order of `keys`, given in any sequence."""
        return cls.in_order(sorted(keys))

    @classmethod
    def in_order(cls, ordered: Sequence[Key]) -> Order:
        """Return the order of keys that are in sequence already."""
        if not ordered:
            return EMPTY
        chunks = tuple([tuple(ordered[start : start + CHUNK]) for start in range(0, len(ordered), CHUNK)])
        return cls(chunks, len(ordered))

    @property
    def all_keys(self) -> tuple[Key, ...] | None:
        """The keys as the order holds them, if it is a short one of several keys."""
        chunks = self._chunks
        return chunks[0] if len(chunks) == 1 and self._length > 1 else None

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
        chunks = self._chunks
        at, index = _find(chunks, key)
        return at < len(chunks) and index < len(chunks[at]) and bool(chunks[at][index] == key)

    def or_equal(self, *others: Order) -> Order:
        """Return the first of `others` that equals this order, if it is a short one; else this order. Orders of few
        keys are many, and equal ones need not be in memory twice.
        """
        if self._length > SHORT:
            return self
        return next((order for order in others if order._length == self._length and order == self), self)

    def first(self) -> Key | None:
        """Return the least key, or None."""
        chunks = self._chunks
        return chunks[0][0] if chunks else None

    def last(self) -> Key | None:
        """Return the greatest key, or None."""
        chunks = self._chunks
        return chunks[-1][-1] if chunks else None

    def after(self, key: Key) -> Iterator[Key]:
        """Yield the keys greater than `key`, which need not be in the sequence."""
        chunks = self._chunks
        at = max(0, bisect_right(chunks, key, key=_head) - 1)
        for number in range(at, len(chunks)):
            chunk = chunks[number]
            yield from chunk[bisect_right(chunk, key) :] if number == at else chunk

    def before(self, key: Key) -> Key | None:
        """Return the greatest key less than `key`, or None."""
        chunks = self._chunks
        at = bisect_left(chunks, key, key=_head) - 1
        if at < 0:
            return None
        chunk = chunks[at]
        return chunk[bisect_left(chunk, key) - 1]

    def backwards(self, key: Key) -> Iterator[Key]:
        """Yield the keys less than `key`, which need not be in the sequence, the greatest first."""
        chunks = self._chunks
        at = bisect_left(chunks, key, key=_head) - 1
        for number in range(at, -1, -1):
            chunk = chunks[number]
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
        chunks = self._chunks
        at, index = _find(chunks, key)
        return sum(len(chunk) for chunk in chunks[:at]) + index

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

    def _with(self, key: Key) -> Order:
        chunks = self._chunks
        if not chunks:
            return Order(((key,),), 1)
        at, index = _find(chunks, key)
        chunk = chunks[at]
        if index < len(chunk) and chunk[index] == key:
            return self
        grown = (*chunk[:index], key, *chunk[index:])
        half = len(grown) // 2
        pieces = (grown,) if len(grown) <= 2 * CHUNK else (grown[:half], grown[half:])
        return Order((*chunks[:at], *pieces, *chunks[at + 1 :]), self._length + 1)

    def _without(self, key: Key) -> Order:
        if key not in self:
            return self
        chunks = self._chunks
        at, index = _find(chunks, key)
        chunk = chunks[at]
        shrunk = chunk[:index] + chunk[index + 1 :]
        pieces = (shrunk,) if shrunk else ()
        return Order((*chunks[:at], *pieces, *chunks[at + 1 :]), self._length - 1)


def _find(chunks: Chunks, key: Key) -> tuple[int, int]:
    """Return (chunk, index in it) where `key` is or would be inserted."""
    at = max(0, bisect_right(chunks, key, key=_head) - 1)
    return (at, bisect_left(chunks[at], key)) if chunks else (0, 0)


def _head(chunk: Chunk) -> Key:
    return chunk[0]


EMPTY: Final = Order()


# -- the feed


IsFed = Callable[[Key], bool]

FED: Final[tuple[Collection, ...]] = ("comments", "messages", "notifications")
"""Kinds of items in the feed; of one time, place and id they stand in this order."""


class Feed:
    """The messages, comments and notices of an account in one order, merged when somebody reads it. Its keys are an
    `item_key` and the collection that the item is of: no other order could share them, so they would take more memory
    than all that are kept.

    `orders`: of each kind of FED, what is visible. `is_fed` tells of the key of a message whether the feed has it.
    """

    __slots__ = ("_is_fed", "_orders")

    def __init__(self, orders: tuple[Order, Order, Order], is_fed: IsFed) -> None:
        self._orders = orders
        self._is_fed = is_fed

    def __iter__(self) -> Iterator[Key]:
        return self._merged(self._orders)

    def __len__(self) -> int:
        """Return the number of keys, which are looked at one by one."""
        return sum(1 for _ in self)

    def __contains__(self, key: Key) -> bool:
        *of_item, name = key
        if name not in FED or tuple(of_item) not in self._orders[FED.index(name)]:
            return False
        return name != "messages" or self._is_fed(tuple(of_item))

    def first(self) -> Key | None:
        """Return the least key, or None."""
        return next(iter(self), None)

    def after(self, key: Key) -> Iterator[Key]:
        """Yield the keys greater than `key`, which need not be in the feed. It may be the beginning of one."""
        of_item, rest = key[:3], key[3:]
        # Of kinds that stand behind that of `key` the item of the same place comes, too.
        orders = zip(FED, self._orders, strict=True)
        return self._merged(_from(order, of_item) if rest < (name,) else order.after(of_item) for name, order in orders)

    def first_place(self, after: Key | None) -> Key | None:
        """Return a key that none behind `after` (None: that none) is less than; None if there is none behind it."""
        return next(iter(self) if after is None else self.after(after), None)

    def _merged(self, orders: Iterable[Iterable[Key]]) -> Iterator[Key]:
        comments, messages, notices = orders
        fed = filter(self._is_fed, messages)
        named = (_named(keys, name) for name, keys in zip(FED, (comments, fed, notices), strict=True))
        return heapq.merge(*named)


def _named(keys: Iterable[Key], name: Collection) -> Iterator[Key]:
    for key in keys:
        yield (*key, name)


def _from(order: Order, key: Key) -> Iterator[Key]:
    return chain([key], order.after(key)) if key in order else order.after(key)
