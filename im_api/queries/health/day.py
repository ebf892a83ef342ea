"""The last day of accounts: what was observed, and what of the gaps came in afterwards."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple, cast

from im_api.queries.liveness import HOUR_MS, Coverage
from im_api.queries.scope import AuthorizedAccount
from sync.core.account.view import View
from sync.hub import get_hub
from sync.protocol.intervals import NIGHT, NIGHT_ZONE_H, PACES
from sync.protocol.items import Collection
from sync.protocol.messages import Surface
from sync.protocol.times import DAY_MS
from sync.storage.coverage import Gap, load_coverages

__all__ = ["Coverage", "Gap", "LateItems", "count_late_items", "get_hub_start", "is_rest", "load_last_day"]

REST_SLACK_MS: Final = 15 * 60_000
"""So much before and after a night a quiet surface is not looked at either."""
MOST: Final = 5_000
"""So many items of each kind are looked at, from the newest on."""
_KINDS: Final[tuple[Collection, ...]] = ("messages", "comments", "notifications")


class LateItems(NamedTuple):
    """The items that came in after a gap. `items`: how many. `unread`: how many of these are unread."""

    items: int
    unread: int


def load_last_day(accounts: Iterable[AuthorizedAccount]) -> dict[str, Coverage]:
    """Return what of the last 24 hours was observed, by account. Asks the database. Raises HubNotReady.

    An account that nobody ever looked at is left out.
    """
    now = get_hub().clock()
    by_id = {authorized.account.id: authorized for authorized in accounts}
    return {
        account_id: Coverage(authorized=by_id[account_id], since=now - DAY_MS, until=now, surfaces=surfaces)
        for account_id, surfaces in load_coverages(list(by_id), now - DAY_MS, now).items()
    }


def is_rest(coverage: Coverage, surface: str, gap: Gap) -> bool:
    """Return whether nobody was to look: a night, in which private messages were heard as ever."""
    pace, heard = PACES.get(cast(Surface, surface)), coverage.surfaces.get("messages")
    if pace is None or not pace.rests or gap.cause != "not_observed" or heard is None:
        return False
    from_hour, to_hour = NIGHT
    midnight = (gap.start + REST_SLACK_MS + NIGHT_ZONE_H * HOUR_MS) // DAY_MS * DAY_MS - NIGHT_ZONE_H * HOUR_MS
    is_night = (
        gap.start >= midnight + from_hour * HOUR_MS - REST_SLACK_MS
        and gap.end <= midnight + to_hour * HOUR_MS + REST_SLACK_MS
    )
    return is_night and any(one.start <= gap.start and gap.end <= one.end for one in heard.stretches)


def get_hub_start() -> int:
    """Return since when the hub runs, ms UTC. Raises HubNotReady."""
    return get_hub().started_at


def count_late_items(authorized: AuthorizedAccount, surfaces: Container[str], start: int, end: int) -> LateItems:
    """Return the number of items of these surfaces with a time from `start` to `end` (ms UTC) that the hub first saw
    after `end`."""
    view = authorized.view
    late = [(kind, item_id) for kind in _KINDS if kind in surfaces for item_id in _list_late(view, kind, start, end)]
    return LateItems(len(late), sum(view.is_unread(kind, item_id) for kind, item_id in late))


def _list_late(view: View, kind: Collection, start: int, end: int) -> Iterator[str]:
    order = {"messages": view.message_order, "comments": view.comment_order}.get(kind, view.notification_order)
    entries = view.entries(kind)
    for key in islice(order, MOST):
        if -key[0] < start:
            return
        if -key[0] <= end and entries[key[-1]].first_seen >= end:
            yield key[-1]
