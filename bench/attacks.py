"""What strangers do to a hub, and what the others notice of it: `python -m bench.attacks` starts a hub of its own.

Prints, for each attack, the p99 of another operator's reads, the hub's memory and its open descriptors.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation

SECONDS = 4.0
STRANGER = "127.0.0.2"

Attack = Callable[[Cast], Coroutine[Any, Any, None]]


async def nothing(_cast: Cast) -> None:
    """Only the operator reads."""
    await asyncio.sleep(SECONDS)


async def a_head_of_100_mb(cast: Cast) -> None:
    """One connection sends a head without end, as fast as it is taken."""

    def send() -> None:
        with socket.create_connection(("127.0.0.1", cast.place.port)) as peer, suppress(OSError):
            peer.sendall(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(100):
                peer.sendall(b"x" * 1_000_000)

    await asyncio.to_thread(send)
    await asyncio.sleep(SECONDS)


async def many_connections(cast: Cast) -> None:
    """A stranger opens 3,000 connections and keeps them."""
    peers = []
    try:
        for _ in range(3000):
            peer = socket.socket()
            peer.setblocking(False)
            peer.bind((STRANGER, 0))
            with suppress(BlockingIOError):
                peer.connect(("127.0.0.1", cast.place.port))
            peers.append(peer)
            await asyncio.sleep(0.0005)
        await asyncio.sleep(SECONDS)
    finally:
        for peer in peers:
            peer.close()


async def unknown_tokens(cast: Cast) -> None:
    """200 requests with unknown tokens are under way all the time."""
    ends = time.monotonic() + SECONDS
    limits = httpx.Limits(max_connections=200)
    transport = httpx.AsyncHTTPTransport(local_address=STRANGER, limits=limits)
    async with httpx.AsyncClient(base_url=cast.url, timeout=30, transport=transport) as client:

        async def go_on(number: int) -> None:
            while time.monotonic() < ends:
                with suppress(httpx.HTTPError):
                    await client.get("/api/im/accounts", headers={"Authorization": f"Token {number}"})

        await asyncio.gather(*(go_on(number) for number in range(200)))


async def sign_ins(cast: Cast) -> None:
    """40 wrong passwords are under way all the time."""
    ends = time.monotonic() + SECONDS
    transport = httpx.AsyncHTTPTransport(local_address=STRANGER)
    async with httpx.AsyncClient(base_url=cast.url, timeout=30, transport=transport) as client:
        page = (await client.get("/login/")).text
        token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]

        async def go_on(number: int) -> None:
            while time.monotonic() < ends:
                form = {"username": f"n{number}", "password": "x", "csrfmiddlewaretoken": token}
                with suppress(httpx.HTTPError):
                    await client.post("/login/", data=form)

        await asyncio.gather(*(go_on(number) for number in range(40)))


async def read_on(cast: Cast, times: list[float]) -> None:
    """Read as an operator does, again and again, and note how long each answer took."""
    async with cast.async_client("ann") as client:
        while True:
            begin = time.perf_counter()
            try:
                answer = await client.get("/api/im/unified-messages?account_id=a")
                assert answer.status_code == 200, answer.status_code
                times.append(time.perf_counter() - begin)
            except httpx.HTTPError:
                times.append(float("inf"))
            await asyncio.sleep(0.01)


async def measure(cast: Cast, attack: Attack) -> str:
    hub = psutil.Process(cast.place.processes[0].pid)
    times: list[float] = []
    most = [0, 0, 0]

    async def watch() -> None:
        while True:
            now = (hub.memory_info().rss, hub.num_fds(), hub.num_threads())
            most[:] = map(max, most, now)
            await asyncio.sleep(0.05)

    others = [asyncio.create_task(read_on(cast, times)), asyncio.create_task(watch())]
    # In a process of its own: the attacker's work must not be taken for the hub's.
    attacker = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(attack(cast)))
    attacker.start()
    await asyncio.to_thread(attacker.join)
    for task in others:
        task.cancel()
    p99 = sorted(times)[int(len(times) * 0.99)] * 1000 if times else float("inf")
    worst = max(times, default=float("inf")) * 1000
    memory, files, threads = most
    return f"p99 {p99:7.1f} ms  worst {worst:7.1f} ms  {memory / 1e6:6.0f} MB  {files:5} files  {threads:4} threads"


@contextmanager
def a_hub() -> Iterator[Cast]:
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder))
        try:
            cast = make_cast(place, Operator("ann", {"a": "operate"}))
            place.start_hub()
            yield cast
        finally:
            place.stop()


def main() -> None:
    for attack in (nothing, a_head_of_100_mb, many_connections, unknown_tokens, sign_ins):
        with a_hub() as cast:
            print(f"{attack.__name__:18} {asyncio.run(measure(cast, attack))}", flush=True)


if __name__ == "__main__":
    main()
