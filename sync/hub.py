"""The running hub: loads the store, runs the writer, follows the directory. One for each database, unless several share
it (`sync.hubs`).

The hub of this process is one reference, which is set when the hub has started.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, Final
from uuid import uuid4
from zoneinfo import ZoneInfo

import structlog
from django.conf import settings
from django.db import Error

from sync.core.account.view import View
from sync.core.change.changes import Change, Cleared
from sync.directory import POLL_S, Directory, changed_here, get_generation, load_directory
from sync.fleet.fleet import Fleet
from sync.fleet.moves import note_coming
from sync.follower import Follower
from sync.hub_errors import HubNotReady
from sync.hub_hold import HubHold
from sync.hub_loop import HubLoop
from sync.hub_row import HubRow
from sync.hubs.fact_board import FactBoard
from sync.hubs.other_hubs import OtherHubs
from sync.loop_lateness import LoopLateness
from sync.protocol.times import Clock
from sync.replies.desk import ReplyDesk
from sync.storage.change_log import ChangeLog, Conflict
from sync.storage.database import in_database, is_shared
from sync.storage.database_errors import WORDS, Health, find_trouble, keep_going
from sync.storage.epochs import renew_epochs
from sync.storage.home import settle
from sync.storage.integrity import check_database, readable_database
from sync.storage.observations import Freshness
from sync.storage.records import Actor
from sync.storage.retention import keep_short
from sync.storage.watermark import end_in_order, remember_highest
from sync.store import configured_store
from sync.worker.ports import WorkerPorts
from sync.worker.presence import ShownStatus
from sync.worker.receiver import DataSyncReceiver
from sync.worker.refusal import Refused
from sync.worker.service import WorkerService
from sync.worker.session_encryption import wipe_session
from sync.writing.bodies import Bodies
from sync.writing.jobs import Done, Published
from sync.writing.owner_changes import OwnerChanges
from sync.writing.write_and_wait import write_and_wait
from sync.writing.writer import RETRY_AFTER_MS, Writer

log = structlog.get_logger(__name__)

SEEN_EVERY_S: Final = 3.0
STOP_TIMEOUT_S: Final = 4.0
IMAGES_AT_END_S: Final = 2.0
"""The time that a stop takes at most for images that make the next start fast."""


def system_clock() -> int:
    """Return the time now, ms UTC."""
    return time.time_ns() // 1_000_000


class Hub:
    """Wires the store, the writer, the directory and the workers, and keeps them running.

    `clock`: ms UTC. `listeners` are called when the directory was loaded anew, `chores` every SEEN_EVERY_S seconds,
    both with database access. `followers` are notified of every change, `login_listeners` of each account's id whose
    login changed. `services` run from the start to the end. `sharers` get the board on which hubs of one database tell
    each other things. `on_lost` gets the reason when another hub has
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
        sharers: tuple[Callable[[FactBoard], None], ...] = (),
    ) -> None:
        self.clock = clock
        self.started_at = clock()
        self._hold = HubHold(shared=is_shared())
        self._row = HubRow(clock, self.started_at)
        self._loop = HubLoop()
        self.spawn, self.on_loop = self._loop.spawn, self._loop.call
        self.store = configured_store()
        self.bodies = Bodies(self.store, self._loop.soon, self.spawn)
        self.freshness = Freshness()
        self.health = Health(clock)
        self.lateness = LoopLateness()
        self.workers = WorkerService(clock, login_listeners)
        self.presence, self.logins = self.workers.presence, self.workers.logins
        self.login_links, self.pairing = self.workers.login_links, self.workers.pairing
        self.directory = Directory()
        self.fleet = Fleet(
            self.presence,
            lambda: self.directory,
            clock,
            self.started_at,
            lambda: self.does_chores,
            shares=is_shared(),
        )
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
            (lambda: self.does_chores) if is_shared() else None,
        )
        self.others = None
        if is_shared():
            self.others = OtherHubs(self.store, self.writer.follow, self.workers, self.freshness, clock)
            for share in sharers:
                share(self.others.board)
        self._owner_changes = OwnerChanges(self.store, lambda job: self.writer.submit(job))
        self._listeners = listeners
        self._chores = chores
        self._followers = followers
        self._services = services
        self.on_lost: Callable[[str], None] = lambda _reason: None
        self._reading = Lock()

    # -- life

    def acquire(self) -> None:
        """Take the data directory and the database. Raises HubRefused with the holder's name, and Unusable."""
        self._hold.acquire()

    async def start(self) -> None:
        """Load everything, then take changes. Call `acquire` before. Raises Unusable."""
        self._loop.begin(asyncio.get_running_loop())
        await in_database(self._load)
        self.fleet.begin()
        changed_here.connect(self._local_change)
        self.writer.start()
        self.spawn(self.lateness.watch())
        self.spawn(self._follow())
        self.spawn(self.replies.run())
        self.spawn(self.fleet.run())
        self.spawn(self._be_seen())
        self.spawn(keep_short(self.clock, self.store.new_view, lambda: self.does_chores))
        self.spawn(self.bodies.bring_all())
        if self.others is not None:
            self.spawn(self.others.run())
        for service in self._services:
            self.spawn(service())
        log.info("hub ready", accounts=len(self.directory.accounts))

    def _load(self) -> None:
        self.bodies.note_empty()
        is_older = check_database()
        with readable_database():
            self._row.replace_others()
            views = self._load_views(is_older)
            while is_older:
                try:
                    views, is_older = renew_epochs(self._change_log, views, self.clock()), False
                except Conflict:  # another hub wrote meanwhile
                    views = self._change_log.load_all(self.store.new_view)
            remember_highest()
            settle()
            self.freshness.load(views)
            self._read_directory()
        self.store.publish(views)
        self._owner_changes.begin(self.directory)
        self.replies.begin(views)

    def _load_views(self, is_older: bool) -> list[View]:
        """Return all accounts: whole ones where epochs are to be renewed (`is_older`) or other hubs write meanwhile."""
        if self.store.bodies.limit and not is_older:
            return self.bodies.load_all()
        whole = is_older or is_shared()
        return self._change_log.load_all(self.store.new_view, None if whole else self.bodies.load_heads)

    async def stop(self) -> None:
        """Commit what is queued, then let go of the data directory and the database."""
        changed_here.disconnect(self._local_change)
        self._loop.cancel_all()
        self.workers.close()
        await asyncio.to_thread(self.writer.stop, STOP_TIMEOUT_S)
        await in_database(self._leave)
        self._hold.release()

    def _leave(self) -> None:
        with suppress(Error):
            self.bodies.store_images(IMAGES_AT_END_S)
        self._row.remove()
        if self.others is not None:
            with suppress(Error):
                self.others.leave()
        settle()
        end_in_order()

    # -- publishing

    def _publish(self, published: Published) -> None:
        """Hand the batch to the event loop, which swaps views and gives answers. Runs in the writer's thread."""
        self._loop.soon(partial(self._swap, published))

    def _swap(self, published: Published) -> None:
        # What was committed of an account that was deleted meanwhile must not come back.
        self.store.publish(
            (view for view in published.views if view.account_id in self.directory.accounts),
            (outcome.before for _, outcome in published.answers if isinstance(outcome, Done) and outcome.changed),
        )
        self.writer.published(published.views)
        if self.others is not None:
            self.others.published(published)
        self.bodies.put_out_soon()
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

    # -- the directory

    async def _follow(self) -> None:
        """Follow the changes that other processes make of accounts, workers, tokens and grants."""
        while True:
            await asyncio.sleep(POLL_S)
            with keep_going(log, "the directory could not be followed"):
                await self._reach(await in_database(get_generation))

    async def _reach(self, generation: int) -> None:
        if generation != self.directory.generation:
            await self.refresh()

    async def _note_coming(self, worker: str) -> None:
        """Write down that the worker comes, and know what was moved before. Raises Refused."""
        try:
            await self._reach(await in_database(note_coming, worker))
        except Exception as error:
            trouble = find_trouble(error)
            if trouble is None:
                raise
            raise Refused("busy", WORDS[trouble], RETRY_AFTER_MS) from error

    async def refresh(self) -> None:
        """Read the directory again, and act on what changed."""
        await in_database(self._read_directory)
        self._directory_changed()

    def _local_change(self, **_: Any) -> None:
        """Act on a change that this process committed, in the thread that made it."""
        self._read_directory()
        if self._loop.is_there:
            self._loop.soon(self._directory_changed)

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
        if self.others is not None:
            self.others.compare_soon()

    # -- being known

    async def _be_seen(self) -> None:
        while True:
            if not await self._holds_database():
                return
            try:
                await in_database(self._row.write_seen)
                for chore in (*self._chores, self.bodies.look):
                    await in_database(chore)
                self.bodies.put_out_soon()
                self.health.stored()
                self._owner_changes.retry(self.directory)
            except Exception as error:  # as above
                if not self.health.failed(error):
                    log.exception("the hub's own row could not be written")
            await asyncio.sleep(SEEN_EVERY_S)

    async def _holds_database(self) -> bool:
        """Make sure of the lock. If another hub has it by now, take no more changes, and call `on_lost`."""
        reason = await self._hold.find_loss()
        if reason is None:
            return True
        await asyncio.to_thread(self.writer.stop, STOP_TIMEOUT_S)
        self.on_lost(reason)
        return False

    @property
    def does_chores(self) -> bool:
        """Return whether this is the hub that does what one alone must do."""
        return self._hold.does_chores

    def confirm_chores(self) -> bool:
        """Return whether this is that hub still, as the database says. Call it from a thread with database access."""
        return self._hold.confirm_chores()

    @property
    def redis_trouble(self) -> str | None:
        """Return what is wrong with Redis; None if nothing is, or no other hub shares the database."""
        return self.others.trouble if self.others is not None else None

    def catch_up(self, account_ids: Iterable[str]) -> None:
        """Look soon what other hubs wrote of these accounts. Safe in every thread."""
        if self.others is not None:
            self.writer.follow(account_ids)

    def wait_for_others(self) -> None:
        """Wait a moment for what other hubs wrote before now. Call it in a thread with database access."""
        if self.others is not None:
            with suppress(Error):  # then what memory has is shown
                self.others.catch_up()

    @property
    def clients(self) -> int:
        """Return the number of open connections of clients."""
        return sum(len(follower) for follower in self._followers)

    @property
    def tasks(self) -> int:
        """Return the number of tasks on the event loop, whoever began them."""
        return self._loop.count_tasks()

    def worker_ports(self) -> WorkerPorts:
        """Return what a worker's connection may use of this hub."""
        return self.workers.make_ports(
            receiver=self.receiver,
            replies=self.replies,
            get_directory=lambda: self.directory,
            refresh_directory=self.refresh,
            get_view=self.store.get_view,
            spawn=self.spawn,
            may_give=self.fleet.may_give,
            note_coming=self._note_coming if self.others is not None else None,
        )

    def worker_status(self, account_id: str) -> ShownStatus:
        """Return the worker's part of the account's state: unassigned, offline, waiting, or what the worker reports."""
        account = self.directory.accounts.get(account_id)
        if account is None:
            return "unassigned"
        return self.presence.worker_status(account, self.store.get_view(account_id).report.worker_status)

    # -- what the owner does, from a thread with database access

    def clear_account(self, account_id: str, actor: Actor) -> None:
        """Forget all data of the account. Durable when it returns. Raises HubNotReady, HubBusy."""
        self.write(account_id, Cleared(epoch=uuid4().hex), actor)

    def write(self, account_id: str, change: Change, actor: Actor) -> Done:
        """Write a person's change. It is durable, and in every later reading, when this returns.

        Call it from a thread with database access. Raises HubNotReady, HubBusy.
        """
        return write_and_wait(self.writer, account_id, change, actor)

    def log_out_account(self, account_id: str) -> None:
        """Wipe the stored browser session of the account here and at its worker. Call it from a thread."""
        wipe_session(account_id)
        self.on_loop(lambda: self.workers.forget_login(account_id))


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
