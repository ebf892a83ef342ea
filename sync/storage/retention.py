"""Deletes old history: `IMHUB_RETENTION_DAYS` (0: everything is kept).

What a client may still ask for stays: the newest KEPT_EVENTS events of an account; and nothing younger than a day goes,
for that is the shortest setting. A row goes only when a checkpoint that can be read covers it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain, islice, takewhile
from typing import Final, NamedTuple

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from sync.models import Account, Change, Checkpoint, Observation
from sync.protocol.times import DAY_MS
from sync.storage.change_log import ChangeLog, NewView, read_body
from sync.storage.database import in_database
from sync.storage.errors import Damaged

log = structlog.get_logger(__name__)

EVERY_S: Final = 3600.0
LOOK_S: Final = 60.0
PAUSE_S: Final = 1.0
KEPT_EVENTS: Final = 1_000
# Rows of one transaction: the writer waits for no more than these.
BATCH: Final = 200
BATCHES_A_RUN: Final = 25


class Run(NamedTuple):
    """The rows that one run deleted, of the change log and of observations. `finished`: nothing more is due."""

    changes: int
    observations: int
    finished: bool


async def keep_short(clock: Callable[[], int], new_view: NewView, is_mine: Callable[[], bool] = lambda: True) -> None:
    """Apply the setting again and again while the hub runs, off its request path. `clock`: ms UTC.

    `is_mine`: whether it is this hub's chore just then.
    """
    while True:
        if not is_mine():
            await asyncio.sleep(LOOK_S)
            continue
        try:
            run = await in_database(apply_retention, clock(), new_view)
            if run.changes or run.observations:
                log.info("old history deleted", changes=run.changes, observations=run.observations)
            finished = run.finished
        except Exception:  # whatever it was, the next run may succeed
            log.exception("old history could not be deleted")
            finished = True
        await asyncio.sleep(EVERY_S if finished else PAUSE_S)


def apply_retention(now: int, new_view: NewView) -> Run:
    """Delete what the setting asks for. `now`: ms UTC."""
    if not settings.RETENTION_DAYS:
        return Run(changes=0, observations=0, finished=True)
    return delete_old(now - settings.RETENTION_DAYS * DAY_MS, new_view)


def delete_old(before: int, new_view: NewView, *, batch: int = BATCH, batches: int = BATCHES_A_RUN) -> Run:
    """Delete what is older than `before` (ms UTC); at most so many batches, each in a transaction of its own."""
    steps = chain(
        (("changes", count) for count in _all_changes(before, batch, new_view)),
        (("observations", count) for count in _observations(before, batch)),
    )
    done = list(islice(steps, batches))
    deleted: Counter[str] = Counter()
    for name, count in done:
        deleted[name] += count
    return Run(deleted["changes"], deleted["observations"], finished=len(done) < batches)


def _all_changes(before: int, batch: int, new_view: NewView) -> Iterator[int]:
    for account_id in list(Account.objects.values_list("pk", flat=True)):
        yield from _changes(account_id, before, batch, new_view)


def _changes(account_id: str, before: int, batch: int, new_view: NewView) -> Iterator[int]:
    """Delete batch by batch, and yield the number of rows of each."""
    covered = 0
    while (last := _last_old(account_id, before, batch)) is not None:
        try:
            covered = covered if covered >= last else _cover(account_id, last, new_view)
        except Damaged as error:
            log.error("its history is kept as it is", account=account_id, reason=str(error))
            return
        deleted = _delete_changes(account_id, min(last, covered), covered)
        if not deleted:
            return
        yield deleted


def _delete_changes(account_id: str, last: int, covered: int) -> int:
    with transaction.atomic():
        # Asked again: somebody may have cleared the account meanwhile, and its checkpoint with it.
        if not Checkpoint.objects.filter(account_id=account_id, version__gte=covered).exists():
            return 0
        return Change.objects.filter(account_id=account_id, version__lte=last).delete()[0]


def _last_old(account_id: str, before: int, batch: int) -> int | None:
    """Return the last version of the oldest rows that may go, at most `batch` of them."""
    seq = Account.objects.filter(pk=account_id).values_list("seq", flat=True).first()
    if seq is None:
        return None
    rows = Change.objects.filter(account_id=account_id).order_by("version")
    oldest = rows.values_list("version", "at", "seq_to")[:batch]
    old = takewhile(lambda row: row[1] < before and row[2] <= seq - KEPT_EVENTS, oldest)
    return max((version for version, _, _ in old), default=None)


def _cover(account_id: str, version: int, new_view: NewView) -> int:
    """Return the version of the checkpoint, which can be read. A newer one is written if `version` is beyond it.

    Raises Damaged.
    """
    checkpoint = Checkpoint.objects.filter(account_id=account_id).first()
    if checkpoint is None or checkpoint.version < version:
        change_log = ChangeLog()
        change_log.write_checkpoint(change_log.load(account_id, new_view))
        checkpoint = Checkpoint.objects.filter(account_id=account_id).first()
    if checkpoint is None:
        return 0
    read_body(checkpoint)
    return checkpoint.version


def _observations(before: int, batch: int) -> Iterator[int]:
    """Delete all but the newest of each surface and outcome: how fresh an account is does not change by it."""
    newer = Observation.objects.filter(
        account_id=OuterRef("account_id"),
        surface=OuterRef("surface"),
        canary=OuterRef("canary"),
        end__gt=OuterRef("end"),
    )
    old = Observation.objects.filter(Exists(newer), end__lt=before).order_by("pk").values_list("pk", flat=True)
    while keys := list(old[:batch]):
        yield Observation.objects.filter(pk__in=keys).delete()[0]
