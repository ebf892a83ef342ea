"""The envelope, people and counts, which several kinds of answers share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

from msgspec import Struct

from im_api.queries import AuthorizedAccount
from sync.protocol.items import Direction, MessageType
from sync.protocol.text import visible

__all__ = [
    "ACCOUNT_ID",
    "Counts",
    "Direction",
    "Envelope",
    "Failure",
    "MessageType",
    "PersonShape",
    "Stats",
    "counts",
    "person",
    "stats",
]

ACCOUNT_ID: Final = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"  # a pattern


class Envelope(Struct, frozen=True):
    data: Any
    status_code: int = 0


class Failure(Struct, frozen=True, kw_only=True):
    data: None = None
    status_code: int
    status_msg: str


class Unseen(Struct, frozen=True, kw_only=True):
    """`item`: the message, comment or reply of our side that the writer had not seen."""

    code: Literal["answered_meanwhile"] = "answered_meanwhile"
    item: dict[str, Any]


class ConflictFailure(Struct, frozen=True, kw_only=True):
    """`data` is null, but where somebody has answered meanwhile."""

    data: Unseen | None = None
    status_code: int
    status_msg: str


class PersonShape(Struct, frozen=True):
    user_id: str | None
    user_name: str | None
    avatar: str | None


def person(user_id: str | None, name: str | None, avatar: str | None) -> PersonShape:
    """Return a person. A name of which nobody sees anything is none, also where an older hub stored it."""
    return PersonShape(user_id, visible(name), avatar)


class Counts(Struct, frozen=True, kw_only=True):
    total_unread: int = 0
    unread_comments: int = 0
    unread_discussions: int = 0
    unread_direct_messages: int = 0
    unread_notifications: int = 0
    needs_reply: int = 0


class Stats(Counts, frozen=True, kw_only=True):
    """The sum of `accounts`, and each of them by its id."""

    accounts: dict[str, Counts]


def counts(authorized: AuthorizedAccount) -> Counts:
    totals = authorized.view.totals
    return Counts(
        total_unread=totals.total_unread,
        unread_comments=totals.unread_comments,
        unread_discussions=totals.unread_discussions,
        unread_direct_messages=totals.unread_direct_messages,
        unread_notifications=totals.unread_notifications,
        needs_reply=totals.needs_reply,
    )


def stats(of: Iterable[AuthorizedAccount]) -> Stats:
    accounts = {authorized.account.id: counts(authorized) for authorized in of}
    sums = {name: sum(getattr(one, name) for one in accounts.values()) for name in Counts.__struct_fields__}
    return Stats(accounts=accounts, **sums)
