"""The rows of the unified feed: messages, comments and notices with one set of keys."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct

from im_api.queries import AuthorizedAccount
from im_api.shapes.common import Direction, MessageType, PersonShape, person
from im_api.shapes.rendered import kept_rows
from sync.core.account.inbox_rows import FeedKind, words_of_notice
from sync.core.account.view import View, work_title
from sync.core.lists.filters import feed_kind, is_muted, is_pinned, words_of
from sync.core.lists.pages import FeedRow
from sync.protocol.items import Comment, Message, Notification

BusinessType = FeedKind


class UnifiedRow(Struct, frozen=True, kw_only=True):
    """A discussion is a comment with a parent. References that the business type has not are null."""

    msg_id: str
    account_id: str
    business_type: BusinessType
    msg_type: MessageType
    sender: PersonShape
    content: str | None
    conversation_id: str | None
    content_id: str | None
    parent_comment_id: str | None
    work_title: str | None
    is_read: bool
    is_new: bool
    is_pinned: bool
    is_muted: bool
    direction: Direction | None
    create_time: int | None
    platform: str


def unified_row(authorized: AuthorizedAccount, row: FeedRow) -> UnifiedRow:
    view, item = row.view, row.entry.item
    unread = view.is_unread(row.collection, item.id)
    return UnifiedRow(
        msg_id=item.id,
        account_id=view.account_id,
        business_type=feed_kind(row.collection, item),
        is_read=not unread,
        is_new=unread,
        is_pinned=is_pinned(view, row.collection, item),
        is_muted=is_muted(view, row.collection, item),
        create_time=item.created_at,
        platform=authorized.account.platform,
        **_by_kind(view, item),
    )


def rendered_unified_row(authorized: AuthorizedAccount, row: FeedRow) -> Raw:
    """Return what `unified_row` does, as JSON."""
    view, item = row.view, row.entry.item
    work_id = None if isinstance(item, Message) else _work_of(item)
    made_of = (
        row.entry,
        view.is_unread(row.collection, item.id),
        is_pinned(view, row.collection, item),
        is_muted(view, row.collection, item),
        *_words(view, item),
        view.contents.get(work_id) if work_id is not None else None,
        authorized.account,
    )
    return kept_rows.get("feed", view.account_id, item.id, made_of, lambda: unified_row(authorized, row))


def _words(view: View, item: Message | Comment | Notification) -> tuple[str | None, ...]:
    """Return the words that may be taken back, by a mark of the item or of another one."""
    if isinstance(item, Message):
        return (words_of(view, view.messages[item.id]),)
    return words_of_notice(view, item) if isinstance(item, Notification) else ()


def _work_of(item: Comment | Notification) -> str | None:
    return item.content_id if isinstance(item, Comment) else item.related_content_id


def _by_kind(view: View, item: Message | Comment | Notification) -> dict[str, Any]:
    if isinstance(item, Message):
        return _of_message(view, item)
    if isinstance(item, Comment):
        return _of_comment(view, item)
    return _of_notification(view, item)


def _of_message(view: View, item: Message) -> dict[str, Any]:
    """Return the message's part of a row. Words that were taken back are not in it: a row cannot say so."""
    return {
        "msg_type": item.type,
        "sender": person(item.sender_id, item.sender_name, item.sender_avatar),
        "content": words_of(view, view.messages[item.id]),
        "conversation_id": item.conversation_id,
        "content_id": None,
        "parent_comment_id": None,
        "work_title": None,
        "direction": item.direction,
    }


def _of_comment(view: View, item: Comment) -> dict[str, Any]:
    return {
        "msg_type": "image" if item.images and not item.content else "text",
        "sender": person(item.author_id, item.author_name, item.author_avatar),
        "content": item.content,
        "conversation_id": None,
        "content_id": item.content_id,
        "parent_comment_id": item.parent_comment_id,
        "work_title": work_title(view, item),
        "direction": "outbound" if item.is_author_reply else "inbound",
    }


def _of_notification(view: View, item: Notification) -> dict[str, Any]:
    work = view.contents.get(item.related_content_id) if item.related_content_id is not None else None
    title, content = words_of_notice(view, item)
    return {
        "msg_type": "text",
        "sender": person(item.trigger_id, item.trigger_name, item.trigger_avatar),
        "content": title if content is None else content,
        "conversation_id": None,
        "content_id": item.related_content_id,
        "parent_comment_id": None,
        "work_title": work.item.title if work is not None else None,
        "direction": "inbound",
    }
