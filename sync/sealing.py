"""Secrets at rest: encrypted with a key that is neither in the database nor in its backups."""

from collections import Counter
from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import transaction

from sync.models import Sealed


class SealBroken(Exception):
    """Raised when something was sealed with a key that is not here any more."""


def _box(keys: str) -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in keys.split(",")])


def seal(value: Any) -> bytes:
    """Return `value`, which JSON can hold, encrypted with the first of our keys."""
    return _box(settings.SESSION_KEY).encrypt(msgspec.json.encode(value))


def unseal(sealed: bytes | memoryview) -> Any:
    """Return what was sealed. Raises SealBroken."""
    try:
        return msgspec.json.decode(_box(settings.SESSION_KEY).decrypt(bytes(sealed)))
    except InvalidToken as error:
        raise SealBroken("sealed with another key") from error


@transaction.atomic
def seal_again(keys: str) -> tuple[Counter[type[Sealed]], list[str]]:
    """Seal everything with the first of `keys`, comma separated, which together open all that can be opened.

    Returns (how many of each table, the names of what none of them opens; it is deleted).
    """
    box, sealed, lost = _box(keys), Counter[type[Sealed]](), list[str]()
    for table in (model for model in apps.get_models() if issubclass(model, Sealed)):
        for row in table._default_manager.select_for_update().order_by("pk"):
            try:
                row.sealed = box.rotate(bytes(row.sealed))
            except InvalidToken:
                lost.append(row.seal_name)
                row.delete()
            else:
                row.save(update_fields=["sealed"])
                sealed[table] += 1
    return sealed, lost
