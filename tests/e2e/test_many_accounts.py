"""Many accounts on SQLite: each with a snapshot that has one changed item, again and again, while a client writes."""

import json
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.e2e.cast import Operator, make_cast
from tests.e2e.steady_client import SteadyClient
from tests.e2e.steady_worker import NOW
from tests.servers import Installation, eventually

pytestmark = pytest.mark.e2e

MESSAGES = 44  # about 30 KB on the wire


class Crowd:
    """A worker of many accounts. `acknowledged`: ids of messages of the first account, which the client writes to."""

    def __init__(self, place: Installation, token: str, accounts: int, interval_s: float) -> None:
        self._url = f"ws://127.0.0.1:{place.port}/ws/worker/"
        self._token = token
        self._accounts = accounts
        self._interval_s = interval_s
        self.sent = 0
        self.bytes = 0
        self.refused: list[str] = []
        self.seconds: list[float] = []

    def fill(self) -> None:
        """The first snapshot of every account."""
        with self._connected() as socket:
            for number in range(self._accounts):
                self._send(socket, number, 0)

    def run(self, for_s: float) -> None:
        """One changed snapshot of each account every interval, evenly spread."""
        began = time.monotonic()
        with self._connected() as socket:
            for turn in range(int(for_s / self._interval_s * self._accounts)):
                due = began + turn * self._interval_s / self._accounts
                time.sleep(max(0.0, due - time.monotonic()))  # the pace is the load
                self._send(socket, turn % self._accounts, 1 + turn // self._accounts)

    @contextmanager
    def _connected(self) -> Iterator[ClientConnection]:
        headers = {"Authorization": f"Bearer {self._token}"}
        register = {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": self._accounts}
        with connect(self._url, additional_headers=headers) as socket:
            self._ask(socket, "worker:register", register)
            yield socket

    def _send(self, socket: ClientConnection, number: int, round_: int) -> None:
        began = time.perf_counter()
        answer = self._ask(socket, "worker:data:sync", a_snapshot(f"a{number}", round_))
        self.seconds.append(time.perf_counter() - began)
        self.sent += 1
        if not answer["success"]:
            self.refused.append(answer["error_code"])

    def _ask(self, socket: ClientConnection, type_: str, payload: dict[str, Any]) -> dict[str, Any]:
        request_id = f"{type_}-{self.sent}"
        frame = json.dumps(
            {"type": type_, "version": "v1", "timestamp": NOW, "payload": payload, "requestId": request_id}
        )
        self.bytes += len(frame)
        socket.send(frame)
        while True:
            answer = json.loads(socket.recv(30))
            if answer.get("requestId") == request_id:
                body: dict[str, Any] = answer["payload"]
                return body


def a_snapshot(account: str, round_: int) -> dict[str, Any]:
    """The same messages, one of them edited in this round."""
    messages = [
        {
            "id": f"msg_{account}_{number}",
            "messageId": str(number),
            "conversationId": str(number % 5),
            "senderId": str(number % 5),
            "senderName": f"粉丝 {number % 5}",
            "senderAvatar": f"https://media.test/{account}/{number % 5:060d}.jpg",
            "content": f"第 {round_} 次" if number == round_ % MESSAGES else "在吗？这个多少钱？" * 8,
            "createdAt": NOW + number,
        }
        for number in range(MESSAGES)
    ]
    snapshot = {"platform": "douyin", "data": {"messages": messages}}
    return {"accountId": account, "platform": "douyin", "timestamp": NOW, "snapshot": snapshot}


def measure_writes(place: Installation, accounts: int, interval_s: float, for_s: float) -> None:
    cast = make_cast(place, Operator("ann", {f"a{number}": "operate" for number in range(accounts)}))
    operator = cast.tokens["ann"]
    hub = place.start_hub()
    crowd = Crowd(place, cast.worker_token, accounts, interval_s)
    crowd.fill()
    halves = {half: messages_of(accounts, half) for half in (0, 1)}
    alone = SteadyClient(place, operator, lambda: halves[0], seed=1, pause_s=0.05)
    with alone:
        time.sleep(min(for_s, 20))  # what is measured is how long it takes meanwhile
        eventually(lambda: len(alone.seconds) > 1, "two answers, the fewest that can be told of", 60)
    beside = SteadyClient(place, operator, lambda: halves[1], seed=2, pause_s=0.05)
    with beside:
        crowd.run(for_s)
        eventually(lambda: len(beside.seconds) > 1, "two answers, the fewest that can be told of", 60)
    print(
        f"\n{accounts} accounts, {crowd.sent} snapshots of {crowd.bytes // max(1, crowd.sent):,} bytes, "
        f"{len(crowd.refused)} refused, ack {say(crowd.seconds)}\n"
        f"a client's write, idle hub:  {len(alone.seconds)} writes, {say(alone.seconds)}\n"
        f"a client's write, under way: {len(beside.seconds)} writes, {say(beside.seconds)}"
    )
    assert not crowd.refused
    assert not alone.refused
    assert not beside.refused
    assert alone.answered
    assert beside.answered
    rows = [
        row
        for account in range(accounts)
        for row in place.walk(f"/api/im/messages?account_id=a{account}&count=200", "messages", operator)
    ]
    assert alone.lost(rows) == []
    assert beside.lost(rows) == []
    log = hub.log.read_text("utf-8")
    assert "locked" not in log
    assert "Traceback" not in log


def messages_of(accounts: int, half: int) -> set[str]:
    return {f"msg_a{account}_{number}" for account in range(accounts) for number in range(half, MESSAGES, 2)}


def say(seconds: list[float]) -> str:
    centiles = statistics.quantiles(seconds, n=100)
    return f"p50 {centiles[49] * 1000:.1f} ms, p99 {centiles[98] * 1000:.1f} ms"


def test_snapshots_of_several_accounts_keep_no_write_from_its_answer(place: Installation) -> None:
    measure_writes(place, accounts=20, interval_s=1, for_s=2)


@pytest.mark.soak
def test_300_accounts_with_a_changed_snapshot_every_30_s_keep_no_write_from_its_answer(place: Installation) -> None:
    measure_writes(place, accounts=300, interval_s=30, for_s=120)
