"""Decides whether somebody waits for an answer in a conversation. Reading changes nothing of that, handling does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState, StepContext
from sync.core.account.history import LAST, item_key
from sync.core.account.order import Key
from sync.core.account.read_positions import ReadPosition
from sync.core.closing_words import ReplyReason, is_closing
from sync.protocol.items import Conversation, Message

UNKNOWN: Final[Key] = (LAST,)
"""Before every key of an unknown time."""


def with_waiting(
    state: ConversationState, conversation: Conversation | None, context: StepContext
) -> ConversationState:
    """Return `state` with `reply_reason`, `waiting_since` and `done_at`.

    Who waits: a message of others that is not history, later than our last own one and not handled, unless it only
    closes the talk after an own message. What nobody wrote is no own message. The clock starts at the first of these.
    A last message that the platform names and no snapshot brought counts as well, if its sender is known.
    """
    reason, since = _waiting(state, context)
    last = _platform_last(state, conversation)
    if last is not None and conversation is not None:
        if not last[1]:
            reason, since = None, None
        elif context.history.is_fresh(last[0]) and not _is_handled(state, conversation, context):
            kind, text = conversation.last_message_type or "text", conversation.last_message_content
            if not (state.has_spoken(context.rules) and is_closing(kind, text, context.rules.closing_words)):
                reason, since = "question", last[0] if since is None else since
            elif reason is None:
                reason = "closing"
    if state.hidden:
        reason = None
    since = since if reason == "question" else None
    return replace(state, reply_reason=reason, waiting_since=since).with_messages(
        done_at=_done_at(state, last, conversation, context)
    )


def _platform_last(state: ConversationState, conversation: Conversation | None) -> tuple[int, bool] | None:
    """Return (time, whether the partner sent it) of a last message that no snapshot brought.

    None: there is none, or its sender is unknown.
    """
    if not state.platform_last or conversation is None:
        return None
    time, sender = conversation.last_message_time, conversation.last_message_sender_id
    if sender is None or time is None or conversation.user_id is None or conversation.type == "group":
        return None
    if conversation.last_message_type == "system":
        return None
    return time, sender == conversation.user_id


def _is_handled(state: ConversationState, conversation: Conversation | None, context: StepContext) -> bool:
    """Return whether the done marker covers the platform's own last message."""
    done = state.done_position
    if done is None or conversation is None:
        return False
    return not done.is_last_after(conversation, context.messages, context.history)


def _done_at(
    state: ConversationState,
    last: tuple[int, bool] | None,
    conversation: Conversation | None,
    context: StepContext,
) -> int | None:
    if state.done_position is None or state.done_position.count_after():
        return None
    undone = last is not None and last[1] and not _is_handled(state, conversation, context)
    return None if undone else state.mark.done_at


def _waiting(state: ConversationState, context: StepContext) -> tuple[ReplyReason | None, int | None]:
    """Return why somebody waits or not, and the time of the first message that waits."""
    reason: ReplyReason | None = None
    for key in _unanswered(state, context):
        message: Message = context.messages[key[-1]].item
        closes = is_closing(message.type, message.content, context.rules.closing_words)
        if not (closes and state.has_spoken(context.rules)):
            return "question", None if key[0] == LAST else -key[0]
        reason = "closing"
    return reason, None


def _unanswered(state: ConversationState, context: StepContext) -> Iterator[Key]:
    """Yield the messages of others that are neither history, nor answered, nor handled: the oldest first, and those of
    unknown time last.
    """
    history, own = context.history, state.last_own(context.rules)
    if state.done_position is not None:
        left = [key for key in _unhandled(state, state.done_position, context) if own is None or key < own]
        left = [key for key in left if not history.is_old(context.messages[key[-1]])]
        yield from sorted((key for key in left if key < UNKNOWN), reverse=True)
        yield from sorted(key for key in left if key > UNKNOWN)
        return
    end: Key = min(UNKNOWN, (-history.stale_at,))
    key = state.inbound.before(end if own is None else min(own, end))
    while key is not None:
        yield key
        key = state.inbound.before(key)
    for key in state.inbound.after(UNKNOWN):
        if own is not None and key > own:
            return
        if not history.is_old(context.messages[key[-1]]):
            yield key


def _unhandled(state: ConversationState, done: ReadPosition, context: StepContext) -> Iterator[Key]:
    """Yield the keys of inbound messages after the done marker: newer ones, and late ones nobody had seen."""
    marker, end = done.marker.key, done.end
    for key in state.inbound:
        if key >= marker:
            break
        if done.is_after(context.messages[key[-1]], context.history):
            yield key
    for arrived in done.late if end is not None else ():
        if end is not None and arrived >= end and (entry := context.messages.get(arrived[-1])) is not None:
            key = item_key(entry.item)
            if key > marker and key in state.inbound:
                yield key
