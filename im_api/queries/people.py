"""A person beside the open thread: conversations with other accounts, comments, and who handled what."""

from __future__ import annotations

from itertools import islice
from typing import Final

from im_api.access import Principal
from im_api.queries.scope import AuthorizedAccount, list_authorized
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.marks import Mark
from sync.protocol.ids import make_id
from sync.protocol.items import Collection, Comment

LOOKED_AT: Final = 5_000
"""Comments of an account, the newest: somebody's older ones are not looked for."""


def list_other_conversations(
    principal: Principal, authorized: AuthorizedAccount, user_id: str
) -> list[tuple[AuthorizedAccount, ConversationState]]:
    """Return the same person's conversations with other accounts that `principal` may see."""
    found = []
    for other in list_authorized(principal):
        thread = other.view.conversation_states.get(make_id("conversations", other.account.id, user_id))
        is_other = other.account.id != authorized.account.id and other.account.platform == authorized.account.platform
        if is_other and thread is not None and not thread.hidden:
            found.append((other, thread))
    return found


def list_comments_of(authorized: AuthorizedAccount, user_id: str, most: int) -> list[Entry[Comment]]:
    """Return the person's newest comments, `most` of them, newest first. `user_id`: by either id that comments know."""
    view = authorized.view
    recent = (view.comments[key[-1]] for key in islice(view.comment_order, LOOKED_AT))
    theirs = (entry for entry in recent if user_id in (entry.item.author_sec_id, entry.item.author_id))
    return list(islice(theirs, most))


def get_mark(authorized: AuthorizedAccount, collection: Collection, item_id: str) -> Mark:
    """Return what operators did to an item: an empty mark if nothing."""
    return authorized.view.mark(collection, item_id)
