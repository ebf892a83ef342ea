"""All that can die of a fleet over several hubs, and what kills one thing of it after the other."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from typing import Final, NamedTuple

import psutil

from tests import redis
from tests.e2e.cables import HUB_SIDE, Cables
from tests.e2e.cast import Cast
from tests.e2e.relay import Relay
from tests.e2e.several_hubs import HubPlace, begin, start_hubs
from tests.postgres import Server
from tests.processes import Process

CABLED: Final = "w2"
BEYOND_LEASE_S: Final = (20.0, 25.0)
_IN_THE_NET: Final = """
import ctypes, os
os.environ["DJANGO_SETTINGS_MODULE"] = "imhub.settings"
network = os.open("/run/netns/%s", os.O_RDONLY)
assert ctypes.CDLL(None).setns(network, 0x40000000) == 0
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "runworker", "crawlers"])
"""
OF_HUBS: Final = ("kill -9 of a hub", "kill -9 of Redis", "the database was restarted")
Repair = Callable[[], object]


class Parts:
    """Hubs behind one address, workers with browsers on one machine, Redis, the database, a cable.

    `front`: the cast as they come to that address. `workers`: name -> process; that of CABLED has a network of its own,
    and a tunnel through the cable to the address of the hubs.
    """

    def __init__(self, cast: Cast, count: int, server: Server, waker: redis.Server, cables: Cables) -> None:
        self.server, self.waker, self.cables = server, waker, cables
        self.hubs: list[HubPlace] = start_hubs(cast, count)
        self.relay = Relay(*(hub.place.port for hub in self.hubs), host="0.0.0.0")  # noqa: S104
        tunnel = cables.make_inside(lambda: Relay(self.relay.port, there=HUB_SIDE))
        self._ports = {CABLED: tunnel.port}
        place = copy(cast.place)
        place.port, place.url = self.relay.port, f"http://127.0.0.1:{self.relay.port}"
        self.front = cast._replace(place=place)
        self.tokens: dict[str, str] = {}
        self.workers: dict[str, Process] = {}
        self.killed: set[str] = set()
        """The processes that are started again later."""

    def start_worker(self, name: str) -> None:
        words = ["-c", _IN_THE_NET % self.cables.name] if name == CABLED else ["manage.py", "runworker", "crawlers"]
        env = self.front.place.env | {
            "IMHUB_WORKER_HUB": f"ws://127.0.0.1:{self._ports.get(name, self.relay.port)}/ws/worker/",
            "IMHUB_WORKER_TOKEN": self.tokens[name],
            "IMHUB_SYNC_INTERVAL_S": "2",
        }
        worker = Process(name, words, env, self.front.place.place / f"{name}.log")
        self.front.place.processes.append(worker)
        self.workers[name] = worker
        self.killed.discard(name)

    def kill(self, process: Process) -> None:
        process.send_signal(signal.SIGKILL)
        self.killed.add(process.name)

    def restart_hub(self, number: int) -> None:
        old = self.hubs[number]
        self.hubs[number] = begin(old.cast, old.process.name, old.place.port)
        self.killed.discard(old.process.name)

    def restart_ended(self) -> None:
        """Start again what ended by itself, as a system's service manager does: a hub that finds no database."""
        for number, hub in enumerate(self.hubs):
            if not hub.process.alive and hub.process.name not in self.killed:
                print(f"{hub.process.name} ended by itself: {hub.process.tail().splitlines()[-1]}", flush=True)
                self.restart_hub(number)
        for name, worker in list(self.workers.items()):
            if not worker.alive and name not in self.killed:
                print(f"{name} ended by itself: {worker.tail().splitlines()[-1]}", flush=True)
                self.start_worker(name)


class Strike(NamedTuple):
    """What died: its repair is due `away_s` later."""

    what: str
    repair: Repair
    away_s: float


class Chaos:
    """Kills one random thing after the other. Each kind comes once before any comes again.

    `repaired`: what was repaired, and when, s UTC. `counts`: how many of each kind there were. `hit_at`: when a
    computer with browsers was hit last.
    """

    def __init__(self, parts: Parts, seed: int) -> None:
        self._parts = parts
        self.seed = seed
        self._rng = random.Random(seed)
        self._round: list[Callable[[], Strike | None]] = []
        self._due: list[tuple[float, Strike]] = []
        self._stopped: set[str] = set()
        self.counts: Counter[str] = Counter()
        self.repaired: list[tuple[str, float]] = []
        self.hit_at = 0.0

    def strike(self) -> None:
        """Kill something now."""
        while True:
            if not self._round:
                kinds = (
                    self._kill_hub, self._kill_worker, self._kill_redis, self._kill_chromium, self._kill_driver,
                    self._stop_worker, self._cut_link, self._restart_database,
                )  # fmt: skip
                self._round = self._rng.sample(kinds, len(kinds))
            made = self._round.pop()()
            if made is not None:
                if made.what not in OF_HUBS:
                    self.hit_at = time.time()
                self.counts[made.what] += 1
                self._due.append((time.time() + made.away_s, made))
                print(f"{time.strftime('%X')} {made.what}, repaired after {made.away_s:.0f} s", flush=True)
                return

    def repair_due(self, *, all_of_it: bool = False) -> None:
        """Repair what is due; or all that is not repaired yet."""
        self._parts.restart_ended()
        for due in list(self._due):
            at, made = due
            if all_of_it or time.time() >= at:
                self._due.remove(due)
                made.repair()
                self.repaired.append((made.what, time.time()))

    # -- the kinds. Each returns None where there is nothing of it to kill now.

    def _kill_hub(self) -> Strike | None:
        number = self._rng.randrange(len(self._parts.hubs))
        if not self._parts.hubs[number].process.alive:
            return None
        self._parts.kill(self._parts.hubs[number].process)
        return Strike("kill -9 of a hub", lambda: self._parts.restart_hub(number), self._rng.uniform(0, 10))

    def _kill_worker(self) -> Strike | None:
        name = self._choose_worker()
        if name is None:
            return None
        self._parts.kill(self._parts.workers[name])
        return Strike("kill -9 of a worker", lambda: self._parts.start_worker(name), self._rng.uniform(0, 20))

    def _kill_redis(self) -> Strike | None:
        what = "kill -9 of Redis"
        if self._is_away(what):
            return None
        self._parts.waker.kill()
        return Strike(what, self._parts.waker.start, self._rng.uniform(0, 10))

    def _kill_chromium(self) -> Strike | None:
        return self._kill_below("kill -9 of a Chromium", ("chrom", "headless"))

    def _kill_driver(self) -> Strike | None:
        return self._kill_below("kill -9 of a driver", ("node",))

    def _stop_worker(self) -> Strike | None:
        name = self._choose_worker()
        if name is None:
            return None
        worker = self._parts.workers[name]
        worker.send_signal(signal.SIGSTOP)
        self._stopped.add(name)

        def wake() -> None:
            self._stopped.discard(name)
            worker.send_signal(signal.SIGCONT)

        return Strike("SIGSTOP of a worker", wake, self._rng.uniform(*BEYOND_LEASE_S))

    def _cut_link(self) -> Strike | None:
        what = "the link was cut"
        if self._is_away(what):
            return None
        self._parts.cables.pull("ihub")
        return Strike(what, lambda: self._parts.cables.plug_in("ihub"), self._rng.uniform(*BEYOND_LEASE_S))

    def _restart_database(self) -> Strike | None:
        self._parts.server.stop()
        self._parts.server.start()
        return Strike("the database was restarted", lambda: None, 0)

    def _kill_below(self, what: str, names: tuple[str, ...]) -> Strike | None:
        worker = self._choose_worker()
        found = processes_below(self._parts.workers[worker], names) if worker is not None else []
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        return Strike(what, lambda: None, 0) if found else None

    def _is_away(self, what: str) -> bool:
        """Return whether it is not repaired yet since the last time."""
        return any(made.what == what for _, made in self._due)

    def _choose_worker(self) -> str | None:
        """One that works, with browsers if any has some."""
        able = [name for name, one in self._parts.workers.items() if one.alive and name not in self._stopped]
        with_browser = [name for name in able if processes_below(self._parts.workers[name], ("chrom", "headless"))]
        return self._rng.choice(with_browser or able) if able else None


def processes_below(worker: Process, names: tuple[str, ...]) -> list[psutil.Process]:
    """What runs below the worker under names that begin like these."""
    with suppress(psutil.NoSuchProcess):
        below = psutil.Process(worker.pid).children(recursive=True)
        return [process for process in below if _name(process).startswith(names)]
    return []


def _name(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return str(process.name()).lower()
    return ""
