"""Requests that need a thread: a bounded number of each kind at once, and none takes the others' turn."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from django.db import OperationalError

from im_api.errors import ClientLeft
from im_api.event_loop import check_client, client_left
from imhub.edge import handshakes, threads
from imhub.edge.handshakes import Handshakes
from imhub.edge.lanes import Allowance
from imhub.edge.threads import Gate, RequestThreads, choose
from tests.waiting import until

KNOWN = [(b"authorization", b"Token good")]
UNKNOWN = [(b"authorization", b"Token bad")]


class FakeCaller:
    """Knows `Token good`; the database, which is asked about all others, knows `Token new`."""

    asked = 0

    def __init__(self, headers: Any) -> None:
        self.token = dict(headers).get(b"authorization", b"").decode()
        self.known = self.token == "Token good"
        self.is_anonymous = not self.token

    async def confirm(self) -> bool:
        type(self).asked += 1
        await asyncio.sleep(0)
        if self.token == "Token away":
            raise OperationalError
        return bool(self.token == "Token new")


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> type[FakeCaller]:
    FakeCaller.asked = 0
    for module in (threads, handshakes):
        monkeypatch.setattr(module, "read_caller", FakeCaller)
    return FakeCaller


class Django:
    """Answers when it is told to, and counts what runs in it."""

    def __init__(self, *, is_open: bool = False) -> None:
        self.running = self.most = self.done = 0
        self.go_on = asyncio.Event()
        if is_open:
            self.go_on.set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert (await receive())["body"] == b"body"
        self.running += 1
        self.most = max(self.most, self.running)
        await self.go_on.wait()
        self.running -= 1
        self.done += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


class Ask:
    """One request, and what was answered. `leave` is what a client does."""

    def __init__(self, app: Any, headers: Any = (), address: str = "192.0.2.1", path: str = "/", **scope: Any) -> None:
        self.sent: list[Any] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self._left = asyncio.Event()
        self._given = False
        whole = {"type": "http", "method": "GET", "path": path, "headers": list(headers), "client": (address, 1)}
        self.task = asyncio.create_task(app({**whole, "query_string": b"", **scope}, self._receive, self._send))

    async def _receive(self) -> Any:
        if self._given:
            await self._left.wait()
            return {"type": "http.disconnect"}
        self._given = True
        return {"type": "http.request", "body": b"body", "more_body": False}

    async def _send(self, message: Any) -> None:
        await self.takes.wait()
        self.sent.append(message)

    def leave(self) -> None:
        self._left.set()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def retry_after(self) -> int:
        return int(dict(self.sent[0]["headers"])[b"retry-after"])


def a_gate(unknown_a_minute: int) -> Gate:
    """One whose minutes do not pass, however long a test takes."""
    gate = Gate(16, unknown_a_minute)
    gate.unknown = Allowance(unknown_a_minute, unknown_a_minute, clock=lambda: 0.0)
    return gate


async def all_done(asked: list[Ask]) -> list[int]:
    await asyncio.gather(*(one.task for one in asked))
    return [one.status for one in asked]


async def test_unknown_credentials_of_one_address_are_few_and_known_ones_go_on(caller: type[FakeCaller]) -> None:
    django = Django(is_open=True)
    app = RequestThreads(django, a_gate(30))
    statuses: list[int] = []
    for _ in range(20):
        asked = [Ask(app, UNKNOWN) for _ in range(10)]
        good = Ask(app, KNOWN)
        statuses += await all_done(asked)
        assert await all_done([good]) == [200]
    assert statuses.count(200) == caller.asked == 30
    assert statuses.count(429) == 170
    assert django.most <= 16
    assert await all_done([Ask(app, UNKNOWN, address="192.0.2.2")]) == [200]
    assert asked[-1].retry_after >= 1


async def test_two_hundred_at_once_ask_the_database_two_at_a_time_and_are_told_to_come_again(
    caller: type[FakeCaller],
) -> None:
    django = Django()
    app = RequestThreads(django, Gate(16, 1000))
    asked = [Ask(app, UNKNOWN, address=f"192.0.2.{number % 100}", path="/api/im/accounts") for number in range(200)]
    await until(lambda: django.running == 2)
    good = Ask(app, KNOWN)
    await until(lambda: django.running == 3)
    django.go_on.set()
    statuses = await all_done(asked)
    assert await all_done([good]) == [200]
    assert django.most == 3
    assert statuses.count(503) >= 100
    refused = next(one for one in asked if one.status == 503)
    assert json.loads(refused.sent[1]["body"])["status_code"] == 503
    assert refused.retry_after == 1


async def test_a_credential_that_only_the_database_knows_costs_no_allowance(caller: type[FakeCaller]) -> None:
    gate = Gate(16, 5)
    app = RequestThreads(Django(is_open=True), gate)
    for _ in range(20):
        assert await all_done([Ask(app, [(b"authorization", b"Token new")])]) == [200]
    assert caller.asked == 20
    assert gate.unknown.wait_s("192.0.2.1") == 0


async def test_while_the_database_is_away_nobody_is_charged() -> None:
    gate = Gate(16, 5)
    app = RequestThreads(Django(is_open=True), gate)
    assert await all_done([Ask(app, [(b"authorization", b"Token away")]) for _ in range(20)]) == [200] * 20
    assert gate.unknown.wait_s("192.0.2.1") == 0


@pytest.mark.parametrize(
    ("scope", "kind", "at_once"),
    [
        ({"query_string": b"account_id=a&q=x"}, "searches", 2),
        ({"headers": [*KNOWN, (b"imhub-min-version", b"a=1")]}, "waits", 2),
        ({"method": "POST", "path": "/login/"}, "sign-ins", 2),
        ({"method": "PUT", "path": "/api/im/x"}, "writes", 4),
    ],
    ids=["searches", "waits", "sign-ins", "writes"],
)
async def test_of_each_kind_so_many_run_at_once_and_the_others_have_their_turn(
    scope: dict[str, Any], kind: threads.Kind, at_once: int
) -> None:
    django = Django()
    gate = Gate(16, 60)
    app = RequestThreads(django, gate)
    room = at_once + threads.WAITING[kind][0]
    asked = [Ask(app, **{"headers": KNOWN, **scope}, address=f"192.0.{number % 250}.1") for number in range(room + 5)]
    await until(lambda: sum(bool(one.sent) for one in asked) == 5)
    assert gate.lanes[kind].running == django.running == at_once
    page = Ask(app, KNOWN)
    await until(lambda: django.running == at_once + 1)
    django.go_on.set()
    assert sorted(await all_done([*asked, page])) == [200] * (room + 1) + [503] * 5
    assert django.most == at_once + 1


async def test_who_leaves_while_waiting_gives_up_the_turn_and_what_runs_is_told() -> None:
    django = Django()
    gate = Gate(16, 60)
    app = RequestThreads(django, gate)
    asked = [Ask(app, KNOWN, query_string=b"q=x") for _ in range(6)]
    await until(lambda: gate.lanes["searches"].waiting == 4)
    for one in asked[2:]:
        one.leave()
    await until(lambda: gate.lanes["searches"].waiting == 0)
    await asyncio.gather(*(one.task for one in asked[2:]))
    django.go_on.set()
    assert await all_done(asked[:2]) == [200, 200]
    assert django.done == 2
    assert gate.lanes["searches"].running == 0


async def test_work_that_takes_long_ends_when_its_client_leaves() -> None:
    async def search(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.to_thread(scan)

    def scan() -> None:
        left = client_left.get()
        assert left is not None
        assert left.wait(30)
        with pytest.raises(ClientLeft):
            check_client()

    gate = Gate(16, 60)
    one = Ask(RequestThreads(search, gate), KNOWN)
    await until(lambda: gate.lanes["pages"].running == 1)
    one.leave()
    await one.task
    check_client()  # here nobody watches


async def test_who_takes_the_answer_slowly_keeps_no_turn() -> None:
    django = Django(is_open=True)
    gate = Gate(16, 60)
    app = RequestThreads(django, gate)
    slow = []
    for _ in range(20):
        one = Ask(app, KNOWN)
        one.takes.clear()
        slow.append(one)
    await until(lambda: django.done == 20 and gate.lanes["pages"].running == 0)
    assert all(not one.sent for one in slow)
    assert await all_done([Ask(app, KNOWN)]) == [200]
    for one in slow:
        one.takes.set()
    assert await all_done(slow) == [200] * 20


def test_files_and_pages_are_no_searches() -> None:
    scope = {"method": "GET", "path": "/", "headers": KNOWN, "query_string": b"seq=1"}
    assert choose(scope, is_known=True) == "pages"
    assert choose(scope, is_known=False) == "strangers"


# -- websockets


async def shake(app: Any, token: bytes, address: str = "192.0.2.1") -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", b"Token " + token)]
    scope = {"type": "websocket", "path": "/ws/im/", "headers": headers, "client": (address, 1)}
    await app({**scope, "extensions": {"websocket.http.response": {}}}, receive, send)
    return sent


async def door_keeper(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    token = dict(scope["headers"])[b"authorization"]
    if token == b"Token away":
        raise OperationalError
    await send({"type": "websocket.accept" if token in (b"Token good", b"Token new") else "websocket.close"})


async def test_handshakes_with_unknown_credentials_are_few_and_known_ones_go_on() -> None:
    gate = a_gate(10)
    app = Handshakes(door_keeper, gate)
    statuses = [(await shake(app, b"bad"))[0] for _ in range(30)]
    assert [message["type"] for message in statuses[:10]] == ["websocket.close"] * 10
    assert {message["status"] for message in statuses[10:]} == {429}
    assert (await shake(app, b"good"))[0]["type"] == "websocket.accept"
    assert (await shake(app, b"new", "192.0.2.2"))[0]["type"] == "websocket.accept"
    assert gate.lanes["strangers"].running == 0


async def test_a_handshake_while_the_database_is_away_is_503() -> None:
    gate = Gate(16, 10)
    assert (await shake(Handshakes(door_keeper, gate), b"away"))[0]["status"] == 503
    assert gate.lanes["strangers"].running == 0
