"""The sets of parts that a connection has begun, and the memory that all of them may take together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from sync.protocol.messages import MAX_WARNINGS, DataSync, SyncWarning
from sync.protocol.snapshot_parts import PART_TIMEOUT_MS, PartError, PartSet
from sync.protocol.times import Clock
from sync.worker.frame_reader import digest_of_parts
from sync.writing.writer import RETRY_AFTER_MS

# Of the largest snapshot: what open sets of all connections may hold, and those of one.
ALL: Final = 4
ONE: Final = 2


class PartBudget:
    """Counts the bytes of open sets, up to `most`; no connection gets more than `most_each`."""

    def __init__(self, snapshot_bytes: int) -> None:
        self.most = ALL * snapshot_bytes
        self.most_each = ONE * snapshot_bytes
        self.held = 0


class Collected(NamedTuple):
    """All parts of a snapshot in order, the bytes of their frames, the warnings of these, and the digest of all."""

    parts: list[DataSync]
    size: int
    warnings: list[SyncWarning]
    digest: bytes


class OpenParts:
    """The open sets of one connection, one for each account. A set ends by itself after PART_TIMEOUT_MS.

    `budget` is that of all connections, `max_bytes` the size of one snapshot. Lives on the event loop.
    """

    def __init__(self, budget: PartBudget, max_bytes: int, clock: Clock) -> None:
        self._budget = budget
        self._max_bytes = max_bytes
        self._clock = clock
        self._sets: dict[str, PartSet] = {}
        self._warnings: dict[str, list[SyncWarning]] = {}
        self._digests: dict[str, dict[int, bytes]] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._held = 0

    def add(
        self, message: DataSync, size: int, warnings: Sequence[SyncWarning] = (), digest: bytes = b""
    ) -> Collected | None:
        """Return all parts once they are here, until then None. `size`, `warnings`, `digest`: of the frame.

        A newer set discards the open one; so does a fault. Raises PartError.
        """
        account_id, part = message.account_id, message.part
        if part is None:
            self._drop(account_id)
            return Collected([message], size, list(warnings), digest)
        now = self._clock()
        parts = self._sets.get(account_id)
        if parts is None or parts.sync_id != part.sync_id:
            self._drop(account_id)
            parts = self._sets[account_id] = PartSet(part, now, self._max_bytes)
            loop = asyncio.get_running_loop()
            self._warnings[account_id], self._digests[account_id] = [], {}
            self._timers[account_id] = loop.call_later(PART_TIMEOUT_MS / 1000, self._drop, account_id)
        before = parts.size
        try:
            self._check_room(size)
            whole = parts.add(message, size, now)
        except PartError:
            self._drop(account_id)
            raise
        if parts.size > before:  # else the part came before
            self._digests[account_id][part.index] = digest
            self._warnings[account_id] += warnings[: MAX_WARNINGS - len(self._warnings[account_id])]
        self._count(parts.size - before)
        if whole is None:
            return None
        digests = self._digests[account_id]
        digest = digest_of_parts(digests[index] for index in sorted(digests))
        collected = Collected(whole, parts.size, self._warnings[account_id], digest)
        self._drop(account_id)
        return collected

    def clear(self) -> None:
        """Discard all."""
        for account_id in list(self._sets):
            self._drop(account_id)

    def _check_room(self, size: int) -> None:
        budget = self._budget
        if self._held + size > budget.most_each or budget.held + size > budget.most:
            raise PartError("busy", "too many snapshots are coming in parts at once", RETRY_AFTER_MS)

    def _count(self, size: int) -> None:
        self._held += size
        self._budget.held += size

    def _drop(self, account_id: str) -> None:
        parts = self._sets.pop(account_id, None)
        if parts is not None:
            self._count(-parts.size)
            self._warnings.pop(account_id)
            self._digests.pop(account_id)
            self._timers.pop(account_id).cancel()
