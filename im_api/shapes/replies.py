"""Saved replies."""

from __future__ import annotations

from msgspec import Struct

from im_api.saved_replies import ReplyInfo


class SavedReplyShape(Struct, frozen=True, kw_only=True):
    """`shared`: everybody may use it. It is changed by its owner, and by staff."""

    id: str
    title: str
    text: str
    shared: bool
    owner_name: str
    is_mine: bool
    created_at: int
    updated_at: int


def saved_reply(reply: ReplyInfo, user_id: int) -> SavedReplyShape:
    """As that user sees it."""
    return SavedReplyShape(
        id=reply.id,
        title=reply.title,
        text=reply.text,
        shared=reply.shared,
        owner_name=reply.owner_name,
        is_mine=reply.owner_id == user_id,
        created_at=reply.created_at,
        updated_at=reply.updated_at,
    )
