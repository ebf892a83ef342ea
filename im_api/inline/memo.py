"""The memo: rendered answers that still stand, shared by all who may see the same accounts, bounded in bytes.

It is used on the event loop only, where nothing awaits between a miss and its answer: who asks for the same meanwhile
finds it made.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, NamedTuple

from django.conf import settings

from im_api.inline.answer import Answer
from im_api.inline.question import Key
from im_api.queries.scope import Basis, Era

ENTRY_BYTES: Final = 3_072
"""What an entry takes beside its bytes: its messages, headers, key and place."""
ACCOUNT_BYTES: Final = 160
MOST_OF_ALL: Final = 8
"""One answer may take so small a part of the memo."""


class MemoCounts(NamedTuple):
    """The numbers of a memo: its holdings now, and its work since the start of the process.

    `misses`: questions that it could not answer; `kept`: how many of these have an answer that may be kept.
    `evicted`: answers that left for want of room. `cleared`: how often all left, because accounts, workers, users or
    grants changed. `bytes`, `limit`: as the memo counts them.
    """

    entries: int
    bytes: int
    limit: int
    hits: int
    misses: int
    kept: int
    not_modified: int
    evicted: int
    cleared: int


class Kept:
    """An answer with what it stands on."""

    __slots__ = ("answer", "basis", "bytes")

    def __init__(self, key: Key, answer: Answer, basis: Basis) -> None:
        self.answer = answer
        self.basis = basis
        self.bytes = ENTRY_BYTES + ACCOUNT_BYTES * len(basis) + answer.bytes + sum(map(len, key))


class Memo:
    """Answers by key, the least recently used first. `limit`: bytes; with 0 nothing is kept."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.not_modified = 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._era: Era | None = None
        self._bytes = self._hits = self._misses = self._all_kept = self._evicted = self._cleared = 0

    def find(self, key: Key, era: Era) -> Kept | None:
        """Return the answer that was kept under this key, if it stands."""
        if not era.is_same(self._era):
            self._begin(era)
        kept = self._kept.get(key)
        if kept is not None:
            if kept.basis.stands(era.store):
                self._kept.move_to_end(key)
                self._hits += 1
                return kept
            self._drop(key)
        return None

    def missed(self) -> None:
        """Count a question that had to be answered anew."""
        self._misses += 1

    def keep(self, key: Key, answer: Answer, basis: Basis, era: Era) -> None:
        """Keep an answer that was made in this era."""
        if not era.is_same(self._era):
            self._begin(era)
        if key in self._kept:
            self._drop(key)
        kept = Kept(key, answer, basis)
        if kept.bytes * MOST_OF_ALL > self.limit:
            return
        self._kept[key] = kept
        self._bytes += kept.bytes
        self._all_kept += 1
        while self._bytes > self.limit:
            self._drop(next(iter(self._kept)))
            self._evicted += 1

    def _begin(self, era: Era) -> None:
        self._cleared += bool(self._kept)
        self._kept.clear()
        self._bytes = 0
        self._era = era

    def _drop(self, key: Key) -> None:
        self._bytes -= self._kept.pop(key).bytes

    def count(self) -> MemoCounts:
        """Return what it holds and did."""
        return MemoCounts(
            entries=len(self._kept),
            bytes=self._bytes,
            limit=self.limit,
            hits=self._hits,
            misses=self._misses,
            kept=self._all_kept,
            not_modified=self.not_modified,
            evicted=self._evicted,
            cleared=self._cleared,
        )


_shared: Final = Memo(settings.MEMO_MB * 1024**2)


def get_shared_memo() -> Memo:
    """Return the memo of this process."""
    return _shared
