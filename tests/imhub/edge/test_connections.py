"""Peers of `serve` that say half of what they have to, too much of it, or take nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from imhub.edge import connections
from imhub.management.commands import serve
from tests.crawler.builders import until

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
UPGRADE = (
    HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
PIECE = "x" * 100_000


class Application:
    """Answers requests, and writes to sockets until they end. What it has under way is counted."""

    def __init__(self) -> None:
        self.under_way = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.under_way += 1
        try:
            await {"http": self._answer, "websocket": self._talk}[scope["type"]](receive, send)
        finally:
            self.under_way -= 1

    async def _answer(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def _talk(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await send({"type": "websocket.send", "text": PIECE})


@asynccontextmanager
async def serving(
    monkeypatch: pytest.MonkeyPatch, application: Any, ping_s: float = 0.2
) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    monkeypatch.setattr(serve, "application", application)
    config = serve.make_config()
    config.lifespan = "off"
    config.ws_ping_interval = config.ws_ping_timeout = ping_s
    server = uvicorn.Server(config)
    monkeypatch.setattr(server, "capture_signals", nullcontext)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = True
            await task


async def said(reader: asyncio.StreamReader) -> bytes:
    """Until the server ends the connection, in order or not."""
    received = b""
    try:
        while piece := await asyncio.wait_for(reader.read(65536), 10):
            received += piece
    except ConnectionResetError:
        pass
    return received


@pytest.mark.parametrize(
    "head",
    [b"", b"\r\n\r\n", HEAD, UPGRADE],
    ids=["nothing", "empty lines", "half a request", "half a handshake"],
)
async def test_a_head_that_does_not_come_ends_the_connection(monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.2)
    async with serving(monkeypatch, Application()) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert await said(reader) == b""
        await until(lambda: not server.server_state.connections)
        writer.close()


async def test_the_second_head_of_a_connection_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.3)
    async with serving(monkeypatch, Application()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
            await asyncio.sleep(0.2)  # longer than one head has, in sum
        writer.write(HEAD)
        assert await said(reader) == b""
        writer.close()


async def test_a_handshake_with_a_head_that_is_too_large_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    application = Application()
    async with serving(monkeypatch, application) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(UPGRADE + b"X-Long: " + b"x" * 20_000 + b"\r\n\r\n")
        assert (await said(reader)).startswith(b"HTTP/1.1 431 ")
        await until(lambda: not server.server_state.connections)
        assert application.under_way == 0
        writer.close()


async def test_a_client_that_takes_nothing_is_cut_off_after_an_unanswered_ping(monkeypatch: pytest.MonkeyPatch) -> None:
    application = Application()
    async with serving(monkeypatch, application) as (server, port):
        client = await connect(f"ws://127.0.0.1:{port}/", compression=None, max_size=None, max_queue=1)
        client.transport.pause_reading()
        await until(lambda: not server.server_state.connections and application.under_way == 0, timeout_s=10)
        client.transport.abort()


async def test_a_client_that_takes_nothing_is_cut_off_when_the_application_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ends(Application):
        async def _talk(self, receive: Any, send: Any) -> None:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await super()._talk(receive, send)

    monkeypatch.setattr(connections, "FLUSHED_WITHIN_S", 0.1)
    application = Ends()
    async with serving(monkeypatch, application, ping_s=60) as (server, port):
        client = await connect(f"ws://127.0.0.1:{port}/", compression=None, max_size=None, max_queue=1)
        client.transport.pause_reading()
        await until(lambda: application.under_way == 0)
        await until(lambda: not server.server_state.connections)
        client.transport.abort()
