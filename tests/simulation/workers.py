"""Worker processes: the real worker with a platform made up here. It can die and be started again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from crawler.account.data_manager import AccountDataManager
from crawler.errors import CheckAsked
from crawler.platforms.base import (
    Adapter,
    BrowserSession,
    LoginDialog,
    Permission,
    ReplyOutcome,
    SurfaceObservation,
)
from crawler.uplink.hub_silence import HubSilence
from crawler.worker import CrawlWorker
from crawler.worker_options import WorkerOptions
from sync.protocol.messages import AssignedAccount, LoginStatus, Surface
from sync.protocol.reply_messages import ReplyReason, ReplyRequest
from sync.protocol.times import Clock
from tests.crawler.fakes import FakeDisplay, FakeSessions
from tests.simulation.clock import VirtualLoop
from tests.simulation.world import Shop


class SimulatedAdapter:
    surfaces: Sequence[Surface] = ("profile", "messages", "contents", "comments", "notifications")
    login_databases: Sequence[str] = ()

    def __init__(self, shop: Shop, clock: Clock) -> None:
        self._shop = shop
        self._clock = clock

    async def check_login(self, session: BrowserSession) -> LoginStatus:
        return "logged_in"

    async def log_in(self, session: BrowserSession, dialog: LoginDialog) -> None: ...

    async def wait_for_person(self, session: BrowserSession, asked: CheckAsked) -> bool:
        return True

    def listening(self, take: Callable[[SurfaceObservation], None]) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def observe(self, session: BrowserSession, surface: Surface) -> SurfaceObservation:
        await asyncio.sleep(0.2)
        return self._shop.look(surface, self._clock())

    async def reply(self, session: BrowserSession, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        return ReplyOutcome(state="failed", reason=ReplyReason(code="not_supported"))


class WorkerProcess:
    def __init__(self, name: str, token: str, shops: Mapping[str, Shop], loop: VirtualLoop) -> None:
        self.name = name
        self._token = token
        self._shops = shops
        self._loop = loop
        self.deltas = True
        """Whether it is of a kind that sends them, the next time it starts."""
        self.worker: CrawlWorker | None = None
        self._running: asyncio.Task[None] | None = None
        self.sessions = FakeSessions()
        self.silences = 0
        """So often it stopped its browsers because it heard nothing of the hub."""

    def _note_silence(self, until: float | None) -> None:
        self.silences += until is None

    def start(self) -> None:
        options = WorkerOptions(
            hub="ws://127.0.0.1:1/ws/worker/",
            token=self._token,
            worker_id=self.name,
            deltas=self.deltas,
            host_id="shop",
        )
        self.sessions = FakeSessions()
        self.worker = CrawlWorker(
            options,
            {"douyin": self._make_adapter},
            self.sessions,
            FakeDisplay(),
            self._loop.clock,
            HubSilence(self._loop.time, self._note_silence),
        )
        self._running = self._loop.create_task(self.worker.run())

    def _make_adapter(self, account: AssignedAccount, settings: Mapping[str, str], clock: Clock) -> Adapter:
        return SimulatedAdapter(self._shops[account.account_id], clock)

    def manager_of(self, account_id: str) -> AccountDataManager:
        """Return the worker's data manager of an account, all of whose items are acknowledged."""
        assert self.worker is not None
        assert account_id not in self.worker.pusher.unacknowledged()
        return self.worker._crawls[account_id].manager

    def check(self) -> None:
        """A worker ends by a fault of ours only."""
        if self._running is not None and self._running.done() and not self._running.cancelled():
            self._running.result()
            raise AssertionError(f"{self.name} ended by itself")

    def die(self) -> None:
        """Nothing of its memory stays."""
        if self.worker is None or self._running is None:
            return
        self._running.cancel()
        self._loop.run_until_complete(asyncio.gather(self._running, return_exceptions=True))
        self._loop.run_until_complete(self.worker.pusher.close())
        self.worker = self._running = None
