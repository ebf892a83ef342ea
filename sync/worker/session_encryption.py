"""Browser sessions at rest: encrypted with a key that is neither in the database nor in its backups."""

from typing import Any

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from sync.models import AccountSession


class SessionUnreadable(Exception):
    """Raised when the stored session was sealed with another key. The account must log in again."""


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key.strip()) for key in settings.SESSION_KEY.split(",")])


def save_session(account_id: str, storage_state: dict[str, Any]) -> None:
    """Seal and store the browser session of the account. Durable when it returns."""
    sealed = _box().encrypt(msgspec.json.encode(storage_state))
    AccountSession.objects.update_or_create(account_id=account_id, defaults={"sealed": sealed})


def load_session(account_id: str) -> dict[str, Any] | None:
    """Return the browser session of the account, None without one. Raises SessionUnreadable."""
    row = AccountSession.objects.filter(account_id=account_id).first()
    if row is None:
        return None
    try:
        state: dict[str, Any] = msgspec.json.decode(_box().decrypt(bytes(row.sealed)), type=dict[str, Any])
    except InvalidToken as error:
        raise SessionUnreadable(account_id) from error
    return state


def wipe_session(account_id: str) -> None:
    """Delete the stored browser session of the account."""
    AccountSession.objects.filter(account_id=account_id).delete()


@transaction.atomic
def seal_again(keys: str) -> tuple[int, list[str]]:
    """Seal every stored session with the first of `keys`, comma separated, which together open all that can be opened.

    Returns (how many, the accounts whose session none of them opens; it is deleted).
    """
    box = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
    lost = []
    rows = list(AccountSession.objects.select_for_update().order_by("account_id"))
    for row in rows:
        try:
            row.sealed = box.rotate(bytes(row.sealed))
        except InvalidToken:
            lost.append(row.account_id)
            row.delete()
        else:
            row.save(update_fields=["sealed"])
    return len(rows) - len(lost), lost
