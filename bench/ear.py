"""A push client that costs the machine next to nothing: what is measured is the hub, not the library of a client."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Final, Self, cast

PING: Final = 0x9
PONG: Final = 0xA
TEXT: Final = 0x1
NO_MASK: Final = bytes(4)


class Ear(asyncio.Protocol):
    """Hears frames of a subscription as bytes, and when each came."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._data = b""
        self._open = False
        self._wanted = b""
        self._heard: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, port: int, token: str, account_id: str) -> Self:
        lines = (
            "GET /ws/im/ HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Token {token}",
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", "",
        )  # fmt: skip
        loop, request = asyncio.get_running_loop(), "\r\n".join(lines).encode()
        _, ear = await loop.create_connection(lambda: cls(request), "127.0.0.1", port)
        await ear.hear(b"\r\n\r\n")
        subscribed = ear.hear(b'"subscribed"')
        ear.say(TEXT, json.dumps({"type": "subscribe", "accounts": [account_id]}).encode())
        await subscribed
        return ear

    def hear(self, wanted: bytes) -> asyncio.Future[float]:
        """When `wanted` comes, by `time.perf_counter`."""
        self._wanted = wanted
        self._heard = asyncio.get_running_loop().create_future()
        return self._heard

    def say(self, opcode: int, payload: bytes) -> None:
        """At most 125 bytes."""
        self._transport.write(bytes((0x80 | opcode, 0x80 | len(payload))) + NO_MASK + payload)

    def turn_deaf(self) -> None:
        self._transport.pause_reading()

    def leave(self) -> None:
        self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._data += data
        if not self._open:
            head, end, self._data = self._data.partition(b"\r\n\r\n")
            self._open = bool(end)
            self._take(now, head + end)
        while self._open and (frame := self._next_frame()) is not None:
            self._take(now, frame)

    def _next_frame(self) -> bytes | None:
        """The payload; None: it is not there yet. A ping is answered."""
        data = self._data
        if len(data) < 2:
            return None
        size, start = data[1], 2
        if size >= 126:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start], "big")
        if len(data) < start + size:
            return None
        self._data = data[start + size :]
        if data[0] & 0xF == PING:
            self.say(PONG, data[start : start + size])
        return data[start : start + size]

    def _take(self, now: float, text: bytes) -> None:
        if self._wanted and self._wanted in text and not self._heard.done():
            self._heard.set_result(now)
