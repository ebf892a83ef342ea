"""The pace of an account, as its runner keeps it and tells it to the hub."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from crawler.account.data_manager import AccountDataManager
from crawler.account.needs import RunnerTiming
from crawler.account.runner import MOST_CHECKS, AccountRunner
from crawler.account.schedule import Schedule
from crawler.errors import CheckAsked, SlowDown
from crawler.uplink.snapshot import AccountSnapshot
from sync.protocol.messages import Snapshot, WireObservation
from tests.crawler.builders import NOW, a_message, an_account, an_observation
from tests.crawler.fakes import FakeAdapter, FakeSessions, a_state
from tests.waiting import until


class SilentHooks:
    """A worker whose hub is not asked. `status`: the account's newest."""

    def __init__(self) -> None:
        self.status: dict[str, Any] = {}

    def set_status(self, _account_id: str, **changes: Any) -> None:
        self.status |= changes

    def __getattr__(self, name: str) -> Any:
        return lambda *_args, **_named: False

    async def fetch(self, _account_id: str) -> list[Snapshot]:
        return []


class Sent:
    def __init__(self) -> None:
        self.observed: list[WireObservation] = []

    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        self.observed += snapshot.observed


class Stage:
    def __init__(self) -> None:
        self.sent = Sent()
        self.hooks = SilentHooks()
        self.account = an_account(storage_state=a_state("s1"))
        self.adapter = FakeAdapter(self.account)
        self.manager = AccountDataManager("acc-1", "fake", self.sent, lambda: NOW)
        adapter: Any = self.adapter
        hooks: Any = self.hooks
        self.runner = AccountRunner(
            self.account, adapter, FakeSessions(), self.manager, hooks, lambda: NOW, RunnerTiming()
        )

    def told(self) -> dict[str, WireObservation]:
        """The newest observation of each surface that the hub was told of."""
        self.manager.sync_to_master()
        return {one.surface: one for one in self.sent.observed}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.runner.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_the_hub_is_told_when_each_surface_is_looked_at_again_and_once_more_when_it_comes_anew() -> None:
    stage = Stage()
    async with stage.running():
        await until(lambda: stage.adapter.observed == ["profile", "messages"])
        told = stage.told()
        assert 480 <= (told["profile"].next_s or 0) <= 900
        assert 20 <= (told["messages"].next_s or 0) <= 30
        stage.sent.observed.clear()
        assert stage.told() == {}
        stage.manager.repeat_newest()
        assert stage.told() == told


async def test_an_account_is_left_alone_when_the_platform_asks_to_slow_down() -> None:
    stage = Stage()
    stage.adapter.script["profile"] = [SlowDown("HTTP 429")]
    async with stage.running():
        await until(lambda: stage.hooks.status.get("error_count"))
        assert stage.hooks.status["worker_status"] == "backoff"
        assert stage.hooks.status["last_error_message"] == "profile: SlowDown: HTTP 429"
        schedule: Schedule = stage.runner._schedule
        assert schedule.next(NOW).wait_s >= 720
        assert stage.adapter.observed == ["profile"]


async def test_what_arrives_by_itself_wakes_the_account_and_says_that_it_is_live() -> None:
    stage = Stage()
    async with stage.running():
        await until(lambda: len(stage.adapter.observed) == 2)
        heard = an_observation(items={"messages": [a_message(2)]}, live=True)
        stage.adapter.take(heard)
        assert stage.told()["messages"].live is True
        # What arrives says nothing of the next look: the hub goes on with what it knows.
        assert stage.told()["messages"].next_s is None


async def test_at_a_check_the_account_waits_for_a_person_and_goes_on_afterwards() -> None:
    stage = Stage()
    asked = CheckAsked("the platform asks for a check", "https://www.example/x?token=1")
    stage.adapter.script["profile"] = [asked, stage.adapter.ordinary("profile")]
    async with stage.running():
        await until(lambda: stage.adapter.asked == [asked])
        assert stage.hooks.status["worker_status"] == "error"
        assert stage.hooks.status["last_error_message"] == "CheckAsked: the platform asks for a check"
        assert stage.adapter.observed == ["profile"], "nothing else is opened meanwhile"
        stage.adapter.passed.set()
        await until(lambda: "messages" in stage.adapter.observed)
        assert (stage.hooks.status["worker_status"], stage.adapter.checks) == ("crawling", 1)


async def test_a_check_before_the_login_is_waited_for_and_the_login_looked_at_again() -> None:
    stage = Stage()
    stage.adapter.check_error = CheckAsked("the platform asks for a check")
    async with stage.running():
        await until(lambda: stage.adapter.asked)
        assert stage.adapter.observed == []
        stage.adapter.passed.set()
        await until(lambda: stage.adapter.observed)
        assert stage.adapter.checks == 2


async def test_a_page_that_asks_for_a_check_at_each_look_is_left_alone_for_a_while() -> None:
    """A check may go by itself as soon as it is shown to a person, and come again at the next look."""
    stage = Stage()
    asked = CheckAsked("the platform asks for a check")

    async def ask_again(_session: Any) -> Any:
        stage.adapter.checks += 1
        raise asked

    stage.adapter.__dict__["check_login"] = ask_again
    stage.adapter.passed.set()
    async with stage.running():
        await until(lambda: stage.hooks.status.get("worker_status") == "backoff")
        assert (stage.adapter.checks, len(stage.adapter.asked)) == (MOST_CHECKS, MOST_CHECKS)
    assert stage.hooks.status["last_error_message"] == "Retryable: the platform asks for one check after the other"
