"""A connection of a worker without a hub behind it: what it sends, and what it hands on, is noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final

import msgspec

from sync.core.account.view import View
from sync.directory import AccountInfo, Directory, WorkerInfo
from sync.outbox import Outbox
from sync.protocol.login_messages import LoginReport
from sync.protocol.messages import AccountStatus, DataDelta, DataSnapshot, DataSync, SyncWarning
from sync.worker.connection import WorkerConnection
from sync.worker.open_parts import PartBudget
from sync.worker.ports import Limits, Send, Sender, WorkerPorts
from sync.worker.presence import PresenceTracker
from sync.worker.snapshot import snapshot_messages
from sync.writing.jobs import Answer
from tests.sync.builders import NOW

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
        """Everything that can happen now has happened: nothing here waits for a thread or a timer."""
        for _ in range(20):
            await asyncio.sleep(0)
        for task in self._tasks:
            if task.done():
                task.result()

    async def say(self, type_: str, payload: dict[str, Any], **frame: Any) -> None:
        body = {"type": type_, "version": "v1", "timestamp": NOW, "payload": payload, "requestId": "r1", **frame}
        await self.connection.receive(json.dumps(body))

    async def register(self, worker_id: str = "w1", **beside: Any) -> dict[str, Any]:
        """The answer; none when the connection was closed instead."""
        hello = {"worker_id": worker_id, "host": "atlas", "version": "1", "capabilities": [], "max_accounts": 100}
        await self.say("worker:register", {**hello, **beside})
        return self.sent[-1] if self.sent else {}

    async def sync(self, account_id: str = "a", **beside: Any) -> None:
        snapshot = {"platform": "douyin", "data": {"messages": []}}
        payload = {"accountId": account_id, "platform": "douyin", "timestamp": 7, "snapshot": snapshot, **beside}
        await self.say("worker:data:sync", payload)

    async def read_sessions_by(self, load: Callable[[str], Coroutine[Any, Any, Any]]) -> None:
        """Register on a connection that reads the accounts' sessions in this way."""
        self.ports = msgspec.structs.replace(self.ports, load_session=load)
        self.connection = self.open()
        await self.register()

    def answers(self, type_: str) -> list[dict[str, Any]]:
        """The payloads of this type, in order."""
        return [frame["payload"] for frame in self.sent if frame["type"] == type_]


async def a_registered_stage(*accounts: AccountInfo, **options: Any) -> Stage:
    stage = Stage(*(accounts or (account_info("a"),)), **options)
    await stage.register()
    return stage
