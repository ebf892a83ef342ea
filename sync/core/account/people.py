"""People with two ids: conversations and comments may name one person differently."""

from __future__ import annotations

from sync.core.account.view import View
from sync.protocol.ids import make_id


def has_conversation(view: View, user_id: str) -> bool:
    """Return whether the account has a conversation with the person of this id."""
    return make_id("conversations", view.account_id, user_id) in view.conversation_states


def person_of(view: View, user_id: str) -> str:
    """Return the id by which conversations name the person whom comments name `user_id`; without such a comment,
    `user_id`.

    Looks at every comment, unless there is a conversation under this very id.
    """
    if has_conversation(view, user_id):
        return user_id
    authors = (entry.item for entry in view.comments.values())
    return next((a.author_sec_id for a in authors if a.author_id == user_id and a.author_sec_id), user_id)
