"""Watches over the workers, and gives the accounts of one that is gone to others. Lives on the event loop."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

import structlog

from sync.directory import AccountInfo, Directory, WorkerInfo
from sync.fleet.moves import make_move
from sync.fleet.rules import (
    OWN_SILENCE_MS,
    FleetAccount,
    FleetWorker,
    Move,
    find_silence,
    is_unsure,
    is_worker_gone,
    plan_moves,
)
from sync.protocol.account_config import may_move
from sync.protocol.crash_pauses import CrashStreaks
from sync.protocol.lease_times import is_gone
from sync.protocol.times import Clock
from sync.storage.database import in_database
from sync.storage.database_errors import find_trouble, keep_going
from sync.worker.presence import PresenceTracker, count_places

log = structlog.get_logger(__name__)

TICK_S: Final = 1.0


class _Roster:
    """The accounts of one directory, looked through once: there may be thousands, and the fleet looks every second."""

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.by_worker: dict[str, list[AccountInfo]] = defaultdict(list)
        self.moved = [account for account in directory.accounts.values() if account.moved_at]
        for account in sorted(directory.accounts.values(), key=lambda one: (one.created_at, one.id)):
            if account.worker is not None and not account.paused:
                self.by_worker[account.worker].append(account)


class Fleet:
    """The workers as one hub sees them. `clock`: ms UTC; `started_at`: of the hub.

    `does_chores`: whether this is the hub, of those that share a database, that gives accounts away. `shares`: others
    may be there.
    """

    def __init__(
        self,
        presence: PresenceTracker,
        get_directory: Callable[[], Directory],
        clock: Clock,
        started_at: int,
        does_chores: Callable[[], bool] = lambda: True,
        *,
        shares: bool = False,
    ) -> None:
        self._does_chores = does_chores
        self._shares = shares
        self._presence = presence
        self._get_directory = get_directory
        self._clock = clock
        self._started_at = self._awake_since = self._looked_at = started_at
        self._waiting: set[str] = set()
        self._moved_before: dict[str, int] = {}
        """Account -> when it was moved last before this hub began. It may have been moved once more since."""
        self._lost: dict[str, set[str]] = defaultdict(set)
        """Worker -> the accounts that went to others. Its process may have ended, or its link: its return tells."""
        self._roster = _Roster(Directory())
        self._crashes = CrashStreaks()
        presence.on_crash = self._note_crash

    def begin(self) -> None:
        """Take it that every worker has open what it was given by the hub before, until it says or shows otherwise.

        This hub has given it nothing yet, so else nobody would wait for it if its accounts were moved now. Where hubs
        share the workers, everybody waits for whoever lost an account.
        """
        self._awake_since = self._looked_at = self._clock()
        if self._shares:
            return
        for account in self._get_directory().accounts.values():
            self._moved_before[account.id] = account.moved_at
            if account.worker is not None:
                self._presence.holders.given(account.worker, account.id)

    async def run(self) -> None:
        """Look every second, for as long as the hub runs."""
        self._looked_at = self._clock()
        while True:
            await asyncio.sleep(TICK_S)
            with keep_going(log, "the workers could not be looked after"):
                await self.tick()

    async def tick(self) -> None:
        """Make the moves that are due now, and let go what workers had that are gone."""
        moves = self.plan()  # by every hub: the next one to do the chores must not have slept
        for move in moves:
            if self._does_chores():  # asked each time: it may have ended meanwhile
                await self._try(move)
        for worker in [name for name in self._lost if self._presence.is_connected(name)]:
            del self._lost[worker]  # one that crashed is connected under another instance, and was counted by that
        self.release()

    async def _try(self, move: Move) -> None:
        """Make the move. One that cannot be made must not hold up the others."""
        try:
            if await self.make(move):
                self._lost[move.old].add(move.account_id)
                log.warning("an account goes to another worker", account=move.account_id, old=move.old, new=move.new)
        except Exception as error:
            if find_trouble(error) is not None:  # none of them can be made now
                raise
            log.exception("an account could not be given to another worker", account=move.account_id)

    async def make(self, move: Move) -> bool:
        """Make the move, and return whether it was still right."""
        return await in_database(make_move, move)

    def release(self) -> None:
        """Take notice which workers have closed their browsers without a word: others may be given the accounts."""
        holders = self._presence.holders
        over = [name for name in holders.workers() if self._has_closed(name)]
        released = {name for name in over if holders.closed_but(name, ())}
        waiting = {one.id for one in self._list_accounts().moved if not self.may_give(one)}
        waiting |= self._crashes.paused(self._clock())
        if released or self._waiting - waiting:
            self._presence.assignments_changed()
        self._waiting = waiting

    def may_give(self, account: AccountInfo) -> bool:
        """Return whether the account may be given to its worker now."""
        now = self._clock()
        paused = self._crashes.paused_until(account.id, now) is not None
        moved = (self._moved_before.get(account.id, 0), account.moved_at)
        return not paused and not any(is_unsure(at, self._started_at, now, shares=self._shares) for at in moved)

    def crash_pause(self, account_id: str) -> tuple[int, int] | None:
        """Return how often in a row workers ended with the account, and when it is tried again (ms UTC); None if it is
        not kept back.
        """
        until = self._crashes.paused_until(account_id, self._clock())
        return (self._crashes.count(account_id), until) if until is not None else None

    def _note_crash(self, worker: str) -> None:
        """Nobody knows which account was to blame, so all that the worker had count."""
        had = {account.id for account in self._get_directory().accounts_of(worker)} | self._lost.pop(worker, set())
        for account_id in sorted(had):
            if pause := self._crashes.note(account_id, self._clock()):
                log.warning("workers end again and again with an account", account=account_id, pause_s=pause // 1_000)

    def _has_closed(self, name: str) -> bool:
        presence = self._presence
        if presence.is_elsewhere(name):  # it registered at another hub, which knows what it has open
            return True
        if presence.heard_at(name) is None:  # what it was answered last was answered by the hub before this one
            return is_gone(self._clock() - self._awake_since)
        if not presence.host_id_of(name):  # an older worker, which goes on without the hub: nobody waits for it
            return True
        silent_ms = find_silence(presence.heard_at(name), self._awake_since, self._started_at, self._clock())
        return is_worker_gone("known", silent_ms, has_left=presence.has_left(name))

    def plan(self) -> list[Move]:
        """Return the moves that are due now."""
        now = self._clock()
        if not 0 <= now - self._looked_at <= OWN_SILENCE_MS:
            self._awake_since = now
        self._looked_at = now
        roster = self._list_accounts()
        infos = roster.directory.workers
        gone = [name for name, info in infos.items() if self._is_gone(info, now)]
        left = [account for name in gone for account in roster.by_worker[name]]
        if not left:
            return []
        workers = {name: self._describe(info, roster, now) for name, info in infos.items()}
        return plan_moves(workers, map(_account, left))

    def _list_accounts(self) -> _Roster:
        directory = self._get_directory()
        if self._roster.directory is not directory:
            self._roster = _Roster(directory)
        return self._roster

    def is_full(self, name: str) -> bool:
        """Return whether the worker is connected, and all its places are taken."""
        present = self._presence.get(name)
        if present is None:
            return False
        directory = self._get_directory()
        places = count_places(directory, name, present)
        return places is not None and len(directory.accounts_of(name)) >= places

    def _is_gone(self, info: WorkerInfo, now: int) -> bool:
        presence, name = self._presence, info.name
        present = presence.get(name)
        host_id = present.host_id if present is not None else info.host_id
        silent_ms = find_silence(presence.heard_at(name), self._awake_since, self._started_at, now)
        return is_worker_gone(host_id, silent_ms, has_left=presence.has_left(name))

    def _describe(self, info: WorkerInfo, roster: _Roster, now: int) -> FleetWorker:
        name, gone = info.name, self._is_gone(info, now)
        present = self._presence.get(name)
        return FleetWorker(
            name=name,
            host_id=present.host_id if present is not None else info.host_id,
            is_gone=gone,
            takes=present is not None and present.is_confidential and not gone,
            platforms=frozenset(present.capabilities if present is not None else ()),
            places=count_places(roster.directory, name, present) if present is not None else 0,
            taken=len(roster.by_worker[name]),
        )


def _account(account: AccountInfo) -> FleetAccount:
    return FleetAccount(
        account.id, account.platform, account.worker or "", account.lease_epoch, may_move(account.config)
    )
