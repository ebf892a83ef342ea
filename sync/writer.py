"""The one writer. It takes all that queued while it was committing, commits it in one transaction, publishes, answers.

    submit --> queue --> batch --> make (believe) --> apply --> one transaction --> publish + answer (one callback)

An answer is given only after the commit: what was acknowledged is durable and readable.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

import structlog
from django.db import DatabaseError, close_old_connections, connections, transaction
from msgspec import Struct

from sync.core.apply import apply
from sync.core.believe import Believed, Unbelievable
from sync.core.changes import Change
from sync.core.view import View
from sync.log import ChangeLog, Conflict, Entered
from sync.models import Account
from sync.observations import save_observations
from sync.protocol.items import Collection
from sync.protocol.messages import Observation, SyncWarning
from sync.store import DataStore

log = structlog.get_logger(__name__)

MAX_QUEUED: Final = 2_000
MAX_QUEUED_BYTES: Final = 256 * 1024**2
RETRY_AFTER_MS: Final = 1_000
_CONFLICT_TRIES: Final = 5


class Done(NamedTuple):
    """`changed` is false when nothing was new."""

    view: View
    changed: bool
    warnings: list[SyncWarning]


class Refused(NamedTuple):
    code: str
    message: str
    retry_after_ms: int | None = None


Outcome = Done | Refused
Make = Callable[[View, int], Believed]


class Scope(Struct, frozen=True, kw_only=True):
    """What a full snapshot carries, as far as it can be told without decoding its items.

    `proven`: collections that are neither empty nor partial. `lossy`: it removes or clears something.
    """

    named: frozenset[Collection]
    proven: frozenset[Collection]
    lossy: bool

    def covered_by(self, newer: Scope) -> bool:
        return not self.lossy and self.named <= newer.proven


class Job(Struct, kw_only=True):
    """One change to one account. `make` runs in the writer's thread, against the view it applies to.

    `answer` is called once, where views are published. `scope` is given for full snapshots only.
    """

    account_id: str
    make: Make
    actor: str
    answer: Callable[[Outcome], None]
    lease_epoch: int | None = None
    observed: Sequence[Observation] = ()
    size: int = 0
    scope: Scope | None = None
    overtaken: list[Job] = []


class Clock(Protocol):
    """ms UTC."""

    def __call__(self) -> int: ...


class Published(NamedTuple):
    """What one batch did: to be swapped in and answered in one go."""

    views: list[View]
    observed: list[tuple[str, Sequence[Observation], int]]
    answers: list[tuple[Callable[[Outcome], None], Outcome]]


Publish = Callable[[Published], None]


def as_change(change: Change) -> Make:
    """A `make` for a change that needs no believing."""
    return lambda _view, _now: Believed(change, [])


class Writer:
    """`publish` swaps views and gives answers; it is called in the writer's thread and may hop to another.

    Call `start` and `stop`, or `drain` to run what is queued on the calling thread.
    """

    def __init__(self, store: DataStore, change_log: ChangeLog, publish: Publish, clock: Clock) -> None:
        self._store = store
        self._log = change_log
        self._publish = publish
        self._clock = clock
        self._heads: dict[str, View] = {}
        self._queue: deque[Job] = deque()
        self._queued_bytes = 0
        self._wake = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # -- the queue

    def submit(self, job: Job) -> bool:
        """False when the queue is full: the sender must come again later."""
        with self._wake:
            if len(self._queue) >= MAX_QUEUED or (self._queue and self._queued_bytes + job.size > MAX_QUEUED_BYTES):
                return False
            self._queue.append(job)
            self._queued_bytes += job.size
            self._wake.notify()
        return True

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Commits what is queued, then ends. `timeout` in seconds."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def drain(self) -> None:
        """Runs everything queued, on the calling thread and its database connection."""
        while batch := self._take():
            self._process(batch)

    def forget(self, account_id: str) -> None:
        """The account is gone, or its history was replaced from outside: read it again when it is next needed."""
        self._heads.pop(account_id, None)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._stopping:
                    self._wake.wait()
                if not self._queue:
                    break
            close_old_connections()
            self.drain()
        connections.close_all()

    def _take(self) -> list[Job]:
        with self._wake:
            batch = list(self._queue)
            self._queue.clear()
            self._queued_bytes = 0
        return batch

    # -- a batch

    def _process(self, batch: list[Job]) -> None:
        jobs = coalesce(batch)
        try:
            published = self._commit(jobs)
        except Exception as error:  # noqa: BLE001  # one account's change must not stop the others'
            published = self._one_by_one(jobs, error)
        self._publish(published)

    def _one_by_one(self, jobs: list[Job], error: Exception) -> Published:
        """A batch failed as a whole: each change stands or falls by itself."""
        if len(jobs) == 1:
            return self._failed(jobs[0], error)
        parts = []
        for job in jobs:
            try:
                parts.append(self._commit([job]))
            except Exception as fault:  # noqa: BLE001  # as above
                parts.append(self._failed(job, fault))
        return Published(
            views=list({view.account_id: view for part in parts for view in part.views}.values()),
            observed=[observed for part in parts for observed in part.observed],
            answers=[answer for part in parts for answer in part.answers],
        )

    def _failed(self, job: Job, error: Exception) -> Published:
        known = isinstance(error, DatabaseError)
        log.error("change not committed", account=job.account_id, error=type(error).__name__, exc_info=error)
        reason = "the database refused the change for now" if known else "the change could not be applied"
        refused = Refused("busy", reason, RETRY_AFTER_MS)
        return Published([], [], [(answer, refused) for answer in _answers(job)])

    def _commit(self, jobs: list[Job]) -> Published:
        for _ in range(_CONFLICT_TRIES):
            batch = _Batch(self._head, self._clock())
            for job in jobs:
                batch.run(job)
            try:
                self._write(batch)
            except Conflict as conflict:
                jobs = self._settle(conflict.account_id, jobs, batch)
                if batch.refused_now:
                    self._publish(Published([], [], batch.refused_now))
                continue
            self._heads.update(batch.views)
            self._log.note_committed(batch.entered, batch.changed_views())
            return batch.published()
        raise DatabaseError("the account kept changing under the writer")

    def _write(self, batch: _Batch) -> None:
        if not batch.entered and not batch.observed:
            return
        with transaction.atomic():
            self._log.commit(batch.entered)
            for account_id, observed, _ in batch.observed:
                save_observations(account_id, observed)

    def _head(self, account_id: str) -> View:
        return self._heads.get(account_id) or self._store.get_view(account_id)

    def _settle(self, account_id: str, jobs: list[Job], batch: _Batch) -> list[Job]:
        """Loads what came in between and refuses what may no longer write. Returns the jobs to try again."""
        account = Account.objects.filter(pk=account_id).first()
        if account is not None:
            self._heads[account_id] = self._log.load(account_id, self._store.new_view)
        else:
            self.forget(account_id)
        again = []
        for job in jobs:
            if job.account_id == account_id and not _may_write(job, account):
                refused = Refused("not_assigned", f"account {account_id} is not assigned to this worker")
                batch.refused_now += [(answer, refused) for answer in _answers(job)]
            else:
                again.append(job)
        return again


def _may_write(job: Job, account: Account | None) -> bool:
    return account is not None and job.lease_epoch in (None, account.lease_epoch)


class _Batch:
    """Jobs applied one after the other, in memory, before anything is written."""

    def __init__(self, head: Callable[[str], View], now: int) -> None:
        self._head = head
        self._now = now
        self.views: dict[str, View] = {}
        self.entered: list[Entered] = []
        self.observed: list[tuple[str, Sequence[Observation], int]] = []
        self.refused_now: list[tuple[Callable[[Outcome], None], Outcome]] = []
        self._answers: list[tuple[Callable[[Outcome], None], Outcome]] = []

    def run(self, job: Job) -> None:
        outcome = self._apply(job)
        if isinstance(outcome, Done):
            observed = [look for one in (*job.overtaken, job) for look in one.observed]
            self.observed.append((job.account_id, observed, self._now))
        self._answers += [(answer, outcome) for answer in _answers(job)]

    def _apply(self, job: Job) -> Outcome:
        try:
            believed = job.make(self._view(job.account_id), self._now)
        except Unbelievable as error:
            self._apply_overtaken(job)
            return Refused("bad_payload", str(error))
        if job.overtaken and not _is_clean(believed):
            self._apply_overtaken(job)
            believed = job.make(self._view(job.account_id), self._now)
        return self._enter(job, believed)

    def _apply_overtaken(self, job: Job) -> None:
        """The newer snapshot is not whole after all, so the older ones count."""
        for older in job.overtaken:
            self._apply(older)

    def _enter(self, job: Job, believed: Believed) -> Done:
        applied = apply(self._view(job.account_id), believed.change, self._now)
        if applied.row is not None:
            self.views[job.account_id] = applied.view
            self.entered.append(Entered(applied.row, job.actor, job.lease_epoch))
        return Done(applied.view, applied.row is not None, believed.warnings + applied.warnings)

    def _view(self, account_id: str) -> View:
        return self.views.get(account_id) or self._head(account_id)

    def changed_views(self) -> Mapping[str, View]:
        return self.views

    def published(self) -> Published:
        return Published(list(self.views.values()), self.observed, self._answers)


def _is_clean(believed: Believed) -> bool:
    """Whether every list of the snapshot was believed whole."""
    change: Any = believed.change
    return not change.kept and all(change.items.values())


def _answers(job: Job) -> Iterable[Callable[[Outcome], None]]:
    return [one.answer for one in (*job.overtaken, job)]


def coalesce(jobs: Iterable[Job]) -> list[Job]:
    """Drops each full snapshot that the next one of its account makes pointless. The newer one answers for it."""
    kept: list[Job] = []
    last: dict[str, Job] = {}
    for job in jobs:
        older = last.get(job.account_id)
        if older is not None and _overtakes(job, older):
            kept.remove(older)
            job.overtaken = [*older.overtaken, older]
            older.overtaken = []
        kept.append(job)
        last[job.account_id] = job
    return kept


def _overtakes(newer: Job, older: Job) -> bool:
    if newer.scope is None or older.scope is None or newer.lease_epoch != older.lease_epoch:
        return False
    return older.scope.covered_by(newer.scope)
