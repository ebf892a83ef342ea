"""Two hub processes against one, on a private PostgreSQL with a private Redis: reads and syncs a second.

Nothing is kept on a core here: hubs, database and whoever asks share all that there are.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from bench.data import a_seed
from bench.hub import HubServer, free_port, wait_for
from bench.load import Ask, measure
from bench.machine import ROOT, on_all_cores, stay_on_client_core
from bench.results import Found, Table, median
from bench.sizes import Sizes
from bench.worker import BenchWorker, a_delta, a_message, a_sync

PROCESSES: Final = (1, 2)
MISSING: Final = "not measured: there is no PostgreSQL or no Redis server here"
_MAKE: Final = """
import json
from django.contrib.auth import get_user_model
from im_api.models import ApiToken
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
owner = get_user_model().objects.create(username="owner", is_staff=True)
tokens = []
for number in range(%d):
    worker = Worker.objects.create(name=f"w{number}")
    Account.objects.create(id=f"acc-{number}", name="A", worker=worker)
    tokens.append(new_worker_token(worker))
print(json.dumps([ApiToken.issue(owner, "bench")[1], tokens]))
"""


def run(place: Path, sizes: Sizes) -> Found:
    cores = len(on_all_cores())
    try:
        return _measure(place, sizes, cores)
    finally:
        stay_on_client_core()


def _measure(place: Path, sizes: Sizes, cores: int) -> Found:
    table = Table(
        f"Hub processes behind one address, PostgreSQL and Redis ({cores} cores for all of it)",
        ["processes", "reads/s", "ratio", "syncs/s", "ratio"],
        notes=[
            "Reads: the list of 20, memo off. Syncs: each worker sends a message as soon as the one before is durable."
        ],
    )
    reads: list[float] = []
    syncs: list[float] = []
    with _servers() as environment:
        if environment is None:
            table.notes = [MISSING]
            return Found([table])
        env = os.environ | environment | {"IMHUB_DATA_DIR": str(place), "IMHUB_MEMO_MB": "0"}
        _manage(env, "migrate", "-v0")
        owner, workers = json.loads(_manage(env, "shell", "-v0", "-c", _MAKE % sizes.hub_workers))
        for processes in PROCESSES:
            with _hub(place, env, processes) as port:
                hub = HubServer(port, 0, owner, owner, "")
                asyncio.run(_fill(hub, workers))
                ask = Ask(port, "/api/im/conversations?account_id=acc-0", {"Authorization": f"Token {owner}"})
                rates = [measure(ask, sizes.seconds, has_wrk=sizes.has_wrk).rate for _ in range(sizes.rounds)]
                reads.append(median(rates))
                syncs.append(asyncio.run(_sync(hub, workers, sizes.ingest_seconds)))
            table.add(str(processes), reads[-1], reads[-1] / reads[0], syncs[-1], syncs[-1] / syncs[0])
    return Found([table])


@contextmanager
def _servers() -> Iterator[dict[str, str] | None]:
    """The addresses of a database and a Redis of our own; None where they are not installed."""
    from tests import postgres, redis

    with ExitStack() as stack:
        try:
            database = postgres.Server(durable=True)
            stack.callback(database.remove)
            waker = redis.Server()
            stack.callback(waker.remove)
        except (postgres.NoServer, redis.NoServer):
            yield None
            return
        database.start()
        waker.start()
        yield {"IMHUB_DATABASE_URL": database.create_database("bench"), "IMHUB_REDIS_URL": waker.url}


def _manage(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


@contextmanager
def _hub(place: Path, env: dict[str, str], processes: int) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port), "--processes", str(processes)]
    with (place / "server.log").open("ab") as log:
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        wait_for(f"http://127.0.0.1:{port}/healthz", child)
        time.sleep(1 if processes > 1 else 0)  # the last of them may still load
        yield port
    finally:
        child.terminate()
        child.wait(30)


async def _fill(hub: HubServer, tokens: list[str]) -> None:
    async with BenchWorker.connect(hub._replace(worker=tokens[0]), "w0") as worker:
        await worker.send("worker:data:sync", a_sync("acc-0", a_seed("acc-0")))


async def _sync(hub: HubServer, tokens: list[str], seconds: float) -> float:
    """Return how many were durable a second. Each worker has an account and a connection of its own."""
    end = time.perf_counter() + seconds

    async def go_on(worker: BenchWorker, account: str) -> int:
        count = 0
        while time.perf_counter() < end:
            message: dict[str, Any] = a_message(account, time.time_ns(), "hello")
            await worker.send("worker:data:delta", a_delta(account, message))
            count += 1
        return count

    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(BenchWorker.connect(hub._replace(worker=token), f"w{number}"))
            for number, token in enumerate(tokens)
        ]
        counts = await asyncio.gather(*(go_on(worker, f"acc-{number}") for number, worker in enumerate(workers)))
    return sum(counts) / seconds
