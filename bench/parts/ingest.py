"""Snapshots of workers over a real socket, until the answer says that they are durable and readable (SQLite)."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from bench.data import a_busy_account, a_seed
from bench.hub import HubServer, a_hub
from bench.results import Cell, Found, Table, median, percentile
from bench.sizes import Sizes
from bench.worker import BenchWorker, a_delta, a_message, a_sync

A_SECOND: Final = 50
FLOOD: Final = "flood"
WINDOW: Final = 8
"""Unchanged snapshots that are under way at once, each of another account."""


def run(place: Path, sizes: Sizes) -> Found:
    ids = [f"acc-{number}" for number in range(max(WINDOW, sizes.large, min(A_SECOND, sizes.accounts)))]
    table = Table("Ingest: from a worker's frame to its answer", ["what", "p50 ms", "p99 ms", "a second", "aim"])
    tokens = list[str]()
    with a_hub(place, ids, before=lambda: tokens.append(_hire_flood())) as hub:
        asyncio.run(_measure(hub, ids, sizes, table))
        asyncio.run(_flooded(hub, hub._replace(worker=tokens[0]), ids, sizes, table))
    table.notes.append("Lateness: how late the hub's event loop came to what was due meanwhile, as /metrics tells it.")
    return Found([table])


async def _measure(hub: HubServer, ids: list[str], sizes: Sizes, table: Table) -> None:
    data = {account_id: a_seed(account_id) for account_id in ids}
    async with BenchWorker.connect(hub) as worker:
        for account_id in ids:
            await worker.send("worker:data:sync", a_sync(account_id, data[account_id]))
        table.rows.append(
            ["one changed 30 KB snapshot at a time", *await _changed(worker, data, sizes, paced=False), None]
        )
        table.rows.append(
            [
                f"{A_SECOND} changed 30 KB snapshots a second",
                *await _changed(worker, data, sizes, paced=True),
                "p99 < 5 ms",
            ]
        )
        table.rows.append(["unchanged 30 KB snapshots", *await _unchanged(worker, data, sizes), "1,000 a second"])
        table.rows.append(["deltas of one message", *await _deltas(worker, ids, sizes), None])
        large = await _late(hub, lambda: _large(worker, ids[: sizes.large], sizes))
        table.add(f"lateness while {sizes.large} snapshots of 1 MB come at once", *large, None, "p99 < 10 ms")


async def _changed(worker: BenchWorker, data: dict[str, Any], sizes: Sizes, *, paced: bool) -> list[Cell]:
    ids, times, sent = list(data), list[float](), list[asyncio.Task[None]]()
    begin = time.perf_counter()
    for number in range(max(1, round(sizes.ingest_seconds * A_SECOND))):
        snapshot = data[ids[number % len(ids)]]
        snapshot["messages"][0]["content"] = f"第 {number} 个问题 {paced}"
        frame = worker.encode("worker:data:sync", a_sync(ids[number % len(ids)], snapshot))
        if paced:
            await asyncio.sleep(max(0.0, begin + number / A_SECOND - time.perf_counter()))
        sent.append(asyncio.create_task(_send(worker, *frame, times)))
        if not paced:
            await sent[-1]
    await asyncio.gather(*sent)
    return [median(times), percentile(times, 99), len(times) / (time.perf_counter() - begin)]


async def _send(worker: BenchWorker, request_id: str, text: str, times: list[float]) -> None:
    begin = time.perf_counter()
    times.append((await worker.send_text(request_id, text) - begin) * 1000)


async def _unchanged(worker: BenchWorker, data: dict[str, Any], sizes: Sizes) -> list[Cell]:
    """The first of each account teaches the hub what is unchanged."""
    times = list[float]()
    frames = {one: worker.encode("worker:data:sync", a_sync(one, data[one])) for one in list(data)[:WINDOW]}

    async def go_on(account_id: str, count: int) -> None:
        for number in range(count):
            await _send(worker, f"{account_id}-{number}", _rename(*frames[account_id], f"{account_id}-{number}"), times)

    await asyncio.gather(*(go_on(account_id, 1) for account_id in frames))
    times.clear()
    begin = time.perf_counter()
    await asyncio.gather(*(go_on(account_id, max(1, sizes.unchanged // WINDOW)) for account_id in frames))
    return [median(times), percentile(times, 99), len(times) / (time.perf_counter() - begin)]


def _rename(old: str, text: str, new: str) -> str:
    return text.replace(f'"requestId": "{old}"', f'"requestId": "{new}"', 1)


async def _large(worker: BenchWorker, ids: list[str], sizes: Sizes) -> None:
    """One snapshot of 1 MB of each account, all within a second, and their answers."""
    frames = []
    for account_id in ids:
        account = a_busy_account(account_id, threads=100, messages=sizes.large_messages, longest=100)
        frames.append(worker.encode("worker:data:sync", a_sync(account_id, account)))
    await asyncio.gather(*(worker.send_text(*frame) for frame in frames))


async def _deltas(worker: BenchWorker, ids: list[str], sizes: Sizes) -> list[Cell]:
    """One message at a time, as a worker sends it that the hub has answered before."""
    times = list[float]()
    begin = time.perf_counter()
    for number in range(max(1, round(sizes.ingest_seconds * A_SECOND))):
        account_id = ids[number % len(ids)]
        message = a_message(account_id, f"delta{number}", f"还有第 {number} 个问题")
        await _send(worker, *worker.encode("worker:data:delta", a_delta(account_id, message)), times)
    return [median(times), percentile(times, 99), len(times) / (time.perf_counter() - begin)]


def _hire_flood() -> str:
    """Return the token of a worker that floods, with an account of its own."""
    from sync.models import Account, Worker
    from sync.worker.tokens import new_worker_token

    worker, _ = Worker.objects.get_or_create(name=FLOOD)
    Account.objects.update_or_create(id=FLOOD, defaults={"platform": "douyin", "name": FLOOD, "worker": worker})
    return new_worker_token(worker)


async def _flooded(hub: HubServer, flooding: HubServer, ids: list[str], sizes: Sizes, table: Table) -> None:
    """Add what a calm worker notices of one that sends new frames of 170 KB without waiting for answers."""
    async with BenchWorker.connect(hub) as calm, BenchWorker.connect(flooding, FLOOD) as flood:
        alone = await _deltas(calm, ids, sizes)
        sending = asyncio.create_task(_flood(flood, sizes))
        beside = await _deltas(calm, ids, sizes)
        sending.cancel()
    table.rows.append(["deltas of one message beside a worker that floods", *beside, "p99 at most doubled"])
    table.notes.append(f"Flood: p99 is {float(beside[1] or 0) / float(alone[1] or 1):.1f} times that without it.")


async def _flood(worker: BenchWorker, sizes: Sizes) -> None:
    frames = []
    for number in range(8):
        account = a_busy_account(FLOOD, threads=10, messages=sizes.flood_messages, longest=10)
        for message in account["messages"]:
            message["content"] = f"{number} " + "x" * 200
        frames.append(worker.encode("worker:data:sync", a_sync(FLOOD, account)))
    for count in itertools.count():
        old, text = frames[count % len(frames)]
        await worker.flood_text(_rename(old, text, f"flood-{count}"))


async def _late(hub: HubServer, work: Callable[[], Awaitable[None]]) -> list[Cell]:
    """Return p50 and p99, in ms, of the lateness of the hub's loop while `work` runs: bounds of the histogram."""
    before = _read_lateness(await asyncio.to_thread(hub.read_metrics))
    await work()
    after = _read_lateness(await asyncio.to_thread(hub.read_metrics))
    counts = {bound: after[bound] - before[bound] for bound in after}
    whole = counts[float("inf")]
    bounds = [min(bound for bound, count in counts.items() if count >= whole * share) for share in (0.5, 0.99)]
    return [f"≤ {bound * 1000:g}" if bound < float("inf") else "> 2,500" for bound in bounds]


def _read_lateness(text: str) -> dict[float, float]:
    found = re.findall(r'^imhub_loop_lateness_seconds_bucket{le="([^"]+)"} (\S+)$', text, re.MULTILINE)
    return {float(bound): float(count) for bound, count in found}
