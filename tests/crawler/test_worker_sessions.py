"""The sessions of accounts at a worker: logins, scans, logouts, and what the hub is given of them."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace

from crawler.account.needs import RunnerTiming
from crawler.errors import LoginLost, LoginTimeout
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.backoff import Backoff
from sync.protocol.login_messages import AccountLogin
from sync.protocol.messages import (
    AccountLogout,
    AccountLogoutAck,
    AccountStatuses,
    DataDelta,
    DataSync,
    Register,
    SessionReport,
    TaskAssign,
    TaskAssignAck,
)
from tests.crawler.builders import an_account
from tests.crawler.fake_hub import FakeHub
from tests.crawler.fakes import FakeAdapter, FakeDisplay, a_state
from tests.crawler.stage import EVERY, an_active, on_stage
from tests.waiting import until


async def test_an_account_without_a_session_waits_for_the_scan_and_sends_its_session() -> None:
    def logged_out(adapter: FakeAdapter) -> None:
        adapter.login = "not_logged_in"

    async with on_stage(an_account("a", config=EVERY), prepare=logged_out) as stage:
        await stage.reported("a", worker_status="waiting", login_status="qrcode_pending")
        display = stage.worker._display
        assert isinstance(display, FakeDisplay)
        assert display.qr == {"a"}
        assert stage.platform.of("a").observed == []
        stage.platform.of("a").scanned.set()
        session = await stage.hub.nth(SessionReport, 1)
        await stage.reported("a", worker_status="crawling", login_status="logged_in")
        assert display.qr == set()
    assert session.storage_state == a_state("s1")


async def test_a_session_that_changed_by_itself_is_sent_once() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataSync, 1)
        stage.sessions.state = a_state("s2")
        session = await stage.hub.nth(SessionReport, 1)
        await stage.hub.nth(DataDelta, 2)
        assert len(stage.hub.all_of(SessionReport)) == 1
    assert session.storage_state == a_state("s2")


async def test_a_logout_wipes_the_session_and_waits_for_another_login() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataSync, 1)
        stage.platform.prepare = lambda adapter: setattr(adapter, "login", "not_logged_in")
        await stage.hub.tell(AccountLogout(account_id="a"))
        await stage.hub.nth(AccountLogoutAck, 1)
        await stage.reported("a", login_status="qrcode_pending")
    assert stage.sessions.made[0].started_from == a_state("s1")
    assert stage.sessions.made[-1].started_from is None


async def test_a_lost_login_leads_to_the_login_page() -> None:
    def lost(adapter: FakeAdapter) -> None:
        async def lose() -> SurfaceObservation:
            adapter.login = "expired"
            raise LoginLost("status_code 8")

        adapter.script["messages"] = [lose, adapter.ordinary("messages")]

    async with on_stage(an_active(), prepare=lost) as stage:
        await stage.reported("a", worker_status="waiting", login_status="qrcode_pending")
        stage.platform.of("a").scanned.set()
        await stage.hub.nth(DataSync, 1)


def unattended(adapter: FakeAdapter) -> None:
    adapter.login = "not_logged_in"
    adapter.login_error = LoginTimeout("nobody scanned")


async def test_a_code_that_nobody_scans_is_shown_again() -> None:
    async with on_stage(an_account("a", config=EVERY), prepare=unattended) as stage:
        await until(lambda: stage.platform.made and stage.platform.of("a").checks >= 3)
        await stage.reported("a", worker_status="waiting")
        assert len(stage.platform.made) == 1


async def test_a_login_page_that_nobody_looks_at_is_opened_more_and_more_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ceilings: list[float] = []

    def at_once(backoff: Backoff) -> float:
        ceilings.append(backoff.ceiling_s)
        backoff.failures += 1
        return 0.001

    monkeypatch.setattr(Backoff, "next_s", at_once)
    patient = RunnerTiming(backoff_first=0.01, login_first=60, login_cap=3600)
    async with on_stage(an_account("a", config=EVERY), prepare=unattended, runner=patient):
        await until(lambda: len(ceilings) >= 16)
    logins = [ceiling for ceiling in ceilings if ceiling >= 60]
    assert logins[:8] == [60, 120, 240, 480, 960, 1920, 3600, 3600]


async def test_whoever_asks_for_a_login_need_not_wait_for_that(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    def longest(backoff: Backoff) -> float:
        waits.append(backoff.ceiling_s)
        return backoff.ceiling_s

    monkeypatch.setattr(Backoff, "next_s", longest)
    patient = RunnerTiming(observe=0.5, backoff_first=0.01, login_first=3600)
    async with on_stage(an_account("a", config=EVERY), prepare=unattended, runner=patient) as stage:
        await until(lambda: 3600 in waits)
        assert len(stage.sessions.made) == 1
        await stage.hub.tell(AccountLogin(account_id="a", session_id="s1"))
        await until(lambda: len(stage.sessions.made) == 2)


async def test_one_look_that_finds_no_login_ends_no_session() -> None:
    def drawn_slowly(adapter: FakeAdapter) -> None:
        adapter.first_look = "not_logged_in"

    async with on_stage(an_active(), prepare=drawn_slowly) as stage:
        await stage.hub.nth(DataSync, 1)
        reports = [status for m in stage.hub.all_of(AccountStatuses) for status in m.account_statuses]
        assert stage.platform.of("a").checks == 2
    assert {status.login_status for status in reports} <= {None, "unknown", "logged_in"}


async def test_a_login_page_that_never_answers_is_given_up() -> None:
    def hanging(adapter: FakeAdapter) -> None:
        adapter.answers_login = asyncio.Event()

    async with on_stage(an_active(), prepare=hanging) as stage:
        await stage.reported("a", worker_status="backoff")
        stage.platform.of("a").answers_login.set()
        await stage.reported("a", worker_status="crawling")


async def test_a_changed_configuration_keeps_a_session_that_the_hub_has_not() -> None:
    hub = FakeHub([an_account("a", config=EVERY)])
    hub.answers[SessionReport] = lambda m: None
    async with on_stage(hub=hub) as stage:
        await stage.hub.nth(DataSync, 1)
        await until(lambda: stage.worker._crawls["a"].storage_state == a_state("s1"))
        await stage.hub.tell(TaskAssign(account=an_account("a", config=EVERY | {"pace": 2})))
        await stage.hub.nth(TaskAssignAck, 1)
        await until(lambda: len(stage.sessions.made) == 2)
    assert stage.sessions.made[1].started_from == a_state("s1")


async def test_what_the_hub_alone_follows_of_a_configuration_opens_no_account_anew() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataSync, 1)
        changed = replace(an_active(), config=EVERY | {"reply_mode": "send"})
        await stage.hub.tell(TaskAssign(account=changed))
        await stage.hub.nth(TaskAssignAck, 1)
    assert len(stage.platform.made) == 1


@pytest.mark.parametrize("again", ["register", "assign"])
@pytest.mark.parametrize("account", [an_active(), an_account("a", config=EVERY)])
async def test_a_logout_while_the_worker_was_away_is_followed_later(account: Any, again: str) -> None:
    async with on_stage(account) as stage:
        await stage.hub.nth(DataSync, 1)
        if account.storage_state is None:
            await stage.hub.nth(SessionReport, 1)
        await until(lambda: "a" in stage.worker._stored)
        stage.platform.prepare = lambda adapter: setattr(adapter, "login", "not_logged_in")
        logged_out = an_account("a", config=EVERY)
        if again == "register":
            stage.hub.accounts = [logged_out]
            await stage.hub.cut()
        else:
            await stage.hub.tell(TaskAssign(account=logged_out))
        await stage.reported("a", login_status="qrcode_pending")
        assert len(stage.platform.made) == 2
    assert stage.sessions.made[-1].started_from is None


async def test_a_fresh_session_that_the_hub_has_not_survives_a_reconnect() -> None:
    hub = FakeHub([an_account("a", config=EVERY)])
    hub.answers[SessionReport] = lambda m: None
    async with on_stage(hub=hub) as stage:
        await stage.hub.nth(SessionReport, 1)
        await stage.hub.cut()
        await stage.hub.nth(Register, 2)
        await stage.hub.nth(SessionReport, 2)
        assert len(stage.platform.made) == 1
