"""A worker that says what the benchmarks want."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from bench.hub import HubServer


class BenchWorker:
    """Sends frames; each answer is found by its request id."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._waiting: dict[str, asyncio.Future[float]] = {}
        self._number = 0
        self._hearing = asyncio.create_task(self._hear())

    @classmethod
    @asynccontextmanager
    async def connect(cls, hub: HubServer, name: str = "w1") -> AsyncIterator[BenchWorker]:
        headers = {"Authorization": f"Bearer {hub.worker}"}
        url = f"ws://127.0.0.1:{hub.port}/ws/worker/"
        async with connect(url, additional_headers=headers, max_size=None, compression=None) as socket:
            worker = cls(socket)
            register = {"worker_id": name, "host": "bench", "version": "1", "max_accounts": 1_000}
            await worker.send("worker:register", register)
            yield worker
            worker._hearing.cancel()

    async def send(self, type: str, payload: Any) -> float:
        """Return the moment, by `time.perf_counter`, at which the answer came. Raises RuntimeError on a refusal."""
        return await self.send_text(*self.encode(type, payload))

    def encode(self, type: str, payload: Any) -> tuple[str, str]:
        """Return the request id and the frame."""
        self._number += 1
        request_id = f"r{self._number}"
        now = int(time.time() * 1000)
        frame = {"type": type, "version": "v1", "timestamp": now, "requestId": request_id, "payload": payload}
        return request_id, json.dumps(frame, ensure_ascii=False)

    async def send_text(self, request_id: str, text: str) -> float:
        """As `send`, for a frame that is encoded already."""
        answered = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        await self._socket.send(text)
        return await asyncio.wait_for(answered, 120)

    async def flood_text(self, text: str) -> None:
        """Send a frame whose answer nobody waits for, as soon as the socket takes it."""
        await self._socket.send(text)
        await asyncio.sleep(0)

    async def _hear(self) -> None:
        async for text in self._socket:
            now = time.perf_counter()
            frame = json.loads(text)
            answered = self._waiting.pop(frame.get("requestId"), None)
            if answered is None or answered.done():
                continue
            if frame["payload"].get("success"):
                answered.set_result(now)
            else:
                answered.set_exception(RuntimeError(text))


def a_delta(account_id: str, *messages: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a delta with these messages."""
    return {"accountId": account_id, "platform": "douyin", "upserts": {"messages": list(messages)}}


def a_sync(account_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Return the payload of a full snapshot."""
    return {
        "accountId": account_id,
        "platform": "douyin",
        "timestamp": int(time.time() * 1000),
        "snapshot": {"platform": "douyin", "data": data},
    }


def a_message(account_id: str, number: object, text: str, conversation: str = "fan") -> dict[str, Any]:
    return {
        "id": f"msg_{account_id}_{number}",
        "messageId": str(number),
        "conversationId": f"conv_{account_id}_{conversation}",
        "senderId": conversation,
        "direction": "inbound",
        "content": text,
        "createdAt": int(time.time() * 1000),
    }
