"""A private Redis on a free port, and how often it answers GET."""

from __future__ import annotations

import csv
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis

from bench.hub import free_port
from bench.load import CONNECTIONS, Load
from bench.machine import on_server_core

START_S = 20


@contextmanager
def a_redis(place: Path) -> Iterator[redis.Redis | None]:
    """Start one with nothing on disk. None: it is not installed here, or its benchmark is not."""
    if not shutil.which("redis-server") or not shutil.which("redis-benchmark"):
        yield None
        return
    port = free_port()
    options = ("--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
    child = subprocess.Popen(
        ["redis-server", *options],
        cwd=place,
        stdout=subprocess.DEVNULL,
        preexec_fn=on_server_core(),
    )
    try:
        client = redis.Redis(port=port)
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            with suppress(redis.ConnectionError):
                client.ping()
                break
            time.sleep(0.01)
        yield client
    finally:
        child.terminate()
        child.wait(20)


def measure_get(client: redis.Redis, key: str, requests: int) -> Load:
    """Return what redis-benchmark gets for this key over as many connections as wrk has."""
    port = str(client.connection_pool.connection_kwargs["port"])
    command = ["redis-benchmark", "-p", port, "-c", str(CONNECTIONS), "-n", str(requests), "--csv", "GET", key]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    row = next(csv.DictReader(said.splitlines()))
    return Load(float(row["rps"]), float(row["p50_latency_ms"]), float(row["p99_latency_ms"]))
