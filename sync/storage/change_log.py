"""The change log in the database: checkpoint + later changes = the account. There is no second history."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Final

import msgspec
import structlog
from django.db import Error, transaction
from django.db.models import Exists, F, OuterRef

from sync.core.account.marks import NO_MARK, ItemMark
from sync.core.account.view import View
from sync.core.change.advance import advance
from sync.core.change.delta import Delta, LogRow
from sync.core.pace import Check, go_on
from sync.core.stored.log_row_body import BadBody, Columns, decode_body, encode_body, open_body
from sync.models import Account, Change, Checkpoint, StoredMark
from sync.storage.checkpoint_body import ReadCheckpoint, decode_checkpoint, encode_checkpoint
from sync.storage.errors import BodyGone, Damaged
from sync.storage.heads import make_row
from sync.storage.records import BaseVersion, PendingRow
from sync.storage.sql.statements import IDS_IN_A_QUERY, NewChange, add_changes, move_account, read_bases
from sync.storage.watermark import raise_watermark

log = structlog.get_logger(__name__)

# Below this a checkpoint is not worth its write.
CHECKPOINT_FROM_BYTES = 64 * 1024
# Checkpoints that are in memory at a time while all accounts are loaded.
CHECKPOINTS_AT_ONCE: Final = 16
# So many bytes of checkpoints a start reads whole. Of what is more it reads heads, and the rest once it has begun.
WHOLE_AT_START_BYTES: Final = 16 * 1024 * 1024
# How often a log is read again that somebody wrote to, or made shorter, in the middle of it.
LOAD_TRIES: Final = 3

NewView = Callable[[str], View]
ReadHeads = Callable[[], Mapping[str, View]]
_NO_HEADS: Final[Mapping[str, View]] = {}


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

    def load_all(self, new_view: NewView, read_heads: ReadHeads | None = None) -> list[View]:
        """Return every account, as the log has it. Raises Damaged.

        With `read_heads`, which returns the heads that are stored, those above WHOLE_AT_START_BYTES come as heads: what
        is wrong with their checksums is found all the same. Checkpoints that are due are written, so that the next
        start is a fast one: all of them after an upgrade.
        """
        with without_collector():
            at_once = dict(self._load_unchanged(new_view, read_heads))
            ids = Account.objects.values_list("pk", flat=True)
            views = [at_once.get(account_id) or self.load(account_id, new_view) for account_id in ids]
        try:
            for view in views:
                self.checkpoint_if_due(view)
        except Error as error:
            log.warning("checkpoints could not be written", reason=str(error))
        return views

    def _load_unchanged(self, new_view: NewView, read_heads: ReadHeads | None) -> Iterator[tuple[str, View]]:
        """Yield the accounts of which the checkpoint says all, by two queries: five for each account would take a tenth
        of a start. What is wrong with one is told by `load`.
        """
        # Asked by account: a join looks at every change there is, and a log has millions.
        later = Change.objects.filter(account_id=OuterRef("pk"), version__gt=OuterRef("version"))
        others = set(Account.objects.filter(Exists(later)).values_list("pk", flat=True))
        checkpoints = Checkpoint.objects.filter(version=F("account__version"), seq=F("account__seq")).order_by("pk")
        whole, heads = 0, None if read_heads is not None else _NO_HEADS
        for checkpoint in checkpoints.iterator(chunk_size=CHECKPOINTS_AT_ONCE):
            if checkpoint.account_id in others:
                continue
            whole += len(checkpoint.body)
            if read_heads is not None and heads is None and whole > WHOLE_AT_START_BYTES:
                heads = read_heads()
            with suppress(Damaged):
                head = (heads or {}).get(checkpoint.account_id)
                view, since = self._open(checkpoint, new_view(checkpoint.account_id), head)
                self._bytes_since[checkpoint.account_id] = since
                yield checkpoint.account_id, view

    def _open(self, checkpoint: Checkpoint, new: View, head: View | None = None) -> tuple[View, int]:
        """Return the view of a checkpoint, and for how many bytes of changes it counts: it may be due anew. Where
        `head` is that of the same version it is returned, if the checkpoint is sound.
        """
        if head is not None and (head.version, head.seq) == (checkpoint.version, checkpoint.seq):
            _check_body(checkpoint)
            view, is_outdated = head, False
        else:
            view, is_outdated = _read_checkpoint(checkpoint, new)
        self._checkpoint_bytes[checkpoint.account_id] = len(checkpoint.body)
        return view, is_outdated * _due_from(len(checkpoint.body))

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

    def load_later(self, view: View, new_view: NewView) -> tuple[View, list[LogRow]]:
        """Return the account as the log has it now, and the rows that lead there from `view`: another hub wrote them.

        The very same view if there are none. No rows beside another view: the log cannot tell how it came about.
        Raises Damaged.
        """
        later = Change.objects.filter(account_id=view.account_id, version__gt=view.version).order_by("version")
        changes = list(later)
        if not changes:
            return view, []
        rows = [_log_row(change) for change in changes]
        try:
            now = view.whole()
            for row in rows:
                now = _advanced(now, row)
        except (Damaged, BodyGone):
            now = self.load(view.account_id, new_view)
            has_all = [row.version for row in rows] == list(range(view.version + 1, now.version + 1))
            return now, rows if has_all else []
        since = sum(len(change.body) for change in changes)
        self._bytes_since[view.account_id] = self._bytes_since.get(view.account_id, 0) + since
        return now, rows

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
            view, since = self._open(checkpoint, view)
        goes_on = False
        changes = Change.objects.filter(account_id=account_id, version__gt=view.version).order_by("version")
        for change in changes.iterator():
            if goes_on := change.version > version:
                break
            view = _advanced(view, _log_row(change))
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

    def commit(self, pending: Sequence[PendingRow], bases: Iterable[BaseVersion] = ()) -> None:
        """Write the rows, and what follows from them, in the caller's transaction. `bases`: what all jobs were applied
        to, also those that write nothing.

        Raises Conflict if somebody moved on or took over one of the accounts, after which the transaction must be
        rolled back.
        """
        # In one order, as the owner's actions have it too: two that wait for each other's rows would never end.
        accounts = sorted(_by_account(pending).items())
        based: dict[str, list[BaseVersion]] = {}
        for base in bases:
            based.setdefault(base.account_id, []).append(base)
        for account_id, rows in accounts:
            self._claim(account_id, rows, based.pop(account_id, ()))
        _check_unmoved(chain.from_iterable(based.values()))
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

    def _claim(self, account_id: str, pending: Sequence[PendingRow], bases: Sequence[BaseVersion]) -> None:
        """Move the account from the version below the rows to their last, if nobody else has, and under the leases of
        all jobs: one statement tells both, so that nothing need be read before.
        """
        before, last = pending[0].row.version - 1, pending[-1].row
        said = {item.lease_epoch for item in pending} | {base.lease_epoch for base in bases}
        epochs = {epoch for epoch in said if epoch is not None}
        if any(base.version != before for base in bases) or not move_account(
            account_id, before=before, version=last.version, seq=last.seq_to, lease_epochs=epochs
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


def _check_unmoved(bases: Iterable[BaseVersion]) -> None:
    """Check that nobody moved on or took over what these jobs were applied to, which write nothing: what a worker says
    counts only under its lease. Raises Conflict.
    """
    bases = list(bases)
    if not bases:
        return
    held: Mapping[str, tuple[int | None, int | None]] = read_bases({base.account_id for base in bases})
    for base in bases:
        version, epoch = held.get(base.account_id, (None, None))
        if version != base.version or base.lease_epoch not in (None, epoch):
            raise Conflict(base.account_id)


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


def _check_body(row: Checkpoint) -> None:
    try:
        open_body(row.body, columns(row))
    except BadBody as error:
        raise _damaged(row, error) from error


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


def _advanced(view: View, row: LogRow) -> View:
    if row.version != view.version + 1 and not row.body.reset:
        raise Damaged(f"account {view.account_id}: version {view.version + 1} is missing from its change log")
    return advance(view, row.body, version=row.version, seq=row.seq_to, at=row.at)


def _log_row(row: Change) -> LogRow:
    numbers = {"version": row.version, "seq_from": row.seq_from, "seq_to": row.seq_to, "at": row.at}
    return LogRow(account_id=row.account_id, **numbers, body=read_body(row))


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
