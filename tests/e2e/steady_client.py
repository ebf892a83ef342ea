"""An operator who reads, deletes and recalls one message after the other, and writes down what was answered."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from tests.servers import Installation

# What is done to a message: method, end of the path, and what its row says afterwards.
WORDS: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("PUT", "/read", {"is_read": True}),
    ("DELETE", "", {"is_deleted": True, "content": None}),
    ("PUT", "/recall", {"is_recalled": True}),
)


class SteadyClient:
    """`known` tells which messages there are. `answered`: id -> what its row must say; `seconds`: of each answer.

    A message is written to once, so that a write that was not answered leaves no doubt about one that was.
    """

    def __init__(
        self, place: Installation, token: str, known: Callable[[], set[str]], *, seed: int, pause_s: float = 0.0
    ) -> None:
        self._place = place
        self._token = token
        self._known = known
        self._random = random.Random(seed)
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.sent: set[str] = set()
        self.answered: dict[str, dict[str, Any]] = {}
        self.refused: list[tuple[int, str]] = []
        self.seconds: list[float] = []

    def __enter__(self) -> SteadyClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._connected()
            except (OSError, HTTPException):
                self._ended.wait(0.1)

    def _connected(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._place.port, timeout=35)
        connection.connect()
        while not self._ended.is_set():
            fresh = sorted(self._known() - self.sent)
            if fresh:
                self._write(connection, self._random.choice(fresh))
            self._ended.wait(self._pause_s if fresh else 0.02)

    def _write(self, connection: HTTPConnection, message_id: str) -> None:
        method, end, outcome = self._random.choice(WORDS)
        self.sent.add(message_id)
        began = time.perf_counter()
        connection.request(
            method, f"/api/im/messages/{message_id}{end}", headers={"Authorization": f"Token {self._token}"}
        )
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status == 200:
            self.seconds.append(time.perf_counter() - began)
            self.answered[message_id] = outcome
        else:
            self.refused.append((answer.status, body["status_msg"]))

    def lost(self, rows: list[dict[str, Any]]) -> list[str]:
        """The messages whose rows do not say what was answered."""
        held = {row["msg_id"]: row for row in rows}
        return [
            message_id
            for message_id, outcome in self.answered.items()
            if message_id not in held or any(held[message_id][name] != value for name, value in outcome.items())
        ]
