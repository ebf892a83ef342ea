"""Several hubs for long: clients hear the same in time, nothing is lost while hubs, Redis and the database die."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, Final

import pytest
import redis as redis_client
from websockets.asyncio.client import ClientConnection, connect

from tests import redis
from tests.e2e.cast import Operator, a_frame, make_cast
from tests.e2e.several_hubs import HubPlace, begin, share_out, start_hubs
from tests.e2e.steady_client import SteadyClient
from tests.e2e.steady_worker import SteadyWorker
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.migrated import create_migrated
from tests.postgres import Server
from tests.servers import Installation, eventually, free_ports
from tests.waiting import until

pytestmark = pytest.mark.e2e

HUBS: Final = 3
ACCOUNTS: Final = [f"a{number:02}" for number in range(60)]
SECONDS: Final = float(os.environ.get("HUBS_SECONDS", "60"))
AWAY_S: Final = 4.0
PAUSE_S: Final = 0.05
P99_S: Final = 0.1
SHORT: Final = (2, 3, 0.5)
"""Hubs, deaths, and the seconds from one to the next."""
LONG: Final = (3, 12, 4.0)


class Client:
    """`events`: account -> (number, kind, id) as they came; `heard_at`: message id -> when it was created here."""

    def __init__(self) -> None:
        self.events: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self.heard_at: dict[str, float] = {}
        self.resets = 0
        self.ready = asyncio.Event()

    async def listen(self, socket: ClientConnection) -> None:
        await socket.send(json.dumps({"type": "subscribe", "accounts": "all"}))
        async for text in socket:
            frame = json.loads(text)
            if frame["type"] == "subscribed":
                self.ready.set()
            elif frame["type"] == "reset":
                self.resets += not frame["initial"]  # this hub may have heard of the account only now
            elif frame["type"] == "event":
                data = frame["data"]
                item = next((data[key] for key in ("msg_id", "conversation_id", "thread_id", "id") if key in data), "")
                self.events[frame["account"]].append((frame["seq"], frame["kind"], item))
                if frame["kind"] == "message.created":
                    self.heard_at[item] = time.perf_counter()


class Writer:
    """A worker that speaks plain JSON. `acked_at`: message id -> when it was acknowledged."""

    def __init__(self, name: str, accounts: list[str]) -> None:
        self.name = name
        self.accounts = accounts
        self.acked_at: dict[str, float] = {}
        self._chance = random.Random(name)

    async def ask(self, socket: ClientConnection, type: str, payload: Any) -> dict[str, Any]:
        await socket.send(a_frame(type, payload, "asked"))
        while True:
            frame = json.loads(await socket.recv())
            if frame.get("requestId") == "asked":
                answer: dict[str, Any] = frame["payload"]
                return answer

    async def begin(self, socket: ClientConnection) -> None:
        register = {"worker_id": self.name, "host": "h", "version": "1", "max_accounts": 50}
        assert (await self.ask(socket, "worker:register", register))["success"]
        for account in self.accounts:
            await self._write(socket, account, "0")

    async def write(self, socket: ClientConnection, until: float) -> None:
        number = 0
        while time.perf_counter() < until:
            number += 1
            await self._write(socket, self._chance.choice(self.accounts), str(number))
            await asyncio.sleep(PAUSE_S)

    async def _write(self, socket: ClientConnection, account: str, number: str) -> None:
        message = a_message(number, "c", int(number), account)
        snapshot = a_snapshot(conversations=[a_conversation("c", account)], messages=[message])
        payload = {"accountId": account, "platform": "douyin", "timestamp": 1}
        partial = {"partial": ["messages", "conversations"]}
        ack = await self.ask(socket, "worker:data:sync", payload | {"snapshot": snapshot | partial})
        assert ack["success"], ack
        self.acked_at[message["id"]] = time.perf_counter()


@pytest.fixture
def waker() -> Iterator[redis.Server]:
    with redis.running_server() as server:
        yield server


@pytest.fixture
def hubs(server: Server, tmp_path: Path, waker: redis.Server) -> Iterator[list[HubPlace]]:
    with ExitStack() as stack:
        place = Installation(tmp_path, create_migrated(server))
        stack.callback(place.stop)
        place.env["IMHUB_REDIS_URL"] = waker.url
        yield start_hubs(make_cast(place, Operator("ann", dict.fromkeys(ACCOUNTS, "operate"))), HUBS)


@pytest.mark.soak
async def test_clients_of_three_hubs_hear_the_same_in_time_whatever_becomes_of_redis(
    hubs: list[HubPlace], waker: redis.Server
) -> None:
    clients = [Client() for _ in hubs]
    writers = [Writer(f"w{number + 1}", ACCOUNTS[number::HUBS]) for number in range(HUBS)]
    tokens = share_out(hubs[0].cast, {writer.name: writer.accounts for writer in writers})
    async with AsyncExitStack() as stack:

        async def open_socket(hub: HubPlace, path: str, token: str) -> ClientConnection:
            address = f"ws://127.0.0.1:{hub.place.port}{path}"
            headers = {"Authorization": token}
            return await stack.enter_async_context(connect(address, additional_headers=headers, max_size=None))

        sockets = [
            await open_socket(hub, "/ws/worker/", f"Bearer {token}")
            for hub, token in zip(hubs, tokens.values(), strict=True)
        ]
        for writer, socket in zip(writers, sockets, strict=True):
            await writer.begin(socket)
        for writer in writers:
            writer.acked_at.clear()
        listening = []
        for hub, client in zip(hubs, clients, strict=True):
            socket = await open_socket(hub, "/ws/im/", hub.cast.headers("ann")["Authorization"])
            listening.append(asyncio.create_task(client.listen(socket)))
        for client in clients:
            await asyncio.wait_for(client.ready.wait(), 30)
        end = time.perf_counter() + SECONDS
        writing = [asyncio.create_task(w.write(s, end)) for w, s in zip(writers, sockets, strict=True)]
        await asyncio.sleep(SECONDS / 3)
        await asyncio.to_thread(flush, waker)
        await asyncio.sleep(SECONDS / 3)
        gone_at = time.perf_counter()
        await asyncio.to_thread(waker.stop)
        await asyncio.sleep(AWAY_S)
        await asyncio.to_thread(waker.start)
        away = (gone_at, time.perf_counter() + 3)
        await asyncio.gather(*writing)
        acked = {key: at for writer in writers for key, at in writer.acked_at.items()}
        await until(lambda: all_heard(clients, acked), timeout_s=30)
        for task in listening:
            task.cancel()
    check(clients, acked, away)


def flush(waker: redis.Server) -> None:
    with redis_client.Redis.from_url(waker.url) as client:
        client.flushall()


def all_heard(clients: list[Client], acked: dict[str, float]) -> bool:
    """Whether all have all messages, and what came with the last of them."""
    has_all = not any(acked.keys() - client.heard_at.keys() for client in clients)
    return has_all and all(client.events == clients[0].events for client in clients)


def check(clients: list[Client], acked: dict[str, float], away: tuple[float, float]) -> None:
    late: dict[str, list[float]] = {"with Redis": [], "without": []}
    for client in clients:
        for key, at in acked.items():
            kind = "without" if away[0] <= at <= away[1] else "with Redis"
            late[kind].append(max(0.0, client.heard_at[key] - at))
    for kind, seconds in late.items():
        seconds.sort()
        p50, p99 = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]
        told = f"p50 {p50 * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, the last {seconds[-1] * 1000:.0f} ms"
        print(f"{kind}: {len(seconds)} heard, {told}")
    print_late(clients, acked, away)
    gaps = repeated = 0
    for client in clients:
        for events in client.events.values():
            numbers = [seq for seq, _, _ in events]
            repeated += len(numbers) - len(set(numbers))
            gaps += numbers != list(range(numbers[0], numbers[0] + len(numbers)))
    differ = sum(client.events[name] != clients[0].events[name] for client in clients for name in ACCOUNTS)
    resets = sum(client.resets for client in clients)
    print(f"accounts with a gap {gaps}, repeated {repeated}, differ {differ}, resets {resets}")
    assert (gaps, repeated, differ, resets) == (0, 0, 0, 0)
    assert late["with Redis"][int(len(late["with Redis"]) * 0.99)] < P99_S


def print_late(clients: list[Client], acked: dict[str, float], away: tuple[float, float]) -> None:
    """When those came that were late: together, or spread over all the time."""
    begin = min(acked.values())
    late = Counter(
        int(at - begin) for client in clients for key, at in acked.items() if client.heard_at[key] - at > P99_S
    )
    print(f"late by second {dict(sorted(late.items()))}; Redis away {away[0] - begin:.1f} to {away[1] - begin:.1f} s")


@pytest.mark.parametrize("plan", [SHORT, pytest.param(LONG, marks=pytest.mark.soak)], ids=["short", "long"])
def test_what_was_acknowledged_is_there_whatever_died(
    server: Server, tmp_path: Path, waker: redis.Server, plan: tuple[int, int, float]
) -> None:
    hubs, turns, turn_s = plan
    place = Installation(tmp_path, create_migrated(server))
    place.env["IMHUB_REDIS_URL"] = waker.url
    cast = make_cast(place, Operator("ann", {"a": "operate"}))
    several = begin(cast, "several", free_ports(1)[0], "--processes", str(hubs))
    chance, died = random.Random(7), Counter[str]()

    def kill_a_hub() -> None:
        chance.choice(several.process.children).kill()

    def restart_redis() -> None:
        waker.kill()
        waker.start()

    def restart_database() -> None:
        server.stop()
        server.start()

    kinds: tuple[Callable[[], None], ...] = (kill_a_hub, restart_database, restart_redis)
    coming: list[Callable[[], None]] = []
    try:
        several.place.wait_for(several.process, f"{several.place.url}/healthz")
        with (
            SteadyWorker(several.place, cast.worker_token) as worker,
            SteadyClient(
                several.place, cast.tokens["ann"], lambda: set(worker.acknowledged), seed=1, pause_s=0.05
            ) as client,
        ):
            for _ in range(turns):
                goes_on(worker, 10)
                time.sleep(turn_s)
                coming = coming or chance.sample(kinds, len(kinds))  # each once before any comes again
                strike = coming.pop()
                strike()
                died[strike.__name__] += 1
            goes_on(worker, 20)
        eventually(lambda: len(several.process.children) == hubs, "all hubs", 60)
        check_all_is_there(several, worker, client)
        print(f"{dict(died)}: {len(worker.acknowledged)} snapshots, {len(client.answered)} writes, 0 lost")
    finally:
        place.stop()


def goes_on(worker: SteadyWorker, count: int) -> None:
    before = len(worker.acknowledged)
    eventually(lambda: len(worker.acknowledged) > before + count, "work goes on", 60)


def check_all_is_there(several: HubPlace, worker: SteadyWorker, client: SteadyClient) -> None:
    """At whichever hub takes the connection. The last one to start may still load, or be a moment behind."""
    for _ in range(6):
        eventually(lambda: has_all(several, worker, client), "all that was acknowledged", 60)


def has_all(several: HubPlace, worker: SteadyWorker, client: SteadyClient) -> bool:
    token = several.cast.tokens["ann"]
    try:
        rows = several.place.walk("/api/im/messages?account_id=a&count=200", "messages", token)
    except AssertionError:  # one of them does not answer yet
        return False
    return worker.acknowledged <= {row["msg_id"] for row in rows} and not client.lost(rows)
