"""Events that a socket of `serve` gets at once: the same bytes, in the same order, and never past a full socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest
from uvicorn.server import ServerState

from imhub.edge.connections import ServerConfig, WebSocketConnection
from imhub.edge.door import Door
from tests.imhub.edge.test_known_answers import Wire
from tests.waiting import until

TEXTS = ["短", "x" * 300, "x" * 70_000]


def a_handshake(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    ).encode()


class Socket:
    """An open socket, and both ways to send on it."""

    send: Callable[[Any], Any]
    scope: dict[str, Any]

    def __init__(self, path: str) -> None:
        self.wire = Wire()
        self.ends = asyncio.Event()
        config = ServerConfig(self._serve, door=Door(9, 9), lifespan="off", log_config=None, interface="asgi3")
        config.load()
        self.connection = WebSocketConnection(config, ServerState(), {})
        self.connection.connection_made(cast(asyncio.Transport, self.wire))
        self.connection.data_received(a_handshake(path))

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.accept"})
        self.scope, self.send = scope, send
        await self.ends.wait()

    @classmethod
    async def open(cls, path: str) -> Socket:
        socket = cls(path)
        await until(lambda: hasattr(socket, "send"))
        return socket

    def write(self, texts: list[str]) -> bool:
        return bool(self.scope["extensions"]["imhub.frames"]["write"](texts))

    def take(self) -> bytes:
        """Return what was written since the last time."""
        written = b"".join(self.wire.written)
        self.wire.written.clear()
        return written


@pytest.fixture
async def socket() -> AsyncIterator[Socket]:
    socket = await Socket.open("/ws/im/")
    yield socket
    socket.connection.connection_lost(None)
    socket.ends.set()
    await asyncio.sleep(0)


async def test_frames_that_are_written_at_once_are_those_that_would_be_sent(socket: Socket) -> None:
    assert b"permessage-deflate" not in socket.take()
    for text in TEXTS:
        await socket.send({"type": "websocket.send", "text": text})
    sent = socket.take()
    assert [socket.write(TEXTS), socket.write(TEXTS), socket.write(TEXTS[:1])] == [True, True, True]
    assert socket.take() == sent + sent + b"\x81\x03\xe7\x9f\xad"


async def test_nothing_is_written_past_a_full_socket_or_after_its_close(socket: Socket) -> None:
    socket.take()
    socket.connection.pause_writing()
    assert not socket.write(TEXTS)
    socket.connection.resume_writing()
    assert socket.write(TEXTS)
    socket.take()
    await socket.send({"type": "websocket.close"})
    assert socket.take() == b"\x88\x02\x03\xe8"
    assert not socket.write(TEXTS)
    assert socket.take() == b""


async def test_a_compressed_socket_gets_the_same_frames_at_once_as_it_would_be_sent() -> None:
    """A worker's: the compression goes on from frame to frame, whichever way each one took."""
    sockets = [await Socket.open("/ws/worker/") for _ in range(2)]
    written = []
    for socket in sockets:
        assert b"permessage-deflate" in socket.take()
        for text in TEXTS:
            if socket is sockets[0]:
                await socket.send({"type": "websocket.send", "text": text})
            else:
                assert socket.write([text])
        await socket.send({"type": "websocket.send", "text": "last"})
        written.append(socket.take())
        socket.connection.connection_lost(None)
        socket.ends.set()
    await asyncio.sleep(0)
    assert written[0] == written[1]
    assert len(written[0]) < len(TEXTS[-1]), "it is compressed"
