"""Conversations and their messages."""

from __future__ import annotations

from typing import Literal

from msgspec import Raw, Struct

from im_api.links import person_link
from im_api.queries import AuthorizedAccount
from im_api.shapes.common import Direction, MessageType, PersonShape, person
from im_api.shapes.rendered import kept_rows
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.inbox_rows import conversation_partner, is_group
from sync.core.account.view import View
from sync.core.closing_words import ReplyReason
from sync.core.lists.filters import words_of
from sync.core.replies.reply import ReplyState
from sync.protocol.items import Conversation, Message
from sync.protocol.items import MessageStatus as MessageStatus

ConversationType = Literal["one_on_one", "group"]
ConversationStatus = Literal["active"]


class LastMessageShape(Struct, frozen=True, kw_only=True):
    """`msg_id` is null if no snapshot brought the message itself."""

    msg_id: str | None
    content: str | None
    msg_type: MessageType | None
    sender_id: str | None
    create_time: int | None


class ConversationShape(Struct, frozen=True, kw_only=True):
    conversation_id: str
    account_id: str
    conversation_type: ConversationType | None
    participant: PersonShape
    last_message: LastMessageShape | None
    unread_count: int
    needs_reply: bool
    reply_reason: ReplyReason | None
    waiting_since: int | None
    done_at: int | None
    pending_reply: ReplyState | None
    is_pinned: bool
    is_muted: bool
    is_blocked: bool | None
    is_stranger: bool | None
    is_folded: bool | None
    remark_name: str | None
    open_url: str | None
    is_placeholder: bool
    create_time: int | None
    update_time: int | None
    platform: str
    status: ConversationStatus


class MessageShape(Struct, frozen=True, kw_only=True):
    """`file_size` in bytes, `duration` in seconds. What is deleted or recalled has neither content nor media.

    One that was never read, and that another one answers, has neither sender nor content nor time.
    """

    msg_id: str
    conversation_id: str
    account_id: str
    sender: PersonShape
    receiver: PersonShape
    msg_type: MessageType
    content: str | None
    create_time: int | None
    direction: Direction | None
    status: MessageStatus | None
    is_read: bool
    is_deleted: bool
    is_recalled: bool
    recalled_at: int | None
    is_automatic: bool
    answered_by: str | None
    reply_to_message_id: str | None
    media_url: str | None
    media_thumbnail: str | None
    file_size: int | None
    file_name: str | None
    duration: float | None
    platform: str


def conversation(authorized: AuthorizedAccount, thread: ConversationState) -> ConversationShape:
    view = authorized.view
    entry = view.conversations.get(thread.id)
    item = entry.item if entry is not None else None
    participant = person(*conversation_partner(view, thread))
    return ConversationShape(
        conversation_id=thread.id,
        account_id=view.account_id,
        conversation_type=_type(view, thread),
        participant=participant,
        last_message=_last_message(view, thread, item),
        unread_count=thread.unread_count,
        needs_reply=thread.needs_reply,
        reply_reason=thread.reply_reason,
        waiting_since=thread.waiting_since,
        done_at=thread.done_at,
        pending_reply=view.pending_reply("conversations", thread.id),
        is_pinned=thread.pinned,
        is_muted=thread.muted,
        is_blocked=item.is_blocked if item is not None else None,
        is_stranger=item.is_stranger if item is not None else None,
        is_folded=item.is_folded if item is not None else None,
        remark_name=item.remark_name if item is not None else None,
        open_url=person_link(authorized, participant.user_id),
        is_placeholder=not thread.known,
        create_time=item.created_at if item is not None else None,
        update_time=thread.sort_time,
        platform=authorized.account.platform,
        status="active",
    )


def rendered_conversation(authorized: AuthorizedAccount, thread: ConversationState) -> Raw:
    """Return what `conversation` does, as JSON."""
    view = authorized.view
    entry = view.conversations.get(thread.id)
    last = view.messages.get(thread.last_id) if thread.last_id is not None else None
    named_by = thread.inbound.first() or thread.outbound.first() if entry is None else None
    partner = view.messages.get(named_by[-1]) if named_by is not None else None
    pending = view.pending_reply("conversations", thread.id)
    made_of = (thread, entry, last, partner, pending, authorized.account)
    return kept_rows.get("conversation", view.account_id, thread.id, made_of, lambda: conversation(authorized, thread))


def _type(view: View, thread: ConversationState) -> ConversationType | None:
    entry = view.conversations.get(thread.id)
    if entry is None:
        return None
    if is_group(view, thread):
        return "group"
    return "one_on_one" if entry.item.type == "private" or entry.item.user_id is not None else None


def _last_message(view: View, thread: ConversationState, item: Conversation | None) -> LastMessageShape | None:
    if thread.platform_last and item is not None:
        return LastMessageShape(
            msg_id=None,
            content=item.last_message_content,
            msg_type=item.last_message_type,
            sender_id=item.last_message_sender_id,
            create_time=item.last_message_time,
        )
    if thread.last_id is None:
        return None
    message = view.messages[thread.last_id].item
    return LastMessageShape(
        msg_id=message.id,
        content=message.content,
        msg_type=message.type,
        sender_id=message.sender_id,
        create_time=message.created_at,
    )


def message(authorized: AuthorizedAccount, entry: Entry[Message]) -> MessageShape:
    view, item = authorized.view, entry.item
    is_deleted, is_recalled = view.is_deleted(entry), view.is_recalled(entry)
    is_taken_back = is_deleted or is_recalled
    return MessageShape(
        msg_id=item.id,
        conversation_id=item.conversation_id,
        account_id=authorized.account.id,
        sender=person(item.sender_id, item.sender_name, item.sender_avatar),
        receiver=person(item.recipient_id, item.recipient_name, None),
        msg_type=item.type,
        content=words_of(view, entry),
        create_time=item.created_at,
        direction=item.direction,
        status=view.status_of(entry),
        is_read=not view.is_unread("messages", item.id),
        is_deleted=is_deleted,
        is_recalled=is_recalled,
        recalled_at=view.mark("messages", item.id).recalled_at,
        is_automatic=view.is_automatic(entry),
        answered_by=view.mark("messages", item.id).answered_by or None,
        reply_to_message_id=item.reply_to_message_id,
        media_url=None if is_taken_back else item.media_url,
        media_thumbnail=None if is_taken_back else item.thumbnail_url,
        file_size=item.file_size,
        file_name=None if is_taken_back else item.file_name,
        duration=item.duration,
        platform=authorized.account.platform,
    )


def rendered_message(authorized: AuthorizedAccount, entry: Entry[Message]) -> Raw:
    """Return what `message` does, as JSON."""
    view, item_id = authorized.view, entry.item.id
    said = (view.is_unread("messages", item_id), view.is_automatic(entry))
    made_of = (entry, view.mark("messages", item_id), *said, authorized.account)
    return kept_rows.get("message", view.account_id, item_id, made_of, lambda: message(authorized, entry))
