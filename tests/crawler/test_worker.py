"""The worker against a hub that speaks the protocol: which accounts it crawls, and what reaches the hub."""

import asyncio
from typing import Any

import pytest
from msgspec import Raw
from structlog.testing import capture_logs

from crawler.account.crawl import SyncTiming
from crawler.account.needs import RunnerTiming
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.uplink import Replaced
from sync.protocol.messages import (
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
from tests.crawler.builders import a_message, an_observation
from tests.crawler.fake_hub import FakeHub, items_of
from tests.crawler.fakes import FakeAdapter, a_state
from tests.crawler.stage import an_active, on_stage
from tests.waiting import until


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
        await stage.hub.cut()
        second = await stage.hub.nth(Register, 2)
        again = next(n for n, message in enumerate(stage.hub.received) if message is second)
        await until(lambda: any(isinstance(m, DataSync | DataDelta) for m in stage.hub.received[again:]))
        first = next(m for m in stage.hub.received[again:] if isinstance(m, DataSync | DataDelta))
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
        await asyncio.wait_for(stage.task, 30)
        assert stage.sessions.open == []
        [sync] = stage.hub.all_of(DataSync)
    assert len(items_of(sync, "messages")) == 1


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
