"""The live side of an account: its worker at this moment, and when that worker last saw what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from im_api.access import Principal
from im_api.queries.scope import AuthorizedAccount, get_authorized
from sync.core.account.entries import FAILING
from sync.hub import get_hub
from sync.storage.coverage import SurfaceCoverage, load_coverage
from sync.worker.presence import ShownStatus

HOUR_MS: Final = 3_600_000


class Coverage(Struct, frozen=True, kw_only=True):
    """The stretches and gaps of the time from `since` to `until` (ms UTC), by surface."""

    authorized: AuthorizedAccount
    since: int
    until: int
    surfaces: Mapping[str, SurfaceCoverage]


class Liveness(Struct, frozen=True):
    """The worker of an account at this moment. It changes without a new version of the account.

    `worker_status`: unassigned, offline, waiting, or what the worker reports. `worker_error`: why it cannot read the
    account, in its own words, while it cannot. `last_sync_time`: ms UTC, None before the first report. `unreadable`:
    the surfaces whose newest observation could not be read. `seen_at`: surface -> ms UTC of the newest observation that
    could be read. `next_looks`: surface -> ms from there to the next, as the worker plans it. `live`: surface ->
    whether what is new arrives by itself.
    """

    worker_status: ShownStatus
    worker_error: str | None
    last_sync_time: int | None
    unreadable: frozenset[str]
    seen_at: Mapping[str, int]
    next_looks: Mapping[str, int]
    live: Mapping[str, bool]


def get_liveness(account_id: str) -> Liveness:
    """Return what the hub knows now of the worker of this account. Raises HubNotReady."""
    hub = get_hub()
    freshness, status = hub.freshness, hub.worker_status(account_id)
    report = hub.store.get_view(account_id).report
    return Liveness(
        status,
        report.error if status in (*FAILING, report.worker_status) else None,
        freshness.last_sync(account_id),
        freshness.unreadable(account_id),
        freshness.observed_at(account_id),
        freshness.next_looks(account_id),
        freshness.live(account_id),
    )


def get_coverage(principal: Principal, account_id: str, hours: int) -> Coverage:
    """Return what of the last `hours` was observed of the account. Asks the database. Raises NotFound, HubNotReady."""
    authorized, now = get_authorized(principal, account_id), get_hub().clock()
    since = now - hours * HOUR_MS
    return Coverage(authorized=authorized, since=since, until=now, surfaces=load_coverage(account_id, since, now))
