"""The change log in the database: checkpoint + later changes = the account. There is no second history."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
import structlog
from django.db import transaction

from sync.core.advance import advance
from sync.core.delta import Row, decode_delta, encode_delta
from sync.core.view import View
from sync.models import Account, Change, Checkpoint

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


class Entered(msgspec.Struct, frozen=True):
    """A row to commit. `lease_epoch`: None for the owner's own changes."""

    row: Row
    actor: str
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
            if change.version != view.version + 1:
                raise Damaged(f"account {account_id}: version {view.version + 1} is missing from its change log")
            body = bytes(change.body)
            view = _advanced(view, body, change.version, change.seq_to, change.at)
            since += len(body)
        self._bytes_since[account_id] = since
        return view

    def commit(self, entered: Sequence[Entered]) -> None:
        """Inside the caller's transaction. Raises Conflict; the transaction must then be rolled back."""
        for account_id, rows in _by_account(entered).items():
            self._claim(account_id, rows)
        Change.objects.bulk_create(_change(item) for item in entered)

    def _claim(self, account_id: str, entered: Sequence[Entered]) -> None:
        """Moves the account from the version below the rows to their last, if nobody else has."""
        first, last = entered[0].row, entered[-1].row
        account = Account.objects.filter(pk=account_id, version=first.version - 1)
        epochs = {item.lease_epoch for item in entered if item.lease_epoch is not None}
        if len(epochs) > 1:
            raise Conflict(account_id)
        for epoch in epochs:
            account = account.filter(lease_epoch=epoch)
        if not account.update(version=last.version, seq=last.seq_to):
            raise Conflict(account_id)

    def note_committed(self, entered: Iterable[Entered], views: Mapping[str, View]) -> None:
        """After the commit: rewrites the checkpoint of each account whose changes outweigh it."""
        for item in entered:
            account_id = item.row.account_id
            self._bytes_since[account_id] = self._bytes_since.get(account_id, 0) + len(encode_delta(item.row.body))
        for account_id, view in views.items():
            held = max(self._checkpoint_bytes.get(account_id, 0), CHECKPOINT_FROM_BYTES)
            if self._bytes_since.get(account_id, 0) > held:
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
        return advance(view, decode_delta(body), version=version, seq=seq, at=at)
    except msgspec.MsgspecError as error:
        raise Damaged(f"account {view.account_id}: version {version} of its log cannot be read: {error}") from error


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
        actor=entered.actor,
        body=encode_delta(row.body),
    )
