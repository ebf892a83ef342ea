"""The one writer: it commits what queued while it was committing, in one transaction, publishes and answers.

    submit --> queue --> batch (validate, apply) --> one transaction --> publish and answer --> checkpoint
                 |  ^
                 planner: validates and applies large jobs beside the writer, in memory

An answer is given only after the commit: what was acknowledged is durable and readable.
"""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import FrameType
from typing import Final

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connection, connections, transaction

from sync.core.account.view import View
from sync.models import Account
from sync.protocol.times import Clock
from sync.storage.change_log import ChangeLog, Conflict
from sync.storage.database_errors import WORDS, find_trouble
from sync.storage.errors import Damaged
from sync.storage.observations import save_observations
from sync.storage.sql.wal import WalUpkeep
from sync.store import DataStore
from sync.writing.batch import BROKEN, WriteBatch, make_plan
from sync.writing.fair_queue import FairQueue
from sync.writing.jobs import Job, Outcome, Published, Refused, coalesce

log = structlog.get_logger(__name__)

RETRY_AFTER_MS: Final = 1_000
CONFLICT_TRIES: Final = 5
PATIENCE_S: Final = 0.5
"""The longest that one plan stands still while batches are written."""
_NOT_NOW: Final = Refused("busy", "the database refused the change for now", RETRY_AFTER_MS)

Publish = Callable[[Published], None]


class _Unwritable(Exception):
    """Raised when something in the batch cannot be written, whatever the database says. Nothing of it was."""


class Writer:
    """Takes jobs from all threads, and writes them in one. `clock`: ms UTC.

    `publish` swaps views and gives answers; it is called in the writer's thread and may hop to another.
    Call `start` and `stop`, or `drain` to run what is queued on the calling thread.
    """

    def __init__(self, store: DataStore, change_log: ChangeLog, publish: Publish, clock: Clock) -> None:
        self._store = store
        self._log = change_log
        self._publish = publish
        self._clock = clock
        self._wal = WalUpkeep()
        self._latest_views: dict[str, View] = {}
        self._queue = FairQueue()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._planner: threading.Thread | None = None
        self._patience_s = PATIENCE_S
        self._idle = threading.Event()
        self._idle.set()

    # -- the queue

    def submit(self, job: Job) -> bool:
        """Queue the job. Return False when the queue is full or closed: the sender must come again later."""
        with self._wake:
            if self._stopping or not self._queue.add(job):
                return False
            self._wake.notify_all()
        return True

    @property
    def queued(self) -> tuple[int, int]:
        """Return how many jobs wait, and their bytes."""
        return len(self._queue), self._queue.bytes

    @property
    def runs(self) -> bool:
        """Return whether it has a thread of its own; else somebody must `drain`."""
        return self._thread is not None

    def start(self) -> None:
        """Start the writer's thread, and the one that plans large jobs beside it."""
        self._queue.plans = True
        self._planner = threading.Thread(target=self._plan, name="planner", daemon=True)
        self._planner.start()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Commit what is queued, then end. `timeout`: seconds."""
        with self._wake:
            self._stopping = True
            self._queue.plans = False
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout)

    def drain(self) -> None:
        """Run everything queued, on the calling thread and its database connection."""
        while batch := self._take():
            self._idle.clear()
            try:
                self._process(coalesce(batch))
            finally:
                self._idle.set()

    def published(self, views: Iterable[View]) -> None:
        """Let go of views that the store has now: what the store does not hold, nobody shall hold for it."""
        for view in views:
            if self._latest_views.get(view.account_id) is view:
                self._latest_views.pop(view.account_id, None)

    def forget(self, account_id: str) -> None:
        """Forget the newest view of a deleted account: it is read again should the account come back."""
        self._latest_views.pop(account_id, None)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue.is_ready and not self._stopping:
                    self._wake.wait()
                if not self._queue:
                    break
            try:
                close_old_connections()
                self.drain()
            except Exception:  # whoever was not answered asks again; the others must not wait for ever
                log.exception("a batch was given up")
        connections.close_all()

    def _plan(self) -> None:
        """Plan large jobs against the newest views, one at a time. The writer does it again where one changed since."""
        while (job := self._next_to_plan()) is not None:
            # A pure function has no place to wait in, and Python takes turns between threads at every statement of SQL:
            # a batch of small jobs would wait for a large plan a hundred times. So each call in here lets it pass.
            self._patience_s = PATIENCE_S
            sys.setprofile(self._let_writer_pass)
            self.plan(job)
            sys.setprofile(None)
            with self._wake:
                job.is_planned = True
                self._wake.notify_all()

    def _next_to_plan(self) -> Job | None:
        """Wait for a large job. Return None once the writer stops."""
        with self._wake:
            while not self._stopping:
                if (job := self._queue.next_to_plan()) is not None:
                    return job
                self._wake.wait()
        return None

    def _let_writer_pass(self, _frame: FrameType, _event: str, _arg: object) -> None:
        if not self._idle.is_set() and self._patience_s > 0:
            begin = time.monotonic()
            self._idle.wait(self._patience_s)
            self._patience_s -= time.monotonic() - begin

    def plan(self, job: Job) -> None:
        """Give the job its plan. One that cannot be made is left to the writer, which says why."""
        with suppress(Exception):
            job.plan = make_plan(job, self._latest_view(job.account_id), self._clock())

    def _take(self) -> list[Job]:
        with self._wake:
            batch = self._queue.take()
            self._wake.notify_all()  # behind what was taken may be something to plan
            return batch

    # -- a batch

    def _process(self, jobs: list[Job]) -> None:
        """Answer every job once. A batch that the database refuses as a whole is tried change by change."""
        tries: Counter[str] = Counter()
        while jobs:
            try:
                jobs = self._attempt(jobs, tries)
            except (DatabaseError, InterfaceError, Damaged, _Unwritable) as error:
                # A lost connection is no single change's fault, and each further attempt would wait for another one.
                if len(jobs) == 1 or connection.connection is None:
                    log.error("not committed", accounts=sorted({job.account_id for job in jobs}), exc_info=error)
                    self._refuse(jobs, BROKEN if isinstance(error, _Unwritable) else _not_now(error))
                    return
                for job in jobs:
                    self._process([job])
                return

    def _attempt(self, jobs: list[Job], tries: Counter[str]) -> list[Job]:
        """Commit all jobs, or settle the conflict that prevents it. Return the jobs to try again."""
        try:
            self._commit(jobs)
        except Conflict as conflict:
            tries[conflict.account_id] += 1
            return self._settle(conflict.account_id, jobs, last=tries[conflict.account_id] >= CONFLICT_TRIES)
        return []

    def _commit(self, jobs: list[Job]) -> None:
        batch = WriteBatch(self._latest_view, self._clock())
        for job in jobs:
            batch.run(job)
        self._write(batch)
        self._latest_views.update(batch.views)
        self._publish(batch.published())
        self._checkpoint(batch)
        self._keep_wal_short(sum(job.size for job in jobs))

    def _write(self, batch: WriteBatch) -> None:
        """Write the batch in one transaction: all of it is durable, or nothing."""
        try:
            with transaction.atomic():
                self._log.check(batch.bases)
                self._log.commit(batch.pending)
                for observed in batch.observed:
                    save_observations(observed)
        except (Conflict, DatabaseError, InterfaceError):
            raise
        except Exception as error:  # one account's change must not stop the others'
            raise _Unwritable from error

    def _checkpoint(self, batch: WriteBatch) -> None:
        """Rewrite the checkpoints that are due.

        Everything is committed and answered already: a checkpoint that fails is tried at the next change.
        """
        for view in batch.views.values():
            try:
                self._log.checkpoint_if_due(view)
            except (DatabaseError, InterfaceError):
                log.exception("checkpoint not written", account=view.account_id)

    def _keep_wal_short(self, written: int) -> None:
        try:
            self._wal.committed(written)
        except (DatabaseError, InterfaceError):
            log.exception("the write-ahead log was not brought in")

    def _latest_view(self, account_id: str) -> View:
        return self._latest_views.get(account_id) or self._store.get_view(account_id).whole()

    # -- conflicts

    def _settle(self, account_id: str, jobs: list[Job], *, last: bool) -> list[Job]:
        """Load what came in between and refuse what may no longer write. Return the jobs to try again."""
        mine = [job for job in jobs if job.account_id == account_id]
        account = Account.objects.filter(pk=account_id).first()
        if account is None:
            self.forget(account_id)
        else:
            self._latest_views[account_id] = self._log.load(account_id, self._store.new_view)
            self._publish(Published(views=[self._latest_views[account_id]]))
        gone = [job for job in mine if not _may_write(job, account)]
        self._refuse(gone, Refused("not_assigned", f"account {account_id} is not assigned to this worker"))
        if last:
            self._refuse([job for job in mine if job not in gone], _NOT_NOW)
            gone = mine
        return [job for job in jobs if job not in gone]

    def _refuse(self, jobs: list[Job], refusal: Outcome) -> None:
        self._publish(Published(answers=[(one.answer, refusal) for job in jobs for one in job.all]))


def _not_now(error: Exception) -> Refused:
    trouble = find_trouble(error)
    return Refused("busy", WORDS[trouble], RETRY_AFTER_MS) if trouble is not None else _NOT_NOW


def _may_write(job: Job, account: Account | None) -> bool:
    return account is not None and job.lease_epoch in (None, account.lease_epoch)
