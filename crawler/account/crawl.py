"""Runs one assigned account: its adapter, its runner, its regular sync."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import structlog
from msgspec import Struct

from crawler.account.data_manager import AccountDataManager
from crawler.account.runner import AccountRunner, Hooks, RunnerTiming, Sessions
from crawler.errors import AccountRefused
from crawler.platforms.base import Adapter
from crawler.uplink.data_pusher import DataPusher
from sync.protocol.messages import AssignedAccount
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)


class SyncTiming(Struct, frozen=True, kw_only=True):
    """The times at which the hub learns of changes, in seconds.

    `every`: the regular sync. `gather`: how long changes are gathered before they are sent at once. `full_every`: the
    age at which a full snapshot is sent although nothing changed.
    """

    every: float = 30
    gather: float = 0.2
    full_every: float = 300


class Crawl:
    """The crawl of one account. Call `start` once and `stop` once.

    `make_adapter` raises AccountRefused for an account that cannot be crawled here; the status board then shows the
    reason.
    """

    def __init__(
        self,
        account: AssignedAccount,
        make_adapter: Callable[[AssignedAccount], Adapter],
        sessions: Sessions,
        pusher: DataPusher,
        hooks: Hooks,
        clock: Clock,
        *,
        sync: SyncTiming,
        timing: RunnerTiming,
    ) -> None:
        self.account = account
        self._make_adapter = make_adapter
        self._sessions = sessions
        self._hooks = hooks
        self._clock = clock
        self._sync = sync
        self._timing = timing
        self._changed = asyncio.Event()
        self._runner: AccountRunner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.manager = AccountDataManager(
            account.account_id,
            account.platform,
            pusher,
            clock,
            full_every_ms=int(sync.full_every * 1000),
            on_change=self._changed.set,
        )

    @property
    def storage_state(self) -> dict[str, Any] | None:
        """Return the newest session known of the account (Playwright's storage state), or None without one."""
        return self._runner.storage_state if self._runner else self.account.storage_state

    def start(self) -> None:
        """Start the crawl and the regular sync as tasks of the running loop."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._sync_regularly())]

    async def stop(self) -> None:
        """Cancel both tasks and wait for them. Every page is closed when this returns."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self) -> None:
        account = self.account
        try:
            adapter = self._make_adapter(account)
            self._runner = AccountRunner(
                account, adapter, self._sessions, self.manager, self._hooks, self._clock, self._timing
            )
            await self._runner.run()
        except AccountRefused as error:
            log.error("the account cannot be crawled", account=account.account_id, reason=str(error))
            self._hooks.set_status(
                account.account_id, worker_status="error", last_error_message=f"AccountRefused: {error}"[:200]
            )
        except Exception as error:
            log.exception("the account cannot be crawled", account=account.account_id)
            self._hooks.set_status(account.account_id, worker_status="error", last_error_message=type(error).__name__)

    async def _sync_regularly(self) -> NoReturn:
        """Hand over a snapshot each `every` seconds, and as soon as a change was gathered."""
        while True:
            try:
                async with asyncio.timeout(self._sync.every):
                    await self._changed.wait()
                    await asyncio.sleep(self._sync.gather)
            except TimeoutError:
                pass
            self._changed.clear()
            self.manager.sync_to_master()
