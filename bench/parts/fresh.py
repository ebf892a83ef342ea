"""The first read after a change: one client, which asks as soon as the change is acknowledged."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Final

from bench.data import SEED
from bench.hub import HubServer
from bench.load import Ask, Line
from bench.results import Table, median, percentile
from bench.worker import BenchWorker, a_delta, a_message

ACCOUNT: Final = "acc-seed"
WHO: Final = str(SEED["conversations"][0]["conversationId"])


def measure_fresh(hub: HubServer, plain: int, path: str, changes: int) -> Table:
    """Return how long the first and the second read take, beside the same bytes of the plain server."""
    first, again, theirs, server = asyncio.run(_measure(hub, plain, path, changes))
    table = Table(
        "HTTP: one read at a time, ms",
        ["what", "p50", "p99", "more than plain ASGI, p50"],
        notes=[
            "At the client; the last row is the time that /metrics counts, from the request to the head of its answer.",
            "Aim: the server's time of a first read under 0.5 ms in the median.",
        ],
    )
    for what, times in (
        ("first read after a change", first),
        ("the same read again", again),
        ("plain ASGI", theirs),
        ("first read, in the hub alone", server),
    ):
        middle = median(times)
        table.add(what, middle, percentile(times, 99), None if times in (theirs, server) else middle - median(theirs))
    return table


Times = tuple[list[float], list[float], list[float], list[float]]


async def _measure(hub: HubServer, plain: int, path: str, changes: int) -> Times:
    headers = {"Authorization": f"Token {hub.operator}"}
    ours, theirs = Ask(hub.port, path, headers).encode(), Ask(plain, "/list-of-20", headers).encode()
    here, there = Line(hub.port), Line(plain)
    times: Times = ([], [], [], [])
    async with BenchWorker.connect(hub) as worker:
        for number in range(-1, changes):
            text = f"第 {number} 个问题"
            delta = a_delta(ACCOUNT, a_message(ACCOUNT, f"fresh{number}", text, WHO))
            before = _counted_ms(hub)
            await worker.send("worker:data:delta", delta)
            first = _time(here, ours, text)
            in_hub = _counted_ms(hub) - before
            _time(here, ours, text)  # not counted: it may still wait behind the look at the metrics
            taken = [first, _time(here, ours, text), _time(there, theirs), in_hub]
            if number >= 0:
                for column, one in zip(times, taken, strict=True):
                    column.append(one)
    here.close()
    there.close()
    return times


def _counted_ms(hub: HubServer) -> float:
    """Return the ms that the hub has taken for all reads of the list since its start."""
    pattern = r'imhub_http_request_seconds_sum\{method="GET",route="/api/im/conversations"\} (\S+)'
    counted = re.search(pattern, hub.read_metrics())
    return float(counted[1]) * 1000 if counted else 0.0


def _time(line: Line, request: bytes, wanted: str = "") -> float:
    """Return the ms until the whole answer is here. Raises SystemExit if `wanted` is not in it."""
    begin = time.perf_counter()
    answer = line.ask(request)
    taken = (time.perf_counter() - begin) * 1000
    if wanted.encode() not in answer:
        raise SystemExit("an acknowledged change is not in the next read")
    return taken
