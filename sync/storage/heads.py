"""Heads of accounts in the database, each written with the checkpoint of the same version."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import structlog
from django.db.models import F

from sync.core.account.view import View
from sync.core.heads.evicted_view import EvictedView, Read
from sync.core.heads.stored_head import decode_head, encode_head
from sync.core.pace import Check, go_on
from sync.core.stored.log_row_body import BadBody, Columns, checksum, open_body
from sync.models import AccountHead
from sync.storage.checkpoint_body import code_name

log = structlog.get_logger(__name__)


def make_row(view: View, check: Check = go_on) -> AccountHead:
    """Return the row of the head of `view`, which is whole, to be saved. `check` is called while it is encoded."""
    data = encode_head(view, code_name(), check)
    row = AccountHead(account_id=view.account_id, version=view.version, seq=view.seq)
    row.body = checksum(data, _columns(row)) + data
    return row


def read_heads(new_view: Callable[[str], View], read: Read) -> dict[str, EvictedView]:
    """Return the heads that are of the very version of their account, by its id. `read`: see `EvictedView`."""
    current = AccountHead.objects.filter(version=F("account__version"), seq=F("account__seq"))
    heads = {}
    for row in current.iterator():
        head = _decode(row, new_view(row.account_id), read)
        if head is not None:
            heads[row.account_id] = head
    return heads


def _decode(row: AccountHead, new: View, read: Read) -> EvictedView | None:
    try:
        data = open_body(row.body, _columns(row))
        return decode_head(data, new, code_name(), read, version=row.version, seq=row.seq)
    except (BadBody, msgspec.MsgspecError, ValueError) as error:  # a copy: what it is a copy of is read instead
        log.warning("the head of an account cannot be read", account=row.account_id, reason=str(error))
        return None


def _columns(row: AccountHead) -> Columns:
    return (row.account_id, row.version, row.seq)
