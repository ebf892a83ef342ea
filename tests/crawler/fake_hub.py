"""A hub that speaks the protocol over a real websocket and does what the test tells it to."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, Self

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from sync.protocol.frames import Decoded, decode_from_worker, encode_frame
from sync.protocol.login_messages import LoginReport, LoginReportAck
from sync.protocol.messages import (
    AccountStatuses,
    AccountStatusesAck,
    Ack,
    AssignedAccount,
    DataDelta,
    DataFetch,
    DataSnapshot,
    DataSync,
    DataSyncAck,
    Goodbye,
    GoodbyeAck,
    Heartbeat,
    HeartbeatAck,
    Register,
    RegisterAck,
    SessionReport,
    SessionReportAck,
    WireMessage,
)
from sync.protocol.reply_messages import ReplyProgress, ReplyProgressAck, ReplyResult, ReplyResultAck
from tests.crawler.builders import NOW
from tests.waiting import until

Answer = Callable[[Any], WireMessage | None]


class FakeHub(AbstractAsyncContextManager["FakeHub"]):
    """`received`: every message. `answers`: class of message -> answer instead of the ordinary one (None: silence)."""

    def __init__(self, accounts: list[AssignedAccount] | None = None) -> None:
        self.accounts = accounts or []
        self.received: list[WireMessage] = []
        self.frames: list[tuple[Decoded, int]] = []
        self.tokens: list[str | None] = []
        self.sockets: list[ServerConnection] = []
        self.answers: dict[type[WireMessage], Answer] = {}
        self.refuse: HTTPStatus | None = None
        self.restored: list[DataSnapshot] | None = None
        self._port = 0
        self._server: Server | None = None

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/ws/worker/"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def start(self) -> None:
        self._server = await serve(
            self._serve, "127.0.0.1", self._port, process_request=self._admit, max_size=1_000_000, ping_interval=None
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self, code: int = 1012) -> None:
        assert self._server is not None
        self._server.close(code=code)
        await self._server.wait_closed()

    @property
    def socket(self) -> ServerConnection:
        return self.sockets[-1]

    def all_of(self, kind: type[WireMessage]) -> list[Any]:
        return [message for message in self.received if isinstance(message, kind)]

    async def nth(self, kind: type[WireMessage], number: int) -> Any:
        """Waits for the message of `kind` number `number` (from 1)."""
        await until(lambda: len(self.all_of(kind)) >= number, f"{kind.__name__} number {number}")
        return self.all_of(kind)[number - 1]

    async def tell(self, message: WireMessage, request_id: str | None = "order-1") -> None:
        await self.socket.send(encode_frame(message, timestamp=NOW, request_id=request_id))

    async def cut(self) -> None:
        """No close frame: as when the wire breaks."""
        self.socket.transport.abort()
        await self.socket.wait_closed()

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        self.tokens.append(request.headers.get("Authorization"))
        return None if self.refuse is None else socket.respond(self.refuse, "no\n")

    async def _serve(self, socket: ServerConnection) -> None:
        self.sockets.append(socket)
        try:
            async for text in socket:
                frame = decode_from_worker(text)
                self.received.append(frame.message)
                self.frames.append((frame, len(text)))
                await self._answer(socket, frame)
        except ConnectionClosed:
            pass

    async def _answer(self, socket: ServerConnection, frame: Decoded) -> None:
        message = frame.message
        if type(message) in self.answers:
            answer = self.answers[type(message)](message)
            answers = [] if answer is None else [answer]
        else:
            answers = self._ordinary(message)
        for answer in answers:
            kind = f"{message.TYPE}:error" if answer.TYPE == "protocol:error" else None
            await socket.send(encode_frame(answer, timestamp=NOW, request_id=frame.request_id, type=kind))

    def _ordinary(self, message: WireMessage) -> list[WireMessage]:
        if isinstance(message, DataFetch):
            return list(self.restored or [DataSnapshot(account_id=message.account_id)])
        if isinstance(message, DataSync) and message.part is not None and message.part.index < message.part.total - 1:
            return []
        if isinstance(message, Ack):
            return []
        if isinstance(message, Register):
            return [RegisterAck(success=True, session_id="s", assigned_accounts=self.accounts)]
        return [_ACKS[type(message)](message)]


def _sync_ack(message: Any) -> WireMessage:
    return DataSyncAck(success=True, account_id=message.account_id, version=1, changed=True)


_ACKS: dict[type[WireMessage], Callable[[Any], WireMessage]] = {
    Heartbeat: lambda m: HeartbeatAck(success=True),
    Goodbye: lambda m: GoodbyeAck(success=True),
    AccountStatuses: lambda m: AccountStatusesAck(success=True, updated=[s.account_id for s in m.account_statuses]),
    SessionReport: lambda m: SessionReportAck(success=True),
    LoginReport: lambda m: LoginReportAck(success=True),
    ReplyProgress: lambda m: ReplyProgressAck(success=True),
    ReplyResult: lambda m: ReplyResultAck(success=True),
    DataSync: _sync_ack,
    DataDelta: _sync_ack,
}


def items_of(sync: DataSync, collection: str) -> list[dict[str, Any]]:
    """The items of one collection as they stand on the wire."""
    return msgspec.json.decode(sync.snapshot.data.get(collection, b"[]"), type=list[dict[str, Any]])
