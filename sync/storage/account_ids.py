"""Decides whether an account may have an id: none may capture what is stored under another account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sync.core.account.named_ids import list_named_ids
from sync.core.account.view import View
from sync.models import Account, Change, Checkpoint
from sync.protocol.ids import PREFIX, owner_of
from sync.storage.change_log import ChangeLog

_AT_ONCE: Final = 100


def check_new_account_id(account_id: str) -> str | None:
    """Return why a new account cannot have this id, or None. Call it with database access.

    The account would get the ids that `owner_of` gives it then. Raises Damaged.
    """
    accounts = {*Account.objects.values_list("pk", flat=True), account_id}
    for holder in sorted(_list_suspects(account_id)):
        for item_id in list_named_ids(ChangeLog().load(holder, _new_view)):
            if owner_of(item_id, accounts) == account_id:
                return f"{item_id}, which account {holder} holds, would be an id of this account"
    return None


def _list_suspects(account_id: str) -> set[str]:
    """Return the accounts whose history contains the bytes of such an id. Most installations have none."""
    starts = [f'"{prefix}_{account_id}_'.encode() for prefix in PREFIX.values()]
    return {holder for holder, body in _list_bodies(account_id) if any(start in body for start in starts)}


def _list_bodies(account_id: str) -> Iterator[tuple[str, bytes]]:
    for model in (Checkpoint, Change):
        rows = model._default_manager.exclude(account_id=account_id).order_by().values_list("account_id", "body")
        for holder, body in rows.iterator(_AT_ONCE):
            yield holder, bytes(body)


def _new_view(account_id: str) -> View:
    return View(account_id=account_id, fresh_ms=0)
