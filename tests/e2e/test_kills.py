"""The hub killed at random moments while a worker syncs. What was acknowledged is compared with what is there."""

import json
import random
import threading
import time
from typing import Any

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from tests.e2e.processes import Installation, Process, eventually

pytestmark = pytest.mark.e2e

NOW = 1_790_000_000_000


class SteadyWorker:
    """Sends one more message after the other, and writes down which were acknowledged."""

    def __init__(self, place: Installation, token: str) -> None:
        self._place = place
        self._token = token
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.sent = 0
        self.acknowledged: set[str] = set()

    def __enter__(self) -> "SteadyWorker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(20)

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
            self._ask(socket, "worker:register", {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 5})
            while not self._ended.is_set():
                self.sent += 1
                answer = self._ask(socket, "worker:data:sync", self._snapshot(self.sent))
                if answer["success"]:
                    self.acknowledged.add(f"msg_a_{self.sent}")

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
            "id": f"msg_a_{number}",
            "messageId": str(number),
            "conversationId": "7",
            "senderId": "7",
            "content": f"text {number}",
            "createdAt": NOW + number,
        }
        snapshot = {"platform": "douyin", "data": {"messages": [message]}, "partial": ["messages"]}
        return {"accountId": "a", "platform": "douyin", "timestamp": NOW, "snapshot": snapshot}


def wait_for_the_moment(worker: SteadyWorker, after_s: float) -> None:
    """At least so long, and until something new was acknowledged."""
    before, moment = len(worker.acknowledged), time.monotonic() + after_s
    eventually(lambda: time.monotonic() > moment and len(worker.acknowledged) > before, "another answer", 60)


def kill_and_compare(place: Installation, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    token = place.manage("workertoken", "w1")
    place.manage("addaccount", "a", "--platform", "douyin", "--name", "A", "--worker", "w1", "--operator", "ann")
    reader = place.manage("apitoken", "ann")
    hub: Process = place.start_hub()
    with SteadyWorker(place, token) as worker:
        for _ in range(kills):
            wait_for_the_moment(worker, rng.uniform(0.2, 1.5))
            hub.kill()
            hub = place.start_hub()
    held = {row["msg_id"] for row in place.walk("/api/im/messages?account_id=a&count=200", "messages", reader)}
    lost = worker.acknowledged - held
    print(f"seed {seed}: {kills} kills, {worker.sent} sent, {len(worker.acknowledged)} acknowledged, {len(lost)} lost")
    assert not lost
    assert worker.acknowledged


def test_nothing_acknowledged_is_lost_by_kills_at_random_moments(place: Installation) -> None:
    kill_and_compare(place, kills=3, seed=random.randrange(10**6))


@pytest.mark.soak
def test_nothing_acknowledged_is_lost_by_many_kills(place: Installation) -> None:
    kill_and_compare(place, kills=50, seed=random.randrange(10**6))
