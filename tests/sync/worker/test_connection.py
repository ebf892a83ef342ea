"""A worker's connection by itself: its ports are values of the test, and no hub runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec
import pytest

from sync.core.account.view import View
from sync.directory import AccountInfo, Directory, WorkerInfo
from sync.outbox import Outbox
from sync.protocol.login_messages import LoginReport
from sync.protocol.messages import AccountStatus, DataDelta, DataSnapshot, DataSync, DataSyncAck, SyncWarning
from sync.worker import open_parts
from sync.worker.connection import WorkerConnection
from sync.worker.open_parts import PartBudget
from sync.worker.ports import Limits, Send, Sender, WorkerPorts
from sync.worker.presence import REPLACED, REVOKED, PresenceTracker
from sync.worker.snapshot import snapshot_messages
from sync.writing.jobs import Answer, Done, Refused
from tests.sync.builders import NOW, a_message, an_account

TOKEN_HASH: Final = "hash of w1's token"
WARNING: Final = SyncWarning(code="bad_item", collection="messages", index=0)


def account_info(account_id: str, *, lease_epoch: int = 1, worker: str | None = "w1") -> AccountInfo:
    return AccountInfo(
        id=account_id,
        platform="douyin",
        name=f"Shop {account_id}",
        platform_user_id=None,
        status="active",
        worker=worker,
        lease_epoch=lease_epoch,
        alias=None,
        group=None,
        color=None,
        config={"pace": 2},
        created_at=NOW,
        updated_at=NOW,
    )


def a_directory(*accounts: AccountInfo, token_hash: str = TOKEN_HASH) -> Directory:
    worker = WorkerInfo(name="w1", token_hash=token_hash, max_accounts=0)
    return Directory(accounts={account.id: account for account in accounts}, workers={"w1": worker})


class NotedReceiver:
    """Keeps what it is given, and acknowledges nothing by itself."""

    def __init__(self) -> None:
        self.snapshots: list[tuple[int, int, Sender]] = []
        self.deltas: list[tuple[DataDelta, Sender]] = []
        self.statuses: list[tuple[AccountStatus, Sender]] = []
        self.reports: list[Answer] = []
        self.send: Send | None = None

    def receive_snapshot(self, parts: Sequence[DataSync], size: int, digest: bytes, sender: Sender, send: Send) -> None:
        self.snapshots.append((len(parts), size, sender))
        self.send = send

    def receive_delta(self, delta: DataDelta, timestamp: int, size: int, sender: Sender, send: Send) -> None:
        self.deltas.append((delta, sender))
        self.send = send

    def receive_status(self, status: AccountStatus, sender: Sender, answer: Answer) -> bool:
        self.statuses.append((status, sender))
        self.reports.append(answer)
        return status.worker_status != "waiting"


class NotedOutbox(Outbox):
    """Keeps everything that goes out, as long as the worker takes it."""

    def __init__(self, max_chars: int, taken: list[dict[str, Any]]) -> None:
        super().__init__(max_chars)
        self._taken = taken
        self.is_read = True

    def put(self, text: str) -> None:
        super().put(text)
        while self.is_read and self._waiting:
            self.take()

    def take(self) -> None:
        """The worker takes the oldest frame."""
        self._taken.append(json.loads(self._waiting[0]))
        self.sent()

    @property
    def chars(self) -> int:
        return self._chars


class Stage:
    """One connection of worker w1, its ports, and what went out on its socket."""

    def __init__(self, *accounts: AccountInfo, frame_bytes: int = 100_000, confidential: bool = True) -> None:
        self.now = NOW
        self.directory = a_directory(*accounts)
        self.views: dict[str, View] = {}
        self.sessions: dict[str, dict[str, Any]] = {}
        self.receiver = NotedReceiver()
        self.presence = PresenceTracker(lambda: self.now)
        self.registered: list[str] = []
        self.closed: list[tuple[int, str]] = []
        self.sent: list[dict[str, Any]] = []
        self.outbox: NotedOutbox
        self.budget = PartBudget(10 * frame_bytes)
        self.made = 0
        self.logins: list[LoginReport] = []
        self.lost_logins: list[str] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.ports = WorkerPorts(
            clock=lambda: self.now,
            limits=Limits(frame_bytes, 10 * frame_bytes),
            part_budget=self.budget,
            presence=self.presence,
            receiver=self.receiver,
            get_directory=lambda: self.directory,
            refresh_directory=self._refresh,
            get_view=lambda account_id: self.views.get(account_id) or View(account_id=account_id, fresh_ms=0),
            load_session=self._load_session,
            save_session=self._save_session,
            make_snapshot=self._make_snapshot,
            note_registered=self.registered.append,
            note_login=self.note_login,
            logins_lost=self.lost_logins.extend,
            spawn=self._spawn,
        )
        self.connection = self.open(confidential=confidential)

    def note_login(self, report: LoginReport) -> bool:
        """Somebody waits for the login named `s`."""
        self.logins.append(report)
        return report.session_id == "s"

    def open(self, *, confidential: bool = True) -> WorkerConnection:
        def close(code: int, reason: str) -> None:
            self.closed.append((code, reason))

        self.outbox = NotedOutbox(16 * self.ports.limits.frame_bytes, self.sent)
        return WorkerConnection(self.ports, "w1", TOKEN_HASH, self.outbox, close, confidential=confidential)

    async def _refresh(self) -> None: ...

    async def _load_session(self, account_id: str) -> dict[str, Any] | None:
        return self.sessions.get(account_id)

    async def _save_session(self, account_id: str, storage_state: dict[str, Any]) -> None:
        self.sessions[account_id] = storage_state

    async def _make_snapshot(self, view: View, platform: str, max_bytes: int) -> list[DataSnapshot]:
        self.made += 1
        return snapshot_messages(view, platform, max_bytes)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._tasks.append(asyncio.ensure_future(work))

    async def settle(self) -> None:
        """Everything that can happen now has happened."""
        done, _ = await asyncio.wait(self._tasks, timeout=0.01) if self._tasks else (set(), set())
        for task in done:
            task.result()

    async def say(self, type_: str, payload: dict[str, Any], **frame: Any) -> None:
        body = {"type": type_, "version": "v1", "timestamp": NOW, "payload": payload, "requestId": "r1", **frame}
        await self.connection.receive(json.dumps(body))

    async def register(self, worker_id: str = "w1") -> dict[str, Any]:
        """The answer; none when the connection was closed instead."""
        hello = {"worker_id": worker_id, "host": "atlas", "version": "1", "capabilities": [], "max_accounts": 100}
        await self.say("worker:register", hello)
        return self.sent[-1] if self.sent else {}

    async def sync(self, account_id: str = "a", **beside: Any) -> None:
        snapshot = {"platform": "douyin", "data": {"messages": []}}
        payload = {"accountId": account_id, "platform": "douyin", "timestamp": 7, "snapshot": snapshot, **beside}
        await self.say("worker:data:sync", payload)

    def answers(self, type_: str) -> list[dict[str, Any]]:
        """The payloads of this type, in order."""
        return [frame["payload"] for frame in self.sent if frame["type"] == type_]


async def a_registered_stage(*accounts: AccountInfo, **options: Any) -> Stage:
    stage = Stage(*(accounts or (account_info("a"),)), **options)
    await stage.register()
    return stage


# -- registering


async def test_a_worker_that_registers_is_given_its_accounts_with_their_sessions() -> None:
    stage = Stage(account_info("a", lease_epoch=3), account_info("b", worker="other"))
    stage.sessions["a"] = {"cookies": []}
    answer = await stage.register()
    assert answer["type"] == "worker:register:ack"
    assert answer["requestId"] == "r1"
    assert answer["payload"]["success"] is True
    [given] = answer["payload"]["assigned_accounts"]
    assert (given["account_id"], given["lease_epoch"], given["config"]) == ("a", 3, {"pace": 2})
    assert given["storage_state"] == {"cookies": []}
    assert stage.connection.leases == {"a": 3}
    assert stage.registered == ["w1"]
    presence = stage.presence.get("w1")
    assert presence is not None
    assert (presence.host, presence.accounts) == ("atlas", ["a"])


async def test_no_session_travels_where_others_may_listen() -> None:
    stage = Stage(account_info("a"), confidential=False)
    stage.sessions["a"] = {"cookies": []}
    [given] = (await stage.register())["payload"]["assigned_accounts"]
    assert given.get("storage_state") is None


async def test_a_worker_of_another_name_is_refused() -> None:
    stage = Stage(account_info("a"))
    answer = await stage.register("somebody-else")
    assert (answer["payload"]["success"], answer["payload"]["error_code"]) == (False, "worker_id_mismatch")
    assert stage.connection.leases == {}
    assert stage.registered == []


async def test_nothing_is_taken_before_a_worker_registers() -> None:
    stage = Stage(account_info("a"))
    await stage.sync()
    [answer] = stage.answers("worker:data:sync:ack")
    assert (answer["success"], answer["error_code"], answer["accountId"]) == (False, "not_registered", "a")
    assert stage.receiver.snapshots == []


async def test_a_worker_that_never_registers_is_closed() -> None:
    stage = Stage(account_info("a"))
    stage.connection.end_unless_registered()
    assert stage.closed == [(1008, "worker:register did not come within 30 s")]


async def test_a_token_that_was_replaced_meanwhile_ends_the_connection() -> None:
    stage = Stage(account_info("a"))
    stage.directory = a_directory(account_info("a"), token_hash="another")
    await stage.register()
    assert stage.closed == [(REVOKED, "the token of this worker was replaced")]
    assert stage.sent == []


async def test_a_newer_connection_of_the_same_worker_closes_the_older_one() -> None:
    stage = await a_registered_stage()
    stage.connection = stage.open()
    await stage.register()
    assert stage.closed == [(REPLACED, "a newer connection of this worker took over")]
    assert stage.connection.leases == {"a": 1}


# -- what changes afterwards


async def test_a_change_of_the_assignment_is_told_once() -> None:
    stage = await a_registered_stage(account_info("a"))
    stage.directory = a_directory(account_info("b", lease_epoch=2))
    stage.presence.directory_changed(stage.directory)
    stage.presence.directory_changed(stage.directory)
    await stage.settle()
    assert stage.answers("master:task:revoke") == [{"account_id": "a"}]
    [assigned] = stage.answers("master:task:assign")
    assert (assigned["account"]["account_id"], assigned["account"]["lease_epoch"]) == ("b", 2)


async def test_accounts_beyond_one_frame_are_assigned_one_by_one() -> None:
    accounts = [account_info(f"shop-{number}") for number in range(20)]
    stage = await a_registered_stage(*accounts, frame_bytes=6_000)
    await stage.settle()
    first = [given["account_id"] for given in stage.sent[0]["payload"]["assigned_accounts"]]
    later = [message["account"]["account_id"] for message in stage.answers("master:task:assign")]
    assert 0 < len(first) < 20
    assert sorted(first + later) == sorted(account.id for account in accounts)


# -- data


async def test_a_snapshot_goes_to_the_receiver_under_its_lease_and_its_ack_comes_back() -> None:
    stage = await a_registered_stage(account_info("a", lease_epoch=5))
    await stage.sync()
    [(parts, size, sender)] = stage.receiver.snapshots
    assert (parts, sender) == (1, Sender("w1", 5))
    assert size > 0
    assert stage.answers("worker:data:sync:ack") == []
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="a", timestamp=7, version=1))
    [ack] = stage.answers("worker:data:sync:ack")
    assert (ack["success"], ack["timestamp"], ack["version"]) == (True, 7, 1)
    assert stage.sent[-1]["requestId"] == "r1"


async def test_a_snapshot_that_is_no_snapshot_is_answered_as_an_error() -> None:
    stage = await a_registered_stage()
    await stage.sync()
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=False, error_code="bad_payload", account_id="a", timestamp=7))
    assert stage.sent[-1]["type"] == "worker:data:sync:error"


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ({"accountId": "b"}, "account 'b' is not assigned to worker 'w1'"),
        ({"platform": "other"}, "account 'a' is of platform 'douyin', not of 'other'"),
    ],
)
async def test_data_of_what_the_worker_does_not_crawl_is_refused(beside: dict[str, Any], message: str) -> None:
    stage = await a_registered_stage()
    await stage.sync(**beside)
    [answer] = stage.answers("worker:data:sync:ack")
    assert (answer["success"], answer["error_code"], answer["error_message"]) == (False, "not_assigned", message)
    assert stage.receiver.snapshots == []


async def test_parts_are_received_once_all_of_them_are_there() -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    assert stage.receiver.snapshots == []
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
    assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]


async def test_reports_on_accounts_go_to_the_receiver_under_their_leases() -> None:
    stage = await a_registered_stage(account_info("a", lease_epoch=4))
    statuses = [{"account_id": name, "worker_status": "crawling"} for name in ("a", "b")]
    await stage.say("worker:account:status", {"account_statuses": statuses})
    [(status, sender)] = stage.receiver.statuses
    assert (status.account_id, status.worker_status, sender) == ("a", "crawling", Sender("w1", 4))
    assert stage.answers("worker:account:status:ack") == []
    [answer] = stage.receiver.reports
    answer(done())
    assert stage.sent[-1]["payload"]["updated"] == ["a"]
    assert stage.sent[-1]["payload"]["failed"] == {"b": "not_assigned"}


def done() -> Done:
    view = an_account().view
    return Done(view, True, [], view)


async def test_a_report_is_acknowledged_only_once_it_is_durable_and_the_others_are_named() -> None:
    stage = await a_registered_stage(*map(account_info, ("a", "b", "c")))
    statuses = [{"account_id": name, "worker_status": "crawling"} for name in ("a", "b")]
    statuses.append({"account_id": "c", "worker_status": "waiting"})  # which is known
    await stage.say("worker:account:status", {"account_statuses": statuses})
    first, second, _ = stage.receiver.reports
    first(done())
    assert stage.answers("worker:account:status:ack") == []
    second(Refused("busy", "too much is waiting to be written", 1_000))
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["retry_after_ms"]) == (True, 1_000)
    assert (ack["updated"], ack["failed"]) == (["c", "a"], {"b": "busy"})


async def test_a_report_that_cannot_be_read_costs_itself_alone_and_is_named() -> None:
    stage = await a_registered_stage(*map(account_info, ("a", "b")))
    statuses = [{"account_id": "a", "worker_status": "dancing"}, 7, {"account_id": "b", "worker_status": "crawling"}]
    await stage.say("worker:account:status", {"account_statuses": statuses})
    assert [status.account_id for status, _ in stage.receiver.statuses] == ["b"]
    stage.receiver.reports[0](done())
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["updated"], ack["failed"]) == (True, ["b"], {"a": "bad_payload"})
    assert [(warning["index"], warning["id"]) for warning in ack["warnings"]] == [(0, "a"), (1, None)]
    assert "Invalid enum value 'dancing'" in ack["warnings"][0]["message"]


async def test_reports_of_which_none_can_be_read_are_answered() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": [None, "x"]})
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["updated"], ack["failed"], len(ack["warnings"])) == (True, [], {}, 2)


async def test_what_cannot_be_read_in_one_part_is_named_in_the_answer_to_all() -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2}, observed=[5])
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2}, observed=[{"surface": "moon"}])
    assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="a", warnings_total=1, warnings=[WARNING]))
    ack = stage.sent[-1]["payload"]
    assert [one["collection"] for one in ack["warnings"]] == ["observed", "observed", "messages"]
    assert ack["warnings_total"] == 3


async def test_reports_of_which_none_is_taken_are_busy() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": [{"account_id": "a", "worker_status": "crawling"}]})
    stage.receiver.reports[0](Refused("busy", "too much is waiting to be written", 1_000))
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["error_code"], ack["retry_after_ms"]) == (False, "busy", 1_000)
    assert (ack["updated"], ack["failed"]) == ([], {"a": "busy"})
    assert stage.connection.take_busy()
    assert not stage.connection.take_busy()


async def test_a_message_without_reports_is_answered() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": []})
    assert stage.answers("worker:account:status:ack")[0]["success"]


async def test_a_worker_that_holds_nothing_gets_what_is_known() -> None:
    stage = await a_registered_stage(account_info("acc"))
    stage.views["acc"] = an_account(messages=[a_message("1", content="hello")]).view
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    [answer] = stage.answers("worker:data:snapshot")
    assert [message["content"] for message in answer["snapshot"]["data"]["messages"]] == ["hello"]


# -- what one connection may take


def a_large_account(messages: int = 40) -> View:
    return an_account(messages=[a_message(str(n), content="x" * 2_000) for n in range(messages)]).view


async def test_a_worker_that_does_not_read_is_closed_before_more_waits_than_its_outbox_holds() -> None:
    stage = await a_registered_stage(frame_bytes=8_000)
    stage.outbox.is_read = False
    for _ in range(10_000):
        await stage.say("worker:heartbeat", {"worker_id": "w1", "status": "running"})
        if stage.closed:
            break
    assert stage.closed == [(1008, "the worker does not read what it is sent")]
    assert 0 < stage.outbox.chars <= 16 * 8_000
    assert stage.connection.leases == {}


async def test_an_account_is_sent_as_fast_as_it_is_read_and_one_at_a_time() -> None:
    stage = await a_registered_stage(account_info("acc"), account_info("b"), frame_bytes=8_000)
    stage.views["acc"] = a_large_account(200)
    stage.views["b"] = stage.views["acc"]
    stage.outbox.is_read = False
    for account_id in ("acc", "b"):
        await stage.say("worker:data:fetch", {"accountId": account_id})
    await stage.settle()
    assert stage.closed == []
    assert stage.made == 1
    assert stage.outbox.chars <= 9 * 8_000
    while stage.outbox.chars or stage.made < 2:
        if stage.outbox.chars:
            stage.outbox.take()
        await stage.settle()
    parts = stage.answers("worker:data:snapshot")
    assert [part["accountId"] for part in parts] == sorted([part["accountId"] for part in parts])
    assert sum(len(part["snapshot"]["data"].get("messages", [])) for part in parts) == 400


async def test_the_same_account_is_not_fetched_twice_at_once() -> None:
    stage = await a_registered_stage(account_info("acc"))
    stage.views["acc"] = an_account(messages=[a_message("1")]).view
    for _ in range(3):
        await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    answers = stage.answers("worker:data:snapshot")
    assert [answer["error_code"] for answer in answers] == ["busy", "busy", None]
    assert stage.made == 1
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    assert stage.made == 2


async def test_nothing_goes_out_after_the_close() -> None:
    stage = await a_registered_stage(account_info("acc"), frame_bytes=8_000)
    stage.views["acc"] = a_large_account()
    stage.outbox.is_read = False
    await stage.sync("acc")
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    waiting = stage.outbox.chars
    stage.connection.close(1008, "for a test")
    await stage.settle()
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="acc", timestamp=7))
    await stage.say("worker:heartbeat", {"worker_id": "w1", "status": "running"})
    stage.connection.assignments_changed()
    await stage.settle()
    assert stage.outbox.chars == waiting
    assert stage.closed == [(1008, "for a test")]


async def test_a_worker_that_left_while_it_registered_is_not_connected() -> None:
    stage = Stage(account_info("a"))

    async def leaves(_account_id: str) -> None:
        stage.connection.disconnected()

    stage.ports = msgspec.structs.replace(stage.ports, load_session=leaves)
    stage.connection = stage.open()
    await stage.register()
    assert stage.presence.online() == []
    assert stage.sent == []


# -- snapshots in parts


async def test_a_set_that_does_not_become_whole_is_forgotten_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_parts, "PART_TIMEOUT_MS", 10)
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    assert stage.budget.held > 0
    await until(lambda: stage.budget.held == 0)
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
    assert stage.receiver.snapshots == []


async def test_open_sets_of_all_connections_share_a_bound_in_bytes() -> None:
    stage = await a_registered_stage(*(account_info(f"a{n}") for n in range(40)), frame_bytes=8_000)
    filler = [{"surface": "messages", "entry": "x" * 7_000, "from": 1, "to": 2}]
    taken: list[int] = []
    for connection in (stage.connection, *(stage.open() for _ in range(3))):
        stage.connection = connection
        await stage.register()
        before = stage.budget.held
        for n in range(40):
            await stage.sync(f"a{n}", part={"sync_id": "s", "index": 0, "total": 2}, observed=filler)
        taken.append(stage.budget.held - before)
    assert all(stage.budget.most_each - 8_000 < held <= stage.budget.most_each for held in taken)
    refused = [ack for ack in stage.answers("worker:data:sync:ack") if ack["error_code"] == "busy"]
    assert refused
    assert all(ack["retry_after_ms"] == 1_000 for ack in refused)
    stage.connection.close(1008, "for a test")
    assert stage.budget.held <= stage.budget.most


@pytest.mark.parametrize("ends", ["whole", "replaced", "broken", "closed", "left"])
async def test_what_a_set_took_is_given_back_however_it_ends(ends: str) -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    if ends == "whole":
        await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
        assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]
    elif ends == "replaced":
        await stage.sync()
    elif ends == "broken":
        await stage.sync(part={"sync_id": "s", "index": 1, "total": 3})
        assert stage.answers("worker:data:sync:ack")[-1]["error_code"] == "part_invalid"
    elif ends == "closed":
        stage.connection.close(1008, "for a test")
    else:
        stage.connection.disconnected()
    assert stage.budget.held == 0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.005)


# -- the socket


@pytest.mark.parametrize(
    ("text", "code"), [(None, "bad_frame"), ("{", "bad_json"), ('{"type": "what", "payload": {}}', "bad_frame")]
)
async def test_a_bad_frame_is_answered_and_the_connection_stays(text: str | None, code: str) -> None:
    stage = await a_registered_stage()
    await stage.connection.receive(text)
    assert stage.sent[-1]["payload"]["error_code"] == code
    assert stage.closed == []


async def test_a_frame_above_the_limit_ends_the_connection_and_its_leases() -> None:
    stage = await a_registered_stage(frame_bytes=8_000)
    await stage.connection.receive("x" * 8_001)
    assert stage.closed == [(1009, "a frame of 8001 bytes, 8000 at most")]
    assert stage.connection.leases == {}
    await stage.sync()
    assert stage.receiver.snapshots == []


@pytest.mark.parametrize(("pause_ms", "ended"), [(0, True), (200, False)])
async def test_a_hundred_bad_frames_within_ten_seconds_are_too_many(pause_ms: int, ended: bool) -> None:
    stage = await a_registered_stage()
    for _ in range(100):
        await stage.connection.receive("{")
        stage.now += pause_ms
    assert bool(stage.closed) is ended
