"""The change log in the database: checkpoint + later changes = the account. There is no second history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import msgspec
import structlog
from django.db import transaction

from sync.core.advance import advance
from sync.core.delta import Delta, Row, decode_delta, encode_delta
from sync.core.marks import NO_MARK, Marked
from sync.core.view import View
from sync.jobs import Actor
from sync.models import Account, Change, Checkpoint, Mark

log = structlog.get_logger(__name__)

# Below this a checkpoint is not worth its write.
CHECKPOINT_FROM_BYTES = 64 * 1024

NewView = Callable[[str], View]


class Conflict(Exception):
    """Somebody else moved the account on, gave it to another worker, or deleted it."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class Damaged(Exception):
    """The log of an account cannot be read. The message names the account and the row."""


class Base(NamedTuple):
    """What a job was applied to. `lease_epoch`: None for the owner's own changes."""

    account_id: str
    version: int
    lease_epoch: int | None


class Entered(NamedTuple):
    """A row to commit. `lease_epoch`: as in `Base`."""

    row: Row
    actor: Actor
    lease_epoch: int | None


class ChangeLog:
    """Reads and appends. Used by one thread at a time, with its own database connection."""

    def __init__(self) -> None:
        self._checkpoint_bytes: dict[str, int] = {}
        self._bytes_since: dict[str, int] = {}

    def load_all(self, new_view: NewView) -> list[View]:
        """Every account, as the log has it. Raises Damaged."""
        return [self.load(account_id, new_view) for account_id in Account.objects.values_list("pk", flat=True)]

    def load(self, account_id: str, new_view: NewView) -> View:
        """One account; without any history a new view. Raises Damaged."""
        view = new_view(account_id)
        checkpoint = Checkpoint.objects.filter(account_id=account_id).first()
        if checkpoint is not None:
            body = bytes(checkpoint.body)
            view = _advanced(view, body, checkpoint.version, checkpoint.seq, checkpoint.at)
            self._checkpoint_bytes[account_id] = len(body)
        since = 0
        changes = Change.objects.filter(account_id=account_id, version__gt=view.version).order_by("version")
        for change in changes.iterator():
            body = bytes(change.body)
            view = _advanced(view, body, change.version, change.seq_to, change.at)
            since += len(body)
        self._bytes_since[account_id] = since
        return view

    def check(self, bases: Iterable[Base]) -> None:
        """Inside the caller's transaction: nobody moved on or took over what the jobs were applied to.

        Raises Conflict, also where nothing is to be written: what a worker says counts only under its lease.
        """
        wanted = {base.account_id for base in bases}
        rows = Account.objects.filter(pk__in=wanted).values_list("pk", "version", "lease_epoch")
        held = {account_id: (version, epoch) for account_id, version, epoch in rows}
        for base in bases:
            version, epoch = held.get(base.account_id, (None, None))
            if version != base.version or base.lease_epoch not in (None, epoch):
                raise Conflict(base.account_id)

    def commit(self, entered: Sequence[Entered]) -> None:
        """Inside the caller's transaction, which must be rolled back on Conflict."""
        for account_id, rows in _by_account(entered).items():
            self._claim(account_id, rows)
        changes = [_change(item) for item in entered]
        Change.objects.bulk_create(changes)
        for item in entered:
            save_marks(item.row.account_id, item.row.body)
        for change in changes:
            self._bytes_since[change.account_id] = self._bytes_since.get(change.account_id, 0) + len(change.body)

    def _claim(self, account_id: str, entered: Sequence[Entered]) -> None:
        """Moves the account from the version below the rows to their last, if nobody else has.

        The lease is part of the condition: another worker may have got the account after `check` read it.
        """
        first, last = entered[0].row, entered[-1].row
        account = Account.objects.filter(pk=account_id, version=first.version - 1)
        for epoch in {item.lease_epoch for item in entered if item.lease_epoch is not None}:
            account = account.filter(lease_epoch=epoch)
        if not account.update(version=last.version, seq=last.seq_to):
            raise Conflict(account_id)
        resets = [item.row.version for item in entered if item.row.body.reset]
        if resets:  # what was thrown away is not kept as history either
            Change.objects.filter(account_id=account_id, version__lt=resets[-1]).delete()
            Checkpoint.objects.filter(account_id=account_id).delete()
            self._checkpoint_bytes.pop(account_id, None)

    def checkpoint_if_due(self, view: View) -> None:
        """Rewrites the checkpoint when the changes since outweigh it."""
        held = max(self._checkpoint_bytes.get(view.account_id, 0), CHECKPOINT_FROM_BYTES)
        if self._bytes_since.get(view.account_id, 0) > held:
            self.write_checkpoint(view)

    def write_checkpoint(self, view: View) -> None:
        body = encode_delta(view.as_delta())
        with transaction.atomic():
            Checkpoint.objects.update_or_create(
                account_id=view.account_id,
                defaults={"version": view.version, "seq": view.seq, "at": view.changed_at or 0, "body": body},
            )
        self._checkpoint_bytes[view.account_id] = len(body)
        self._bytes_since[view.account_id] = 0


def _advanced(view: View, body: bytes, version: int, seq: int, at: int) -> View:
    try:
        delta = decode_delta(body)
    except msgspec.MsgspecError as error:
        raise Damaged(f"account {view.account_id}: version {version} of its log cannot be read: {error}") from error
    if version != view.version + 1 and not delta.reset:
        raise Damaged(f"account {view.account_id}: version {view.version + 1} is missing from its change log")
    return advance(view, delta, version=version, seq=seq, at=at)


def _by_account(entered: Iterable[Entered]) -> dict[str, list[Entered]]:
    groups: dict[str, list[Entered]] = {}
    for item in entered:
        groups.setdefault(item.row.account_id, []).append(item)
    return groups


def _change(entered: Entered) -> Change:
    row = entered.row
    return Change(
        account_id=row.account_id,
        version=row.version,
        seq_from=row.seq_from,
        seq_to=row.seq_to,
        at=row.at,
        actor=entered.actor.name,
        origin=entered.actor.origin,
        action=row.body.action,
        body=encode_delta(row.body),
    )


def save_marks(account_id: str, delta: Delta) -> None:
    """Makes the rows of the marks what `delta` says."""
    rows = Mark.objects.filter(account_id=account_id)
    if delta.reset:
        rows.delete()
    for marked in delta.marks:
        if marked.mark == NO_MARK:
            rows.filter(kind=marked.collection, item_id=marked.id).delete()
    kept = [marked for marked in delta.marks if marked.mark != NO_MARK]
    Mark.objects.bulk_create(
        [_mark(account_id, marked) for marked in kept],
        update_conflicts=True,
        update_fields=["body"],
        unique_fields=["account", "kind", "item_id"],
    )


def _mark(account_id: str, marked: Marked) -> Mark:
    return Mark(
        account_id=account_id,
        kind=marked.collection,
        item_id=marked.id,
        body=msgspec.to_builtins(marked.mark),
    )
