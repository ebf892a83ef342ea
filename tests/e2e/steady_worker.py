"""A worker that speaks plain JSON, sends one more message after the other, and writes down what it was answered."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.servers import Installation

NOW = 1_790_000_000_000


class SteadyWorker:
    """`acknowledged`: ids of messages; `refused`: error codes. `acked_at`: when it was acknowledged last, s UTC."""

    def __init__(
        self, place: Installation, token: str, name: str = "w1", account: str = "a", *, pause_s: float = 0.0
    ) -> None:
        self._place = place
        self._token = token
        self.name = name
        self.account = account
        self._pause_s = pause_s
        self.acked_at = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.sent = 0
        self.acknowledged: set[str] = set()
        self.refused: list[str] = []

    def __enter__(self) -> SteadyWorker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._connected()
            except (OSError, WebSocketException, TimeoutError):
                self._ended.wait(0.1)

    def _connected(self) -> None:
        headers = {"Authorization": f"Bearer {self._token}"}
        url = f"ws://127.0.0.1:{self._place.port}/ws/worker/"
        with connect(url, additional_headers=headers, open_timeout=5, close_timeout=1) as socket:
            register = {"worker_id": self.name, "host": "h", "version": "1", "max_accounts": 5}
            self._ask(socket, "worker:register", register)
            while not self._ended.is_set():
                self.sent += 1
                answer = self._ask(socket, "worker:data:sync", self._snapshot(self.sent))
                if answer["success"]:
                    self.acknowledged.add(f"msg_{self.account}_{self.sent}")
                    self.acked_at = time.time()
                    self._ended.wait(self._pause_s)
                else:
                    self.refused.append(answer["error_code"])
                    self._ended.wait((answer.get("retry_after_ms") or 0) / 1000)

    def _ask(self, socket: Any, type: str, payload: dict[str, Any]) -> dict[str, Any]:
        request_id = f"{type}-{self.sent}"
        frame = {"type": type, "version": "v1", "timestamp": NOW, "payload": payload, "requestId": request_id}
        socket.send(json.dumps(frame))
        while True:
            answer = json.loads(socket.recv(10))
            if answer.get("requestId") == request_id:
                body: dict[str, Any] = answer["payload"]
                return body

    def _snapshot(self, number: int) -> dict[str, Any]:
        message = {
            "id": f"msg_{self.account}_{number}",
            "messageId": str(number),
            "conversationId": "7",
            "senderId": "7",
            "content": f"text {number}",
            "createdAt": NOW + number,
        }
        snapshot = {"platform": "douyin", "data": {"messages": [message]}, "partial": ["messages"]}
        return {"accountId": self.account, "platform": "douyin", "timestamp": NOW, "snapshot": snapshot}
