"""Many push sockets at once, and what they cost the hub."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect

from tests.e2e.cast import Cast
from tests.servers import eventually

AT_ONCE = 25
SAME_LOOKS = 5
WAYS = ("leaves", "leaves without subscribing", "is cut", "is cut while it opens", "never asks to open")


class Held(NamedTuple):
    """By the hub."""

    clients: int
    tasks: int
    files: int
    sockets: int
    bytes: int


class Hub:
    """The hub's process, looked at from outside."""

    def __init__(self, cast: Cast, owner: str) -> None:
        self._cast = cast
        self._owner = owner
        self._process = psutil.Process(cast.place.processes[-1].pid)

    def held(self) -> Held:
        with self._cast.client(self._owner) as client:
            client.headers["Connection"] = "close"
            lines = client.get("/metrics").raise_for_status().text
        gauges = {f.name: f.samples[0].value for f in text_string_to_metric_families(lines) if f.samples}
        return Held(
            clients=int(gauges["imhub_clients"]),
            tasks=int(gauges["imhub_tasks"]),
            files=self._process.num_fds(),
            sockets=len(self._process.net_connections()),
            bytes=self._process.memory_info().rss,
        )

    def at_rest(self, tasks: int | None = None) -> Held:
        """With no client, several times the same, and with no more than so many `tasks`.

        A request's own thread and its database files may still be ending, and a task of the hub's own, which has
        nothing to do with clients, may run for longer than the looks take.
        """
        seen: list[Held] = []

        def looked() -> Held | None:
            seen.append(self.held())
            last = seen[-SAME_LOOKS:]
            at_rest = len(last) == SAME_LOOKS and {look[:4] for look in last} == {(0, *last[0][1:4])}
            return seen[-1] if at_rest and (tasks is None or seen[-1].tasks <= tasks) else None

        try:
            return eventually(looked, "the hub comes to rest", 30)
        except AssertionError as error:
            raise AssertionError(f"{error}: {seen[-3:]}") from None


async def come_and_go(cast: Cast, name: str, count: int) -> None:
    """So many connections, one way after the other."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with gate:
            await _one(cast, name, WAYS[number % len(WAYS)])

    await asyncio.gather(*(one(number) for number in range(count)))


async def _one(cast: Cast, name: str, way: str) -> None:
    if way.startswith("leaves"):
        async with a_client(cast, name, subscribed=way == "leaves"):
            return
    if way == "is cut":
        client = await a_client(cast, name)
        await subscribe(client)
        cut(client.transport.get_extra_info("socket"))
        client.transport.abort()
        return
    head = _handshake(cast, name)
    _, writer = await asyncio.open_connection("127.0.0.1", cast.place.port)
    writer.write(head if way == "is cut while it opens" else head[:-20])
    await writer.drain()
    cut(writer.get_extra_info("socket"))
    writer.transport.abort()


def cut(one: Any) -> None:
    """A reset instead of a farewell, once it is closed."""
    one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _handshake(cast: Cast, name: str) -> bytes:
    lines = (
        "GET /ws/im/ HTTP/1.1", f"Host: 127.0.0.1:{cast.place.port}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        f"Authorization: Token {cast.tokens[name]}", "", "",
    )  # fmt: skip
    return "\r\n".join(lines).encode()


class a_client:
    """`await`ed: an open connection; as a context, one that leaves in order."""

    def __init__(self, cast: Cast, name: str, *, subscribed: bool = False, **options: Any) -> None:
        url = f"ws://127.0.0.1:{cast.place.port}/ws/im/"
        given = {"compression": None, "close_timeout": 2, "open_timeout": 30, "max_size": None} | options
        self._connecting = connect(url, additional_headers=cast.headers(name), **given)
        self._subscribed = subscribed

    def __await__(self) -> Any:
        return self._connecting.__await__()

    async def __aenter__(self) -> ClientConnection:
        self._client = await self._connecting
        if self._subscribed:
            await subscribe(self._client)
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


async def subscribe(client: ClientConnection, since: Any = None) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(what came before the answer, account -> {seq, epoch})."""
    frame = {"type": "subscribe", "accounts": "all"} | ({"since": since} if since is not None else {})
    await client.send(json.dumps(frame))
    before: list[dict[str, Any]] = []
    while True:
        heard = json.loads(await asyncio.wait_for(client.recv(), 60))
        if heard["type"] == "subscribed":
            return before, heard["accounts"]
        before.append(heard)


def messages_of(frames: Iterable[dict[str, Any]]) -> list[str]:
    """Ids of the messages that are told as new."""
    return [frame["data"]["msg_id"] for frame in frames if frame.get("kind") == "message.created"]


def is_up(cast: Cast) -> bool:
    try:
        return bool(httpx.get(f"{cast.url}/healthz", timeout=2).json() == {"status": "ok"})
    except httpx.HTTPError:
        return False
