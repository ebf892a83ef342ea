"""Filters: which rows a list has. None means that it does not matter. Times are ms UTC, `q` is any text."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from sync.core.account.conversations import ConversationState, words_under
from sync.core.account.entries import Entry
from sync.core.account.history import is_up_to
from sync.core.account.inbox_rows import FeedKind
from sync.core.account.reply_judge import is_inbound
from sync.core.account.view import View, latest_known
from sync.core.lists.needle import make_needle
from sync.protocol.items import Collection, Comment, Content, Message, Notification


class ConversationFilter(Struct, frozen=True, kw_only=True):
    """Selects conversations. `q`: in names and the last message."""

    is_pinned: bool | None = None
    is_muted: bool | None = None
    unread: bool | None = None
    q: str | None = None

    def matches(self, view: View, state: ConversationState) -> bool:
        """Return whether the conversation passes."""
        return (
            _is(self.is_pinned, state.pinned)
            and _is(self.is_muted, state.muted)
            and _is(self.unread, state.unread_count > 0)
            and (self.q is None or contains(self.q, *_texts_of_conversation(view, state)))
        )


def _texts_of_conversation(view: View, state: ConversationState) -> list[str | None]:
    entry = view.conversations.get(state.id)
    last = view.messages.get(state.last_id) if state.last_id is not None else None
    texts: list[str | None] = []
    if entry is not None:
        texts += [entry.item.user_name, entry.item.group_name, entry.item.remark_name]
    elif (newest := state.inbound.first()) is not None:
        texts.append(view.messages[newest[-1]].item.sender_name)
    if state.platform_last and entry is not None:
        texts.append(entry.item.last_message_content)
    elif last is not None:
        texts.append(last.item.content)
    return texts


class MessageFilter(Struct, frozen=True, kw_only=True):
    """Selects messages. `since` is inclusive, `until` exclusive. `q`: see `found_items.py`."""

    conversation_id: str | None = None
    sender_id: str | None = None
    receiver_id: str | None = None
    direction: str | None = None
    status: str | None = None
    type: str | None = None
    is_read: bool | None = None
    is_deleted: bool | None = None
    is_recalled: bool | None = None
    since: int | None = None
    until: int | None = None
    q: str | None = None

    def matches(self, view: View, entry: Entry[Message]) -> bool:
        """Return whether the message passes, whatever `q` is."""
        item = entry.item
        return (
            _is(self.conversation_id, item.conversation_id)
            and _is(self.sender_id, item.sender_id)
            and _is(self.receiver_id, item.recipient_id)
            and _is(self.direction, item.direction)
            and (self.status is None or self.status == view.status_of(entry))
            and _is(self.type, item.type)
            and _is(self.is_read, not view.is_unread("messages", item.id))
            and (self.is_deleted is None or self.is_deleted == view.is_deleted(entry))
            and (self.is_recalled is None or self.is_recalled == view.is_recalled(entry))
            and _within(item.created_at, self.since, self.until)
        )


def words_of(view: View, entry: Entry[Message]) -> str | None:
    """Return the words by which a message may be found: none once it was deleted or recalled."""
    return words_under(entry.item, view.mark("messages", entry.item.id))


class ContentFilter(Struct, frozen=True, kw_only=True):
    """Selects works. `is_new`: with unread comments. `q`: see `found_items.py`."""

    type: str | None = None
    is_new: bool | None = None
    q: str | None = None

    def matches(self, view: View, entry: Entry[Content]) -> bool:
        """Return whether the work passes, whatever `q` is."""
        item = entry.item
        return _is(self.type, item.type) and _is(self.is_new, view.work(item.id).unread > 0)


class CommentFilter(Struct, frozen=True, kw_only=True):
    """Selects comments. `is_new` is the opposite of `is_read`. `q`: see `found_items.py`."""

    content_id: str | None = None
    parent_comment_id: str | None = None
    is_read: bool | None = None
    is_new: bool | None = None
    q: str | None = None

    def matches(self, view: View, entry: Entry[Comment]) -> bool:
        """Return whether the comment passes, whatever `q` is."""
        item = entry.item
        unread = view.is_unread("comments", item.id)
        return (
            _is(self.content_id, item.content_id)
            and _is(self.parent_comment_id, item.parent_comment_id)
            and _is(self.is_read, not unread)
            and _is(self.is_new, unread)
        )


class NotificationFilter(Struct, frozen=True, kw_only=True):
    """Selects notices."""

    type: str | None = None
    is_read: bool | None = None

    def matches(self, view: View, entry: Entry[Notification]) -> bool:
        """Return whether the notice passes."""
        unread = view.is_unread("notifications", entry.item.id)
        return _is(self.type, entry.item.type) and _is(self.is_read, not unread)


class FeedFilter(Struct, frozen=True, kw_only=True):
    """Selects rows of the unified feed. `since` is inclusive. `q`: see `found_items.py`."""

    kinds: frozenset[str] | None = None
    is_new: bool | None = None
    is_read: bool | None = None
    is_pinned: bool | None = None
    is_muted: bool | None = None
    since: int | None = None
    q: str | None = None

    def matches(self, view: View, collection: Collection, entry: Entry[Any]) -> bool:
        """Return whether the row passes, whatever `q` is."""
        item = entry.item
        unread = view.is_unread(collection, item.id)
        return (
            (self.kinds is None or feed_kind(collection, item) in self.kinds)
            and _is(self.is_new, unread)
            and _is(self.is_read, not unread)
            and (self.is_pinned is None or self.is_pinned == is_pinned(view, collection, item))
            and (self.is_muted is None or self.is_muted == is_muted(view, collection, item))
            and _within(item.created_at, self.since, None)
        )


def feed_kind(collection: Collection, item: Any) -> FeedKind:
    """Return the kind of a row of the feed. A discussion is a comment with a parent."""
    if collection == "messages":
        return "direct_message"
    if collection == "notifications":
        return "notification"
    return "comment" if item.parent_comment_id is None else "discussion"


def is_pinned(view: View, collection: Collection, item: Any) -> bool:
    """Return whether a row of the feed is pinned: a message's conversation, or a comment by the platform."""
    if collection == "messages":
        state = view.conversation_states.get(item.conversation_id)
        return state is not None and state.pinned
    return collection == "comments" and bool(item.is_pinned)


def is_muted(view: View, collection: Collection, item: Any) -> bool:
    """Return whether a row of the feed is a message of a muted conversation."""
    state = view.conversation_states.get(item.conversation_id) if collection == "messages" else None
    return state is not None and state.muted


def is_own(collection: Collection, item: Any) -> bool:
    """Return whether the account itself wrote the message or comment."""
    if collection == "messages":
        return bool(item.direction == "outbound")
    return collection == "comments" and not is_inbound(item)


def is_unread_up_to(view: View, before: int, kinds: frozenset[FeedKind]) -> bool:
    """Return whether anything of these kinds is unread that is known to be not later than `before` (ms UTC)."""
    if "direct_message" in kinds and any(
        _waits_up_to(view, state, before) for state in view.conversation_states.values()
    ):
        return True
    collections: tuple[Collection, ...] = ("comments", "notifications")
    return any(
        is_up_to(entry.item.created_at, before) and feed_kind(name, entry.item) in kinds
        for item_id in view.unread
        for name in collections
        if view.is_unread(name, item_id) and (entry := view.entries(name).get(item_id)) is not None
    )


def _waits_up_to(view: View, state: ConversationState, before: int) -> bool:
    """Return whether an unread message of the conversation is known to be not later than `before`.

    The times of messages that nobody crawled are unknown: they count where the whole conversation is that old.
    """
    if not state.unread_count:
        return False
    oldest = state.unread.last()
    if oldest is not None and is_up_to(view.messages[oldest[-1]].item.created_at, before):
        return True
    return latest_known(view, state).is_from(before)


def _is(wanted: Any, value: Any) -> bool:
    return wanted is None or wanted == value


def _within(time: int | None, since: int | None, until: int | None) -> bool:
    if since is None and until is None:
        return True
    return time is not None and (since is None or time >= since) and (until is None or time < until)


def contains(q: str, *texts: str | None) -> bool:
    """Return whether one of `texts` contains `q`, whatever the case, the width and the composition of characters."""
    return make_needle(q).is_in_any(*texts)
