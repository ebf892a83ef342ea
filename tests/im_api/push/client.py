"""A client of the push socket that keeps every frame, and answers of REST beside it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from asgiref.testing import ApplicationCommunicator

from im_api.push.consumer import ClientConsumer
from im_api.push.feed import PushFeed

WITHIN_S = 30


class Refused(Exception):
    """HTTP 403 before the socket opened."""


class Client:
    """One connection. `heard`: the events, in order."""

    def __init__(self, feed: PushFeed, *headers: tuple[bytes, bytes], scheme: str = "ws") -> None:
        scope = {"type": "websocket", "path": "/ws/im/", "query_string": b"", "headers": list(headers)}
        scope["scheme"] = scheme
        self._socket = ApplicationCommunicator(ClientConsumer.as_asgi(feed=feed), scope)
        self.heard: list[dict[str, Any]] = []

    async def open(self) -> Client:
        await self._socket.send_input({"type": "websocket.connect"})
        answer = await self._socket.receive_output(WITHIN_S)
        if answer["type"] != "websocket.accept":
            raise Refused
        return self

    async def say(self, text: str | None = None, **frame: Any) -> None:
        await self._socket.send_input(
            {"type": "websocket.receive", "text": json.dumps(frame) if text is None else text}
        )

    async def say_bytes(self, data: bytes) -> None:
        await self._socket.send_input({"type": "websocket.receive", "bytes": data})

    async def read(self) -> dict[str, Any]:
        """The next frame, whatever it is."""
        answer = await self._socket.receive_output(WITHIN_S)
        if answer["type"] == "websocket.close":
            return {"type": "closed", "code": answer["code"]}
        frame: dict[str, Any] = json.loads(answer["text"])
        return frame

    async def read_until(self, type: str) -> dict[str, Any]:
        while True:
            frame = await self.read()
            if frame["type"] == type:
                return frame
            self.heard.append(frame)

    async def subscribe(self, accounts: Any = "all", **fields: Any) -> dict[str, Any]:
        """Answer: account -> {seq, epoch}. What came before stands in `heard`."""
        await self.say(type="subscribe", accounts=accounts, **fields)
        told: dict[str, Any] = (await self.read_until("subscribed"))["accounts"]
        return told

    async def catch_up(self) -> list[dict[str, Any]]:
        """Everything that was told until now."""
        await self.say(type="ping")
        await self.read_until("pong")
        heard, self.heard = self.heard, []
        return heard

    def cut(self) -> None:
        """The server gives the connection up."""
        self._socket.stop(exceptions=False)

    async def leave(self) -> None:
        await self._socket.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._socket.wait(WITHIN_S)


def kinds(frames: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """(kind, id of the item) of events, (type, account) of others."""
    return [(f["kind"], _id_of(f["data"])) if f["type"] == "event" else (f["type"], f.get("account")) for f in frames]


def _id_of(data: dict[str, Any]) -> Any:
    for key in ("id", "msg_id", "discussion_id", "notification_id", "content_id", "conversation_id", "user_id"):
        if key in data:
            return data[key]
    return None


async def settle() -> None:
    """Lets the loop do what it was handed."""
    for _ in range(5):
        await asyncio.sleep(0)
