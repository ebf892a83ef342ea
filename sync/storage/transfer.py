"""Exports the whole store as one JSON file, and imports it. Both work on the database, not on a running hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import uuid4

import msgspec
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DataError, transaction

from sync.core.account.view import View
from sync.core.change.delta import Delta, as_delta
from sync.core.change.replies.reply_changes import interrupted
from sync.core.stored.log_row_body import encode_body
from sync.directory import raise_generation
from sync.models import Account, AccountHead, Change, Checkpoint, HubSettings, Observation, StoredMark
from sync.storage.change_log import ChangeLog, NewView, columns, save_marks
from sync.storage.export_file import BadDocument, Owned, Settings, make_document, read_contents
from sync.storage.integrity import readable_database
from sync.storage.locks.directory_lock import Held
from sync.storage.locks.hub_locks import take_locks
from sync.storage.watermark import drop_watermark, remember_highest


class HubRuns(Exception):
    """Raised for an import beside a running hub, which would go on with what it holds in memory."""


class Imported(msgspec.Struct, frozen=True):
    """The accounts that an import changed. `emptied`: the file does not name them; they stay, without data."""

    replaced: list[str]
    created: list[str]
    emptied: list[str]


class ExportPart(Protocol):
    """A part of an export that another room keeps: `export_part` of its app's config. Its content is plain data, as
    JSON has it. Call it with database access."""

    def take(self) -> dict[str, Any] | None:
        """Return what is exported now; None for nothing."""
        ...

    def check(self, content: dict[str, Any]) -> None:
        """Raise ValueError, with the place below the part, if this is not what `take` returns."""
        ...

    def put(self, content: dict[str, Any], now: int) -> None:
        """Store what was checked, in the caller's transaction. What the owner chose here stands. `now`: ms UTC."""
        ...


def list_export_parts() -> dict[str, ExportPart]:
    """Return the parts by the names of their apps."""
    parts = {config.label: getattr(config, "export_part", None) for config in apps.get_app_configs()}
    return {name: part for name, part in sorted(parts.items()) if part is not None}


# -- out


def export_document(new_view: NewView) -> bytes:
    """Return everything in the database, as JSON. `new_view` makes an account of which nothing is known.

    Raises Unusable.
    """
    change_log = ChangeLog()
    with readable_database():
        rows = list(Account.objects.all())
        views = [change_log.load(row.pk, new_view) for row in rows]
        stored = HubSettings.objects.filter(pk=HubSettings.ONLY).first()
        taken = {name: part.take() for name, part in list_export_parts().items()}
    parts = {name: content for name, content in taken.items() if content is not None}
    settings = Settings(closing_words=stored.closing_words) if stored is not None else None
    document = make_document(views, map(_owned, rows), settings, parts)
    return msgspec.json.encode(document, order="deterministic")  # so that older versions find the same checksums


def _owned(row: Account) -> Owned:
    return Owned(
        account_id=row.pk,
        platform=row.platform,
        name=row.name,
        platform_user_id=row.platform_user_id,
        status=row.status,
        alias=row.alias,
        group=row.group,
        color=row.color,
        config=row.config,
    )


# -- in


def import_document(content: bytes, now: int, new_view: NewView) -> Imported:
    """Replace the data of all accounts by what `content` holds, or change nothing. `now`: ms UTC.

    `new_view` makes an account of which nothing is known. Raises BadDocument, HubRuns, Unusable.
    """
    views, owners, settings, parts = read_contents(content, new_view)
    _check_parts(parts)
    with readable_database(), _no_hub():
        with transaction.atomic():
            done = _replace(views, owners, now)
            if settings is not None and settings.closing_words is not None:  # the owner's word that is here stands
                words = {"closing_words": settings.closing_words}
                HubSettings.objects.get_or_create(pk=HubSettings.ONLY, defaults=words)
            for name, part in parts.items():
                list_export_parts()[name].put(part, now)
        # What was acknowledged before is not wanted any more.
        drop_watermark()
        remember_highest()
    return done


def _check_parts(parts: Mapping[str, dict[str, Any]]) -> None:
    known = list_export_parts()
    for name, content in parts.items():
        if name not in known:
            raise BadDocument(f"this version knows no such part - at `$.parts[{name!r}]`")
        try:
            known[name].check(content)
        except ValueError as error:
            raise BadDocument(f"{error} - in `$.parts[{name!r}].content`") from error


@contextmanager
def _no_hub() -> Iterator[None]:
    """Make sure that no hub runs, and that none starts meanwhile, here or elsewhere on this database."""
    try:
        locks = take_locks("an import, ")
    except Held as held:
        raise HubRuns(f"a hub is running here: {held.what} is held by {held}") from None
    try:
        yield
    finally:
        locks.release()


def _replace(views: Sequence[View], owners: Sequence[Owned], now: int) -> Imported:
    rows = {row.pk: row for row in Account.objects.select_for_update()}
    created = _create_missing(views, owners, rows)
    named = {view.account_id for view in views}
    emptied = sorted(set(rows) - named)
    for model in (Change, Checkpoint, AccountHead, StoredMark, Observation):
        model._default_manager.all().delete()
    for view in views:
        _write(rows[view.account_id], as_delta(view), view.version, view.seq, view.changed_at or 0, now)
    for account_id in emptied:
        _write(rows[account_id], Delta(reset=True), 0, 0, now, now)
    raise_generation()
    return Imported(replaced=sorted(named - set(created)), created=created, emptied=emptied)


def _write(row: Account, data: Delta, version: int, seq: int, at: int, now: int) -> None:
    """Write the account under a new epoch, for its history is another one. Its version never goes back."""
    version, seq = max(row.version, version), max(row.seq, seq)
    if version == 0:
        return
    # Where the file comes from they may have been sent meanwhile: here they must not be sent again.
    ended = {reply.id: reply for reply in interrupted(data.replies, now)}
    replies = [ended.get(reply.id, reply) for reply in data.replies]
    data = msgspec.structs.replace(data, reset=True, epoch=uuid4().hex, replies=replies)
    checkpoint = Checkpoint(account=row, version=version, seq=seq, at=at)
    checkpoint.body = encode_body(data, columns(checkpoint))
    checkpoint.save()
    save_marks(row.pk, data)
    Account.objects.filter(pk=row.pk).update(version=version, seq=seq)


def _create_missing(views: Sequence[View], owners: Sequence[Owned], rows: dict[str, Account]) -> list[str]:
    """Add missing accounts to `rows`. The owner's word on an account that is there already stands."""
    facts = {owned.account_id: owned for owned in owners}
    created = []
    for view in views:
        owned, row = facts.get(view.account_id), rows.get(view.account_id)
        if row is None:
            rows[view.account_id] = _create(view.account_id, owned)
            created.append(view.account_id)
        elif owned is not None and owned.platform != row.platform:
            here, there = row.platform, owned.platform
            raise BadDocument(f"{row.pk!r} is of platform {here!r} here, of {there!r} in the file - at `$.owners`")
    return created


def _create(account_id: str, owned: Owned | None) -> Account:
    if owned is None:
        raise BadDocument(f"account {account_id!r} is unknown here, and the file does not describe it - at `$.owners`")
    fields = msgspec.structs.asdict(owned)
    del fields["checksum"]
    row = Account(id=fields.pop("account_id"), **fields)
    try:
        row.full_clean()
        row.save()
    except DataError as error:  # what this database cannot hold and another could, such as NUL
        raise BadDocument(f"{error} - at `$.owners[{account_id!r}]`") from error
    except ValidationError as error:
        reasons = "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
        raise BadDocument(f"{reasons} - at `$.owners[{account_id!r}]`") from error
    return row
