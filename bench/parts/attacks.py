"""What strangers do to a hub of their own, and what the others notice of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from bench.hub import HubServer, a_hub
from bench.results import Cell, Found, Table, percentile
from bench.sizes import Sizes

SECONDS = 4.0
"""Of each attack; `run` sets it."""
STRANGER = "127.0.0.2"
ACCOUNT = "a"

Attack = Callable[[HubServer], Coroutine[Any, Any, None]]


def _url(hub: HubServer) -> str:
    return f"http://127.0.0.1:{hub.port}"


async def nothing(_hub: HubServer) -> None:
    """Only the operator reads."""
    await asyncio.sleep(SECONDS)


async def a_head_of_100_mb(hub: HubServer) -> None:
    """One connection sends a head without end, as fast as it is taken."""

    def send() -> None:
        with socket.create_connection(("127.0.0.1", hub.port)) as peer, suppress(OSError):
            peer.sendall(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(100):
                peer.sendall(b"x" * 1_000_000)

    await asyncio.to_thread(send)
    await asyncio.sleep(SECONDS)


async def many_connections(hub: HubServer) -> None:
    """A stranger opens 3,000 connections and keeps them."""
    peers = []
    try:
        for _ in range(3000):
            peer = socket.socket()
            peer.setblocking(False)
            peer.bind((STRANGER, 0))
            with suppress(BlockingIOError):
                peer.connect(("127.0.0.1", hub.port))
            peers.append(peer)
            await asyncio.sleep(0.0005)
        await asyncio.sleep(SECONDS)
    finally:
        for peer in peers:
            peer.close()


async def unknown_tokens(hub: HubServer) -> None:
    """200 requests with unknown tokens are under way all the time."""
    ends = time.monotonic() + SECONDS
    limits = httpx.Limits(max_connections=200)
    transport = httpx.AsyncHTTPTransport(local_address=STRANGER, limits=limits)
    async with httpx.AsyncClient(base_url=_url(hub), timeout=30, transport=transport) as client:

        async def go_on(number: int) -> None:
            while time.monotonic() < ends:
                with suppress(httpx.HTTPError):
                    await client.get("/api/im/accounts", headers={"Authorization": f"Token {number}"})

        await asyncio.gather(*(go_on(number) for number in range(200)))


async def sign_ins(hub: HubServer) -> None:
    """40 wrong passwords are under way all the time."""
    ends = time.monotonic() + SECONDS
    transport = httpx.AsyncHTTPTransport(local_address=STRANGER)
    async with httpx.AsyncClient(base_url=_url(hub), timeout=30, transport=transport) as client:
        page = (await client.get("/login/")).text
        token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]

        async def go_on(number: int) -> None:
            while time.monotonic() < ends:
                form = {"username": f"n{number}", "password": "x", "csrfmiddlewaretoken": token}
                with suppress(httpx.HTTPError):
                    await client.post("/login/", data=form)

        await asyncio.gather(*(go_on(number) for number in range(40)))


async def read_on(hub: HubServer, times: list[float]) -> None:
    """Read as an operator does, again and again, and note how long each answer took."""
    headers = {"Authorization": f"Token {hub.operator}"}
    async with httpx.AsyncClient(base_url=_url(hub), headers=headers, timeout=30) as client:
        while True:
            begin = time.perf_counter()
            try:
                answer = await client.get(f"/api/im/unified-messages?account_id={ACCOUNT}")
                assert answer.status_code == 200, answer.status_code
                times.append(time.perf_counter() - begin)
            except httpx.HTTPError:
                times.append(float("inf"))
            await asyncio.sleep(0.01)


async def measure(hub: HubServer, attack: Attack) -> list[Cell]:
    process = psutil.Process(hub.pid)
    times: list[float] = []
    most = [0, 0, 0]

    async def watch() -> None:
        while True:
            now = (process.memory_info().rss, process.num_fds(), process.num_threads())
            most[:] = map(max, most, now)
            await asyncio.sleep(0.05)

    others = [asyncio.create_task(read_on(hub, times)), asyncio.create_task(watch())]
    # In a process of its own: the attacker's work must not be taken for the hub's.
    attacker = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(attack(hub)))
    attacker.start()
    await asyncio.to_thread(attacker.join)
    for task in others:
        task.cancel()
    reads = [one * 1000 for one in times] or [float("inf")]
    return [percentile(reads, 99), max(reads), most[0] / 1e6, *map(float, most[1:])]


def run(place: Path, sizes: Sizes) -> Found:
    global SECONDS
    SECONDS = sizes.attack_seconds
    columns = ["attack", "reads of others, p99 ms", "worst ms", "MB of the hub", "files", "threads"]
    table = Table("Attacks: what an operator and the hub notice", columns)
    for attack in (nothing, a_head_of_100_mb, many_connections, unknown_tokens, sign_ins)[: sizes.attacks]:
        with a_hub(place, [ACCOUNT]) as hub:
            table.add(attack.__name__.replace("_", " "), *asyncio.run(measure(hub, attack)))
    return Found([table])
