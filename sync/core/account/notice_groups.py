"""Notice groups: the notices of one type and one day (UTC)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from sync.core.account.history import make_rank
from sync.core.account.item_change import ItemChange, KeyOf, count_unread_difference, update_listed
from sync.core.account.order import EMPTY, Key, Order
from sync.protocol.items import Notification

QUIET: Final = frozenset({"like", "follow"})
"""Notices of these types call for nothing: they stand among all rows only."""


class NoticeGroup(Struct, frozen=True, omit_defaults=True, gc=False):
    """The notices of a group. `order` holds `item_key`s; `unread`: how many are unread."""

    order: Order = EMPTY
    unread: int = 0


def group_of(account_id: str, notice: Notification) -> str:
    """Return the id of the group of `notice`."""
    time = notice.created_at
    day = "unknown" if time is None else datetime.fromtimestamp(time / 1000, UTC).date().isoformat()
    return f"group_{account_id}_{notice.type}_{day}"


def place_of(group_id: str, group: NoticeGroup | None) -> Key | None:
    """Return the key of the group among the rows of an inbox, or None if it has no notice."""
    newest = group.order.first() if group is not None else None
    return None if newest is None else (True, newest[0], make_rank(group_id, group_id), group_id)


def rebuild_group(before: NoticeGroup, changes: Iterable[ItemChange], key: KeyOf) -> NoticeGroup | None:
    """Return the group after `changes` of its notices, or None when nothing is left of it."""
    changes = list(changes)
    order = update_listed(before.order, changes, key)
    unread = before.unread + count_unread_difference(changes)
    return replace(before, order=order, unread=unread) if order else None
