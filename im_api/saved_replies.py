"""Saved replies as the access directory holds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from im_api.models import SavedReply

MAX_A_USER: Final = 500
MAX_TITLE: Final = 80
MAX_CHARS: Final = 2_000
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class ReplyInfo(Struct, frozen=True, kw_only=True):
    """A saved reply. `account_id`: of the account that it is for; None: for all. Times are ms UTC.

    `place`: (microseconds, number), greater for a later one: two may be saved within one millisecond.
    """

    id: str
    owner_id: int
    owner_name: str
    title: str
    text: str
    shared: bool
    account_id: str | None = None
    created_at: int
    updated_at: int
    place: tuple[int, int]


def load_replies() -> dict[str, ReplyInfo]:
    """From the database, by id."""
    return {str(row.pk): _info(row) for row in SavedReply.objects.select_related("owner")}


def _info(row: SavedReply) -> ReplyInfo:
    return ReplyInfo(
        id=str(row.pk),
        owner_id=row.owner_id,
        owner_name=row.owner.get_username(),
        title=row.title,
        text=row.text,
        shared=row.shared,
        account_id=row.account_id,
        created_at=int(row.created_at.timestamp() * 1000),
        updated_at=int(row.updated_at.timestamp() * 1000),
        place=((row.created_at - EPOCH) // timedelta(microseconds=1), row.pk),
    )
