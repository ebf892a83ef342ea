"""Which accounts of workers that are gone go to which other workers. Pure.

An account stays on its machine: a session that moves to another address may be logged out by the platform. So it goes
by itself to another worker of the same machine, and to another machine only where its owner allowed that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Final, NamedTuple

from msgspec import Struct

from sync.protocol.lease_times import is_gone

COME_BACK_MS: Final = 30_000
"""So long a hub that has just started waits for workers that it has not heard yet: so long they may pause."""
MOVED_LATELY_MS: Final = 60_000
"""Of an account that was moved so long before a hub started, a worker may not have heard yet that it lost it."""
SHARED_MS: Final = 5_000
"""So much later hubs know of each other's workers, their clocks' difference included."""
OWN_SILENCE_MS: Final = 3_000
"""A hub that did not look for so long was asleep itself, or its clock was set: silence counts from then on."""


class FleetWorker(Struct, frozen=True, kw_only=True):
    """A worker. `host_id`: its machine, empty for one that does not say and does not follow the times of leases.

    `is_gone`: its browsers are stopped for certain. `takes`: it is connected, stays, and may be given sessions.
    `places`: how many accounts it may crawl, None for any number; `taken`: how many it has.
    """

    name: str
    host_id: str
    is_gone: bool
    takes: bool
    platforms: frozenset[str]
    places: int | None
    taken: int


class FleetAccount(NamedTuple):
    """An account that is to be crawled. `may_move`: its owner lets it go to another machine by itself."""

    id: str
    platform: str
    worker: str
    lease_epoch: int
    may_move: bool


class Move(NamedTuple):
    """An account that goes to another worker, if it still has the old one under this lease. `places`: of the new."""

    account_id: str
    lease_epoch: int
    old: str
    new: str
    places: int | None


def find_silence(heard_at: int | None, awake_since: int, started_at: int, now: int) -> int:
    """Return for how long a worker said nothing while the hub listened, ms. `heard_at`: None for never.

    A time that is still to come was told by a clock that was set back since: `awake_since` is when that was seen.
    """
    if heard_at is None:
        return now - max(min(started_at, awake_since) + COME_BACK_MS, awake_since)
    return now - (awake_since if heard_at > now else max(heard_at, awake_since))


def is_worker_gone(host_id: str, silent_ms: int, *, has_left: bool) -> bool:
    """Return whether a worker's accounts may be given away. `has_left`: it said goodbye."""
    return bool(host_id) and (has_left or is_gone(silent_ms))


def is_unsure(moved_at: int, started_at: int, now: int, *, shares: bool = False) -> bool:
    """Return whether a worker that lost the account may still have its browser open, unknown to this hub: it has just
    started, or it `shares` the workers with other hubs. ms UTC.
    """
    if shares:
        return not is_gone(now - moved_at - SHARED_MS)
    return moved_at > started_at - MOVED_LATELY_MS and moved_at <= started_at and not is_gone(now - started_at)


def plan_moves(workers: Mapping[str, FleetWorker], accounts: Iterable[FleetAccount]) -> list[Move]:
    """Return the moves that are due now, in the order of `accounts`, which is that in which they get places."""
    taken = {worker.name: worker.taken for worker in workers.values()}
    moves = []
    for account in accounts:
        old = workers.get(account.worker)
        if old is None or not old.is_gone:
            continue
        new = _choose(account, old, workers.values(), taken)
        if new is not None:
            taken[new.name] += 1
            moves.append(Move(account.id, account.lease_epoch, old.name, new.name, new.places))
    return moves


def _choose(
    account: FleetAccount, old: FleetWorker, workers: Iterable[FleetWorker], taken: Mapping[str, int]
) -> FleetWorker | None:
    """Return the worker that gets the account: on its own machine if there is one, then the one with most room."""
    able = [
        worker
        for worker in workers
        if worker.takes
        and worker.name != old.name
        and worker.host_id
        and account.platform in worker.platforms
        and _room(worker, taken) > 0
        and (account.may_move or worker.host_id == old.host_id)
    ]
    return min(able, key=lambda one: (one.host_id != old.host_id, -_room(one, taken), one.name), default=None)


def _room(worker: FleetWorker, taken: Mapping[str, int]) -> float:
    return inf if worker.places is None else worker.places - taken[worker.name]
