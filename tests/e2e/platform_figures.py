"""Measures the worker on the demo platform: `python -m tests.e2e.platform_figures [--quiet S] [--messages N]`. No test.

Five accounts at the pace of a person, in one worker with a real browser. It prints how long a fan's message takes to a
client, what browser and driver need (PSS, CPU), how many pages were loaded, and how often something was marked read.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

import msgspec
import psutil
from websockets.sync.client import ClientConnection, connect

from demo.generator import make_shops
from demo.showcase import look_after
from demo.texts import SHOPS
from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation, eventually

KEYS: Final = [f"shop{number}" for number in range(1, 6)]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quiet", type=float, default=40, help="seconds in which no fan writes")
    asked.add_argument("--messages", type=int, default=100)
    asked.add_argument("--busy", type=float, default=40, help="seconds in which each fan writes every 10 s")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder), is_bare=True)
        place.manage("migrate", "--noinput", "-v", "0")
        try:
            measure(place, make_place(place), given)
        finally:
            place.stop()


def make_place(place: Installation) -> Cast:
    """Start everything, and wait until all accounts are read."""
    now_s = int(time.time())
    shops = tuple(
        SHOPS[number % 3]._replace(key=key, uid=str(1_000_000_000_000_100 + number), short_id=f"figures{number}")
        for number, key in enumerate(KEYS)
    )
    world = make_shops(shops, (24, 30, 18, 24, 20), Random(7), now_s)
    look_after(world, Random(10), now_s)
    file = place.place / "world.json"
    file.write_bytes(msgspec.json.encode(world))
    place.start_demo("--scenario", str(file), "--fans-interval", "0", "--phone-delay", "0.3")
    addresses = ("creator_url", "www_url", "im_url")
    configs = {key: {name: place.demo_config(key)[name] for name in addresses} for key in KEYS}
    cast = make_cast(place, Operator("ann", dict.fromkeys(KEYS, "act")), configs=configs)
    place.start_hub()
    place.start_worker(cast.worker_token)
    for key in KEYS:
        eventually(partial(is_read, cast, key), f"{key} is read", 150)
    return cast


def is_read(cast: Cast, key: str) -> bool:
    page = cast.place.get(f"/api/im/conversations?account_id={key}&count=1", cast.tokens["ann"])
    return bool(page.get("data") and page["data"]["conversations"])


def measure(place: Installation, cast: Cast, given: argparse.Namespace) -> None:
    headers = {"Authorization": f"Token {cast.tokens['ann']}"}
    with connect(f"ws://127.0.0.1:{place.port}/ws/im/", additional_headers=headers, max_size=None) as socket:
        socket.send(json.dumps({"type": "subscribe", "accounts": KEYS}))
        before = done(place)
        show("quiet", use_during(given.quiet))
        after = done(place)
        hours = given.quiet / 3600
        pages = sum(after[key].get("pages", 0) - before[key].get("pages", 0) for key in KEYS)
        print(f"page loads of an account and hour while quiet: {pages / len(KEYS) / hours:.0f}")
        took = sorted(delay_of(place, socket, number) for number in range(given.messages))
        p95 = took[int(len(took) * 0.95)]
        print(f"a fan's message to the event, of {len(took)}: p50 {statistics.median(took):.2f} s, p95 {p95:.2f} s")
        show("each fan writes every 10 s", use_during(given.busy, lambda: [place.inject(key, "在吗") for key in KEYS]))
    print("mark_read:", sum(of.get("mark_read", 0) for of in done(place).values()))


def delay_of(place: Installation, socket: ClientConnection, number: int) -> float:
    words = f"figure {number}"
    start = time.perf_counter()
    place.inject(KEYS[number % len(KEYS)], words)
    while words not in str(socket.recv(timeout=60)):
        pass
    return time.perf_counter() - start


def done(place: Installation) -> dict[str, dict[str, int]]:
    """By account, what pages did at the demo site."""
    return {key: place.truth(key)["done"] for key in KEYS}


def use_during(seconds: float, act: Any = lambda: None) -> tuple[float, dict[str, float]]:
    """Return the share of one core that browser and driver used, and their PSS in MB. `act`: every 10 s."""
    start, until = cpu_s(), time.monotonic() + seconds
    while time.monotonic() < until:
        act()
        time.sleep(min(10.0, max(0.0, until - time.monotonic())))
    memory: dict[str, float] = {}
    for name, process in browser_processes():
        memory[name] = memory.get(name, 0) + process.memory_full_info().pss / 2**20
    return (cpu_s() - start) / seconds, memory


def cpu_s() -> float:
    return sum(sum(process.cpu_times()[:2]) for _, process in browser_processes())


def browser_processes() -> list[tuple[str, psutil.Process]]:
    """The browser's processes and Playwright's driver, below this one."""
    found = []
    for process in psutil.Process().children(recursive=True):
        line = " ".join(process.cmdline())
        if ("chrom" in line and "--type=" in line) or "headless" in process.name() or "chrom" in process.name():
            found.append(("browser", process))
        elif "playwright" in line and "node" in line:
            found.append(("driver", process))
    return found


def show(name: str, use: tuple[float, dict[str, float]]) -> None:
    memory = ", ".join(f"{part} {size:.0f} MB" for part, size in sorted(use[1].items()))
    print(f"{name}: {use[0]:.0%} of a core, PSS {memory}", flush=True)


if __name__ == "__main__":
    main()
