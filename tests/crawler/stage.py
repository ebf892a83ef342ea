"""A worker with a hub, a platform and sessions that do what the test says."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from crawler.account.crawl import SyncTiming
from crawler.account.needs import RunnerTiming
from crawler.uplink.hub_silence import HubSilence
from crawler.worker import CrawlWorker
from crawler.worker_options import WorkerOptions
from sync.protocol.messages import AccountStatus, AccountStatuses
from tests.crawler.builders import an_account
from tests.crawler.fake_hub import FakeHub
from tests.crawler.fakes import FakeDisplay, FakePlatform, FakeSessions, a_state
from tests.crawler.uplink.test_uplink import FAST
from tests.waiting import until

EVERY = {"intervals": {"profile": 0.01, "messages": 0.01}}


class Stage:
    def __init__(self, hub: FakeHub, worker: CrawlWorker, platform: FakePlatform, sessions: FakeSessions) -> None:
        self.hub = hub
        self.worker = worker
        self.platform = platform
        self.sessions = sessions
        self.task: asyncio.Task[None]

    def status(self, account_id: str) -> AccountStatus:
        """The last one that the hub captured of."""
        reports = [s for m in self.hub.all_of(AccountStatuses) for s in m.account_statuses]
        captured: list[AccountStatus] = [status for status in reports if status.account_id == account_id]
        return captured[-1]

    async def reported(self, account_id: str, **expected: Any) -> AccountStatus:
        def matching() -> list[AccountStatus]:
            reports = [s for m in self.hub.all_of(AccountStatuses) for s in m.account_statuses]
            return [
                s
                for s in reports
                if s.account_id == account_id and all(getattr(s, k) == v for k, v in expected.items())
            ]

        await until(matching, f"{account_id} {expected}")
        return matching()[-1]


@asynccontextmanager
async def on_stage(
    *accounts: Any,
    prepare: Any = lambda adapter: None,
    hub: FakeHub | None = None,
    silence: HubSilence | None = None,
    **options: Any,
) -> AsyncIterator[Stage]:
    values: dict[str, Any] = {
        "token": "w1:secret",
        "worker_id": "w1",
        "uplink": FAST,
        "sync": SyncTiming(every=0.1, gather=0.01),
        "runner": RunnerTiming(
            observe=0.5,
            session_every=0.05,
            backoff_first=0.01,
            backoff_cap=0.05,
            login_first=0.01,
            look_again=0.01,
            crash_first=0.01,
        ),
        "heartbeat_s": 0.1,
    }
    async with hub or FakeHub(list(accounts)) as hub:
        platform, sessions = FakePlatform(prepare), FakeSessions()
        platforms: Any = {"fake": platform}
        worker_options = WorkerOptions(hub=hub.url, **(values | options))
        worker = CrawlWorker(worker_options, platforms, sessions, FakeDisplay(), silence=silence)
        stage = Stage(hub, worker, platform, sessions)
        stage.task = asyncio.create_task(worker.run())
        try:
            yield stage
        finally:
            worker.stop()
            await asyncio.gather(stage.task, return_exceptions=True)


def an_active(account_id: str = "a", **changes: Any) -> Any:
    return an_account(account_id, config=EVERY, storage_state=a_state("s1"), **changes)
