"""Peers of `serve` that say half of what they have to, too much of it, or take nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any

import pytest
import uvicorn
from websockets.asyncio.client import connect

from imhub.edge import connections
from imhub.management.commands import serve
from tests.waiting import until

HEAD = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
UPGRADE = (
    HEAD
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
PIECE = "x" * 100_000
PUT = b"PUT / HTTP/1.1\r\nHost: localhost\r\n"
LIMIT = 64 * 1024
A_READ = 256 * 1024
"""The most that one turn of the event loop reads of a connection."""


class Application:
    """Answers requests with `answer` when it has their body, and writes to sockets until they end.

    What it has under way, and what it had, is counted.
    """

    def __init__(self, answer: bytes = b"") -> None:
        self.under_way = 0
        self.asked = 0
        self._body = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.under_way += 1
        self.asked += 1
        try:
            await {"http": self._answer, "websocket": self._talk}[scope["type"]](receive, send)
        finally:
            self.under_way -= 1

    async def _answer(self, receive: Any, send: Any) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            pass
        status = 200 if self._body else 204
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": self._body})

    async def _talk(self, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await self._write(send)

    async def _write(self, send: Any) -> None:
        while True:
            await send({"type": "websocket.send", "text": PIECE})


@asynccontextmanager
async def serving(
    monkeypatch: pytest.MonkeyPatch, application: Any, ping_s: float = 0.2, keep_alive_s: int | float = 5
) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    monkeypatch.setattr(serve, "application", application)
    config = serve.make_config()
    config.lifespan = "off"
    config.timeout_keep_alive = keep_alive_s  # type: ignore[assignment]
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


@contextmanager
def held_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], None]]:
    """The event loop's time, which passes only when it is told to: what a busy machine does between is no time."""
    loop = asyncio.get_running_loop()
    now = loop.time()

    def let_pass(seconds: float) -> None:
        nonlocal now
        now += seconds

    with monkeypatch.context() as patch:
        patch.setattr(loop, "time", lambda: now)
        yield let_pass


async def said(reader: asyncio.StreamReader) -> bytes:
    """Until the server ends the connection, in order or not."""
    received = b""
    try:
        while piece := await asyncio.wait_for(reader.read(65536), 30):
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
        with held_time(monkeypatch) as let_pass:
            for _ in range(3):
                writer.write(HEAD + b"\r\n")
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
                let_pass(0.2)  # longer than one head has, in sum
        writer.write(HEAD)
        assert await said(reader) == b""
        writer.close()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HEAD + b"X-Long: " + b"x" * LIMIT, 431),
        (HEAD + b"X-Long: " + b"x" * LIMIT + b"\r\n\r\n", 431),
        (HEAD + b"X: 1\r\n" * 300, 431),
        (HEAD + b"X-Some: 0123456789\r\n" * (LIMIT // 10), 431),
        (b"GET /?q=" + b"x" * LIMIT, 414),
        (b"GET /?q=" + b"x" * LIMIT + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (UPGRADE + b"X-Long: " + b"x" * LIMIT + b"\r\n\r\n", 431),
        (b"\r\n" * LIMIT, 431),
    ],
    ids=["no end", "whole", "many fields", "many bytes", "address", "whole address", "handshake", "empty lines"],
)
async def test_a_head_that_is_too_large_is_refused_and_reaches_nobody(
    monkeypatch: pytest.MonkeyPatch, head: bytes, status: int
) -> None:
    application = Application()
    async with serving(monkeypatch, application) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head)
        assert (await said(reader)).startswith(f"HTTP/1.1 {status} ".encode())
        await until(lambda: not server.server_state.connections)
        assert application.asked == 0
        writer.close()


async def test_of_a_head_without_end_no_more_is_read_than_the_limit_and_what_one_turn_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = 0
    received = connections.HttpConnection.data_received

    def count(connection: connections.HttpConnection, data: bytes) -> None:
        nonlocal read
        read += len(data)
        received(connection, data)

    monkeypatch.setattr(connections.HttpConnection, "data_received", count)
    async with serving(monkeypatch, Application()) as (server, port):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"X-Long: ")
        with suppress(ConnectionError):
            for _ in range(100):
                writer.write(b"x" * 1_000_000)
                await writer.drain()
        await until(lambda: not server.server_state.connections)
        assert read <= LIMIT + A_READ
        writer.close()


async def test_what_follows_a_body_in_pieces_is_limited_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, Application()) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PUT + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
        with suppress(ConnectionError):
            for _ in range(20):
                writer.write(b"X-Long: " + b"x" * LIMIT)
                await writer.drain()
        await said(reader)
        await until(lambda: not server.server_state.connections)
        writer.close()


async def test_a_request_of_the_largest_size_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch, Application()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(HEAD + b"X-Long: " + b"x" * (LIMIT - 200) + b"\r\n\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
        writer.close()


# -- bodies that never come, answers that nobody takes


@pytest.mark.parametrize("length", [b"Content-Length: 1000000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("drips", [False, True])
async def test_a_body_that_does_not_come_is_408(monkeypatch: pytest.MonkeyPatch, length: bytes, drips: bool) -> None:
    monkeypatch.setattr(connections, "BODY_WITHIN_S", 0.3)
    application = Application()
    async with serving(monkeypatch, application) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PUT + length + b"\r\n\r\n")
        drip = asyncio.create_task(drip_into(writer)) if drips else None
        assert (await said(reader)).startswith(b"HTTP/1.1 408 ")
        await until(lambda: not server.server_state.connections and application.under_way == 0)
        if drip is not None:
            drip.cancel()
        writer.close()


async def drip_into(writer: asyncio.StreamWriter) -> None:
    """Send a chunk of one byte now and then, which both kinds of body take."""
    with suppress(ConnectionError):
        while True:
            writer.write(b"1\r\nx\r\n")
            await writer.drain()
            await asyncio.sleep(0.05)


async def test_a_slow_body_that_goes_on_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_WITHIN_S", 1)
    async with serving(monkeypatch, Application()) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(PUT + b"Content-Length: 40960\r\n\r\n")
        for _ in range(10):
            writer.write(b"x" * 4096)
            await asyncio.sleep(0.12)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
        writer.close()


@pytest.mark.parametrize("requests", [1, 200], ids=["one", "many at once"])
async def test_an_answer_that_nobody_takes_ends_the_connection(monkeypatch: pytest.MonkeyPatch, requests: int) -> None:
    monkeypatch.setattr(connections, "TAKEN_WITHIN_S", 0.2)
    application = Application(b"x" * 20_000_000 if requests == 1 else b"x" * 500_000)
    async with serving(monkeypatch, application) as (server, port):
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall((HEAD + b"\r\n") * requests)
            await until(lambda: application.asked > 0)
            await until(lambda: not server.server_state.connections and application.under_way == 0)


async def test_a_slow_reader_that_goes_on_gets_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "TAKEN_WITHIN_S", 1.5)
    async with serving(monkeypatch, Application(b"x" * 20_000_000)) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Connection: close\r\n\r\n")
        taken = 0
        while piece := await reader.read(2_000_000):
            taken += len(piece)
            await asyncio.sleep(0.02)
        assert taken > 20_000_000
        writer.close()


@pytest.mark.parametrize("after", [b"\r\n", b"x"], ids=["empty lines", "rest of a body"])
async def test_nothing_but_a_request_keeps_an_answered_connection_open(
    monkeypatch: pytest.MonkeyPatch, after: bytes
) -> None:
    async with serving(monkeypatch, Refuses(), keep_alive_s=0.3) as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        length = b"0" if after == b"\r\n" else b"1000000"
        writer.write(PUT + b"Content-Length: " + length + b"\r\n\r\n")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
        with suppress(ConnectionError):
            while server.server_state.connections:
                writer.write(after)
                await writer.drain()
                await asyncio.sleep(0.05)
        assert await said(reader) == b""
        writer.close()


def test_an_idle_connection_outlives_the_patience_of_the_usual_proxies() -> None:
    """Whoever ends it first must be the proxy: it cannot know that what it sends arrives after the hub's end."""
    kept_by_proxies = {"nginx": 60, "AWS": 60, "Traefik": 90, "Caddy": 120}
    assert serve.make_config().timeout_keep_alive > max(kept_by_proxies.values())


class Refuses(Application):
    """Answers before the body has come."""

    async def _answer(self, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})


# -- connections


async def test_above_the_limit_a_connection_is_told_503_and_the_others_keep_working(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAX_CONNECTIONS = 16
    application = Application()
    async with serving(monkeypatch, application) as (server, port):
        some = [await asyncio.open_connection("127.0.0.1", port) for _ in range(16)]
        await until(lambda: len(server.server_state.connections) == 16)
        for _ in range(20):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            answer = await said(reader)
            assert answer.startswith(b"HTTP/1.1 503 ")
            assert b"retry-after: " in answer
            writer.close()
        assert len(server.server_state.connections) == 16
        for reader, writer in some:
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
            writer.close()
        await until(lambda: not server.server_state.connections)
        await ask_once(port)


async def test_one_address_gets_a_part_of_the_room_and_sockets_count(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.MAX_CONNECTIONS_PER_ADDRESS = 3
    async with serving(monkeypatch, Application(), ping_s=60) as (server, port):  # they take nothing, and may stay
        stranger: Any = {"local_addr": ("127.0.0.2", 0)}
        sockets = [
            await connect(f"ws://127.0.0.1:{port}/", compression=None, max_queue=1, max_size=None, **stranger)
            for _ in range(3)
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, **stranger)
        assert (await said(reader)).startswith(b"HTTP/1.1 503 ")
        writer.close()
        await ask_once(port)
        sockets.pop().transport.abort()
        await until(lambda: len(server.server_state.connections) == 2)
        await ask_once(port, **stranger)
        for one in sockets:
            one.transport.abort()


async def ask_once(port: int, **options: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, **options)
    writer.write(HEAD + b"\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 204 ")
    writer.close()


# -- websockets


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
        await until(lambda: not server.server_state.connections and application.under_way == 0)
        client.transport.abort()


async def test_a_client_that_takes_nothing_is_cut_off_when_the_application_has_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Ends(Application):
        async def _write(self, send: Any) -> None:
            with suppress(TimeoutError):
                while True:
                    async with asyncio.timeout(0.3):  # of one piece: it waits where there is no more room
                        await send({"type": "websocket.send", "text": PIECE})

    monkeypatch.setattr(connections, "FLUSHED_WITHIN_S", 0.1)
    application = Ends()
    async with serving(monkeypatch, application, ping_s=60) as (server, port):
        client = await connect(f"ws://127.0.0.1:{port}/", compression=None, max_size=None, max_queue=1)
        client.transport.pause_reading()
        await until(lambda: application.under_way == 0)
        await until(lambda: not server.server_state.connections)
        client.transport.abort()
