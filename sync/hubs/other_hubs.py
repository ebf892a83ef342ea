"""Keeps a hub up with the others that serve its database."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Final

import structlog

from sync.hubs.fact_board import FactBoard
from sync.hubs.shared_life import SharedLife
from sync.hubs.wake_ups import WakeUps
from sync.models import Account, LogState
from sync.protocol.times import Clock
from sync.storage.database import in_database
from sync.storage.database_errors import keep_going
from sync.storage.observations import Freshness
from sync.store import DataStore
from sync.worker.service import WorkerService
from sync.writing.jobs import Published

log = structlog.get_logger(__name__)

COMPARE_S: Final = 1.0
CATCH_UP_S: Final = 0.3
CATCH_UP_POLL_S: Final = 0.003


class OtherHubs:
    """Finds the accounts that other hubs moved on, and shares what stands in no account. Lives on the event loop.

    `follow` has the writer read what the log has of these accounts, and publish it. `clock`: ms UTC.
    """

    def __init__(
        self,
        store: DataStore,
        follow: Callable[[Iterable[str]], None],
        workers: WorkerService,
        freshness: Freshness,
        clock: Clock,
    ) -> None:
        self._store = store
        self._follow = follow
        self._wake_ups = WakeUps(self._heard, self.compare_soon)
        self.board = FactBoard(clock, self._wake_ups.say_look)
        self._life = SharedLife(self.board, workers, freshness, clock)
        self._soon = asyncio.Event()
        self._committed: int | None = None

    @property
    def trouble(self) -> str | None:
        """Return what is wrong with Redis; None if nothing is."""
        return self._wake_ups.trouble

    async def run(self) -> None:
        """Keep up for as long as the hub runs."""
        await asyncio.gather(self._wake_ups.run(), self._compare_again_and_again(), self.board.run(), self._life.run())

    def published(self, published: Published) -> None:
        """Tell the others of what this hub wrote."""
        if published.is_own and published.views:
            self._wake_ups.say({view.account_id: view.version for view in published.views})

    def leave(self) -> None:
        """Say that no worker is connected here any more. Call it in a thread with a database, when `run` has ended."""
        self._life.leave()

    def compare_soon(self) -> None:
        """Compare all versions with those of the database now."""
        self._soon.set()

    def catch_up(self) -> None:
        """Wait until this hub has what was committed by now, CATCH_UP_S at most. It needs a thread and a database."""
        if _count_changes() == self._committed:
            return
        versions = _read_versions()
        if behind := self._list_behind(versions):
            self._follow(behind)
        end = time.monotonic() + CATCH_UP_S
        while behind and time.monotonic() < end:
            time.sleep(CATCH_UP_POLL_S)
            behind = self._list_behind({one: versions[one] for one in behind})

    def _heard(self, versions: Mapping[str, int]) -> None:
        if behind := self._list_behind(versions):
            self._follow(behind)

    def _list_behind(self, versions: Mapping[str, int]) -> list[str]:
        return [one for one, version in versions.items() if self._store.get_view(one).version < version]

    async def _compare_again_and_again(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._soon.wait(), COMPARE_S)
            self._soon.clear()
            with keep_going(log, "versions could not be compared"):
                await self.compare()
                await self.board.look()

    async def compare(self) -> None:
        """Find what no wake-up told of. Costs one row while nobody writes."""
        committed = await in_database(_count_changes)
        if committed == self._committed:
            return
        behind = await in_database(lambda: self._list_behind(_read_versions()))  # of thousands it takes milliseconds
        self._committed = None if behind else committed
        if behind:
            self._follow(behind)


def _count_changes() -> int:
    return LogState.objects.values_list("committed", flat=True).first() or 0


def _read_versions() -> dict[str, int]:
    return dict(Account.objects.values_list("pk", "version"))
