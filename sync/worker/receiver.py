"""DataSyncReceiver: what a worker sends of an account, on its way to the Writer.

It recognises an unchanged snapshot before decoding it, tells the Writer what it carries, and counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from time import perf_counter
from typing import Final, NamedTuple

import msgspec
import structlog
from msgspec import Raw

from sync.core.account.entries import FAILING, Report
from sync.core.account.view import View
from sync.core.change.changes import Reported, Sync
from sync.core.change.snapshot_validation import Validated, validate_delta, validate_snapshot
from sync.core.pace import Check
from sync.core.read_items import ReadItems
from sync.protocol.failure_reports import WRONG_ACCOUNT, parse_failure_report
from sync.protocol.items import COLLECTIONS, Collection
from sync.protocol.messages import (
    MAX_WARNINGS,
    AccountStatus,
    DataDelta,
    DataSync,
    DataSyncAck,
    LoginStatus,
    Profile,
    Snapshot,
    SyncWarning,
    WorkerStatus,
)
from sync.protocol.snapshot_parts import join
from sync.protocol.text import visible
from sync.protocol.times import DAY_MS, Clock
from sync.storage.records import Actor
from sync.worker.ports import Send, Sender
from sync.worker.receipts import Alarm, Statistics
from sync.writing.jobs import Answer, Done, Job, Outcome, Refused, SnapshotScope
from sync.writing.writer import RETRY_AFTER_MS

log = structlog.get_logger(__name__)

NOTHING: Final = Sync(items={})

PEEK_BYTES: Final = 64
MAX_ERROR: Final = 200

GetAccounts = Callable[[], Container[str]]


class _KnownSnapshot(NamedTuple):
    """A snapshot that was nothing new: its digest, the version to which it is nothing new, and its warnings."""

    digest: bytes
    version: int
    at: int
    warnings: list[SyncWarning]

    def stands(self, digest: bytes, view: View, now: int) -> bool:
        """Return whether a snapshot of this digest is nothing new to `view`. `now`: ms UTC."""
        return (self.digest, self.version) == (digest, view.version) and now - self.at < DAY_MS


class _IncomingSnapshot:
    """One snapshot on its way through the writer's thread."""

    def __init__(
        self,
        parts: Sequence[DataSync],
        digest: bytes,
        known: Mapping[str, _KnownSnapshot],
        read: ReadItems,
        get_accounts: GetAccounts,
    ) -> None:
        self._parts = parts
        self._read = read
        self._known = known
        self._get_accounts = get_accounts
        self._digest = digest
        self.known_since: int | None = None

    def validate(self, view: View, now: int, check: Check) -> Validated:
        """Return the change that the snapshot is. One that changed nothing before is not decoded again."""
        known = self._known.get(view.account_id)
        if known is not None and known.stands(self._digest, view, now):
            self.known_since = known.at
            return Validated(NOTHING, known.warnings)
        snapshot = join(self._parts).snapshot
        return validate_snapshot(view, snapshot, now, self._get_accounts(), self._read, check)


class DataSyncReceiver:
    """Turns what workers send into jobs of the Writer. Lives on the event loop.

    `submit`: the Writer's, false when it is full. `get_view`: the newest published view of an account. `get_accounts`:
    the ids of all accounts that exist; it is called in the writer's thread.
    """

    def __init__(
        self,
        submit: Callable[[Job], bool],
        get_view: Callable[[str], View],
        get_accounts: GetAccounts,
        clock: Clock,
    ) -> None:
        self._submit_job = submit
        self._get_view = get_view
        self._get_accounts = get_accounts
        self._clock = clock
        self._known: dict[str, _KnownSnapshot] = {}
        self._read = ReadItems()
        self._reports: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()
        self.statistics = Statistics()

    def receive_snapshot(self, parts: Sequence[DataSync], size: int, digest: bytes, sender: Sender, send: Send) -> None:
        """Take all parts of one snapshot, in order. `send` gets the ack once it is durable, or the refusal.

        `digest`: of all of them. What is nothing new, and says of nothing that it was looked at, is answered at once.
        """
        first = parts[0]
        observed = [observation for part in parts for observation in part.observed]
        answer = self._answer(first.account_id, first.timestamp, size, send)
        unchanged = None if observed else self._find_unchanged(first.account_id, digest)
        if unchanged is not None:
            answer(unchanged)
            return
        incoming = _IncomingSnapshot(parts, digest, self._known, self._read, self._get_accounts)

        def remember_and_answer(outcome: Outcome) -> None:
            if isinstance(outcome, Done) and not outcome.changed:
                at = incoming.known_since or self._clock()
                self._known[first.account_id] = _KnownSnapshot(digest, outcome.view.version, at, outcome.warnings)
            answer(outcome)

        self._submit(
            Job(
                account_id=first.account_id,
                make=incoming.validate,
                actor=Actor(f"worker:{sender.worker}"),
                answer=remember_and_answer,
                lease_epoch=sender.lease_epoch,
                source=sender.worker,
                observed=observed,
                size=size,
                scope=_scope([part.snapshot for part in parts]),
            )
        )

    def receive_delta(self, delta: DataDelta, timestamp: int, size: int, sender: Sender, send: Send) -> None:
        """Take a delta. `timestamp`: ms UTC, of its frame; `send` gets the ack once it is durable, or the refusal."""
        self._submit(
            Job(
                account_id=delta.account_id,
                make=lambda view, now, check: validate_delta(view, delta, now, self._get_accounts(), check),
                actor=Actor(f"worker:{sender.worker}"),
                answer=self._answer(delta.account_id, timestamp, size, send),
                lease_epoch=sender.lease_epoch,
                source=sender.worker,
                observed=delta.observed,
                size=size,
            )
        )

    def receive_status(self, status: AccountStatus, sender: Sender, answer: Answer) -> bool:
        """Write what is new in the report of the account. Return False, without an answer, when nothing is."""
        account_id = status.account_id
        # What is on its way may say otherwise: it is compared with that when its turn comes.
        if account_id not in self._reports and merge_report(self._get_view(account_id), status) is None:
            return False

        def make(view: View, _now: int, _check: Check) -> Validated:
            return Validated(Reported(report=merge_report(view, status) or view.report), [])

        def answered(outcome: Outcome) -> None:
            self._reports -= Counter([account_id])
            answer(outcome)

        self._reports[account_id] += 1
        self._submit(
            Job(
                account_id=account_id,
                make=make,
                actor=Actor(f"worker:{sender.worker}"),
                answer=answered,
                lease_epoch=sender.lease_epoch,
                source=sender.worker,
            )
        )
        return True

    def forget(self, account_id: str) -> None:
        """Drop what is remembered of a deleted account."""
        self._known.pop(account_id, None)
        self._reports.pop(account_id, None)
        self._under_way.pop(account_id, None)
        self.statistics.forget(account_id)

    def _find_unchanged(self, account_id: str, digest: bytes) -> Done | None:
        """Return the outcome of a snapshot that is known to be nothing new, if nothing of its account is under way."""
        known = self._known.get(account_id)
        if known is None or account_id in self._under_way:
            return None
        view = self._get_view(account_id)
        if not known.stands(digest, view, self._clock()):
            return None
        return Done(view, False, known.warnings, view)

    def _submit(self, job: Job) -> None:
        """Hand the job to the Writer, and count it until it is answered."""
        given = job.answer

        def answer(outcome: Outcome) -> None:
            self._under_way -= Counter([job.account_id])
            given(outcome)

        self._under_way[job.account_id] += 1
        job.answer = answer
        if not self._submit_job(job):
            job.answer(Refused("busy", "too much is waiting to be written", RETRY_AFTER_MS))

    def _look_for_alarms(self, account_id: str, outcome: Outcome) -> None:
        for warning in outcome.warnings if isinstance(outcome, Done) else ():
            if warning.code == "mass_drop":
                message = f"{warning.collection}: {warning.message}"
                log.error("many items are gone at once", account=account_id, what=message)
                self.statistics.note_alarm(account_id, Alarm(self._clock(), message))

    def _answer(self, account_id: str, timestamp: int, size: int, send: Send) -> Callable[[Outcome], None]:
        began = perf_counter()

        def answer(outcome: Outcome) -> None:
            failed = isinstance(outcome, Refused)
            self.statistics.note(account_id, size=size, failed=failed, at=self._clock())
            self.statistics.note_outcome(outcome, perf_counter() - began)
            self._look_for_alarms(account_id, outcome)
            send(make_ack(account_id, timestamp, outcome))

        return answer


def make_ack(account_id: str, timestamp: int, outcome: Outcome) -> DataSyncAck:
    """Return the ack for the outcome of a snapshot or delta. `timestamp`: the worker's, ms UTC."""
    if isinstance(outcome, Refused):
        return DataSyncAck(
            success=False,
            error_code=outcome.code,
            error_message=outcome.message,
            retry_after_ms=outcome.retry_after_ms,
            account_id=account_id,
            timestamp=timestamp,
        )
    return DataSyncAck(
        success=True,
        account_id=account_id,
        timestamp=timestamp,
        version=outcome.view.version,
        changed=outcome.changed,
        stats=make_stats(outcome.view),
        warnings=outcome.warnings[:MAX_WARNINGS],
        warnings_total=len(outcome.warnings),
    )


def with_warnings(ack: DataSyncAck, first: Sequence[SyncWarning]) -> DataSyncAck:
    """Return the ack of what was taken with the warnings `first` before its own."""
    if not first or not ack.success:
        return ack
    warnings = [*first, *ack.warnings][:MAX_WARNINGS]
    return msgspec.structs.replace(ack, warnings=warnings, warnings_total=len(first) + ack.warnings_total)


def make_stats(view: View) -> dict[str, int]:
    """Return the number of items held, by collection, and how many of them refer to something unknown."""
    totals = view.totals
    stats: dict[str, int] = {name: getattr(totals, name) for name in COLLECTIONS}
    return stats | {"orphanComments": totals.orphan_comments, "orphanMessages": totals.orphan_messages}


def _scope(snapshots: Sequence[Snapshot]) -> SnapshotScope:
    named: set[Collection] = set()
    filled: set[Collection] = set()
    for snapshot in snapshots:
        for name in COLLECTIONS:
            if name in snapshot.data:
                named.add(name)
                if _has_items(snapshot.data[name]):
                    filled.add(name)
    partial = {name for snapshot in snapshots for name in snapshot.partial}
    return SnapshotScope(
        named=frozenset(named),
        proven=frozenset(filled - partial),
        lossy=any(snapshot.removed or snapshot.cleared for snapshot in snapshots),
    )


def _has_items(collection: Raw) -> bool:
    """Return whether the list is not empty, as far as its first bytes tell; False where they do not.

    The rest is not touched: a collection may be megabytes, and this runs on the event loop.
    """
    start = bytes(memoryview(collection)[:PEEK_BYTES]).translate(None, b" \t\r\n")[:2]
    return len(start) == 2 and start != b"[]"


def merge_report(view: View, status: AccountStatus) -> Report | None:
    """Return the account's report with what `status` says; None when that is nothing new.

    A field that is None in `status` was not seen, and keeps its value. The reason of a failure lasts as long as it. Of
    an account that waits for a login that reason alone is kept which the worker still gives: another one was scanned.
    """
    before = view.report
    profile = before.profile
    if status.profile is not None:
        seen = {name: getattr(status.profile, name) for name in Profile.__struct_fields__}
        profile = msgspec.structs.replace(profile, **{name: value for name, value in seen.items() if value is not None})
    login_status = status.login_status or before.login_status
    worker_status = status.worker_status or before.worker_status
    said = visible(status.last_error_message)
    if worker_status in FAILING:
        said = said or before.error
    elif not _is_wrong_scan(login_status, worker_status, said):
        said = None
    report = Report(
        login_status=login_status,
        worker_status=worker_status,
        profile=profile,
        error=said[:MAX_ERROR] if said else None,
    )
    return report if report != before else None


def _is_wrong_scan(login_status: LoginStatus, worker_status: WorkerStatus | None, said: str | None) -> bool:
    """Return whether the account waits for a login because its code was scanned by another one."""
    waits = worker_status == "waiting" and login_status in ("not_logged_in", "qrcode_pending", "expired")
    failure = parse_failure_report(said) if waits else None
    return failure is not None and failure.kind == WRONG_ACCOUNT
