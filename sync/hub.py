"""The running hub: loads the store, runs the writer, follows the directory. One for each data directory.

The hub of this process is one reference, which is set when the hub has started.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from contextvars import Context
from threading import Lock
from typing import Any, Final, Protocol, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import Error
from django.utils import timezone

from sync.core.account.view import View
from sync.core.change.changes import Change, Cleared
from sync.directory import POLL_S, Directory, changed_here, get_generation, load_directory
from sync.loop_lateness import LoopLateness
from sync.models import HubInstance, Worker
from sync.protocol.messages import AccountLogout, DataSnapshot
from sync.protocol.times import Clock
from sync.replies.desk import ReplyDesk
from sync.storage.change_log import ChangeLog
from sync.storage.database import in_database
from sync.storage.database_errors import Health, find_trouble
from sync.storage.epochs import renew_epochs
from sync.storage.errors import Unusable
from sync.storage.home import settle
from sync.storage.integrity import check_database, readable_database
from sync.storage.locks.directory_lock import Held, holder_name
from sync.storage.locks.hub_locks import HubLocks, take_locks
from sync.storage.observations import Freshness
from sync.storage.records import Actor
from sync.storage.retention import keep_short
from sync.storage.watermark import end_in_order, remember_highest
from sync.store import configured_store
from sync.worker.frame_reader import FrameReader
from sync.worker.login_links import LoginLinks
from sync.worker.logins import LoginTracker
from sync.worker.open_parts import PartBudget
from sync.worker.pairing import PairingCodes
from sync.worker.ports import Limits, WorkerPorts
from sync.worker.presence import PresenceTracker, ShownStatus
from sync.worker.receiver import DataSyncReceiver
from sync.worker.session_encryption import SessionUnreadable, load_session, save_session, wipe_session
from sync.worker.snapshot import snapshot_messages
from sync.writing.bodies import Bodies
from sync.writing.jobs import Done, Job, Outcome, Published, Refused, as_change
from sync.writing.owner_changes import OwnerChanges
from sync.writing.writer import Writer

log = structlog.get_logger(__name__)

T = TypeVar("T")

SEEN_EVERY_S: Final = 3.0
STOP_TIMEOUT_S: Final = 4.0
WRITE_TIMEOUT_S: Final = 30.0
IMAGES_AT_END_S: Final = 2.0
"""The time that a stop takes at most for images that make the next start fast."""


class HubNotReady(Exception):
    """Raised when no hub runs in this process, or it is still loading."""


class HubBusy(Exception):
    """Raised when a change was not written, or nobody knows yet. The same request may be sent again."""


class HubRefused(Exception):
    """Raised when the hub may not start here. The message says who holds what."""


class Follower(Protocol):
    """Is notified, on the hub's event loop, of everything that changes."""

    def published(self, published: Published) -> None:
        """Take what a batch of the writer did. The store holds the new views already."""

    def directory_changed(self) -> None:
        """Take notice that accounts, workers, tokens or grants changed."""

    def __len__(self) -> int:
        """Return the number of connections that it serves."""


def system_clock() -> int:
    """Return the time now, ms UTC."""
    return time.time_ns() // 1_000_000


class Hub:
    """Wires the store, the writer, the directory and the workers, and keeps them running.

    `clock`: ms UTC. `listeners` are called when the directory was loaded anew, `chores` every SEEN_EVERY_S seconds,
    both with database access. `followers` are notified of every change, `login_listeners` of each account's id whose
    login changed. `services` run from the start to the end. `on_lost` gets the reason when another hub has
    the database, and this one must end.
    """

    def __init__(
        self,
        *,
        clock: Clock = system_clock,
        listeners: tuple[Callable[[], object], ...] = (),
        chores: tuple[Callable[[], object], ...] = (),
        followers: tuple[Follower, ...] = (),
        login_listeners: tuple[Callable[[str], None], ...] = (),
        services: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (),
    ) -> None:
        self.clock = clock
        self.started_at = clock()
        self.limits = Limits(settings.MAX_FRAME_BYTES, settings.MAX_SNAPSHOT_BYTES)
        self._frame_reader = FrameReader()
        self._part_budget = PartBudget(self.limits.snapshot_bytes)
        self.store = configured_store()
        self.bodies = Bodies(self.store, self._soon, self._look_at_bodies)
        self.freshness = Freshness()
        self.health = Health(clock)
        self.lateness = LoopLateness()
        self.presence = PresenceTracker(clock)
        self.logins = LoginTracker(clock, self.presence.order, login_listeners)
        self.login_links = LoginLinks(clock)
        self.pairing = PairingCodes(clock)
        self.directory = Directory()
        self._change_log = ChangeLog()
        self.writer = Writer(self.store, self._change_log, self._publish, clock)
        self.receiver = DataSyncReceiver(
            self.writer.submit, self.store.get_view, lambda: self.directory.accounts, clock
        )
        self.replies = ReplyDesk(
            lambda job: self.writer.submit(job),
            self.store.get_view,
            lambda: self.directory,
            self.presence,
            clock,
            ZoneInfo(settings.TIME_ZONE),
        )
        self._owner_changes = OwnerChanges(self.store, lambda job: self.writer.submit(job))
        self._listeners = listeners
        self._chores = chores
        self._followers = followers
        self._services = services
        self._locks: HubLocks | None = None
        self.on_lost: Callable[[str], None] = lambda _reason: None
        self._id = uuid4().hex
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._reading = Lock()
        self._puts_out = False

    # -- life

    def acquire(self) -> None:
        """Take the data directory and the database. Raises HubRefused with the holder's name, and Unusable."""
        try:
            self._locks = take_locks()
        except Held as held:
            raise HubRefused(f"another hub, or an import, holds {held.what}: {held}") from None

    async def start(self) -> None:
        """Load everything, then take changes. Call `acquire` before. Raises Unusable."""
        self._loop = asyncio.get_running_loop()
        await in_database(self._load)
        changed_here.connect(self._local_change)
        self.writer.start()
        self.spawn(self.lateness.watch())
        self.spawn(self._follow())
        self.spawn(self.replies.run())
        self.spawn(self._be_seen())
        self.spawn(keep_short(self.clock, self.store.new_view))
        for service in self._services:
            self.spawn(service())
        log.info("hub ready", accounts=len(self.directory.accounts))

    def _load(self) -> None:
        self.bodies.note_empty()
        is_older = check_database()
        with readable_database():
            # Only one runs at a time: the rows that are there are of hubs that were killed.
            HubInstance.objects.all().delete()
            self._write_seen()
            by_heads = self.store.bodies.limit and not is_older
            views = self.bodies.load_all() if by_heads else self._change_log.load_all(self.store.new_view)
            if is_older:
                views = renew_epochs(self._change_log, views, self.clock())
            remember_highest()
            settle()
            self.freshness.load(views)
            self._read_directory()
        self.store.publish(views)
        self._owner_changes.begin(self.directory)
        self.replies.begin(views)

    async def stop(self) -> None:
        """Commit what is queued, then let go of the data directory and the database."""
        changed_here.disconnect(self._local_change)
        for task in list(self._tasks):
            task.cancel()
        self._frame_reader.close()
        await asyncio.to_thread(self.writer.stop, STOP_TIMEOUT_S)
        await in_database(self._leave)
        if self._locks is not None:
            self._locks.release()

    def _leave(self) -> None:
        with suppress(Error):
            self.bodies.store_images(IMAGES_AT_END_S)
        HubInstance.objects.filter(pk=self._id).delete()
        settle()
        end_in_order()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` on the event loop and keep hold of it until it ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task of the hub failed", exc_info=error)

    # -- publishing

    def _publish(self, published: Published) -> None:
        """Hand the batch to the event loop, which swaps views and gives answers. Runs in the writer's thread."""
        if self._loop is None or self._loop.is_closed():
            self._swap(published)
        else:
            self._loop.call_soon_threadsafe(self._swap, published)

    def _swap(self, published: Published) -> None:
        # What was committed of an account that was deleted meanwhile must not come back.
        self.store.publish(
            (view for view in published.views if view.account_id in self.directory.accounts),
            (outcome.before for _, outcome in published.answers if isinstance(outcome, Done) and outcome.changed),
        )
        self.writer.published(published.views)
        self._look_at_bodies()
        for observed in published.observed:
            self.freshness.note(observed)
        for answer, outcome in published.answers:
            try:
                answer(outcome)
            except Exception:  # one socket must not keep the others from their answers
                log.exception("an answer could not be given")
        self.replies.published(published)
        for follower in self._followers:
            follower.published(published)

    # -- bodies

    def _soon(self, work: Callable[[], None]) -> None:
        """Do `work` on the event loop, without waiting for it; here if there is none."""
        if self._loop is None or self._loop.is_closed():
            work()
        else:
            self._loop.call_soon_threadsafe(work, context=Context())

    def _look_at_bodies(self) -> None:
        """Begin to put bodies out of memory if they are too many. Nobody waits for it."""
        if self.store.bodies.is_over and not self._puts_out:
            self._puts_out = True
            self.spawn(self._put_bodies_out())

    async def _put_bodies_out(self) -> None:
        try:
            while await in_database(self.bodies.put_out):
                pass
        finally:
            self._puts_out = False

    # -- the directory

    async def _follow(self) -> None:
        """Follow the changes that other processes make of accounts, workers, tokens and grants."""
        while True:
            await asyncio.sleep(POLL_S)
            try:
                generation = await in_database(get_generation)
                if generation != self.directory.generation:
                    await self.refresh()
            except Exception as error:  # whatever it was, the next look may succeed; without any the hub would go deaf
                if find_trouble(error) is None:  # those are told by `health`, once
                    log.exception("the directory could not be followed")

    async def refresh(self) -> None:
        """Read the directory again, and act on what changed."""
        await in_database(self._read_directory)
        self._directory_changed()

    def _local_change(self, **_: Any) -> None:
        """Act on a change that this process committed, in the thread that made it."""
        self._read_directory()
        if self._loop is not None and not self._loop.is_closed():
            # Not in the caller's context: what follows must not believe itself inside a request.
            self._loop.call_soon_threadsafe(self._directory_changed, context=Context())

    def _read_directory(self) -> None:
        with self._reading:  # what was read later stays, whoever read it
            self.directory = load_directory()
            for listener in self._listeners:
                listener()

    def _directory_changed(self) -> None:
        for account_id in self.store.account_ids():
            if account_id not in self.directory.accounts:
                self.store.delete_account(account_id)
                self.writer.forget(account_id)
                self.receiver.forget(account_id)
                self.freshness.forget(account_id)
                self.logins.forget(account_id)
        self.presence.directory_changed(self.directory)
        self._owner_changes.directory_changed(self.directory)
        for follower in self._followers:
            follower.directory_changed()

    # -- being known

    async def _be_seen(self) -> None:
        while True:
            if not await self._holds_database():
                return
            try:
                await in_database(self._write_seen)
                for chore in (*self._chores, self.bodies.look):
                    await in_database(chore)
                self._look_at_bodies()
                self.health.stored()
                self._owner_changes.retry(self.directory)
            except Exception as error:  # as above
                if not self.health.failed(error):
                    log.exception("the hub's own row could not be written")
            await asyncio.sleep(SEEN_EVERY_S)

    async def _holds_database(self) -> bool:
        """Make sure of the lock. If another hub has it by now, take no more changes, and call `on_lost`."""
        try:
            if self._locks is not None:
                await in_database(self._locks.check)
        except Unusable as error:
            log.error("the lock on the database cannot be checked", reason=str(error))
        except Held as held:
            reason = f"another hub, or an import, took {held.what} while its server was away: {held}"
            await asyncio.to_thread(self.writer.stop, STOP_TIMEOUT_S)
            self.on_lost(reason)
            return False
        return True

    def _write_seen(self) -> None:
        # One statement: in a transaction of several the writer would wait for what Python does in between.
        now = self.clock()
        if not HubInstance.objects.filter(pk=self._id).update(seen_at=now):
            HubInstance.objects.create(pk=self._id, name=holder_name(), started_at=self.started_at, seen_at=now)

    @property
    def clients(self) -> int:
        """Return the number of open connections of clients."""
        return sum(len(follower) for follower in self._followers)

    @property
    def tasks(self) -> int:
        """Return the number of tasks on the event loop, whoever began them."""
        return len(asyncio.all_tasks(self._loop)) if self._loop is not None else 0

    def worker_ports(self) -> WorkerPorts:
        """Return what a worker's connection may use of this hub."""
        return WorkerPorts(
            clock=self.clock,
            limits=self.limits,
            part_budget=self._part_budget,
            read_large=self._frame_reader.read,
            presence=self.presence,
            receiver=self.receiver,
            get_directory=lambda: self.directory,
            refresh_directory=self.refresh,
            get_view=self.store.get_view,
            load_session=self.load_session,
            save_session=self.save_session,
            make_snapshot=_make_snapshot,
            note_registered=self.worker_connected,
            note_login=self.logins.note,
            logins_lost=self.logins.fail,
            spawn=self.spawn,
            replies=self.replies,
        )

    def worker_connected(self, name: str) -> None:
        """Note in the database, in the background, that the worker was here."""
        self.spawn(_note_worker(name))

    def worker_status(self, account_id: str) -> ShownStatus:
        """Return the worker's part of the account's state: unassigned, offline, waiting, or what the worker reports."""
        account = self.directory.accounts.get(account_id)
        if account is None:
            return "unassigned"
        return self.presence.worker_status(account, self.store.get_view(account_id).report.worker_status)

    # -- sessions

    async def load_session(self, account_id: str) -> dict[str, Any] | None:
        """Return the stored browser session of the account; None without one that this key opens."""
        try:
            return await in_database(load_session, account_id)
        except SessionUnreadable:
            log.warning("the stored session was sealed with another key", account=account_id)
            return None

    async def save_session(self, account_id: str, storage_state: dict[str, Any]) -> None:
        """Store the browser session of the account. Durable when it returns."""
        await in_database(save_session, account_id, storage_state)

    # -- what the owner does, from a thread with database access

    def clear_account(self, account_id: str, actor: Actor) -> None:
        """Forget all data of the account. Durable when it returns. Raises HubNotReady, HubBusy."""
        self.write(account_id, Cleared(epoch=uuid4().hex), actor)

    def write(self, account_id: str, change: Change, actor: Actor) -> Done:
        """Write a person's change. It is durable, and in every later reading, when this returns.

        Call it from a thread with database access. Raises HubNotReady, HubBusy.
        """
        answered: Future[Outcome] = Future()
        job = Job(account_id=account_id, make=as_change(change), actor=actor, answer=answered.set_result)
        if not self.writer.submit(job):
            raise HubBusy("too much is waiting to be written")
        if not self.writer.runs:
            self.writer.drain()
        try:
            outcome = answered.result(WRITE_TIMEOUT_S)
        except TimeoutError:
            raise HubBusy("the change is still waiting to be written") from None
        if isinstance(outcome, Refused):
            raise HubBusy(outcome.message)
        return outcome

    def log_out_account(self, account_id: str) -> None:
        """Wipe the stored browser session of the account here and at its worker. Call it from a thread."""
        wipe_session(account_id)
        self.on_loop(lambda: self._forget_login(account_id))

    def _forget_login(self, account_id: str) -> None:
        self.logins.forget(account_id)
        self.login_links.end(account_id)
        self.presence.order(account_id, AccountLogout(account_id=account_id))

    def on_loop(self, work: Callable[[], T]) -> T:
        """Do `work`, which waits for nothing, on the event loop, and return its result. Raises HubBusy."""
        if self._loop is None or self._loop.is_closed() or not self._loop.is_running() or _is_on(self._loop):
            return work()
        done: Future[T] = Future()

        def do() -> None:
            try:
                done.set_result(work())
            except Exception as error:  # noqa: BLE001 (for whoever waits)
                done.set_exception(error)

        self._loop.call_soon_threadsafe(do, context=Context())
        try:
            return done.result(WRITE_TIMEOUT_S)
        except TimeoutError:
            raise HubBusy("the hub has no time for it") from None


def _is_on(loop: asyncio.AbstractEventLoop) -> bool:
    try:
        return asyncio.get_running_loop() is loop
    except RuntimeError:
        return False


async def _make_snapshot(view: View, platform: str, max_bytes: int) -> list[DataSnapshot]:
    """Return the messages of a snapshot, made in a thread: an account may be megabytes."""
    return await in_database(snapshot_messages, view, platform, max_bytes)  # which has to read the body, maybe


async def _note_worker(name: str) -> None:
    rows = Worker.objects.filter(name=name)
    await in_database(lambda: rows.update(last_seen_at=timezone.now()))


# -- the one reference

_current: Hub | None = None


def set_hub(hub: Hub | None) -> None:
    """Make `hub` the hub of this process; None when it stops."""
    global _current  # the one reference
    _current = hub


def get_hub() -> Hub:
    """Return the hub of this process. Raises HubNotReady."""
    if _current is None:
        raise HubNotReady("the hub is not running in this process")
    return _current
