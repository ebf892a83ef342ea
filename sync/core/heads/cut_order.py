"""The first keys of an order, or of the feed, whose rest is out of memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import NamedTuple

from sync.core.account.order import Feed, Key, Order


class CutOrder(Order):
    """An order that answers from its first keys where they are enough; for the rest the whole order is brought. `bring`
    returns it, and raises what the database does.
    """

    __slots__ = ("_bring", "_kept")

    def __init__(self, kept: tuple[Key, ...], length: int, bring: Callable[[], Order]) -> None:
        super().__init__((kept,), length)
        self._kept = kept
        self._bring = bring

    @property
    def kept(self) -> tuple[Key, ...]:
        """The keys at hand."""
        return self._kept

    def __iter__(self) -> Iterator[Key]:
        return chain(self._kept, self._rest())

    def _rest(self) -> Iterator[Key]:
        # A generator: nothing is brought before somebody goes on behind the keys at hand.
        yield from self._bring().after(self._kept[-1])

    def __contains__(self, key: Key) -> bool:
        return key in self._kept if key <= self._kept[-1] else key in self._bring()

    def last(self) -> Key | None:
        return self._bring().last()

    def after(self, key: Key) -> Iterator[Key]:
        if key >= self._kept[-1]:
            return self._bring().after(key)
        return chain((one for one in self._kept if one > key), self._rest())

    def before(self, key: Key) -> Key | None:
        return self._bring().before(key)

    def backwards(self, key: Key) -> Iterator[Key]:
        return self._bring().backwards(key)

    def skip(self, count: int) -> Iterator[Key]:
        return self._bring().skip(count)

    def rank(self, key: Key) -> int:
        return self._bring().rank(key)

    def update(self, remove: Iterable[Key] = (), add: Iterable[Key] = ()) -> Order:
        return self._bring().update(remove, add)


class CutFeed(Feed):
    """A feed that answers from its first keys, as `CutOrder` does. `bring` is None where these are all."""

    __slots__ = ("_bring", "_kept")

    def __init__(self, kept: tuple[Key, ...], bring: Callable[[], Feed] | None) -> None:
        self._kept = kept
        self._bring = bring

    def __iter__(self) -> Iterator[Key]:
        return chain(self._kept, self._rest())

    def _rest(self) -> Iterator[Key]:
        if self._bring is not None:
            yield from self._bring().after(self._kept[-1])

    def __contains__(self, key: Key) -> bool:
        return key in self._kept if self._is_at_hand(key) or self._bring is None else key in self._bring()

    def after(self, key: Key) -> Iterator[Key]:
        if self._is_at_hand(key) or self._bring is None:
            return chain((one for one in self._kept if one > key), self._rest())
        return self._bring().after(key)

    def first_place(self, after: Key | None) -> Key | None:
        """Return the first key at hand behind `after`; `after` itself if only the whole feed could tell."""
        known = next((one for one in self._kept if after is None or one > after), None)
        return after if known is None and self._bring is not None else known

    def _is_at_hand(self, key: Key) -> bool:
        return bool(self._kept) and key < self._kept[-1]


class Cut(NamedTuple):
    """The first keys of an order, and how many it has."""

    keys: tuple[Key, ...]
    length: int

    @classmethod
    def of(cls, order: Order, keep: int) -> Cut:
        """Return the first `keep` keys of `order`."""
        return cls(tuple(islice(order, keep)), len(order))

    def as_order(self, bring: Callable[[], Order]) -> Order:
        """Return the order, of which `bring` returns the whole."""
        return CutOrder(self.keys, self.length, bring) if len(self.keys) < self.length else Order.in_order(self.keys)


class FeedCut(NamedTuple):
    """The first keys of a feed, and whether these are all."""

    keys: tuple[Key, ...]
    is_whole: bool

    @classmethod
    def of(cls, feed: Feed, keep: int) -> FeedCut:
        """Return the first `keep` keys of `feed`."""
        keys = tuple(islice(feed, keep + 1))
        return cls(keys[:keep], len(keys) <= keep)

    def as_feed(self, bring: Callable[[], Feed]) -> Feed:
        """Return the feed, of which `bring` returns the whole."""
        return CutFeed(self.keys, None if self.is_whole else bring)
