"""Answers over HTTP beside those of others: every server on the same core, turn by turn, the client on another one."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import redis
from django.db import connection

from bench.data import SEED, a_seed
from bench.hub import HubServer, a_hub, a_process, a_server, free_port, wait_for, write_accounts
from bench.load import Ask, Load, fetch, measure, which_client
from bench.parts.fresh import measure_fresh
from bench.parts.syncing import keep_syncing
from bench.results import Cell, Chart, Found, Table, median
from bench.rivals.redis_server import a_redis, measure_get
from bench.sizes import Sizes

ACCOUNT: Final = "acc-seed"
ORM_TOKEN: Final = "b" * 40
ENDPOINTS: Final = {
    "list of 20": f"/api/im/conversations?account_id={ACCOUNT}",
    "detail": f"/api/im/conversations/{SEED['conversations'][0]['id']}",
    "feed": f"/api/im/unified-messages?account_id={ACCOUNT}",
    "threads": f"/api/im/threads?account_id={ACCOUNT}",
}
NOT_MODIFIED: Final = "304 of the list"
MEMOLESS: Final = "list of 20, memo off"
OURS, PLAIN, ORM, REDIS = "IM Hub", "plain ASGI", "ORM + DRF", "Redis GET"


class Servers(NamedTuple):
    """`memoless`: the port of a hub with the same accounts whose memo is off. `redis`: None without one."""

    hub: HubServer
    memoless: int
    plain: int
    orm: int
    redis: redis.Redis | None


Asked = dict[tuple[str, str], Callable[[], Load]]
"""Who answers, what is asked: measures it once."""


def run(place: Path, sizes: Sizes) -> Found:
    others = [f"acc-{number}" for number in range(1, sizes.accounts)]
    with _servers(place, others) as servers:
        asked = _list_asked(servers, sizes)
        loads: defaultdict[tuple[str, str], list[Load]] = defaultdict(list)
        with keep_syncing(servers.hub, [ACCOUNT, *others]) as syncing:
            for turn in range(sizes.rounds + 1):
                for key, ask in asked.items():
                    with syncing.while_asked(key[0] == OURS):
                        load = ask()
                    if turn:  # the first warms up
                        loads[key].append(load)
        fresh = measure_fresh(servers.hub, servers.plain, ENDPOINTS["list of 20"], sizes.rounds * sizes.changes)
    rates = _rates(loads, sizes)
    return Found([rates, _latencies(loads), fresh], [_chart(loads)])


@contextmanager
def _servers(place: Path, others: list[str]) -> Iterator[Servers]:
    folders = {name: place / name for name in ("memoless", "plain", "orm")}
    for folder in folders.values():
        folder.mkdir()
    with ExitStack() as stack:
        hub = stack.enter_context(a_hub(place, [ACCOUNT, *others], before=lambda: _fill(others, folders["memoless"])))
        memoless, _ = stack.enter_context(a_server(folders["memoless"], IMHUB_MEMO_MB="0"))
        answers, cache = folders["plain"] / "answers.json", stack.enter_context(a_redis(folders["plain"]))
        answers.write_text(json.dumps(_copy_answers(hub, cache)), "utf-8")
        ports = free_port(), free_port()
        plain = ["-m", "bench.rivals.plain", str(ports[0]), str(answers)]
        orm = ["-m", "bench.rivals.orm", str(ports[1]), ORM_TOKEN]
        database = str(folders["orm"] / "db.sqlite3")
        children = [
            stack.enter_context(a_process(folders["plain"], plain)),
            stack.enter_context(a_process(folders["orm"], orm, BENCH_ORM_DATABASE=database)),
        ]
        wait_for(f"http://127.0.0.1:{ports[0]}/{'list of 20'.replace(' ', '-')}", children[0])
        wait_for(f"http://127.0.0.1:{ports[1]}/admin/login/", children[1])
        yield Servers(hub, memoless, *ports, cache)


def _fill(others: list[str], copy: Path) -> None:
    """Write the accounts, and copy the database for another hub."""
    write_accounts({ACCOUNT: SEED, **{name: a_seed(name) for name in others}})
    connection.close()
    file = Path(connection.settings_dict["NAME"])
    for one in file.parent.glob(f"{file.name}*"):
        shutil.copy(one, copy)


def _headers(hub: HubServer) -> dict[str, str]:
    return {"Authorization": f"Token {hub.operator}"}


def _copy_answers(hub: HubServer, cache: redis.Redis | None) -> dict[str, object]:
    """Return what the hub answers, for the plain server; the bodies go to Redis too."""
    answers: dict[str, object] = {}
    for name, path in ENDPOINTS.items():
        head, _, body = fetch(Ask(hub.port, path, _headers(hub))).partition(b"\r\n\r\n")
        headers = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
        headers = [header for header in headers if header[0].lower() not in ("date", "server")]
        answers[_plain_path(name)] = (200, headers, body.decode())
        if cache is not None:
            cache.set(_plain_path(name), body)
        if name == "list of 20":
            kept = [header for header in headers if header[0].lower() not in ("content-length", "content-type")]
            answers[_plain_path(NOT_MODIFIED)] = (304, kept, "")
    return answers


def _plain_path(name: str) -> str:
    return f"/{name.replace(' ', '-')}"


def _list_asked(servers: Servers, sizes: Sizes) -> Asked:
    hub, headers = servers.hub, _headers(servers.hub)
    etag = _etag(fetch(Ask(hub.port, ENDPOINTS["list of 20"], headers)))

    def over_http(ask: Ask) -> Callable[[], Load]:
        return lambda: measure(ask, sizes.seconds, has_wrk=sizes.has_wrk)

    asked: Asked = {}
    for name, path in ENDPOINTS.items():
        asked[OURS, name] = over_http(Ask(hub.port, path, headers))
        asked[PLAIN, name] = over_http(Ask(servers.plain, _plain_path(name), headers))
        asked[ORM, name] = over_http(Ask(servers.orm, path, {"Authorization": f"Token {ORM_TOKEN}"}))
        if (cache := servers.redis) is not None:
            asked[REDIS, name] = partial(measure_get, cache, _plain_path(name), sizes.redis_requests)
    asked[OURS, MEMOLESS] = over_http(Ask(servers.memoless, ENDPOINTS["list of 20"], headers))
    asked[PLAIN, MEMOLESS] = asked[PLAIN, "list of 20"]
    asked[OURS, NOT_MODIFIED] = over_http(
        Ask(hub.port, ENDPOINTS["list of 20"], headers | {"If-None-Match": etag}, 304)
    )
    asked[PLAIN, NOT_MODIFIED] = over_http(Ask(servers.plain, _plain_path(NOT_MODIFIED), headers, 304))
    return asked


def _etag(answer: bytes) -> str:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return next(line.partition(":")[2].strip() for line in head.split("\r\n") if line.lower().startswith("etag:"))


# -- what is shown


def _rates(loads: dict[tuple[str, str], list[Load]], sizes: Sizes) -> Table:
    table = Table(
        "HTTP: answers a second, 16 connections",
        ["what", OURS, PLAIN, "ratio", ORM, "times", REDIS, "ratio"],
        notes=[
            f"Client: {which_client(sizes.has_wrk)}; redis-benchmark for Redis. Medians of {sizes.rounds} interleaved "
            f"rounds; ratios are medians of each round's. {sizes.accounts} accounts sync while the hub is asked.",
            "Aims for the list: 0.6 of plain ASGI (0.10 with the memo off), 25 times the ORM, 0.17 of Redis.",
        ],
    )
    for name in (*ENDPOINTS, NOT_MODIFIED, MEMOLESS):
        ours = [load.rate for load in loads[OURS, name]]
        cells: list[float | str | None] = [name, median(ours)]
        for rival in (PLAIN, ORM, REDIS):
            theirs = [load.rate for load in loads.get((rival, name), [])]
            ratios = [mine / other for mine, other in zip(ours, theirs, strict=False)]
            cells += [median(theirs), median(ratios)] if theirs else [None, None]
        table.rows.append(cells)
    return table


def _latencies(loads: dict[tuple[str, str], list[Load]]) -> Table:
    table = Table(
        "HTTP: ms until the answer, 16 connections",
        ["what", f"{OURS} p50", "p99", f"{PLAIN} p50", "p99", "p99 to p99"],
        notes=["Aim: the p99 of a hit under 3 times the plain callable's."],
    )
    for name in (*ENDPOINTS, NOT_MODIFIED, MEMOLESS):
        ours, plain = loads[OURS, name], loads[PLAIN, name]
        ratio = median([mine.p99 / other.p99 for mine, other in zip(ours, plain, strict=True)])
        halves = [[median([load.p50 for load in one]), median([load.p99 for load in one])] for one in (ours, plain)]
        table.add(name, *halves[0], *halves[1], ratio)
    return table


def _chart(loads: dict[tuple[str, str], list[Load]]) -> Chart:
    series: dict[str, list[tuple[Cell, float]]] = {
        who: [(name, median([load.rate for load in loads[who, name]])) for name in ENDPOINTS if (who, name) in loads]
        for who in (OURS, PLAIN, ORM, REDIS)
    }
    points = {who: found for who, found in series.items() if found}
    return Chart("http", "Answers a second, 16 connections, one core", "", "answers a second", points, bars=True)
