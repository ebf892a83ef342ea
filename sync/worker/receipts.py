"""Counters, times and alarms of all that came in from the workers since the start of the hub, by account."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sync.histogram import Histogram
from sync.writing.jobs import Outcome, Refused

SYNC_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Alarm(NamedTuple):
    """Something that was applied and should be looked at by a person. `at`: ms UTC."""

    at: int
    message: str


class AccountReceipts(Struct, frozen=True):
    """The counters of one account: snapshots and deltas, how many were refused, their bytes. Times are ms UTC."""

    received: int = 0
    failed: int = 0
    bytes: int = 0
    last_receive_at: int | None = None
    alarm: Alarm | None = None


class Statistics:
    """Counts since the start of the hub.

    `accounts`: account id -> its counters. `changed`: snapshots and deltas that changed something. `refused`: those not
    taken, by error code. `seconds`: from the arrival of each to its answer, when it is durable and readable.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, AccountReceipts] = {}
        self.changed = 0
        self.refused: Counter[str] = Counter()
        self.seconds = Histogram(SYNC_BOUNDS)

    @property
    def total_received(self) -> int:
        """All snapshots and deltas of the accounts that are still there."""
        return sum(account.received for account in self.accounts.values())

    @property
    def total_failed(self) -> int:
        """All that were refused."""
        return sum(account.failed for account in self.accounts.values())

    @property
    def last_receive_at(self) -> int | None:
        """When the newest came in, ms UTC; None before the first."""
        return max((a.last_receive_at for a in self.accounts.values() if a.last_receive_at), default=None)

    def note(self, account_id: str, *, size: int, failed: bool, at: int) -> None:
        """Count one snapshot or delta of `size` bytes that was answered at `at` (ms UTC)."""
        before = self.accounts.get(account_id, AccountReceipts())
        self.accounts[account_id] = replace(
            before,
            received=before.received + 1,
            failed=before.failed + failed,
            bytes=before.bytes + size,
            last_receive_at=at,
        )

    def note_outcome(self, outcome: Outcome, seconds: float) -> None:
        """Count what became of a snapshot or delta, `seconds` after it came."""
        self.seconds.observe(seconds)
        if isinstance(outcome, Refused):
            self.refused[outcome.code] += 1
        else:
            self.changed += outcome.changed

    def note_alarm(self, account_id: str, alarm: Alarm) -> None:
        """Keep the alarm in place of the one before. It stands until the hub starts again."""
        before = self.accounts.get(account_id, AccountReceipts())
        self.accounts[account_id] = replace(before, alarm=alarm)

    def forget(self, account_id: str) -> None:
        """Drop the counters of a deleted account."""
        self.accounts.pop(account_id, None)
