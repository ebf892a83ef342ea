"""Stretches of one order that somebody reads: rows that follow one another, with the places where it goes on.

An order has the latest first; a stretch is read from the oldest to the latest. Whoever goes on from `older` and from
`newer` to both ends meets every row exactly once, and whatever comes at the new end meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from sync.core.account.order import Key, Order


class Stretch(NamedTuple):
    """Keys of an order, the oldest first.

    `older`, `newer`: the key behind which the rows before and after it are; None where there are none. `below`: how
    many rows of the order are newer.
    """

    keys: list[Key]
    older: Key | None
    newer: Key | None
    below: int


def newest(order: Order, count: int) -> Stretch:
    """Return the newest `count` rows."""
    return _stretch(order, islice(order, count))


def older_than(order: Order, key: Key, count: int) -> Stretch:
    """Return the newest `count` rows older than `key`, which need not be there any more."""
    return _stretch(order, islice(order.after(key), count))


def newer_than(order: Order, key: Key, count: int) -> Stretch:
    """Return the oldest `count` rows newer than `key`, which need not be there any more."""
    return _stretch(order, reversed(list(islice(order.backwards(key), count))))


def around(order: Order, key: Key, above: int, below: int) -> Stretch:
    """Return the row of `key`, which must be there, with up to `above` older and `below` newer ones."""
    newer = list(islice(order.backwards(key), below))
    return _stretch(order, [*reversed(newer), key, *islice(order.after(key), above)])


def between(order: Order, first: Key, last: Key, most: int) -> Stretch:
    """Return the rows from `first`, the oldest, to `last`, which must be there; the newest `most` of them if more."""
    length = max(1, order.rank(first) - order.rank(last) + 1)
    return _stretch(order, [last, *islice(order.after(last), min(length, most) - 1)])


def _stretch(order: Order, from_newest: Iterable[Key]) -> Stretch:
    keys = list(from_newest)[::-1]
    if not keys:
        return Stretch([], None, None, 0)
    has_older = order.last() != keys[0]
    below = order.rank(keys[-1])
    return Stretch(keys, keys[0] if has_older else None, keys[-1] if below else None, below)
