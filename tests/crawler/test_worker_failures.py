"""A worker whose pages, browsers or accounts fail: what is shown, what is tried again, and what goes on beside it."""

import asyncio
import re

import pytest
from playwright.async_api import Error as PlaywrightError
from structlog.testing import capture_logs

from crawler.account.hygiene import Limits
from crawler.account.needs import RunnerTiming
from crawler.errors import AccountRefused, PageChanged, Retryable
from crawler.platforms.base import SurfaceObservation
from sync.protocol.messages import DataDelta, DataSync, Heartbeat
from tests.crawler.fakes import FakeAdapter, a_state
from tests.crawler.stage import an_active, on_stage
from tests.waiting import until


async def test_a_changed_page_is_told_and_the_other_surfaces_go_on() -> None:
    def changed(adapter: FakeAdapter) -> None:
        adapter.script["profile"] = [PageChanged("no profile card")]

    async with on_stage(an_active(), prepare=changed) as stage:
        await stage.hub.nth(DataSync, 1)
        message = "profile: PageChanged: no profile card"
        status = await stage.reported("a", worker_status="crawling", last_error_message=message)
        await until(
            lambda: [
                o
                for m in stage.hub.received
                if isinstance(m, DataSync | DataDelta)
                for o in m.observed
                if (o.surface, o.canary, o.complete) == ("profile", "page_changed", False)
            ]
        )
    assert status.error_count >= 1


async def test_a_surface_that_is_slow_is_tried_later_and_forgiven() -> None:
    def slow(adapter: FakeAdapter) -> None:
        adapter.script["messages"] = [Retryable("too fast"), Retryable("too fast"), adapter.ordinary("messages")]

    async with on_stage(an_active(), prepare=slow) as stage:
        await stage.hub.nth(DataSync, 1)
        await stage.reported("a", worker_status="crawling", error_count=0, last_error_message=None)
        assert stage.platform.of("a").observed.count("messages") >= 3


async def test_a_look_that_hangs_is_ended() -> None:
    def hanging(adapter: FakeAdapter) -> None:
        async def hang() -> SurfaceObservation:
            await asyncio.Event().wait()
            raise AssertionError

        adapter.script["profile"] = [hang, adapter.ordinary("profile")]

    async with on_stage(an_active(), prepare=hanging) as stage:
        await until(lambda: stage.platform.made and stage.platform.of("a").observed.count("messages") >= 2)


async def test_a_browser_that_ended_during_a_look_is_replaced_and_shown_as_failing_meanwhile() -> None:
    def dying(adapter: FakeAdapter) -> None:
        async def die() -> SurfaceObservation:
            stage.sessions.made[-1].works = False
            raise Retryable("gone")

        adapter.script["messages"] = [die]

    async with on_stage(an_active(), prepare=dying) as stage:
        lost = await stage.reported("a", worker_status="backoff")
        told = r"BrowserLost: (the browser ended during an observation|ended \d+ times in a row; again in 1 min)"
        assert re.fullmatch(told, lost.last_error_message or "")
        adapter = stage.platform.of("a")
        adapter.script["messages"] = [adapter.ordinary("messages")]
        await stage.hub.nth(DataSync, 1)
        assert len(stage.sessions.made) >= 2
        await stage.reported("a", worker_status="crawling", error_count=0)


async def test_a_browser_that_ends_again_and_again_is_given_a_pause_that_the_hub_is_told_of() -> None:
    def dying(adapter: FakeAdapter) -> None:
        async def die() -> SurfaceObservation:
            stage.sessions.made[-1].works = False
            raise Retryable("gone")

        adapter.script["messages"] = [die]

    timing = RunnerTiming(observe=60, backoff_first=0.01, backoff_cap=0.01, look_again=0.01, crash_first=600)
    async with on_stage(an_active(), prepare=dying, runner=timing) as stage:
        await stage.reported("a", last_error_message="BrowserLost: ended 3 times in a row; again in 10 min")
        assert len(stage.sessions.made) == 3


async def test_a_context_that_takes_too_much_is_made_anew_with_its_login_and_the_account_goes_on() -> None:
    timing = RunnerTiming(observe=60, look_again=0.01, limits=Limits(memory_mb=500, rest_s=0))
    async with on_stage(an_active(), runner=timing) as stage:
        stage.sessions.use = stage.sessions.use._replace(memory_mb=800.0)
        stage.sessions.state = a_state("s2")
        await until(lambda: len(stage.sessions.made) >= 2)
        stage.sessions.use = stage.sessions.use._replace(memory_mb=40.0)
        assert stage.sessions.made[1].started_from == a_state("s2")
        await until(lambda: [b for b in stage.hub.all_of(Heartbeat) if "a" in b.accounts and b.accounts["a"].pages])
        await stage.reported("a", worker_status="crawling", error_count=0)
        await until(lambda: stage.sessions.open == ["a"])


async def test_an_account_whose_messages_cannot_be_read_is_shown_as_failing_at_once() -> None:
    def slow(adapter: FakeAdapter) -> None:
        adapter.script["messages"] = [Retryable("too fast")]

    async with on_stage(an_active(), prepare=slow) as stage:
        failing = await stage.reported("a", worker_status="backoff")
        assert failing.last_error_message == "messages: Retryable: too fast"
        await until(lambda: stage.platform.of("a").observed.count("profile") >= 3)
        assert stage.status("a").worker_status == "backoff"


@pytest.mark.parametrize("error", [PlaywrightError("Target closed"), TimeoutError()])
async def test_a_browser_that_fails_where_nothing_is_observed_is_tried_again(error: Exception) -> None:
    def failing(adapter: FakeAdapter) -> None:
        if stage.platform.made == [adapter]:
            stage.sessions.broken = error

    with capture_logs() as logs:
        async with on_stage(an_active(), prepare=failing) as stage:
            await stage.reported("a", worker_status="backoff", last_error_message=type(error).__name__)
            stage.sessions.broken = None
            await stage.reported("a", worker_status="crawling", error_count=0)
    assert not [line for line in logs if line.get("exc_info")]


async def test_one_account_s_bug_does_not_touch_the_other() -> None:
    def broken(adapter: FakeAdapter) -> None:
        if adapter.account.account_id == "a":
            adapter.script["messages"] = [ZeroDivisionError("private words")]

    with capture_logs() as logs:
        async with on_stage(an_active("a"), an_active("b"), prepare=broken) as stage:
            await stage.hub.nth(DataSync, 1)
            status = await stage.reported("a", worker_status="error")
            await until(lambda: stage.platform.of("a").observed.count("messages") >= 3)
            await stage.reported("b", worker_status="crawling")
            assert stage.status("b").worker_status == "crawling"
    assert status.last_error_message == "ZeroDivisionError"
    assert {line["account"] for line in logs if line.get("exc_info")} == {"a"}


async def test_a_refused_account_stops_and_says_why() -> None:
    def refused(adapter: FakeAdapter) -> None:
        adapter.script["profile"] = [AccountRefused("logged in as somebody else")]

    async with on_stage(an_active("a"), an_active("b", platform="unknown"), prepare=refused) as stage:
        first = await stage.reported("a", worker_status="error")
        second = await stage.reported("b", worker_status="error")
        await until(lambda: stage.sessions.open == [])
    assert first.last_error_message == "AccountRefused: logged in as somebody else"
    assert "'unknown'" in (second.last_error_message or "")
