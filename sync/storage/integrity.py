"""Decides at a start whether the database can be trusted. A fault is one sentence, with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import Error, OperationalError, ProgrammingError, connection
from django.db.models import BinaryField, Model

from sync.models import (
    Account,
    AccountHead,
    AccountSession,
    Change,
    Checkpoint,
    HubChores,
    HubFact,
    HubInstance,
    Observation,
    StoredMark,
)
from sync.storage.errors import Damaged, Unusable
from sync.storage.home import is_from_elsewhere
from sync.storage.watermark import check_watermark, watermark_file

# 250 MB are checked in half a second. What is larger only when the last hub did not end in order.
QUICK_BYTES: Final = 256 * 1024**2
# Checked by the change log itself, or too many to be looked at one by one.
_LARGE: Final = (Change, Checkpoint, AccountHead, StoredMark, Observation)
# Made anew by whoever needs them.
_PASSING: Final = (HubInstance, HubFact, HubChores, AccountSession)
_DIRECTORY_APPS: Final = ("sync", "im_api")
CHUNK: Final = 500
_UNREADABLE: Final = (ValueError, TypeError, AttributeError)


@contextmanager
def readable_database() -> Iterator[None]:
    """Raise Unusable, or Damaged, in place of the database's own errors."""
    try:
        yield
    except (Error, UnicodeDecodeError) as error:
        raise explain(error) from error


def explain(error: Error | UnicodeDecodeError) -> Unusable:
    """Return the error in one sentence. SQLite's own message may quote damaged bytes, which is a UnicodeDecodeError."""
    what = f"{database_name()}: {' '.join(str(error).split())}"
    if isinstance(error, ProgrammingError) or "no such " in what:
        return Unusable(f"{what}. Run `manage.py migrate`")
    if connection.vendor == "sqlite" and not isinstance(error, OperationalError):
        return Damaged(what)
    return Unusable(what)


def database_name() -> str:
    """Return the name of the database for people, without its password."""
    at = connection.settings_dict
    host = f" on {at['HOST']}" if at.get("HOST") else ""
    return f"the database {at['NAME']}{host}"


def check_database() -> bool:
    """Check the file, the directory, the watermark and the owners of rows. Raises Unusable.

    Return whether the database may be older than what clients were told (see `check_watermark`, `is_from_elsewhere`).
    """
    is_older = False
    with readable_database():
        if connection.vendor == "sqlite":
            _check_file()
        _check_directory()
        is_older = check_watermark()
        is_older |= is_from_elsewhere()
        _check_owners()
    return is_older


def _check_file() -> None:
    file = Path(str(connection.settings_dict["NAME"]))
    if watermark_file().exists() or not file.exists() or file.stat().st_size <= QUICK_BYTES:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            answer = " ".join(str(cursor.fetchone()[0]).split())
        if answer != "ok":
            raise Damaged(f"{database_name()}: {answer}")


def _check_directory() -> None:
    """Check that every value of accounts, workers, users and tokens is of its column's kind."""
    for model in apps.get_models():
        of_directory = model._meta.app_label in _DIRECTORY_APPS or model is get_user_model()
        if of_directory and model not in (*_LARGE, *_PASSING):
            _check_rows(model)


def _check_rows(model: type[Model]) -> None:
    keys = list(model._default_manager.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        if not _all_right(model, chunk):
            _check_each(model, chunk)


def _all_right(model: type[Model], keys: list[Any]) -> bool:
    """Return whether every key leads to a row whose values are of their columns' kinds."""
    found = set()
    try:
        for row in model._default_manager.filter(pk__in=keys):
            if _wrong_value(row):
                return False
            found.add(row.pk)
    except _UNREADABLE:
        return False
    return found.issuperset(keys)


def _check_each(model: type[Model], keys: list[Any]) -> None:
    """Raise Damaged with the first row that is, unless another process deleted it meanwhile."""
    rows = model._default_manager.order_by("pk")
    for key in keys:
        try:
            row = rows.filter(pk=key).first()
            wrong = "cannot be found by its key" if row is None else _wrong_value(row)
        except _UNREADABLE as error:
            wrong = f"cannot be read: {error}"
        # Among all keys: by its own it may not be found, which is what was wrong.
        if wrong and key in list(rows.values_list("pk", flat=True)):
            raise Damaged(f"{database_name()}: {model._meta.verbose_name} {key!r} {wrong}")


def _wrong_value(row: Model) -> str | None:
    for field in row._meta.concrete_fields:
        value: Any = getattr(row, field.attname)
        try:
            if value is None and not field.null:
                return f"has no {field.name}"
            if isinstance(value, bytes) and not isinstance(field, BinaryField):
                return f"has a damaged {field.name}"
            field.to_python(value)
        except ValidationError as error:
            return f"has a damaged {field.name}: {' '.join(error.messages)}"
    return None


def _check_owners() -> None:
    """Raise Damaged for rows of an account that is not there: its own row is gone, and with it all that it had."""
    known = set(Account.objects.values_list("pk", flat=True))
    for model in (Change, Checkpoint):
        stray = _first_unknown(model._default_manager.order_by().values_list("account_id", flat=True).distinct(), known)
        if stray is not None:
            raise Damaged(f"account {stray!r} is in {model._meta.db_table}, but has no row of its own")


def _first_unknown(found: Iterable[str], known: set[str]) -> str | None:
    return next((account_id for account_id in found if account_id not in known), None)
