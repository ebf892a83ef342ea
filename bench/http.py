"""A list over HTTP: the product's route beside a stock DRF view, same server, same process, turn by turn."""

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import msgspec
from django.core.management import call_command

from bench.data import NOW, SEED

CONNECTIONS = 16
SECONDS = 2.0
TURNS = 5
ROOT = Path(__file__).parent.parent


def run(place: Path) -> None:
    token = prepare()
    with a_server(place) as port:
        ours = request("/api/im/conversations?account_id=acc-seed", port, token)
        stock = request("/baseline/conversations", port, token)
        threads = request("/api/im/threads?account_id=all&count=20", port, token)
        rates: list[tuple[float, ...]] = []
        for turn in range(TURNS + 1):
            taken = tuple(asyncio.run(rate(port, wire)) for wire in (ours, stock, threads))
            if turn:  # the first warms up
                rates.append(taken)
    mine, theirs, rows = (statistics.median(column) for column in zip(*rates, strict=True))
    ratio = statistics.median(a / b for a, b, _ in rates)
    print(f"{'http: 20 conversations, our route':<52} {mine:10.0f} req/s")
    print(f"{'http: 20 conversations, stock DRF view':<52} {theirs:10.0f} req/s")
    print(f"{'http: 20 threads of all accounts':<52} {rows:10.0f} req/s")
    print(f"{'http: ours to stock':<52} {ratio:10.1f} times       aim: at least 4", flush=True)


def prepare() -> str:
    """A database with the sample in it; a token."""
    call_command("migrate", verbosity=0)
    call_command("addaccount", "acc-seed", platform="douyin", name="Seed", operator="ann", verbosity=0)
    write_account("acc-seed", SEED)
    return make_token()


def write_account(account_id: str, data: dict[str, Any]) -> None:
    """Write `data`, wire items by collection, to the database as a worker's first snapshot would."""
    from im_api import access  # noqa: F401  # registers what tokens need
    from sync.core.change.snapshot_validation import validate_snapshot
    from sync.protocol.messages import Snapshot
    from sync.storage.change_log import ChangeLog
    from sync.storage.records import Actor
    from sync.store import DataStore
    from sync.writing.jobs import Job, Published
    from sync.writing.writer import Writer

    snapshot = msgspec.json.decode(msgspec.json.encode({"platform": "douyin", "data": data}), type=Snapshot)
    done: list[object] = []

    def publish(published: Published) -> None:
        done.extend(outcome for _, outcome in published.answers)

    writer = Writer(DataStore(), ChangeLog(), publish, lambda: NOW)
    writer.submit(
        Job(
            account_id=account_id,
            make=lambda view, now: validate_snapshot(view, snapshot, now),
            actor=Actor("bench"),
            answer=lambda _outcome: None,
        )
    )
    writer.drain()


def make_token() -> str:
    made = subprocess.run(
        [sys.executable, "manage.py", "apitoken", "ann"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return made.stdout.strip()


@contextmanager
def a_server(place: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with (place / "server.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port)],
            cwd=ROOT,
            env=os.environ | {"IMHUB_DATA_DIR": str(place)},
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(port, child)
        yield port
    finally:
        child.terminate()
        child.wait(20)


def wait_for(port: int, child: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and child.poll() is None:
        try:
            if urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def request(path: str, port: int, token: str) -> bytes:
    lines = (f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Token {token}", "", "")
    return "\r\n".join(lines).encode()


async def rate(port: int, wire: bytes) -> float:
    """Requests a second, over keep-alive connections. Bounded in time and connections."""
    until = time.monotonic() + SECONDS
    counts = await asyncio.gather(*(client(port, wire, until) for _ in range(CONNECTIONS)))
    return sum(counts) / SECONDS


async def client(port: int, wire: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    count = 0
    while time.monotonic() < until:
        writer.write(wire)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"unexpected answer: {head[:200]!r}")
        length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
        count += 1
    writer.close()
    return count
