"""One websocket connection to the hub: frames out, frames in, each answer to its request."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import structlog
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from sync.protocol.frames import Decoded, FrameError, decode_from_hub, encode_frame
from sync.protocol.login_messages import AccountLogin, LoginCode
from sync.protocol.messages import AccountLogout, DataSnapshot, TaskAssign, TaskRevoke, WireMessage
from sync.protocol.reply_messages import ReplyRequest
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

Order = TaskAssign | TaskRevoke | AccountLogout | AccountLogin | LoginCode | ReplyRequest


class LinkError(Exception):
    """The hub did not answer. What was sent may or may not have arrived."""


class LinkLost(LinkError):
    """There is no connection, or it broke before the answer."""


class NoAnswer(LinkError):
    """The connection stands, but the answer did not come in time."""


class Socket(Protocol):
    """The part that the connection uses of a websockets connection. All methods raise ConnectionClosed."""

    async def send(self, message: str) -> None: ...
    async def recv(self) -> str | bytes: ...
    async def close(self, code: int = ..., reason: str = ...) -> None: ...


class ConnectionEnd(NamedTuple):
    """The end of a connection. `code` 1006: without a close frame."""

    code: int
    reason: str
    by_hub: bool


class _Pending:
    """A request under way. An answer in parts is whole when all parts are here."""

    def __init__(self) -> None:
        self.answers: asyncio.Future[list[WireMessage]] = asyncio.get_running_loop().create_future()
        self._parts: dict[int, WireMessage] = {}

    def add(self, answer: WireMessage) -> None:
        """Take in an answer or a part of one; ignore it if the request was answered already."""
        if self.answers.done():
            return
        if isinstance(answer, DataSnapshot) and answer.part is not None:
            self._parts[answer.part.index] = answer
            if len(self._parts) < answer.part.total:
                return
            self.answers.set_result([self._parts[index] for index in sorted(self._parts)])
        else:
            self.answers.set_result([answer])


class Connection:
    """Feeds and drains one socket. `on_order` gets each order of the hub with its request id; `clock` gives ms UTC."""

    def __init__(
        self,
        socket: Socket,
        clock: Clock,
        on_order: Callable[[Order, str | None], None],
    ) -> None:
        self._socket = socket
        self._clock = clock
        self._on_order = on_order
        self._pending: dict[str, _Pending] = {}
        self._ids = itertools.count(1)
        self._closed = False

    async def send(self, message: WireMessage, request_id: str | None = None) -> None:
        """Write `message` into the socket, which does not mean that it arrived. Raises LinkLost."""
        frame = encode_frame(message, timestamp=self._clock(), request_id=request_id)
        log.debug(f"> {message.TYPE}", bytes=len(frame), request=request_id)
        try:
            await self._socket.send(frame)
        except ConnectionClosed as error:
            raise LinkLost("the connection to the hub broke") from error

    async def request(self, messages: Sequence[WireMessage], timeout_s: float) -> list[WireMessage]:
        """Send `messages` (one, or the parts of one) under one request id, and return the answer or its parts.

        Raises LinkLost, NoAnswer (after `timeout_s`).
        """
        if self._closed:
            raise LinkLost("no connection to the hub")
        request_id = f"{messages[0].TYPE}-{next(self._ids)}"
        pending = self._pending[request_id] = _Pending()
        try:
            async with asyncio.timeout(timeout_s):
                for message in messages:
                    await self.send(message, request_id)
                return await pending.answers
        except TimeoutError:
            raise NoAnswer(f"no answer to {messages[0].TYPE} within {timeout_s:g} s") from None
        finally:
            del self._pending[request_id]
            pending.answers.cancel()

    async def read(self) -> ConnectionEnd:
        """Read until the connection ends, and return how it ended."""
        try:
            while True:
                text = await self._socket.recv()
                self._take(text)
        except ConnectionClosed as closed:
            return _close_of(closed)
        finally:
            self._closed = True
            for pending in list(self._pending.values()):
                if not pending.answers.done():
                    pending.answers.set_exception(LinkLost("the connection to the hub broke"))

    async def close(self, reason: str) -> None:
        """Close the connection with code 1000."""
        await self._socket.close(CloseCode.NORMAL_CLOSURE, reason)

    def _take(self, text: str | bytes) -> None:
        try:
            frame = decode_from_hub(text)
        except FrameError as error:
            log.warning("< a frame from the hub that is not understood", type=error.type, reason=str(error))
            return
        self._dispatch(frame)

    def _dispatch(self, frame: Decoded) -> None:
        message = frame.message
        log.debug(f"< {message.TYPE}", request=frame.request_id)
        if isinstance(message, Order):
            self._on_order(message, frame.request_id)
        elif frame.request_id in self._pending:
            self._pending[frame.request_id].add(message)
        else:
            log.info(f"< {message.TYPE} answers nothing that is waited for", request=frame.request_id)


def _close_of(closed: ConnectionClosed) -> ConnectionEnd:
    if closed.rcvd is None:
        return ConnectionEnd(int(CloseCode.ABNORMAL_CLOSURE), "", by_hub=False)
    return ConnectionEnd(int(closed.rcvd.code), closed.rcvd.reason, by_hub=closed.rcvd_then_sent is True)
