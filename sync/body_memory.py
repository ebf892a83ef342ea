"""Knows the accounts whose bodies are in memory, in the order of their last use, and estimates their bytes."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import Final, NamedTuple

from sync.core.account.view import Totals, View

MIB: Final = 1024**2
ACCOUNT_BYTES: Final = 6 * 1024
ITEM_BYTES: Final = 1_200
"""What a stored item takes with its places in all orders, on average. What the process really takes corrects it."""
HEAD_BYTES: Final = 6 * 1024


class BodyCounts(NamedTuple):
    """Accounts whose bodies are in memory, and those whose are not; the bytes of both, by estimate, and how many they
    may be (0: no limit). `reads`: bodies read from the database since the start; `read_seconds`: the time it took.
    """

    resident: int
    evicted: int
    bytes: int
    limit: int
    reads: int
    read_seconds: float


class BodyMemory:
    """Bounds the bodies in memory to `limit` bytes (0: no bound). Safe in every thread."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = Lock()
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._total = 0
        self._accounts = 0
        self._scale = 1.0
        self._reads = 0
        self._read_seconds = 0.0

    def entered(self, view: View) -> None:
        """Note that a body is in memory, and was just used."""
        size = weigh(view.totals)
        with self._lock:
            self._total += size - self._sizes.pop(view.account_id, 0)
            self._sizes[view.account_id] = size

    def left(self, account_id: str) -> None:
        """Note that a body has left the memory, or is about to."""
        with self._lock:
            self._total -= self._sizes.pop(account_id, 0)

    def used(self, account_id: str) -> None:
        """Note that somebody asked for this account."""
        if self.limit:
            with self._lock:
                if account_id in self._sizes:
                    self._sizes.move_to_end(account_id)

    def note_read(self, seconds: float) -> None:
        """Note that a body was read from the database."""
        with self._lock:
            self._reads += 1
            self._read_seconds += seconds

    def note_accounts(self, count: int) -> None:
        """Note how many accounts there are."""
        self._accounts = count

    def note_process(self, grown_by: int) -> None:
        """Take notice of the bytes that the process really takes for its accounts."""
        if self.bytes > 32 * MIB:
            self._scale = min(4.0, max(0.5, self._scale * grown_by / self.bytes))

    @property
    def bytes(self) -> int:
        """The bytes of all bodies and heads, by estimate."""
        return int(self._total * self._scale) + (self._accounts - len(self._sizes)) * HEAD_BYTES

    @property
    def is_over(self) -> bool:
        """Return whether some bodies have to go. The one that was used last stays, whatever its size."""
        return 0 < self.limit < self.bytes and len(self._sizes) > 1

    def list_too_many(self) -> list[str]:
        """Return the accounts whose bodies have to go, the least recently used first."""
        gone: list[str] = []
        over = self.bytes - self.limit if self.is_over else 0
        with self._lock:
            for account_id, size in list(self._sizes.items())[:-1]:
                if over <= 0:
                    break
                gone.append(account_id)
                over -= int(size * self._scale) - HEAD_BYTES
        return gone

    def count(self) -> BodyCounts:
        """Return the counts."""
        resident = len(self._sizes)
        return BodyCounts(resident, self._accounts - resident, self.bytes, self.limit, self._reads, self._read_seconds)


def weigh(totals: Totals) -> int:
    """Return about how many bytes a body of these counters takes."""
    items = totals.conversations + totals.messages + totals.contents + totals.comments + totals.notifications
    return ACCOUNT_BYTES + ITEM_BYTES * items
