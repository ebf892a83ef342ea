"""The change log in the database: checkpoint + later changes = the account. There is no second history."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
import structlog
from django.db import Error, transaction

from sync.core.account.marks import NO_MARK, ItemMark
from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.delta import Delta
from sync.core.pace import Check, go_on
from sync.core.stored.log_row_body import BadBody, Columns, decode_body, encode_body
from sync.models import Account, Change, Checkpoint, StoredMark
from sync.storage.checkpoint_body import ReadCheckpoint, decode_checkpoint, encode_checkpoint
from sync.storage.errors import Damaged
from sync.storage.heads import make_row
from sync.storage.records import BaseVersion, PendingRow
from sync.storage.sql.statements import IDS_IN_A_QUERY, NewChange, add_changes, move_account, read_bases
from sync.storage.watermark import raise_watermark

log = structlog.get_logger(__name__)

# Below this a checkpoint is not worth its write.
CHECKPOINT_FROM_BYTES = 64 * 1024
# How often a log is read again that somebody wrote to, or made shorter, in the middle of it.
LOAD_TRIES: Final = 3

NewView = Callable[[str], View]


class Conflict(Exception):
    """Raised when somebody else moved the account on, gave it to another worker, or deleted it."""

    def __init__(self, account_id: str) -> None:
        super().__init__(account_id)
        self.account_id = account_id


class ChangeLog:
    """Reads and appends the log. Used by one thread at a time, with its own database connection."""

    def __init__(self) -> None:
        self._checkpoint_bytes: dict[str, int] = {}
        self._bytes_since: dict[str, int] = {}

    def load_all(self, new_view: NewView) -> list[View]:
        """Return every account, as the log has it. Raises Damaged.

        Checkpoints that are due are written, so that the next start is a fast one: all of them after an upgrade.
        """
        with without_collector():
            views = [self.load(account_id, new_view) for account_id in Account.objects.values_list("pk", flat=True)]
        try:
            for view in views:
                self.checkpoint_if_due(view)
        except Error as error:
            log.warning("checkpoints could not be written", reason=str(error))
        return views

    def load(self, account_id: str, new_view: NewView) -> View:
        """Return one account as the log has it; a new view without any history. Raises Damaged."""
        for _ in range(LOAD_TRIES - 1):
            before = _state(account_id)
            try:
                return self._load(account_id, new_view, *before[:2])
            except Damaged:
                if _state(account_id) == before:
                    raise
        return self._load(account_id, new_view, *_state(account_id)[:2])

    def load_version(self, head: View, new_view: NewView) -> View:
        """Return the account as it is at the version of `head`. Raises Damaged, also where it is stored no more."""
        with without_collector():
            return self._load(head.account_id, new_view, head.version, head.seq)

    def has_image(self, view: View) -> bool:
        """Return whether the checkpoint is of the very version of `view`."""
        return Checkpoint.objects.filter(account_id=view.account_id, version=view.version).exists()

    def list_images(self) -> dict[str, int]:
        """Return the version of the checkpoint of each account that has one."""
        return dict(Checkpoint.objects.values_list("account_id", "version"))

    def _load(self, account_id: str, new_view: NewView, version: int, seq: int) -> View:
        view = new_view(account_id)
        since = 0
        checkpoint = Checkpoint.objects.filter(account_id=account_id).first()
        if checkpoint is not None:
            view, is_outdated = _read_checkpoint(checkpoint, view)
            self._checkpoint_bytes[account_id] = len(checkpoint.body)
            since += is_outdated * _due_from(len(checkpoint.body))
        goes_on = False
        changes = Change.objects.filter(account_id=account_id, version__gt=view.version).order_by("version")
        for change in changes.iterator():
            if goes_on := change.version > version:
                break
            view = _advanced(view, change)
            since += len(change.body)
        if (view.version, view.seq) != (version, seq):
            raise Damaged(
                f"account {account_id}: its row says version {version} and event {seq}, "
                f"but its change log ends with version {view.version} and event {view.seq}"
            )
        if goes_on and _state(account_id)[0] == version:
            raise Damaged(f"account {account_id}: its change log goes on after version {version}, its last")
        self._bytes_since[account_id] = since
        return view

    def check(self, bases: Iterable[BaseVersion]) -> None:
        """Check that nobody moved on or took over what the jobs were applied to. Call it in their transaction.

        Raises Conflict, also where nothing is to be written: what a worker says counts only under its lease.
        """
        bases = list(bases)
        held: Mapping[str, tuple[int | None, int | None]] = read_bases({base.account_id for base in bases})
        for base in bases:
            version, epoch = held.get(base.account_id, (None, None))
            if version != base.version or base.lease_epoch not in (None, epoch):
                raise Conflict(base.account_id)

    def commit(self, pending: Sequence[PendingRow]) -> None:
        """Write the rows, and what follows from them, in the caller's transaction.

        Raises Conflict, after which the transaction must be rolled back.
        """
        # In one order, as the owner's actions have it too: two that wait for each other's rows would never end.
        accounts = sorted(_by_account(pending).items())
        for account_id, rows in accounts:
            self._claim(account_id, rows)
        changes = [_change(item) for item in pending]
        add_changes(changes)
        for account_id, rows in accounts:
            self._throw_away(account_id, rows)
        for item in pending:
            save_marks(item.row.account_id, item.row.body)
        if changes:
            raise_watermark(len(changes))
        for change in changes:
            self._bytes_since[change.account_id] = self._bytes_since.get(change.account_id, 0) + len(change.body)

    def _claim(self, account_id: str, pending: Sequence[PendingRow]) -> None:
        """Move the account from the version below the rows to their last, if nobody else has.

        The lease is part of the condition: another worker may have got the account after `check` read it.
        """
        first, last = pending[0].row, pending[-1].row
        epochs = {item.lease_epoch for item in pending if item.lease_epoch is not None}
        if not move_account(
            account_id, before=first.version - 1, version=last.version, seq=last.seq_to, lease_epochs=epochs
        ):
            raise Conflict(account_id)

    def _throw_away(self, account_id: str, pending: Sequence[PendingRow]) -> None:
        """Delete the history before a reset: what it leaves behind is not kept as history either."""
        resets = [item.row.version for item in pending if item.row.body.reset]
        if resets:
            Change.objects.filter(account_id=account_id, version__lt=resets[-1]).delete()
            Checkpoint.objects.filter(account_id=account_id).delete()
            self._checkpoint_bytes.pop(account_id, None)

    def is_checkpoint_due(self, account_id: str) -> bool:
        """Return whether the changes since the checkpoint outweigh it."""
        return self._bytes_since.get(account_id, 0) >= _due_from(self._checkpoint_bytes.get(account_id, 0))

    def checkpoint_if_due(self, view: View, check: Check = go_on) -> None:
        """Rewrite the checkpoint when the changes since outweigh it. `check`: as for `write_checkpoint`."""
        if self.is_checkpoint_due(view.account_id):
            self.write_checkpoint(view, check)

    def write_checkpoint(self, view: View, check: Check = go_on) -> None:
        """Write the checkpoint, unless there is a newer one or the history that led to `view` is gone.

        `check` is called while it is encoded. Changes may be committed meanwhile.
        """
        row = Checkpoint(account_id=view.account_id, version=view.version, seq=view.seq, at=view.changed_at or 0)
        covered = self._bytes_since.get(view.account_id, 0)
        row.body = encode_checkpoint(view, columns(row), check)
        head = make_row(view, check) if view.may_be_evicted else None
        with transaction.atomic():
            # Whoever commits a change or a checkpoint of this account waits for the other.
            Account.objects.select_for_update().filter(pk=view.account_id).values_list("pk").first()
            newer = Checkpoint.objects.filter(account_id=view.account_id, version__gt=view.version)
            led_there = Change.objects.filter(account_id=view.account_id, version=view.version)
            same = Checkpoint.objects.filter(account_id=view.account_id, version=view.version)
            if (led_there.exists() or same.exists()) and not newer.exists():
                row.save()
                if head is not None:
                    head.save()
        self._checkpoint_bytes[view.account_id] = len(row.body)
        self._bytes_since[view.account_id] = max(0, self._bytes_since.get(view.account_id, 0) - covered)


def columns(row: Change | NewChange | Checkpoint) -> Columns:
    """Return what the checksum of the row's body covers besides."""
    if isinstance(row, Checkpoint):
        return (row.account_id, row.version, row.seq, row.at)
    numbers = (row.version, row.seq_from, row.seq_to, row.at)
    return (row.account_id, *numbers, row.actor, row.origin, row.action)


def read_body(row: Change | Checkpoint) -> Delta:
    """Return the decoded body of the row. Raises Damaged."""
    try:
        return decode_body(row.body, columns(row))
    except BadBody as error:
        raise _damaged(row, error) from error


def _due_from(checkpoint_bytes: int) -> int:
    """Return how many bytes of changes make a new checkpoint due. `checkpoint_bytes`: of the last one, 0 for none."""
    return max(checkpoint_bytes, CHECKPOINT_FROM_BYTES) + 1


@contextmanager
def without_collector() -> Iterator[None]:
    """Let nobody look for circles meanwhile: a load makes millions of objects and drops none, and half of its time
    would go into looking at them again and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read_checkpoint(row: Checkpoint, new: View) -> ReadCheckpoint:
    try:
        return decode_checkpoint(row.body, columns(row), new, seq=row.seq, at=row.at)
    except BadBody as error:
        raise _damaged(row, error) from error


def _damaged(row: Change | Checkpoint, error: BadBody) -> Damaged:
    what = f"the {row._meta.verbose_name} of version {row.version}"
    return Damaged(f"account {row.account_id}: {what} cannot be read: {error}")


def _state(account_id: str) -> tuple[int, int, int]:
    """Return (version, seq, version of the checkpoint); 0 for what is not there."""
    account = Account.objects.filter(pk=account_id).values_list("version", "seq").first() or (0, 0)
    checkpoint = Checkpoint.objects.filter(account_id=account_id).values_list("version", flat=True).first()
    return (*account, checkpoint or 0)


def _advanced(view: View, row: Change) -> View:
    delta = read_body(row)
    if row.version != view.version + 1 and not delta.reset:
        raise Damaged(f"account {view.account_id}: version {view.version + 1} is missing from its change log")
    return advance(view, delta, version=row.version, seq=row.seq_to, at=row.at)


def _by_account(pending: Iterable[PendingRow]) -> dict[str, list[PendingRow]]:
    groups: dict[str, list[PendingRow]] = {}
    for item in pending:
        groups.setdefault(item.row.account_id, []).append(item)
    return groups


def _change(pending: PendingRow) -> NewChange:
    row, actor = pending.row, pending.actor
    numbers = (row.version, row.seq_from, row.seq_to, row.at)
    change = NewChange(row.account_id, *numbers, actor.name, actor.origin, row.body.action, b"")
    return change._replace(body=encode_body(row.body, columns(change)))


def save_marks(account_id: str, delta: Delta) -> None:
    """Make the rows of the marks what `delta` says."""
    if not delta.marks and not delta.reset:
        return
    rows = StoredMark.objects.filter(account_id=account_id)
    if delta.reset:
        rows.delete()
    dropped: dict[str, list[str]] = {}
    for marked in delta.marks:
        if marked.mark == NO_MARK:
            dropped.setdefault(marked.collection, []).append(marked.id)
    for kind, ids in dropped.items():
        for start in range(0, len(ids), IDS_IN_A_QUERY):
            rows.filter(kind=kind, item_id__in=ids[start : start + IDS_IN_A_QUERY]).delete()
    kept = [marked for marked in delta.marks if marked.mark != NO_MARK]
    StoredMark.objects.bulk_create(
        [_mark(account_id, marked) for marked in kept],
        update_conflicts=True,
        update_fields=["body"],
        unique_fields=["account", "kind", "item_id"],
    )


def _mark(account_id: str, marked: ItemMark) -> StoredMark:
    return StoredMark(
        account_id=account_id,
        kind=marked.collection,
        item_id=marked.id,
        body=msgspec.to_builtins(marked.mark),
    )
