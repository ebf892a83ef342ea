"""The one writer: it commits what queued while it was committing, in one transaction, publishes and answers.

    submit --> queue --> batch (validate, apply) --> one transaction --> publish and answer

An answer is given only after the commit: what was acknowledged is durable and readable.

What takes long is done between batches, and in slices: large jobs are planned (validated and applied in memory), then
written like any other; checkpoints are encoded. After each slice the batch of what came meanwhile is written.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
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
from sync.storage.sql.wal import WalUpkeep, move_log
from sync.store import DataStore
from sync.writing.batch import BROKEN, WriteBatch, make_plan
from sync.writing.fair_queue import FairQueue
from sync.writing.jobs import Job, Outcome, Published, Refused, coalesce

log = structlog.get_logger(__name__)

RETRY_AFTER_MS: Final = 1_000
CONFLICT_TRIES: Final = 5
TAKEN_IN_AT_ONCE: Final = 32
"""Accounts that other hubs moved on, before each batch of this one: thousands may be behind after an outage."""
PLAN_TRIES: Final = 2
"""How often a large job is planned. Where its account changed meanwhile, it is applied in one go at last."""
SLICE_S: Final = 0.001
PAUSE_S: Final = 0.0005
"""After a slice the writer waits: Python takes turns between threads, and the event loop must get its own at once."""
QUIET_S: Final = 0.002
OTHERS_S: Final = 0.006
CALM_S: Final = 0.05
"""While others send, what takes long goes on only when nothing came for QUIET_S, or when they had OTHERS_S since its
last slice. They count as sending for CALM_S after their last batch.
"""
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
        self._behind: set[str] = set()
        self._queue = FairQueue()
        self._wake = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._mover: threading.Thread | None = None
        self._slice_ends = 0.0
        self._others_wrote_at = 0.0
        self._due: dict[str, View] = {}

    # -- the queue

    def submit(self, job: Job) -> bool:
        """Queue the job. Return False when the queue is full or closed: the sender must come again later."""
        with self._wake:
            if self._stopping or not self._queue.add(job):
                return False
            self._wake.notify()
        return True

    def follow(self, account_ids: Iterable[str]) -> None:
        """Take in soon what other hubs wrote of these accounts. Safe in every thread."""
        with self._wake:
            self._behind.update(account_ids)
            self._wake.notify()

    @property
    def queued(self) -> tuple[int, int]:
        """Return how many jobs wait, and their bytes."""
        return len(self._queue), self._queue.bytes

    @property
    def runs(self) -> bool:
        """Return whether it has a thread of its own; else somebody must `drain`."""
        return self._thread is not None

    def start(self) -> None:
        """Start the writer's thread."""
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Commit what is queued, then end. `timeout`: seconds."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        if self._thread is not None:
            self._thread.join(timeout)

    def drain(self) -> None:
        """Run everything queued, on the calling thread and its database connection."""
        goes_on = True
        while goes_on:
            goes_on = self._write_batch() | self._write_large() | self._write_checkpoint()
            self._keep_wal_short()

    def published(self, views: Iterable[View]) -> None:
        """Let go of views that the store has now, so that a body that the store puts out is held by nobody."""
        for view in views:
            if self._latest_views.get(view.account_id) is view:
                self._latest_views.pop(view.account_id, None)

    def forget(self, account_id: str) -> None:
        """Forget the newest view of a deleted account: it is read again should the account come back."""
        self._latest_views.pop(account_id, None)
        self._due.pop(account_id, None)

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._queue and not self._behind and not self._stopping:
                    self._wake.wait()
                if not self._queue and self._stopping:
                    break
            try:
                _renew_connection()
                self.drain()
            except Exception:  # whoever was not answered asks again; the others must not wait for ever
                log.exception("a batch was given up")
        if self._mover is not None:
            self._mover.join()
        connections.close_all()

    def _take(self) -> list[Job]:
        with self._wake:
            return self._queue.take()

    def _write_batch(self) -> bool:
        """Write the next batch, on top of what others wrote. Return whether there was one, or more of theirs."""
        if self._behind:
            self._take_in()
        batch = self._take()
        self._process(coalesce(batch))
        return bool(batch or self._behind)

    # -- what other hubs wrote

    def _take_in(self) -> None:
        with self._wake:
            behind = sorted(self._behind)[:TAKEN_IN_AT_ONCE]
            self._behind.difference_update(behind)
        for account_id in behind:
            try:
                self._catch_up(account_id)
            except (DatabaseError, InterfaceError, Damaged) as error:  # the next look finds it behind once more
                if find_trouble(error) is None:
                    log.exception("changes of another hub could not be read", account=account_id)

    def _catch_up(self, account_id: str) -> View:
        """Publish what the log has after the newest view of the account, and return the view that it leads to."""
        known = self._latest_views.get(account_id) or self._store.get_view(account_id)
        view, rows = self._log.load_later(known, self._store.new_view)
        if view is not known:
            self._latest_views[account_id] = view
            self._publish(Published(views=[view], rows=rows, is_own=False))
        return view

    # -- what takes long

    def _write_large(self) -> bool:
        """Plan and write the next large job. Return whether there was one."""
        with self._wake:
            job = self._queue.take_large()
        if job is None:
            return False
        try:
            self.plan(job)
            self._process([job])
        finally:
            self._queue.release()
        return True

    def plan(self, job: Job) -> None:
        """Give the job its plan, in slices. One that cannot be made is left to its batch, which says why: also where
        the account cannot be read just then.
        """
        with suppress(Exception):
            for _ in range(PLAN_TRIES):
                job.plan = make_plan(job, self._latest_view(job.account_id), self._clock(), self._let_others_pass)
                self._serve_others()  # who comes now would wait for the whole commit
                if job.plan.holds_for(self._latest_view(job.account_id)):
                    return

    def _let_others_pass(self) -> None:
        """End the slice if it is over: write what came meanwhile. Called within what takes long."""
        if time.monotonic() >= self._slice_ends:
            self._serve_others()
            self._slice_ends = time.monotonic() + SLICE_S

    def _serve_others(self) -> None:
        """Write what comes until nothing comes any more, for a while, or this has gone on for long enough."""
        enough = time.monotonic() + OTHERS_S
        while self._wait_for_others():
            self._others_wrote_at = time.monotonic()
            if self._others_wrote_at >= enough or not self.runs:
                return

    def _wait_for_others(self) -> bool:
        """Write the batch that is there, or comes soon. Return whether there was one."""
        is_busy = time.monotonic() - self._others_wrote_at < CALM_S
        if self.runs and not self._stopping:
            self._wait_for_batch(QUIET_S if is_busy else PAUSE_S)
        try:
            return self._write_batch()
        except Exception:  # as in `_run`; and it is no fault of what was interrupted
            log.exception("a batch was given up")
            return True

    def _wait_for_batch(self, seconds: float) -> None:
        """Wait until there is something else to write than what takes long."""
        with self._wake:
            self._wake.wait_for(lambda: self._queue.has_batch or self._stopping, seconds)

    def _write_checkpoint(self) -> bool:
        """Rewrite a checkpoint that is due. Return whether there was one.

        Everything in it is committed and answered already: one that fails is tried at the next change.
        """
        for account_id in list(self._due)[:1]:
            view = self._due.pop(account_id, None)
            try:
                if view is not None:  # nobody forgot it since, on the event loop
                    self._log.checkpoint_if_due(view, self._let_others_pass)
            except (DatabaseError, InterfaceError):
                log.exception("checkpoint not written", account=account_id)
            return True
        return False

    def _keep_wal_short(self) -> None:
        """Move the write-ahead log if that is due: in a thread, since the disk may take longer than many batches."""
        if not self._wal.take_due():
            return
        if not self.runs:
            _move_wal()
        elif self._mover is None or not self._mover.is_alive():
            self._mover = threading.Thread(target=_move_wal_and_close, name="wal", daemon=True)
            self._mover.start()

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
        self._due |= {name: view for name, view in batch.views.items() if self._log.is_checkpoint_due(name)}
        self._wal.committed(sum(job.size for job in jobs))

    def _write(self, batch: WriteBatch) -> None:
        """Write the batch in one transaction: all of it is durable, or nothing."""
        try:
            with transaction.atomic():
                self._log.commit(batch.pending, batch.bases)
                for observed in batch.observed:
                    save_observations(observed)
        except (Conflict, DatabaseError, InterfaceError):
            raise
        except Exception as error:  # one account's change must not stop the others'
            raise _Unwritable from error

    def _latest_view(self, account_id: str) -> View:
        return self._latest_views.get(account_id) or self._store.get_view(account_id).whole()

    # -- conflicts

    def _settle(self, account_id: str, jobs: list[Job], *, last: bool) -> list[Job]:
        """Load what came in between and refuse what may no longer write. Return the jobs to try again."""
        mine = [job for job in jobs if job.account_id == account_id]
        account = self._settle_view(account_id)
        gone = [job for job in mine if not _may_write(job, account)]
        self._refuse(gone, Refused("not_assigned", f"account {account_id} is not assigned to this worker"))
        if last:
            self._refuse([job for job in mine if job not in gone], _NOT_NOW)
            gone = mine
        return [job for job in jobs if job not in gone]

    def _settle_view(self, account_id: str) -> Account | None:
        """Bring the newest view up to its row, and return the row; None if the account is gone."""
        for _ in range(2):  # somebody may write once more meanwhile
            view = self._catch_up(account_id)
            account = Account.objects.filter(pk=account_id).first()
            if account is None:
                self.forget(account_id)
                return None
            if view.version == account.version:
                return account
        # An older copy of the database took its place, or the log is damaged: that raises.
        self._latest_views[account_id] = self._log.load(account_id, self._store.new_view)
        self._publish(Published(views=[self._latest_views[account_id]], is_own=False))
        return account

    def _refuse(self, jobs: list[Job], refusal: Outcome) -> None:
        self._publish(Published(answers=[(one.answer, refusal) for job in jobs for one in job.all]))


def _move_wal() -> None:
    try:
        move_log()
    except (DatabaseError, InterfaceError):
        log.exception("the write-ahead log was not brought in")


def _move_wal_and_close() -> None:
    _move_wal()
    connections.close_all()


def _renew_connection() -> None:
    """Close a connection that failed or is too old. One to SQLite, which is a file, is never too old: to open it takes
    longer than to write a batch.
    """
    if connection.vendor != "sqlite" or connection.errors_occurred:
        close_old_connections()


def _not_now(error: Exception) -> Refused:
    trouble = find_trouble(error)
    return Refused("busy", WORDS[trouble], RETRY_AFTER_MS) if trouble is not None else _NOT_NOW


def _may_write(job: Job, account: Account | None) -> bool:
    return account is not None and job.lease_epoch in (None, account.lease_epoch)
