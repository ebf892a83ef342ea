"""Replies that people write here and a worker sends."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType

from im_api.queries import AuthorizedAccount
from im_api.queries.sending.outlook import Obstacle, Outlook, Sending
from im_api.shapes.requests import ItemId
from sync.core.replies.budget import WaitReason
from sync.core.replies.reply import Reply, ReplyState, SendMode
from sync.protocol.account_config import ReplyMode


class ReasonShape(Struct, frozen=True, kw_only=True):
    """Why a reply ended so. `text`: in the platform's own words, or empty."""

    code: str
    text: str


class WriterShape(Struct, frozen=True, kw_only=True):
    user_id: str | None
    name: str


class ReplyShape(Struct, frozen=True, kw_only=True):
    """One of `conversation_id`, `discussion_id` and `content_id` says where it goes.

    `not_before`: about when it is sent. `pressed_at`: when the worker was permitted to send it. `confirmed_id`: the
    item on the platform that is this reply. `retry_of`: the reply that this one tries again.
    """

    reply_id: str
    client_id: str
    account_id: str
    conversation_id: str | None
    discussion_id: str | None
    content_id: str | None
    text: str
    mode: SendMode
    state: ReplyState
    reason: ReasonShape | None
    confirmed_id: str | None
    retry_of: str | None
    by: WriterShape
    created_at: int
    not_before: int
    pressed_at: int | None
    ended_at: int | None


def reply(authorized: AuthorizedAccount, written: Reply) -> ReplyShape:
    reason = written.reason
    return ReplyShape(
        reply_id=written.id,
        client_id=str(UUID(written.client_id)),
        account_id=authorized.account.id,
        conversation_id=written.target if written.kind == "message" else None,
        discussion_id=written.target if written.kind == "comment" else None,
        content_id=written.target if written.kind == "work" else None,
        text=written.text,
        mode=written.mode,
        state=written.state,
        reason=ReasonShape(code=reason.code, text=reason.text) if reason is not None else None,
        confirmed_id=written.confirmed_id,
        retry_of=written.retry_of or None,
        by=WriterShape(user_id=written.user_id or None, name=written.by),
        created_at=written.created_at,
        not_before=written.not_before,
        pressed_at=written.pressed_at,
        ended_at=written.ended_at,
    )


class PaceShape(Struct, frozen=True, kw_only=True):
    """Says what the pace of an account leaves for replies of one kind.

    `left_hour`, `left_day`: how many more may go, without those that wait. `next_at`: about when one goes that is
    written now; null: not by the passing of time. `why`: the bound that decides.
    """

    per_hour: int
    per_day: int
    left_hour: int
    left_day: int
    next_at: int | None
    why: WaitReason | None


class SendingShape(Struct, frozen=True, kw_only=True):
    """`obstacle`: why no reply goes. `waiting`: replies on their way. `comments`: also comments under works."""

    account_id: str
    mode: ReplyMode
    obstacle: Obstacle | None
    waiting: int
    messages: PaceShape
    comments: PaceShape


def sending(found: Sending) -> SendingShape:
    return SendingShape(
        account_id=found.authorized.account.id,
        mode=found.mode,
        obstacle=found.obstacle,
        waiting=found.messages.waiting,
        messages=_pace(found.messages),
        comments=_pace(found.comments),
    )


def _pace(outlook: Outlook) -> PaceShape:
    return PaceShape(
        per_hour=outlook.per_hour,
        per_day=outlook.per_day,
        left_hour=outlook.left_hour,
        left_day=outlook.left_day,
        next_at=outlook.next_at,
        why=outlook.why,
    )


# -- bodies

MAX_SENT: Final = 4_000
"""Longer texts are not read: blanks around a text do not count, so more than its 500 characters may come."""

Text = Annotated[str, Meta(min_length=1, max_length=MAX_SENT)]


class ReplyBody(Struct, frozen=True, kw_only=True):
    """`text`: 1 to 500 characters without the blanks around it; line breaks are sent as such.

    Exactly one of `conversation_id`, `discussion_id` and `content_id`; `account_id` only for an id that occurs in
    several accounts. `client_id`: the same request sent again is the same reply. `based_on`: the newest message,
    comment or reply that the writer saw there, empty where nothing was; if our side answered since, 409, unless `force`
    is true.
    """

    client_id: UUID
    text: Text
    account_id: str | UnsetType = UNSET
    conversation_id: ItemId | UnsetType = UNSET
    discussion_id: ItemId | UnsetType = UNSET
    content_id: ItemId | UnsetType = UNSET
    based_on: ItemId | UnsetType = UNSET
    force: bool = False


class MessageBody(Struct, frozen=True, kw_only=True):
    """An older form of `ReplyBody`, for a conversation."""

    conversation_id: ItemId
    content: Text
    client_id: UUID | UnsetType = UNSET


class DiscussionBody(Struct, frozen=True, kw_only=True):
    """An older form of `ReplyBody`, for a comment or for a work."""

    content: Text
    parent_comment_id: ItemId | UnsetType = UNSET
    content_id: ItemId | UnsetType = UNSET
    client_id: UUID | UnsetType = UNSET
