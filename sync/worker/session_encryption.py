"""Browser sessions at rest: sealed."""

from typing import Any

import msgspec

from sync.models import AccountSession
from sync.sealing import SealBroken, seal, unseal


class SessionUnreadable(Exception):
    """Raised when the stored session was sealed with another key. The account must log in again."""


def save_session(account_id: str, storage_state: dict[str, Any]) -> None:
    """Seal and store the browser session of the account. Durable when it returns."""
    AccountSession.objects.update_or_create(account_id=account_id, defaults={"sealed": seal(storage_state)})


def load_session(account_id: str) -> dict[str, Any] | None:
    """Return the browser session of the account, None without one. Raises SessionUnreadable."""
    row = AccountSession.objects.filter(account_id=account_id).first()
    if row is None:
        return None
    try:
        return msgspec.convert(unseal(row.sealed), dict[str, Any])
    except SealBroken as error:
        raise SessionUnreadable(account_id) from error


def wipe_session(account_id: str) -> None:
    """Delete the stored browser session of the account."""
    AccountSession.objects.filter(account_id=account_id).delete()
