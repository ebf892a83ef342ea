"""Accounts that send, and a worker that does with replies what a test wants."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sync.models import Account
from tests.inbox.live_hub import Reporter
from tests.inbox.live_place import Place
from tests.inbox.thread_data import seed_threads

QUICK = {"apart_s": [1, 1], "per_hour": 100, "per_day": 500}
SENDS: dict[str, Any] = {"reply_mode": "send", "budget": {"night": [0, 0], "messages": QUICK, "comments": QUICK}}


def seed_answering() -> None:
    """Four accounts send, one puts it into a window. Prints the worker's token."""
    seed_threads()
    Account.objects.filter(pk__in=("roses", "tea", "craft", "dress")).update(config=SENDS)
    Account.objects.filter(pk="food").update(config=SENDS | {"reply_mode": "window"})


class SendingWorker(Reporter):
    """Is asked to send, and says how it went."""

    CAPABILITIES = ("reply", "window")

    def __init__(self, port: int, token: str) -> None:
        self._requests: list[dict[str, Any]] = []
        super().__init__(port, token)

    def take(self, text: str) -> dict[str, Any]:
        """The reply of that text, once it is asked to send it. Another one, of an earlier test, is not sent."""
        deadline = time.monotonic() + 40
        while True:
            while not self._requests:
                assert time.monotonic() < deadline, f"nobody asked to send {text}"
                with suppress(TimeoutError):
                    self._read(1)
            frame = self._requests.pop(0)
            self._send("master:reply:request:ack", {"success": True}, frame["requestId"])
            request: dict[str, Any] = frame["payload"]
            if request["text"] == text:
                return request
            self.end(request, "failed", reason={"code": "not_sent"})

    def _read(self, within_s: float) -> Any:
        frame = super()._read(within_s)
        if frame.get("type") == "master:reply:request":
            self._requests.append(frame)
        return frame

    def press(self, request: dict[str, Any]) -> None:
        names = {name: request[name] for name in ("reply_id", "attempt")}
        self._ask("worker:reply:progress", {**names, "state": "pressing"})

    def end(self, request: dict[str, Any], state: str, **more: Any) -> None:
        names = {name: request[name] for name in ("reply_id", "attempt")}
        self._ask("worker:reply:result", {**names, "state": state, **more})

    def send(self, number: int, text: str) -> dict[str, Any]:
        """Press the reply of that text, and say that the platform answered with a message of that number."""
        request = self.take(text)
        self.press(request)
        self.end(request, "sent", confirmed_platform_id=f"n{number}", evidence="response")
        return request

    def show(self, account_id: str, number: int, text: str, conversation_id: str) -> None:
        """The conversation shows the message of that number, which `send` spoke of, as a worker reads it."""
        now = time.time_ns() // 1_000_000
        message = {
            "id": f"msg_{account_id}_n{number}", "messageId": f"n{number}", "conversationId": conversation_id,
            "content": text, "createdAt": now, "direction": "outbound", "senderId": "me",
        }  # fmt: skip
        snapshot = {"platform": "douyin", "data": {"messages": [message]}, "partial": ["messages"]}
        whole = {"accountId": account_id, "platform": "douyin", "timestamp": now, "snapshot": snapshot}
        self._ask("worker:data:sync", whole)


class AnsweringPlace(Place):
    """A place whose worker sends."""

    WORKER = SendingWorker
    worker: SendingWorker

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, "tests.inbox.answering_data", "seed_answering")
