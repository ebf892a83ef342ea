"""A worker made up of the protocol alone: it types, asks, presses, and keeps its results over its own death."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed

from sync.protocol.frames import decode_from_hub, encode_frame
from sync.protocol.messages import Ack, DataSync, Register, RegisterAck, TaskAssign, TaskRevoke, WireMessage
from sync.protocol.reply_messages import (
    ReplyProgress,
    ReplyReason,
    ReplyRequest,
    ReplyRequestAck,
    ReplyResult,
    ReplyResultAck,
)
from tests.simulation.clock import VirtualLoop
from tests.simulation.replies.platform import Chat
from tests.simulation.wire import Network, WorkerConnection

ANSWER_S = 25.0
"""Longer the worker waits for no permission. (Frames are slow here, so it is more patient than a real one.)"""


class ReplyingWorker:
    def __init__(self, name: str, token: str, chats: Mapping[str, Chat], network: Network, loop: VirtualLoop) -> None:
        self.name = name
        self.accounts: set[str] = set()
        self.results: dict[str, ReplyResult] = {}
        """On its disk, by the id of the request."""
        self._token = token
        self._chats = chats
        self._network = network
        self._loop = loop
        self._random = Random(name)
        self._line: WorkerConnection | None = None
        self._typing: dict[str, asyncio.Task[None]] = {}
        self._pressing: set[asyncio.Task[None]] = set()
        self._waiting: dict[str, asyncio.Future[Ack]] = {}
        self._number = 0
        self._running: asyncio.Task[None] | None = None

    # -- life

    def start(self) -> None:
        self._running = self._loop.create_task(self._run())

    def die(self) -> None:
        """Its memory and its browser are gone, its disk is not."""
        tasks = [*self._typing.values(), *self._pressing, *([self._running] if self._running else [])]
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        if self._line is not None:
            self._loop.run_until_complete(self._line.close())
        self._typing, self._pressing, self._waiting, self.accounts = {}, set(), {}, set()
        self._line = self._running = None

    def check(self) -> None:
        """It ends by a fault of ours only."""
        for task in [self._running, *self._pressing, *self._typing.values()]:
            if task is not None and task.done() and not task.cancelled():
                task.result()

    async def _run(self) -> None:
        while True:
            with suppress(ConnectionRefusedError, ConnectionClosed):
                headers = {"Authorization": f"Bearer {self._token}"}
                self._line = await self._network.connect("", additional_headers=headers)
                await self._serve(self._line)
            self._stop_typing(set(self.accounts))
            self.accounts = set()
            await asyncio.sleep(1)

    async def _serve(self, line: WorkerConnection) -> None:
        await self._send(Register(worker_id=self.name, capabilities=["reply", "window"], max_accounts=9))
        while True:
            decoded = decode_from_hub(await line.recv())
            await self._take(decoded.message, decoded.request_id)

    async def _take(self, message: WireMessage, request_id: str | None) -> None:
        if isinstance(message, RegisterAck):
            self.accounts = {account.account_id for account in message.assigned_accounts}
            for kept_id, result in self.results.items():
                await self._send(result, kept_id)
        elif isinstance(message, TaskAssign):
            self.accounts.add(message.account.account_id)
        elif isinstance(message, TaskRevoke):
            self.accounts.discard(message.account_id)
            self._stop_typing({message.account_id})
        elif isinstance(message, ReplyRequest):
            await self._asked(message, request_id)
        elif isinstance(message, ReplyResultAck):
            if message.error_code != "busy":
                self.results.pop(request_id or "", None)
        elif isinstance(message, Ack) and request_id in self._waiting:
            waiting = self._waiting.pop(request_id)
            if not waiting.done():
                waiting.set_result(message)

    def _stop_typing(self, accounts: set[str]) -> None:
        """What was not permitted yet is dropped: the hub gives it to somebody again."""
        for account_id in accounts:
            if (task := self._typing.pop(account_id, None)) is not None:
                task.cancel()

    async def _send(self, message: WireMessage, request_id: str | None = None) -> None:
        if self._line is not None:
            await self._line.send(encode_frame(message, timestamp=self._loop.clock(), request_id=request_id))

    # -- what it sees

    def look(self) -> None:
        """It sends what its accounts show."""
        for account_id in sorted(self.accounts):
            data = self._chats[account_id].look(self._loop.now)
            sync = {
                "accountId": account_id,
                "platform": "douyin",
                "timestamp": self._loop.clock(),
                "snapshot": {"platform": "douyin", "data": data, "partial": ["conversations", "messages"]},
            }
            message = msgspec.json.decode(msgspec.json.encode(sync), type=DataSync)
            with suppress(ConnectionClosed):
                self._loop.run_until_complete(self._send(message, f"look{self._loop.now}"))

    # -- what it sends

    async def _asked(self, request: ReplyRequest, request_id: str | None) -> None:
        busy = request.account_id in self._typing or request.account_id not in self.accounts
        refusal: dict[str, Any] = {"error_code": "busy", "error_message": "not now"} if busy else {}
        await self._send(ReplyRequestAck(success=not busy, **refusal), request_id)
        if not busy:
            self._typing[request.account_id] = self._loop.create_task(self._type(request))

    async def _type(self, request: ReplyRequest) -> None:
        chat, fan = self._chats[request.account_id], request.target.conversation_id or ""
        await asyncio.sleep(self._random.choice([0.5, 2, 6]))
        if self._random.random() < 0.05:
            await self._end(request, ReplyResult(reply_id=request.reply_id, state="failed", reason=WRONG))
            return
        known = tuple(chat.shown(fan, request.text, self._loop.now))
        asked = ReplyProgress(reply_id=request.reply_id, state="pressing", attempt=request.attempt, known=known)
        permission = await self._ask(asked)
        if permission is None or not permission.success:
            await self._end(request, ReplyResult(reply_id=request.reply_id, state="failed", reason=STOPPED))
            return
        # From here on no lost connection and no lost lease stops it; its own death does.
        task = self._typing.pop(request.account_id)
        self._pressing.add(task)
        try:
            await self._press(request, chat, fan, known)
        finally:
            self._pressing.discard(task)

    async def _ask(self, message: ReplyProgress) -> Ack | None:
        self._number += 1
        request_id = f"{self.name}-{self._number}"
        future = self._waiting[request_id] = self._loop.create_future()
        try:
            await self._send(message, request_id)
            async with asyncio.timeout(ANSWER_S):
                answer: Ack = await future
                return answer
        except (TimeoutError, ConnectionClosed):
            return None

    async def _press(self, request: ReplyRequest, chat: Chat, fan: str, known: tuple[str, ...]) -> None:
        if request.mode == "window":
            await asyncio.sleep(self._random.choice([1, 30, 500]))
            if self._random.random() < 0.1:
                await self._end(request, ReplyResult(reply_id=request.reply_id, state="failed", reason=NOT_PRESSED))
                return
        elif self._random.random() < 0.1:
            await asyncio.sleep(1)
        pressed = chat.press(fan, request.text, request.reply_id, self._loop.now)
        await asyncio.sleep(self._random.choice([0.3, 3]))
        fields: dict[str, Any] = {"reply_id": request.reply_id}
        if pressed.fate == "answered":
            fields |= {"state": "sent", "confirmed_platform_id": pressed.id, "evidence": "response"}
        elif pressed.fate in ("refused", "self-visible", "check"):
            code = "check" if pressed.fate == "check" else "blocked"
            fields |= {"state": "refused", "reason": ReplyReason(code=code, text="对方已拒收")}
        else:
            new = [i for i in chat.shown(fan, request.text, self._loop.now) if i not in known]
            sent = {"state": "sent", "confirmed_platform_id": new[0], "evidence": "list"} if len(new) == 1 else {}
            fields |= sent or {"state": "unknown"}
        await self._end(request, ReplyResult(**fields))

    async def _end(self, request: ReplyRequest, result: ReplyResult) -> None:
        """Keep the result until the hub has it."""
        self._typing.pop(request.account_id, None)
        self._number += 1
        kept_id = f"{self.name}-{self._number}"
        self.results[kept_id] = msgspec.structs.replace(result, attempt=request.attempt)
        with suppress(ConnectionClosed):
            await self._send(self.results[kept_id], kept_id)


WRONG = ReplyReason(code="wrong_target")
STOPPED = ReplyReason(code="stopped")
NOT_PRESSED = ReplyReason(code="not_pressed")
