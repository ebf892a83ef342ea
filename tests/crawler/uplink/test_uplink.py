"""The uplink against a real websocket server."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from http import HTTPStatus
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from crawler.uplink.connection import LinkLost, NoAnswer
from crawler.uplink.uplink import (
    CredentialRevoked,
    LinkRefused,
    LinkTiming,
    Replaced,
    Uplink,
    check_hub_url,
)
from sync.protocol.messages import (
    AccountLogout,
    AccountLogoutAck,
    Ack,
    DataFetch,
    DataSnapshot,
    Heartbeat,
    Register,
    RegisterAck,
    Snapshot,
    SnapshotPart,
    TaskAssign,
    TaskAssignAck,
    TaskRevoke,
    TaskRevokeAck,
)
from tests.crawler.builders import an_account, clock
from tests.crawler.fake_hub import FakeHub
from tests.waiting import until

FAST = LinkTiming(open=2, close=0.2, backoff_first=0.01, backoff_cap=0.05, stable=60)
IMPATIENT = replace(FAST, answer=1)
"""For what is never answered. A machine that stands still for so long loses other answers too."""


class Recorder:
    """Does what the hub wants by writing it down."""

    def __init__(self) -> None:
        self.calls: list[object] = []

    async def on_registered(self, ack: RegisterAck) -> None:
        self.calls.append([account.account_id for account in ack.assigned_accounts])

    async def on_silence(self) -> None:
        self.calls.append("silence")

    async def on_order(self, order: object) -> Ack:
        self.calls.append(order)
        kinds: dict[type[object], type[Ack]] = {
            TaskAssign: TaskAssignAck,
            TaskRevoke: TaskRevokeAck,
            AccountLogout: AccountLogoutAck,
        }
        return kinds[type(order)](success=True)


def an_uplink(hub: FakeHub, orders: Recorder | None = None, timing: LinkTiming = FAST) -> Uplink:
    register = Register(worker_id="w1", max_accounts=3)
    return Uplink(hub.url, "w1:secret", lambda: register, orders or Recorder(), clock, timing=timing)


@asynccontextmanager
async def running(uplink: Uplink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(uplink.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_it_shows_its_token_and_registers_on_every_connect() -> None:
    async with FakeHub([an_account("a"), an_account("b")]) as hub:
        orders = Recorder()
        async with running(an_uplink(hub, orders)):
            await hub.nth(Register, 1)
            await hub.cut()
            register = await hub.nth(Register, 2)
            await until(lambda: len(orders.calls) == 2)
    assert register.worker_id == "w1"
    assert register.max_accounts == 3
    assert hub.tokens == ["Bearer w1:secret"] * 2
    assert orders.calls == [["a", "b"], ["a", "b"]]


async def test_it_comes_back_after_the_hub_restarted() -> None:
    hub = FakeHub()
    await hub.start()
    async with running(an_uplink(hub)) as task:
        await hub.nth(Register, 1)
        await hub.stop(code=1012)
        await hub.start()
        await hub.nth(Register, 2)
        assert not task.done()
    await hub.stop()


async def test_an_answer_finds_its_request() -> None:
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        hub.answers[DataFetch] = lambda m: DataSnapshot(account_id=m.account_id, version=7)
        async with running(uplink):
            await uplink.wait_registered()
            answers = await asyncio.gather(*(uplink.request(DataFetch(account_id=f"a{n}")) for n in range(20)))
    assert [answer.account_id for [answer] in answers if isinstance(answer, DataSnapshot)] == [
        f"a{n}" for n in range(20)
    ]


async def test_an_answer_in_parts_is_waited_for_until_it_is_whole() -> None:
    def a_part(index: int) -> DataSnapshot:
        snapshot = Snapshot(platform="fake", data={})
        return DataSnapshot(
            account_id="a", version=index, snapshot=snapshot, part=SnapshotPart(sync_id="s", index=index, total=3)
        )

    async with FakeHub() as hub:
        hub.restored = [a_part(2), a_part(0), a_part(1)]
        uplink = an_uplink(hub)
        async with running(uplink):
            await uplink.wait_registered()
            answers = await uplink.request(DataFetch(account_id="a"))
    assert [answer.version for answer in answers if isinstance(answer, DataSnapshot)] == [0, 1, 2]


async def test_a_request_fails_when_the_connection_breaks_before_its_answer() -> None:
    async with FakeHub() as hub:
        hub.answers[Heartbeat] = lambda m: None
        uplink = an_uplink(hub)
        async with running(uplink):
            await uplink.wait_registered()
            request = asyncio.create_task(uplink.request(Heartbeat(worker_id="w1")))
            await hub.nth(Heartbeat, 1)
            await hub.cut()
            with pytest.raises(LinkLost):
                await request


async def test_a_request_without_an_answer_ends_by_itself() -> None:
    async with FakeHub() as hub:
        hub.answers[Heartbeat] = lambda m: None
        uplink = an_uplink(hub, timing=IMPATIENT)
        async with running(uplink):
            await uplink.wait_registered()
            with pytest.raises(NoAnswer):
                await uplink.request(Heartbeat(worker_id="w1"))


async def test_a_request_without_a_connection_fails_at_once() -> None:
    with pytest.raises(LinkLost):
        await an_uplink(FakeHub()).request(Heartbeat(worker_id="w1"))


async def test_orders_are_followed_in_their_order_and_acknowledged() -> None:
    async with FakeHub() as hub:
        orders = Recorder()
        uplink = an_uplink(hub, orders)
        async with running(uplink):
            await uplink.wait_registered()
            await hub.tell(TaskAssign(account=an_account("a")), "r1")
            await hub.tell(AccountLogout(account_id="a"), "r2")
            await hub.tell(TaskRevoke(account_id="a"), "r3")
            await hub.nth(TaskRevokeAck, 1)
    assert [type(call) for call in orders.calls[1:]] == [TaskAssign, AccountLogout, TaskRevoke]
    acks = [(type(f.message), f.request_id) for f, _ in hub.frames if isinstance(f.message, Ack)]
    assert acks == [(TaskAssignAck, "r1"), (AccountLogoutAck, "r2"), (TaskRevokeAck, "r3")]


@pytest.mark.parametrize(("code", "error"), [(4000, Replaced), (4001, CredentialRevoked)])
async def test_it_ends_when_replaced_or_revoked(code: int, error: type[Exception]) -> None:
    async with FakeHub() as hub, running(an_uplink(hub)) as task:
        await hub.nth(Register, 1)
        await hub.socket.close(code, "because")
        with pytest.raises(error):
            await task


async def test_a_refused_token_is_tried_again_and_named() -> None:
    async with FakeHub() as hub:
        hub.refuse = HTTPStatus.FORBIDDEN
        with capture_logs() as logs:
            async with running(an_uplink(hub)):
                await until(lambda: len(hub.tokens) >= 3)
                hub.refuse = None
                await hub.nth(Register, 1)
    assert any("token is not valid" in str(line.get("reason")) for line in logs)
    assert "secret" not in str(logs)


async def test_a_foreign_worker_name_is_final() -> None:
    async with FakeHub() as hub:
        hub.answers[Register] = lambda m: RegisterAck(
            success=False, error_code="worker_id_mismatch", error_message="w2"
        )
        async with running(an_uplink(hub)) as task:
            with pytest.raises(LinkRefused, match="worker_id_mismatch"):
                await task


async def test_a_busy_hub_is_asked_again() -> None:
    async with FakeHub() as hub:
        hub.answers[Register] = lambda m: RegisterAck(success=False, error_code="busy")
        async with running(an_uplink(hub)) as task:
            await hub.nth(Register, 3)
            assert not task.done()


async def test_frames_get_smaller_after_one_was_too_large() -> None:
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        async with running(uplink):
            await hub.nth(Register, 1)
            await hub.socket.close(1009, "too large")
            await hub.nth(Register, 2)
    assert uplink.max_frame_bytes == 500_000


async def test_a_silent_hub_is_noticed_by_its_missing_pongs() -> None:
    timing = LinkTiming(ping_interval=0.05, ping_timeout=0.05, close=0.05, backoff_first=0.01, backoff_cap=0.01)
    async with FakeHub() as hub, running(an_uplink(hub, timing=timing)):
        await hub.nth(Register, 1)
        hub.socket.transport.pause_reading()
        await hub.nth(Register, 2)
        hub.sockets[0].transport.abort()


@pytest.mark.parametrize(
    ("url", "insecure"),
    [
        ("ws://127.0.0.1:8000/ws/worker/", False),
        ("ws://localhost/ws/worker/", False),
        ("ws://[::1]:8000/ws/worker/", False),
        ("wss://hub.example/ws/worker/", False),
        ("ws://hub.example/ws/worker/", True),
    ],
)
def test_these_addresses_are_taken(url: str, insecure: bool) -> None:
    assert check_hub_url(url, insecure=insecure) == url


async def test_an_order_that_could_not_be_followed_is_asked_for_again_by_a_registration() -> None:
    class Clumsy(Recorder):
        async def on_order(self, order: object) -> Ack:
            await super().on_order(order)
            raise OSError("the terminal is gone")

    async with FakeHub([an_account("a")]) as hub:
        orders = Clumsy()
        async with running(an_uplink(hub, orders)) as task:
            await hub.nth(Register, 1)
            await until(lambda: orders.calls == [["a"]])
            hub.accounts = []
            await hub.tell(TaskRevoke(account_id="a"))
            await until(lambda: orders.calls[2:] == [[]])
            assert not task.done()
            assert not hub.all_of(TaskRevokeAck)


NO_ADDRESSES = ["http://127.0.0.1/", "hub:8000", "", "wss://[::1", "wss://hub:eight/", "wss://hub:70000/"]


@pytest.mark.parametrize("url", ["ws://hub.example/ws/worker/", "ws://10.0.0.7/", *NO_ADDRESSES])
def test_these_addresses_are_refused(url: str) -> None:
    with pytest.raises(LinkRefused):
        check_hub_url(url, insecure=False)


def test_sessions_do_not_travel_where_others_can_read() -> None:
    def confidential(url: str) -> bool:
        return Uplink(url, "w1:secret", lambda: Register(worker_id="w1"), Recorder(), clock).is_confidential

    assert confidential("wss://hub.example/")
    assert confidential("ws://127.0.0.1:1/")
    assert not confidential("ws://hub.example/")


@pytest.mark.parametrize(
    ("addresses", "is_local"),
    [(["127.0.0.1"], True), (["::1", "127.0.0.1"], True), (["127.0.0.1", "10.0.0.7"], False), (None, False)],
)
def test_localhost_is_this_machine_only_if_all_its_addresses_are(
    addresses: list[str] | None, is_local: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(host: str, *_: Any, **__: Any) -> Any:
        assert host == "localhost"
        if addresses is None:
            raise socket.gaierror("unknown name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr("crawler.uplink.uplink.getaddrinfo", resolve)
    url = "ws://localhost:8000/ws/worker/"
    uplink = Uplink(url, "w1:secret", lambda: Register(worker_id="w1"), Recorder(), clock)
    assert uplink.is_confidential is is_local
    with nullcontext() if is_local else pytest.raises(LinkRefused, match="is not encrypted"):
        check_hub_url(url, insecure=False)
