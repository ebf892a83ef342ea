"""Measures many accounts with room for a quarter of them (`IMHUB_MEMORY_MB`): whether each answers right, how fast
those in use are, and what the process takes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import psutil

from bench.data import NOW, a_seed, count_bytes
from bench.hub import HubServer, a_hub, snapshot_job
from bench.load import Ask, Line, fetch
from bench.results import Found, Table, percentile
from bench.sizes import Sizes

SHARE: Final = 4
"""The setting is that share of twice the JSON of all accounts."""
HOT: Final = 10
BESIDES_MB: Final = 128
"""What the process takes at most besides the setting and what it takes when it is empty (`docs/settings.md`)."""
SWEPT: Final = "MB above the empty one: after every account was read"


def run(place: Path, sizes: Sizes) -> Found:
    ids = [f"acc-{number}" for number in range(sizes.evicted_accounts)]
    json_bytes = count_bytes(a_seed(ids[0])) * len(ids)
    limit_mb = max(1, round(2 * json_bytes / SHARE / 1024**2))
    with a_hub(place, [], IMHUB_MEMORY_MB=str(limit_mb)) as hub:
        empty = _resident_mb(hub)
    with a_hub(place, ids, before=lambda: _write(ids), IMHUB_MEMORY_MB=str(limit_mb)) as hub:
        started = _resident_mb(hub)
        cold, wrong = _ask_each(hub, ids)
        swept = _resident_mb(hub)
        hot = ids[:: max(1, len(ids) // max(1, len(ids) // HOT))]
        one, many = _rate(hub, hot[:1], sizes.seconds), _rate(hub, hot, sizes.seconds)
        counts = json.loads(_body(fetch(_ask(hub, "/api/v1/status", hub.owner))))["data"]["dataStore"]
    table = Table(f"{len(ids):,} accounts of the sample in {limit_mb} MB", ["what", "found", "aim"])
    table.add("accounts that answer something else than they should", wrong, "0")
    table.add("a list of 20 of an account out of memory, p50 (ms)", percentile(cold, 50) * 1000, None)
    table.add("the same, p99 (ms)", percentile(cold, 99) * 1000, None)
    table.add("lists of the hot tenth, to those of one account alone (rate)", many / one, "about 1")
    table.add("bodies in memory, of all", counts["residentAccounts"] / len(ids), None)
    table.add("MB of the empty process", empty, None)
    table.add("MB above the empty one: after the start", started - empty, f"{limit_mb}")
    table.add(SWEPT, swept - empty, f"{limit_mb} + {BESIDES_MB}")
    return Found([table])


def _write(ids: Sequence[str]) -> None:
    """Write the accounts with their images and heads."""
    from sync.storage.change_log import ChangeLog
    from sync.store import DataStore
    from sync.writing.writer import Writer

    log = ChangeLog()
    writer = Writer(DataStore(), log, lambda published: None, lambda: NOW)
    for account_id in ids:
        writer.submit(snapshot_job(account_id, a_seed(account_id)))
        writer.drain()
        log.write_checkpoint(writer._latest_view(account_id))
        writer.forget(account_id)


def _ask_each(hub: HubServer, ids: Sequence[str]) -> tuple[list[float], int]:
    """Return the seconds of each account's list, and how many of them are not the list of the sample."""
    line, taken, wrong = Line(hub.port), [], 0
    expected = _rows(ids[0], _body(fetch(_ask(hub, _list(ids[0]), hub.operator))))
    for account_id in ids:
        request = _ask(hub, _list(account_id), hub.operator).encode()
        begin = time.perf_counter()
        answer = line.ask(request)
        taken.append(time.perf_counter() - begin)
        wrong += not answer.startswith(b"HTTP/1.1 200 ") or _rows(account_id, _body(answer)) != expected
    line.close()
    return taken, wrong


def _rate(hub: HubServer, ids: Iterable[str], seconds: float) -> float:
    """Return the answers a second of one connection that asks these accounts in turn, after each was asked twice: a
    thread reads the body for the first answer, and the second one is kept.
    """
    line, requests = Line(hub.port), [_ask(hub, _list(account_id), hub.operator).encode() for account_id in ids]
    for request in [*requests, *requests]:
        line.ask(request)
    begin, count = time.perf_counter(), 0
    while (now := time.perf_counter()) - begin < seconds:
        line.ask(requests[count % len(requests)])
        count += 1
    line.close()
    return count / (now - begin)


def _rows(account_id: str, body: bytes) -> Any:
    """Return the rows, as if all accounts had one name."""
    data = json.loads(body.replace(f"_{account_id}_".encode(), b"_acc_").replace(f'"{account_id}"'.encode(), b'"acc"'))
    return {name: value for name, value in data["data"].items() if "cursor" not in name}


def _list(account_id: str) -> str:
    return f"/api/im/conversations?account_id={account_id}&count=20"


def _ask(hub: HubServer, path: str, token: str) -> Ask:
    return Ask(hub.port, path, {"Authorization": f"Token {token}"})


def _body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def _resident_mb(hub: HubServer) -> float:
    memory: int = psutil.Process(hub.pid).memory_info().rss
    return memory / 1024**2
