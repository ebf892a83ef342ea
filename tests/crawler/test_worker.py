"""The whole worker against a hub on a real websocket, with a platform made up here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from msgspec import Raw
from playwright.async_api import Error as PlaywrightError
from structlog.testing import capture_logs

from crawler.account.crawl import SyncTiming
from crawler.account.runner import RunnerTiming
from crawler.errors import AccountRefused, LoginLost, LoginTimeout, PageChanged, Retryable
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.backoff import Backoff
from crawler.uplink.uplink import Replaced
from crawler.worker import CrawlWorker, WorkerOptions
from sync.protocol.login_messages import AccountLogin
from sync.protocol.messages import (
    AccountLogout,
    AccountLogoutAck,
    AccountStatus,
    AccountStatuses,
    DataDelta,
    DataFetch,
    DataSnapshot,
    DataSync,
    DataSyncAck,
    Heartbeat,
    Profile,
    Register,
    SessionReport,
    Snapshot,
    TaskAssign,
    TaskAssignAck,
    TaskRevoke,
    TaskRevokeAck,
)
from tests.crawler.builders import a_message, an_account, an_observation, until
from tests.crawler.fake_hub import FakeHub, items_of
from tests.crawler.fakes import FakeAdapter, FakeDisplay, FakePlatform, FakeSessions, a_state
from tests.crawler.uplink.test_uplink import FAST

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
    *accounts: Any, prepare: Any = lambda adapter: None, hub: FakeHub | None = None, **options: Any
) -> AsyncIterator[Stage]:
    values: dict[str, Any] = {
        "token": "w1:secret",
        "worker_id": "w1",
        "uplink": FAST,
        "sync": SyncTiming(every=0.1, gather=0.01),
        "runner": RunnerTiming(
            observe=0.5, session_every=0.05, backoff_first=0.01, backoff_cap=0.05, login_first=0.01, look_again=0.01
        ),
        "heartbeat_s": 0.1,
    }
    async with hub or FakeHub(list(accounts)) as hub:
        platform, sessions = FakePlatform(prepare), FakeSessions()
        platforms: Any = {"fake": platform}
        worker = CrawlWorker(WorkerOptions(hub=hub.url, **(values | options)), platforms, sessions, FakeDisplay())
        stage = Stage(hub, worker, platform, sessions)
        stage.task = asyncio.create_task(worker.run())
        try:
            yield stage
        finally:
            worker.stop()
            await asyncio.gather(stage.task, return_exceptions=True)


def an_active(account_id: str = "a", **changes: Any) -> Any:
    return an_account(account_id, config=EVERY, storage_state=a_state("s1"), **changes)


async def test_an_assigned_account_is_crawled_and_its_messages_reach_the_hub() -> None:
    async with on_stage(an_active()) as stage:
        sync = await stage.hub.nth(DataSync, 1)
        register = await stage.hub.nth(Register, 1)
        await stage.reported("a", worker_status="crawling", login_status="logged_in")
        beat = await stage.hub.nth(Heartbeat, 1)
        await stage.hub.nth(DataDelta, 1)
    [message] = items_of(sync, "messages")
    assert (message["messageId"], message["content"]) == ("m1", "hello 1")
    assert sync.account_id == "a"
    assert {observation.surface for observation in sync.observed} <= {"profile", "messages"}
    assert (register.capabilities, register.max_accounts) == (["fake", "login"], 5)
    assert beat.worker_id == "w1"
    assert beat.memory_mb > 10
    assert stage.platform.of("a").observed[:2] == ["profile", "messages"]


async def test_a_restarted_worker_goes_on_from_the_hub_s_data() -> None:
    old = b'[{"id":"msg_a_m0","messageId":"m0","conversationId":"conv_a_c1","content":"old"}]'
    hub = FakeHub([an_active()])
    snapshot = Snapshot(platform="fake", data={"messages": Raw(old)})
    hub.restored = [DataSnapshot(account_id="a", version=3, snapshot=snapshot)]
    async with on_stage(hub=hub) as stage:
        await stage.hub.nth(DataFetch, 1)
        sync = await stage.hub.nth(DataSync, 1)
    assert items_of(sync, "messages")[0]["content"] == "old"


async def test_after_a_cut_accounts_go_on_and_a_full_snapshot_comes_first() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataDelta, 1)
        adapter = stage.platform.of("a")
        seen = len(stage.hub.received)
        await stage.hub.cut()
        await stage.hub.nth(Register, 2)
        await until(lambda: any(isinstance(m, DataSync | DataDelta) for m in stage.hub.received[seen:]))
        first = next(m for m in stage.hub.received[seen:] if isinstance(m, DataSync | DataDelta))
        assert isinstance(first, DataSync)
        assert len(items_of(first, "messages")) == 1
        assert stage.platform.of("a") is adapter
        assert len(stage.hub.all_of(DataFetch)) == 1


async def test_accounts_come_and_go_as_the_hub_says() -> None:
    async with on_stage() as stage:
        await stage.worker.uplink.wait_registered()
        await stage.hub.tell(TaskAssign(account=an_active("b")))
        await stage.hub.nth(TaskAssignAck, 1)
        await stage.hub.nth(DataSync, 1)
        await stage.hub.tell(TaskRevoke(account_id="b"))
        ack = await stage.hub.nth(TaskRevokeAck, 1)
        assert ack.success
        assert stage.sessions.open == []
        assert stage.worker.board.all() == []


async def test_accounts_that_a_reconnect_no_longer_names_are_released() -> None:
    async with on_stage(an_active("a"), an_active("b")) as stage:
        await until(lambda: sorted(stage.sessions.open) == ["a", "b"])
        stage.hub.accounts = [an_active("b")]
        await stage.hub.cut()
        await stage.hub.nth(Register, 2)
        await until(lambda: stage.sessions.open == ["b"])


async def test_more_accounts_than_places_wait_for_a_place() -> None:
    async with on_stage(an_active("a"), an_active("b"), max_accounts=1) as stage:
        await until(lambda: stage.sessions.open == ["a"])
        await stage.hub.tell(TaskRevoke(account_id="a"))
        await until(lambda: stage.sessions.open == ["b"])


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


async def test_a_nickname_that_no_json_can_carry_stops_neither_the_account_nor_the_worker() -> None:
    def nameless(adapter: FakeAdapter) -> None:
        items: Any = {"messages": [a_message(1, account="a", sender_name="小\ud800鱼"), a_message(2, account="a")]}
        adapter.script["messages"] = [an_observation(items=items)]

    async with on_stage(an_active(), prepare=nameless) as stage:
        sync = await stage.hub.nth(DataSync, 1)
        stored = {"name": "nick\ud800", "value": "小\udc00鱼"}
        stage.sessions.state = a_state("s2") | {"origins": [{"origin": "https://x", "localStorage": [stored]}]}
        session = await stage.hub.nth(SessionReport, 1)
        await stage.hub.nth(DataDelta, 2)
        assert not stage.task.done()
    assert [message["senderName"] for message in items_of(sync, "messages") if "senderName" in message] == [
        "小\ufffd鱼"
    ]
    assert len(items_of(sync, "messages")) == 2
    assert session.storage_state["origins"][0]["localStorage"] == [{"name": "nick\ufffd", "value": "小\ufffd鱼"}]


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


async def test_news_that_arrives_by_itself_reaches_the_hub_while_another_page_is_looked_at() -> None:
    def hanging(adapter: FakeAdapter) -> None:
        async def hang() -> SurfaceObservation:
            await asyncio.Event().wait()
            raise AssertionError

        adapter.script["messages"] = [hang]

    timing = RunnerTiming(observe=60)
    async with on_stage(an_active(), prepare=hanging, runner=timing, sync=SyncTiming(every=60, gather=0.01)) as stage:
        await until(lambda: stage.platform.made and stage.platform.of("a").observed[-1:] == ["messages"])
        news = an_observation(items={"messages": [a_message(7, account="a")]}, entry="chat by websocket")
        stage.platform.of("a").take(news)
        sync = await stage.hub.nth(DataSync, 1)
        assert [message["content"] for message in items_of(sync, "messages")] == ["hello 7"]
        assert [one.entry for one in sync.observed if one.surface == "messages"] == ["chat by websocket"]


async def test_a_browser_that_ended_during_a_look_is_replaced_and_shown_as_failing_meanwhile() -> None:
    def dying(adapter: FakeAdapter) -> None:
        async def die() -> SurfaceObservation:
            stage.sessions.made[-1].works = False
            raise Retryable("gone")

        adapter.script["messages"] = [die]

    async with on_stage(an_active(), prepare=dying) as stage:
        lost = await stage.reported("a", worker_status="backoff")
        assert lost.last_error_message == "BrowserLost: the browser ended during an observation"
        adapter = stage.platform.of("a")
        adapter.script["messages"] = [adapter.ordinary("messages")]
        await stage.hub.nth(DataSync, 1)
        assert len(stage.sessions.made) >= 2
        await stage.reported("a", worker_status="crawling", error_count=0)


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


async def test_a_login_page_that_never_answers_is_given_up() -> None:
    def hanging(adapter: FakeAdapter) -> None:
        adapter.answers_login = asyncio.Event()

    async with on_stage(an_active(), prepare=hanging) as stage:
        await stage.reported("a", worker_status="backoff")
        stage.platform.of("a").answers_login.set()
        await stage.reported("a", worker_status="crawling")


async def test_one_account_s_bug_does_not_touch_the_other() -> None:
    def broken(adapter: FakeAdapter) -> None:
        if adapter.account.account_id == "a":
            adapter.script["messages"] = [ZeroDivisionError("private words")]

    with capture_logs() as logs:
        async with on_stage(an_active("a"), an_active("b"), prepare=broken) as stage:
            await stage.hub.nth(DataSync, 1)
            status = await stage.reported("a", worker_status="error")
            await until(lambda: stage.platform.of("a").observed.count("messages") >= 3)
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


async def test_two_accounts_never_mix() -> None:
    def own(adapter: FakeAdapter) -> None:
        account = adapter.account.account_id
        observation = an_observation(items={"messages": [a_message(1, account=account, content=f"for {account}")]})
        adapter.script["messages"] = [observation]

    async with on_stage(an_active("a"), an_active("b"), prepare=own) as stage:
        await stage.hub.nth(DataSync, 2)
        by_account = {sync.account_id: items_of(sync, "messages") for sync in stage.hub.all_of(DataSync)}
    assert {account: [m["content"] for m in items] for account, items in by_account.items()} == {
        "a": ["for a"],
        "b": ["for b"],
    }


async def test_the_profile_is_reported_and_grows() -> None:
    def with_profile(adapter: FakeAdapter) -> None:
        adapter.script["profile"] = [
            an_observation(surface="profile", profile=Profile(user_name="小店", follower_count=3)),
            an_observation(surface="profile", profile=Profile(follower_count=4)),
        ]

    async with on_stage(an_active(), prepare=with_profile) as stage:
        await stage.reported("a", profile=Profile(user_name="小店", follower_count=4))


async def test_stopping_pushes_what_was_seen_and_closes_everything() -> None:
    async with on_stage(an_active(), sync=SyncTiming(every=60, gather=60)) as stage:
        await until(lambda: stage.platform.made and "messages" in stage.platform.of("a").observed)
        assert stage.hub.all_of(DataSync) == []
        stage.worker.stop()
        await asyncio.wait_for(stage.task, 5)
        assert stage.sessions.open == []
        [sync] = stage.hub.all_of(DataSync)
    assert len(items_of(sync, "messages")) == 1


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


async def test_a_replaced_worker_ends_and_closes_its_browser() -> None:
    async with on_stage(an_active()) as stage:
        await stage.hub.nth(DataSync, 1)
        await stage.hub.socket.close(4000, "replaced")
        with pytest.raises(Replaced):
            await stage.task
        assert stage.sessions.open == []


@pytest.mark.parametrize("question", [DataSync, DataFetch])
async def test_an_account_that_is_another_worker_s_by_now_is_dropped_and_may_come_back(question: Any) -> None:
    refusals = {
        DataSync: DataSyncAck(success=False, error_code="not_assigned"),
        DataFetch: DataSnapshot(account_id="a", success=False, error_code="not_assigned"),
    }
    async with on_stage() as stage:
        await stage.worker.uplink.wait_registered()
        stage.hub.answers[question] = lambda m: refusals[question]
        with capture_logs() as logs:
            await stage.hub.tell(TaskAssign(account=an_active("a")))
            await stage.hub.nth(question, 1)
            await until(lambda: not stage.worker._crawls)
            await until(lambda: stage.sessions.open == [] and stage.worker.board.all() == [])
        assert {"account": "a", "event": "the account is another worker's by now", "log_level": "warning"} in logs
        del stage.hub.answers[question]
        seen = len(stage.hub.all_of(DataSync))
        await stage.hub.tell(TaskAssign(account=an_active("a", lease_epoch=3)))
        await stage.hub.nth(DataSync, seen + 1)


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
