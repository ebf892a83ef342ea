"""Saved replies."""

from __future__ import annotations

from msgspec import Struct

from im_api.saved_replies import ReplyInfo


class SavedReplyShape(Struct, frozen=True, kw_only=True):
    """A saved reply. `shared`: everybody may use it. It is changed by its owner, and by staff.

    `account_id`: the account that it is for; null: for all. Who does not see that account does not see it.
    """

    id: str
    title: str
    text: str
    shared: bool
    account_id: str | None
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
        account_id=reply.account_id,
        owner_name=reply.owner_name,
        is_mine=reply.owner_id == user_id,
        created_at=reply.created_at,
        updated_at=reply.updated_at,
    )
