"""Events of an account: live from the hub, or from its log for a client that missed them."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from im_api.queries.scope import AuthorizedAccount
from sync.core.change.delta import Event, LogRow
from sync.core.change.events import RESET
from sync.hubs.fact_board import FactBoard
from sync.storage.database import in_database
from sync.storage.errors import Damaged
from sync.storage.replay import missed_events
from sync.writing.jobs import Published

__all__ = [
    "Event",
    "FactBoard",
    "NotificationBatch",
    "Position",
    "Published",
    "batches_of",
    "in_database",
    "list_missed_events",
    "position_of",
    "read_missed_events",
]


log = structlog.get_logger(__name__)


class Position(NamedTuple):
    """The last event of an account that a client was notified of. `epoch`: another one when the history begins anew."""

    epoch: str
    seq: int


class NotificationBatch(NamedTuple):
    """The events of an account that lead from `after` (a sequence number) to `position`.

    None instead of events is a reset: the client reads everything again. `initial`: it is the account's first version.
    """

    account_id: str
    after: int
    position: Position
    events: list[Event] | None
    initial: bool = False


def position_of(authorized: AuthorizedAccount) -> Position:
    """Return the position of the version that `authorized` holds."""
    return Position(authorized.view.epoch, authorized.view.seq)


def batches_of(published: Published) -> list[NotificationBatch]:
    """Return a batch per account. A version that came without its events (from another process) is a reset."""
    rows: dict[str, list[LogRow]] = {}
    for row in published.rows:
        rows.setdefault(row.account_id, []).append(row)
    batches = []
    for view in published.views:
        mine = rows.get(view.account_id, [])
        events = [event for row in mine for event in row.body.events]
        after, position = view.seq - len(events), Position(view.epoch, view.seq)
        if not mine or RESET in events:
            initial = any(row.body.started_version is not None for row in mine)
            batches.append(NotificationBatch(view.account_id, after, position, None, initial))
        elif events:
            batches.append(NotificationBatch(view.account_id, after, position, events))
    return batches


async def read_missed_events(authorized: AuthorizedAccount, since: Position) -> NotificationBatch:
    """Return the batch that leads from `since` to the version of `authorized`; a reset if the log cannot tell."""
    now = position_of(authorized)
    may_differ = since.epoch == now.epoch and since.seq < now.seq
    read = list_missed_events
    events = await in_database(read, authorized, since) if may_differ else read(authorized, since)
    return NotificationBatch(authorized.account.id, since.seq, now, events)


def list_missed_events(authorized: AuthorizedAccount, since: Position) -> list[Event] | None:
    """Return the events that lead from `since` to the version of `authorized`; None if the log cannot tell.

    It asks the database, unless `since` is that version or of another epoch.
    """
    now, account_id = position_of(authorized), authorized.account.id
    if since.epoch != now.epoch or since.seq > now.seq:
        return None
    if since.seq == now.seq:
        return []
    try:
        events = missed_events(account_id, since.seq, now.seq)
    except Damaged as error:  # memory is whole: the client reads that
        log.error("missed events cannot be read", account=account_id, reason=str(error))
        return None
    return None if events is not None and RESET in events else events
