"""Gives accounts a new epoch at a start with a database that is older than what clients were told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import uuid4

import structlog
from django.db import transaction

from sync.core.account.view import View
from sync.core.change.apply import Applied, apply
from sync.core.change.changes import EpochRenewed
from sync.storage.change_log import ChangeLog
from sync.storage.records import Actor, PendingRow

log = structlog.get_logger(__name__)

HUB: Final = Actor("hub")


def renew_epochs(change_log: ChangeLog, views: Iterable[View], now: int) -> list[View]:
    """Write a new epoch for each of the accounts, and return them with it. `now`: ms UTC.

    Clients were told more than the database holds: what they know must not be continued.
    """
    applied = [apply(view, EpochRenewed(epoch=uuid4().hex), now) if view.version else view for view in views]
    rows = [PendingRow(one.row, HUB, None) for one in applied if isinstance(one, Applied) and one.row is not None]
    with transaction.atomic():
        change_log.commit(rows)
    log.warning("all accounts got a new epoch: clients read them anew", accounts=len(rows))
    return [one.view if isinstance(one, Applied) else one for one in applied]
