"""Makes a move of an account to another worker. Needs database access.

One transaction decides it, by comparing what it was planned on: that holds over several hubs too.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from sync.directory import get_generation, raise_generation
from sync.fleet.rules import Move
from sync.models import Account, Worker
from sync.protocol.lease_times import REASSIGN_S
from sync.storage.database import is_shared


def note_coming(worker: str) -> int:
    """Write down that the worker is about to be given accounts by one of several hubs: a move that is made after this
    is refused by it, and one that was made before is in the directory. Return the directory's generation.
    """
    Worker.objects.filter(name=worker).update(last_seen_at=Now())
    return get_generation()


@transaction.atomic
def make_move(move: Move) -> bool:
    """Give the account to the new worker under the next epoch, and return whether that was still right.

    It is not if the account changed hands or was paused meanwhile, if the new worker has no place left, or if the old
    one came to another hub. It does not count as a loss that the old worker may not have heard of (`moved_at`): that
    has stopped its browsers.
    """
    if is_shared() and _has_come_elsewhere(move.old):
        return False
    new = Worker.objects.select_for_update().filter(name=move.new).first()
    if new is None:
        return False
    active = Account.objects.filter(status=Account.Status.ACTIVE)
    if move.places is not None and active.filter(worker=new).count() >= move.places:
        return False
    still = active.filter(pk=move.account_id, worker__name=move.old, lease_epoch=move.lease_epoch)
    moved = still.update(worker=new, lease_epoch=move.lease_epoch + 1, updated_at=timezone.now())
    if moved:
        raise_generation()
    return bool(moved)


def _has_come_elsewhere(worker: str) -> bool:
    """Return whether the worker registered so lately that it is not silent, by the database's clock. Until the end of
    the transaction it cannot.
    """
    row = Worker.objects.select_for_update().filter(name=worker)
    return bool(row and row.filter(last_seen_at__gt=Now() - timedelta(seconds=REASSIGN_S)).exists())
