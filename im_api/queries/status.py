"""The hub itself: what it holds, what it receives, which workers are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import psutil

from im_api.about import hub_version
from im_api.queries.health.coverage_totals import MOST_ACCOUNTS
from sync.body_memory import BodyCounts
from sync.core.account.view import Totals
from sync.histogram import Histogram
from sync.hub import Hub, get_hub
from sync.protocol.messages import AccountUse
from sync.storage.database_errors import Ailment
from sync.worker.presence import WorkerPresence

__all__ = [
    "AccountReceived",
    "Ailment",
    "BodyCounts",
    "Histogram",
    "HubOverview",
    "WorkerOverview",
    "get_ailment",
    "get_hub_overview",
    "list_uses",
]


class WorkerOverview(NamedTuple):
    """One worker. `presence` is None without an open connection; one that just lost it still counts as online."""

    name: str
    online: bool
    presence: WorkerPresence | None


class AccountReceived(NamedTuple):
    """Counts of the snapshots of one account since the hub's start. `last_receive_at`: ms UTC; None: none came."""

    account_id: str
    received: int
    failed: int
    bytes: int
    last_receive_at: int | None


class HubOverview(NamedTuple):
    """Counted since the start of the hub; `totals` are of all accounts.

    `sync_seconds`: from the arrival of a snapshot or delta to its answer. `lateness`: of the event loop, in seconds.
    """

    version: str
    uptime_ms: int
    workers: list[WorkerOverview]
    clients: int
    tasks: int
    accounts: int
    totals: Totals
    changed_at: int | None
    memory_bytes: int
    bodies: BodyCounts
    received: int
    failed: int
    last_receive_at: int | None
    received_by_account: list[AccountReceived]
    changed: int
    refused: Mapping[str, int]
    sync_seconds: Histogram
    queued_jobs: int
    queued_bytes: int
    lateness: Histogram


def get_ailment() -> tuple[Ailment, int] | None:
    """Return what keeps the hub from storing anything, or soon will, and since when (ms UTC); None when all is well.

    Raises HubNotReady.
    """
    health = get_hub().health
    return None if health.kind is None or health.since is None else (health.kind, health.since)


def get_hub_overview(now: int) -> HubOverview:
    """Return what the hub holds and received. `now`: ms UTC. Raises HubNotReady."""
    hub = get_hub()
    views = [hub.store.get_view(account_id) for account_id in sorted(hub.directory.accounts)]
    received = hub.receiver.statistics
    queued_jobs, queued_bytes = hub.writer.queued
    return HubOverview(
        version=hub_version(),
        uptime_ms=max(0, now - hub.started_at),
        workers=_workers(hub),
        clients=hub.clients,
        tasks=hub.tasks,
        accounts=len(views),
        totals=_sum(view.totals for view in views),
        changed_at=max((view.changed_at for view in views if view.changed_at is not None), default=None),
        memory_bytes=psutil.Process().memory_info().rss,
        bodies=hub.store.count_bodies(),
        received=received.total_received,
        failed=received.total_failed,
        last_receive_at=received.last_receive_at,
        received_by_account=[
            AccountReceived(account_id, one.received, one.failed, one.bytes, one.last_receive_at)
            for account_id, one in sorted(received.accounts.items())
        ],
        changed=received.changed,
        refused=dict(received.refused),
        sync_seconds=received.seconds,
        queued_jobs=queued_jobs,
        queued_bytes=queued_bytes,
        lateness=hub.lateness.seconds,
    )


def list_uses(overview: HubOverview) -> dict[str, AccountUse]:
    """Return what accounts take in the browsers of the workers that are connected, by account id: of MOST_ACCOUNTS."""
    uses: dict[str, AccountUse] = {}
    for worker in overview.workers:
        uses |= worker.presence.uses if worker.presence is not None else {}
    return dict(sorted(uses.items())[:MOST_ACCOUNTS])


def _workers(hub: Hub) -> list[WorkerOverview]:
    present = {presence.name: presence for presence in hub.presence.online()}
    names = sorted({*hub.directory.workers, *present})
    return [WorkerOverview(name, hub.presence.is_online(name), present.get(name)) for name in names]


def _sum(totals: Iterable[Totals]) -> Totals:
    result = Totals()
    for one in totals:
        result += {name: getattr(one, name) for name in Totals.__struct_fields__}
    return result
