"""Ten minutes in which one random thing dies every 20 s: hubs, workers, browsers, Redis, the database, a link.

`CHAOS_SECONDS` makes it shorter, `CHAOS_SEED` repeats the choices of one.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from tests import redis
from tests.e2e.cables import SITE_SIDE, Cables, can_have_cables
from tests.e2e.cast import Cast, Operator, make_cast
from tests.e2e.chaos import CABLED, Chaos, Parts
from tests.e2e.following_client import FollowingClient
from tests.e2e.relay import Relay
from tests.e2e.several_hubs import share_out
from tests.e2e.site_relay import SiteRelay
from tests.e2e.steady_client import SteadyClient
from tests.e2e.steady_worker import SteadyWorker
from tests.e2e.test_reply_troubles import QUICK, Plan, Run, write_world
from tests.migrated import create_migrated
from tests.postgres import Server
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.soak]

SECONDS: Final = float(os.environ.get("CHAOS_SECONDS", "600"))
SEED: Final = int(os.environ.get("CHAOS_SEED", "0")) or random.randrange(1, 10**6)
EVERY_S: Final = 20.0
SYNCED_WITHIN_S: Final = 60.0
HUBS: Final = 3
SHOPS: Final = ("alpha", "beta")
MADE_UP: Final = ("p1", "p2", "p3")
ACCOUNTS: Final = (*SHOPS, *MADE_UP)
SHARES: Final = {"w1": ["alpha"], CABLED: ["beta"], **{name: [name] for name in MADE_UP}}
PAUSE_S: Final = 0.3
FANS_EVERY_S: Final = 5.0
REPLIES: Final = Plan(
    replies=0,
    accounts=SHOPS,
    waiting=2,
    troubles=0,
    every_s=(0, 0),
    outcomes=(),
    evidence_s=15.0,
    settles_s=30.0,
    least_sent=1,
    within_s=0,
)
"""They are written, and troubles made, by this test itself."""
REPLIES_END_S: Final = 180
"""So long a reply may take that waits while its worker is away."""
EQUAL_S: Final = 60


class Stage(NamedTuple):
    """All that can die, and the ways from browsers to the platform, by account."""

    parts: Parts
    sites: dict[str, SiteRelay]


@pytest.fixture
def stage(server: Server, tmp_path: Path) -> Iterator[Stage]:
    if not can_have_cables():
        pytest.skip("networks of their own need Linux and root")
    with ExitStack() as stack:
        waker = stack.enter_context(redis.running_server())
        cables = Cables()
        stack.callback(cables.remove)
        place = Installation(tmp_path, create_migrated(server))
        stack.callback(place.stop)
        place.env["IMHUB_REDIS_URL"] = waker.url
        world = place.place / "world.json"
        write_world(world, REPLIES)
        place.start_demo("--scenario", str(world), "--phone-delay", "0.2", "--switch", "*:namesake_first=true")
        sites = {name: SiteRelay(place.demo_port) for name in SHOPS}
        for site in sites.values():  # at the same address in both networks
            cables.make_inside(partial(Relay, site.port, port=site.port, there=SITE_SIDE))
        configs = {name: config_of(place, name, sites[name].port) for name in SHOPS}
        cast = make_cast(place, Operator("mei", dict.fromkeys(ACCOUNTS, "operate")), configs=configs)
        parts = Parts(cast, HUBS, server, waker, cables)
        parts.tokens = share_out(cast, SHARES)
        for name in ("w1", CABLED):
            parts.start_worker(name)
        yield Stage(parts, sites)


def config_of(place: Installation, account: str, port: int) -> dict[str, Any]:
    addresses = {f"{part}_url": f"http://127.0.0.1:{port}/for/{account}/{part}" for part in ("creator", "www", "im")}
    more = {"reply_mode": "send", "budget": QUICK, "evidence_s": REPLIES.evidence_s}
    return place.demo_config(account) | addresses | more


class Beside:
    """Does something again and again in a thread of its own, also while hubs are away."""

    def __init__(self, pause_s: float) -> None:
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.failure: Exception | None = None

    def do(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(70)

    def _run(self) -> None:
        while not self._ended.wait(self._pause_s):
            try:
                with suppress(OSError, HTTPException):
                    self.do()
            except Exception as error:  # noqa: BLE001 (for the test's own thread)
                self.failure = self.failure or error


class Replies(Beside):
    """Writes replies, and notes how they end."""

    def __init__(self, run: Run) -> None:
        super().__init__(0.5)
        self._run_of = run

    def do(self) -> None:
        self._run_of.note_ends()
        if len(self._run_of.waiting()) < REPLIES.waiting:
            self._run_of.write()


class Syncs(Beside):
    """Looks how long after each repair each account was read again. `took`: what was repaired -> seconds.

    A shop whose computers are hit once more meanwhile is waited for from that repair on. `unread_s`: the longest time
    for which each account was not read at all.
    """

    def __init__(self, front: Cast, chaos: Chaos, made_up: list[SteadyWorker]) -> None:
        super().__init__(0.25)
        self._front, self._chaos, self._made_up = front, chaos, made_up
        self._seen = 0
        self.waiting: list[tuple[str, float, set[str]]] = []
        self.unread_s: dict[str, float] = {}
        self._began = time.time()
        self.took: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)

    def do(self) -> None:
        for what, at in self._chaos.repaired[self._seen :]:
            self.waiting.append((what, at, set(ACCOUNTS)))
            self._seen += 1
        read_at = {worker.account: worker.acked_at for worker in self._made_up} | self._read_at()
        for account, at in read_at.items():
            unread = time.time() - max(at, self._began)
            self.unread_s[account] = max(unread, self.unread_s.get(account, 0))
        for what, at, accounts in self.waiting:
            if at < self._chaos.hit_at:
                accounts.difference_update(SHOPS)
            for account in [one for one in accounts if read_at.get(one, 0) > at]:
                accounts.discard(account)
                self.took[what].append((time.time() - at, account))
        self.waiting = [one for one in self.waiting if one[2]]

    def _read_at(self) -> dict[str, float]:
        answer = self._front.place.get("/api/im/accounts", self._front.tokens["mei"])
        users = answer["data"]["users"] if answer["data"] else ()
        return {one["user_id"]: one["seen_at"].get("messages", 0) / 1000 for one in users if one["user_id"] in SHOPS}


def test_whatever_dies_nothing_is_lost_doubled_or_left_behind(stage: Stage) -> None:
    parts, front = stage.parts, stage.parts.front
    chaos = Chaos(parts, SEED)
    print(f"\nseed {SEED}, {SECONDS:.0f} s")
    made_up = [SteadyWorker(front.place, parts.tokens[name], name, name, pause_s=PAUSE_S) for name in MADE_UP]
    writer = SteadyClient(front.place, front.tokens["mei"], lambda: acknowledged(made_up), seed=SEED, pause_s=0.2)
    with ExitStack() as stack:
        clients = [stack.enter_context(FollowingClient(hub, "mei")) for hub in parts.hubs]
        troubles: Any = chaos
        run = Run(front, troubles, REPLIES)
        replies, syncs = Replies(run), Syncs(front, chaos, made_up)
        with made_up[0], made_up[1], made_up[2], writer, replies, syncs:
            fans = rage(chaos, front.place)
            eventually(lambda: are_all_read(parts, syncs), "all are read again", 2 * SYNCED_WITHIN_S)
        eventually(lambda: have_ended(run), "all replies end", REPLIES_END_S)
        eventually(lambda: not lacking(front, fans), "what fans wrote is there", EQUAL_S)
        told = compare_clients(clients)
    print_syncs(syncs)
    counts = dict(chaos.counts)
    print(f"{sum(counts.values())} deaths: {counts}")
    print(f"connections by computer {[dict(site.sources) for site in stage.sites.values()]}")
    print(told)
    compare_writes(parts, made_up, writer)
    run.compare()
    print(f"two browsers on one account: {sum(len(site.overlaps) for site in stage.sites.values())} times")
    assert [site.overlaps for site in stage.sites.values()] == [[], []]
    assert (replies.failure, syncs.failure) == (None, None)
    assert max(took for of_kind in syncs.took.values() for took, _ in of_kind) <= SYNCED_WITHIN_S


def rage(chaos: Chaos, place: Installation) -> dict[str, set[str]]:
    """Kill one thing every EVERY_S, and repair it in time. Return what fans wrote meanwhile, by account."""
    written: dict[str, set[str]] = {name: set() for name in SHOPS}
    end, strike_at, fan_at, number = time.time() + SECONDS, time.time() + 5, time.time(), 0
    while time.time() < end:
        if time.time() >= strike_at:
            strike_at += EVERY_S
            chaos.strike()
        chaos.repair_due()
        if time.time() >= fan_at:
            fan_at, number = time.time() + FANS_EVERY_S, number + 1
            account, text = SHOPS[number % len(SHOPS)], f"第 {number} 个问题"
            place.inject(account, text)
            written[account].add(text)
        time.sleep(0.1)
    chaos.repair_due(all_of_it=True)
    return written


def are_all_read(parts: Parts, syncs: Syncs) -> bool:
    parts.restart_ended()
    return not syncs.waiting


def have_ended(run: Run) -> bool:
    run.note_ends()
    return not run.waiting()


def acknowledged(made_up: list[SteadyWorker]) -> set[str]:
    return set().union(*(list(worker.acknowledged) for worker in made_up))


def lacking(front: Cast, fans: dict[str, set[str]]) -> set[str]:
    """What fans wrote and nobody can read."""
    left = set()
    for account, texts in fans.items():
        rows = front.place.walk(f"/api/im/messages?account_id={account}&count=200", "messages", front.tokens["mei"])
        left |= texts - {row["content"] for row in rows}
    return left


def compare_clients(clients: list[FollowingClient]) -> str:
    """Each shows what its hub answers, and all were told the same."""
    for client in clients:
        for account in ACCOUNTS:
            eventually(partial(client.is_equal, account), f"{account} is equal to REST", EQUAL_S)
    first = clients[0]
    differ = [
        (account, seq)
        for other in clients[1:]
        for account in ACCOUNTS
        for seq in first.told[account].keys() & other.told[account].keys()
        if first.told[account][seq] != other.told[account][seq]
    ]
    ends = {account: {max(client.told[account], default=0) for client in clients} for account in ACCOUNTS}
    faults = [fault for client in clients for fault in client.faults]
    events = [sum(map(len, client.told.values())) for client in clients]
    connections, resets = [client.connections for client in clients], [client.resets for client in clients]
    assert (faults, differ) == ([], [])
    assert all(len(one) == 1 for one in ends.values()), ends
    return f"events {events}, connections {connections}, told to read anew {resets}; 0 gaps, 0 twice, 0 differ"


def compare_writes(parts: Parts, made_up: list[SteadyWorker], writer: SteadyClient) -> None:
    """All hubs have all that was acknowledged."""
    lost: set[str] = set()
    for hub in parts.hubs:  # all of them were found equal to their clients
        rows = [
            row
            for name in MADE_UP
            for row in hub.place.walk(
                f"/api/im/messages?account_id={name}&count=200", "messages", hub.cast.tokens["mei"]
            )
        ]
        lost |= acknowledged(made_up) - {row["msg_id"] for row in rows}
        lost |= set(writer.lost(rows))
    snapshots = len(acknowledged(made_up))
    print(f"{snapshots} snapshots and {len(writer.answered)} writes acknowledged, {len(lost)} lost")
    assert not lost


def print_syncs(syncs: Syncs) -> None:
    for what, seconds in sorted(syncs.took.items()):
        late, account = max(seconds)
        print(f"read again after {what}: {len(seconds)} times, within {late:.1f} s ({account})")
    print(f"longest unread: { {account: round(seconds) for account, seconds in syncs.unread_s.items()} } s")
