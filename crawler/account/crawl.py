"""Runs one assigned account: its adapter, its runner, its regular sync."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import structlog
from msgspec import Struct
from msgspec.structs import replace

from crawler.account.data_manager import AccountDataManager
from crawler.account.needs import Hooks, RunnerTiming, Sessions
from crawler.account.runner import AccountRunner
from crawler.errors import AccountRefused, NotPressed
from crawler.platforms.base import Adapter, Permission, ReplyOutcome
from crawler.uplink.data_pusher import DataPusher
from sync.protocol.account_config import list_orders
from sync.protocol.messages import AccountUse, AssignedAccount
from sync.protocol.reply_messages import ReplyRequest
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
    """The crawl of one account. Call `start` once and `stop` once; `rest` and `resume` in between.

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
        self._running: asyncio.Task[None] | None = None
        self._syncing: asyncio.Task[None] | None = None
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

    @property
    def lease_epoch(self) -> int:
        """Return the number of the right to speak for the account."""
        return self.account.lease_epoch

    def is_same_task(self, wanted: AssignedAccount, *, seen: str | None) -> bool:
        """Return whether `wanted` asks for what runs already.

        The session may differ: the running one is newer than the hub's. So may a number that the hub learned from us:
        the one that was `seen` here. Any other is the owner's, and the login is looked at by it. Of the config only
        what a worker follows counts.
        """
        running = self.account
        known = wanted.platform_user_id in (running.platform_user_id, seen)
        same = all(getattr(running, name) == getattr(wanted, name) for name in ("platform", "lease_epoch"))
        return known and same and list_orders(running.config) == list_orders(wanted.config)

    @property
    def use(self) -> AccountUse:
        """Return what its pages take, as it was measured last."""
        return self._runner.hygiene.use if self._runner is not None else AccountUse()

    async def reply(self, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Send a reply at its turn. Raises NotPressed, and as `Adapter.reply` does."""
        if self._runner is None:
            raise NotPressed("starting")
        return await self._runner.turn.reply(request, permission)

    def start(self) -> None:
        """Start the crawl and the regular sync as tasks of the running loop."""
        self._syncing = asyncio.create_task(self._sync_regularly())
        self.resume()

    async def rest(self) -> None:
        """Close every page, and keep what was read and the newest session, until `resume`."""
        running, self._running = self._running, None
        self.account = replace(self.account, storage_state=self.storage_state)
        await _end(running)
        self._runner = None

    def resume(self) -> None:
        """Go on after `rest`. Does nothing while it runs, or after it was refused."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Cancel both tasks and wait for them. Every page is closed when this returns."""
        await asyncio.gather(_end(self._running), _end(self._syncing))

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


async def _end(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
