"""Parses lists of raw items, and counts those that cannot be read or lack known keys."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from msgspec import Struct, field

from crawler.errors import PageChanged
from crawler.platforms.douyin.parse.fields import Raw, flag, get, is_raw, rows
from sync.protocol.messages import Canary

T = TypeVar("T")


class ParseScope(Struct, frozen=True):
    """The account whose items are parsed, and the time of their observation (ms UTC).

    `owner_uid`: its own, if known.
    """

    account_id: str
    now: int
    owner_uid: str | None = None


class BadItem(Exception):
    """An item lacks what makes it one (its id). Such items are counted."""


class ParseHealth(Struct):
    """Counts of raw items that had the shape we know, or not. `missing`: key -> number of items without it."""

    items: int = 0
    bad: int = 0
    missing: dict[str, int] = field(default_factory=dict)

    def add(self, other: "ParseHealth") -> None:
        """Add the counts of `other`."""
        self.items += other.items
        self.bad += other.bad
        for key, number in other.missing.items():
            self.missing[key] = self.missing.get(key, 0) + number

    def note(self, raw: object, known: Sequence[tuple[str, ...]]) -> None:
        """Count `raw`. `known` are groups of keys; each item has at least one key of each group."""
        self.items += 1
        for names in known:
            if not is_raw(raw) or all(get(raw, key) is None for key in names):
                self.missing[names[0]] = self.missing.get(names[0], 0) + 1

    @property
    def canary(self) -> Canary:
        """Return `page_changed` if most items lack a known key or cannot be read."""
        worst = max([self.bad, *self.missing.values()])
        return "page_changed" if self.items and worst * 2 > self.items else "ok"


class ParsedBatch(Struct, Generic[T]):
    """One page of a list. `has_more` and `total` are None if the answer does not say them."""

    items: list[T]
    health: ParseHealth
    has_more: bool | None = None
    total: int | None = None


def parse_each(
    raws: Sequence[object], known: Sequence[tuple[str, ...]], parse: Callable[[Raw], T | None]
) -> ParsedBatch[T]:
    """Return every item that can be read.

    `parse` returns None for an unwanted item and raises BadItem for one that cannot be read.
    """
    batch: ParsedBatch[T] = ParsedBatch([], ParseHealth())
    for raw in raws:
        batch.health.note(raw, known)
        try:
            if not isinstance(raw, dict):
                raise BadItem
            item = parse(raw)
        except BadItem:
            batch.health.bad += 1
        else:
            if item is not None:
                batch.items.append(item)
    return batch


def listed(body: object, key: str) -> Sequence[object]:
    """Return the list at `key`; null is an empty list, as the platform sends it.

    Raises PageChanged if there is none.
    """
    if not isinstance(body, dict) or key not in body:
        raise PageChanged(f"the answer has no {key}")
    if body[key] is not None and not isinstance(body[key], list):
        raise PageChanged(f"{key} is no list")
    return rows(body, key)


def more(body: object) -> bool:
    """Return `has_more`, which is a boolean or 0/1. Raises PageChanged if it is neither."""
    answer = flag(body, "has_more")
    if answer is None:
        raise PageChanged("has_more is neither a boolean nor 0 or 1")
    return answer
