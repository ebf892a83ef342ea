"""Decides whether somebody waits for an answer in a conversation. Reading changes nothing of that, handling does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState, StepContext
from sync.core.account.history import LAST, item_key
from sync.core.account.order import Key
from sync.core.account.read_positions import ReadPosition
from sync.protocol.items import Conversation

UNKNOWN: Final[Key] = (LAST,)
"""Before every key of an unknown time."""


def with_waiting(
    state: ConversationState, conversation: Conversation | None, context: StepContext
) -> ConversationState:
    """Return `state` with `needs_reply`, `waiting_since` and `done_at`.

    A last message that the platform names and no snapshot brought counts as well, if its sender is known.
    """
    history = context.history
    waiting_since, waits = _waiting(state, context)
    last = _platform_last(state, conversation)
    if last is not None:
        time, is_partners = last
        if not is_partners:
            waits, waiting_since = False, None
        elif history.is_fresh(time) and not _is_handled(state, conversation, context):
            waits, waiting_since = True, waiting_since if waiting_since is not None else time
    waits = waits and not state.hidden
    return replace(
        state,
        needs_reply=waits,
        waiting_since=waiting_since if waits else None,
        done_at=_done_at(state, last, conversation, context),
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


def _waiting(state: ConversationState, context: StepContext) -> tuple[int | None, bool]:
    """Return (time of the first unanswered inbound message, whether it is waited for)."""
    newest, own = state.inbound.first(), state.outbound.first()
    if newest is None or (own is not None and own < newest):
        return None, False
    if state.done_position is None:
        first = state.inbound.before(UNKNOWN if own is None else min(own, UNKNOWN))
        return None if first is None else -first[0], not context.history.is_old(context.messages[newest[-1]])
    left = [key for key in _unhandled(state, state.done_position, context) if own is None or key < own]
    if not left:
        return None, False
    first = max((key for key in left if key < UNKNOWN), default=None)
    waits = not context.history.is_old(context.messages[min(left)[-1]])
    return None if first is None else -first[0], waits


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
