"""Placeholders: items that answers name and that cannot be seen, made of what is known of them.

Their platform removed them, an operator deleted them, or no worker ever read them. Works and conversations have
placeholders in the view itself, because lists stand under them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sync.core.account.entries import Entry
from sync.core.account.view import View
from sync.protocol.ids import make_id
from sync.protocol.items import Collection, Comment, Message, Notification


def is_placeholder(view: View, collection: Collection, item_id: str) -> bool:
    """Return whether an answer about the account may name this item, which cannot be seen."""
    if view.is_visible(collection, item_id):
        return False
    if collection == "comments" and view.comment_thread(item_id).newest is not None:
        return True
    return any(True for _ in _referrers(view, collection, item_id))


def make_placeholder(view: View, collection: Collection, item_id: str) -> Entry[Comment] | Entry[Message] | None:
    """Return the placeholder of a comment or a message; None if nothing names it, or it can be seen."""
    if not is_placeholder(view, collection, item_id):
        return None
    if collection == "comments":
        return Entry(_comment(view, item_id), 0, 0)
    return Entry(_message(view, item_id), 0, 0) if collection == "messages" else None


def _comment(view: View, item_id: str) -> Comment:
    """Return the comment with its work: as it was stored, else as its replies or a notice name it."""
    stored = view.comments.get(item_id)
    if stored is not None:
        item = stored.item
        return Comment(
            id=item_id,
            platform_id=item.platform_id,
            content_id=item.content_id,
            content_title=item.content_title,
            parent_comment_id=item.parent_comment_id,
        )
    replies: list[Comment] = [view.comments[key[-1]].item for key in view.comment_thread(item_id).replies]
    notice = _find_referrer(view, "comments", item_id)
    about = notice.related_content_id if isinstance(notice, Notification) else None
    return Comment(
        id=item_id,
        platform_id=_platform_id(view, "comments", item_id),
        content_id=next((reply.content_id for reply in replies if reply.content_id is not None), about),
        content_title=next((reply.content_title for reply in replies if reply.content_title is not None), None),
    )


def _message(view: View, item_id: str) -> Message:
    """Return the message with its conversation, which is that of the message that answers it."""
    answer = _find_referrer(view, "messages", item_id)
    assert isinstance(answer, Message)
    return Message(
        id=item_id,
        platform_id=_platform_id(view, "messages", item_id),
        conversation_id=answer.conversation_id,
        type="other",
    )


def _referrers(view: View, collection: Collection, item_id: str) -> Iterator[Message | Notification]:
    """Yield the visible messages and notices that name the item."""
    for referrer_id, kind in view.mentions.get((collection, item_id), {}).items():
        if view.is_visible(kind, referrer_id):
            yield view.entries(kind)[referrer_id].item


def _find_referrer(view: View, collection: Collection, item_id: str) -> Message | Notification | None:
    """Return the first of the referrers by id: the same one on every hub. None if there is none."""
    return min(_referrers(view, collection, item_id), key=lambda item: item.id, default=None)


def _platform_id(view: View, collection: Collection, item_id: str) -> str:
    return item_id.removeprefix(make_id(collection, view.account_id, "")) or item_id
