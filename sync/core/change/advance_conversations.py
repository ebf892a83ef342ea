"""Advance conversations and their messages by one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sync.core.account.conversations import ConversationState, StepContext
from sync.core.account.history import LAST
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import NO_MARK
from sync.core.account.message_visibility import MessageShift
from sync.core.account.order import Key
from sync.core.account.view import unanswered_conversations
from sync.core.change.rebuild_conversation import RebuiltConversation, is_taken_back, rebuild
from sync.core.change.view_builder import OrderChanges, ViewBuilder, group, put


def advance_conversations(builder: ViewBuilder) -> None:
    """Rebuild the conversations that the step touches, and advance the lists and counters of messages."""
    view, touched = builder.view, _touched(builder)
    if not touched:
        return
    moves = OrderChanges()
    shifts: list[MessageShift] = []
    messages = builder.entries("messages")
    context = StepContext(view.account_id, messages, builder.marks, builder.history, view.rules, view.version)
    with view.conversation_states.mutate() as states:
        for conversation_id, changes in touched.items():
            before = view.conversation_states.get(conversation_id)
            after, shifted = _rebuilt(builder, before or ConversationState(id=conversation_id), changes, context)
            shifts += shifted
            _count(builder, before, -1)
            _count(builder, after, +1)
            put(states, conversation_id, after)
            moves.note(_place(before), _place(after))
            builder.waiting.note(_waiting_place(before), _waiting_place(after))
        builder.fields["conversation_states"] = states.finish()
    builder.fields["conversation_order"] = view.conversation_order.update(moves.gone, moves.come)
    _list_messages(builder, shifts)


def _touched(builder: ViewBuilder) -> dict[str, list[ItemChange]]:
    """Return by conversation the changes of its messages; an empty list if only the conversation changes."""
    touched: defaultdict[str, list[ItemChange]] = defaultdict(list)
    for change in builder.changes["conversations"]:
        touched[change.id]
    for marked in builder.delta.marks:
        if marked.collection == "conversations":
            touched[marked.id]
    for change in builder.changes["messages"]:
        group(touched, change, lambda entry: entry.item.conversation_id)
    for conversation_id in _naming_taken_back(builder):
        touched[conversation_id]
    if builder.delta.rules is not None:
        for conversation_id in unanswered_conversations(builder.view):
            touched[conversation_id]
    return touched


def _naming_taken_back(builder: ViewBuilder) -> Iterator[str]:
    """Yield the conversations whose last message, by the platform, is one that the step deletes, recalls or restores.

    The message itself may be known no more. Looks at every conversation, but only after such a step.
    """
    keys = [(marked.collection, marked.id) for marked in builder.delta.marks if marked.collection == "messages"]
    before, after = builder.view.marks, builder.marks
    taken = {
        key[1] for key in keys if is_taken_back(before.get(key, NO_MARK)) != is_taken_back(after.get(key, NO_MARK))
    }
    if taken:
        for conversation_id, entry in builder.entries("conversations").items():
            if entry.item.last_message_id in taken:
                yield conversation_id


def _rebuilt(
    builder: ViewBuilder, before: ConversationState, changes: list[ItemChange], context: StepContext
) -> RebuiltConversation:
    mark = builder.marks.get(("conversations", before.id), NO_MARK)
    return rebuild(before, builder.entries("conversations").get(before.id), mark, changes, context)


def _place(state: ConversationState | None) -> Key | None:
    """Return the conversation's key among the conversations, or None if it is hidden."""
    return None if state is None or state.hidden else state.sort_key


def _waiting_place(state: ConversationState | None) -> Key | None:
    """Return the conversation's key among all that wait, or None."""
    if state is None or not state.needs_reply:
        return None
    since = state.waiting_since
    return (not state.pinned, LAST if since is None else since, state.id, "direct_message")


def _count(builder: ViewBuilder, state: ConversationState | None, sign: int) -> None:
    if state is None:
        return
    builder.count["orphan_messages"] += 0 if state.known else sign * len(state.order)
    if not state.muted:
        builder.count["unread_direct_messages"] += sign * state.unread_count
        builder.count["waiting_conversations"] += sign * state.needs_reply


def _list_messages(builder: ViewBuilder, shifts: list[MessageShift]) -> None:
    moves = OrderChanges()
    for shift in shifts:
        moves.note(shift.before, shift.after)
        builder.feed.note(
            (*shift.before, "messages") if shift.before and shift.fed_before else None,
            (*shift.after, "messages") if shift.after and shift.fed_after else None,
        )
        builder.note_unread("messages", shift.id, shift.was_unread, shift.is_unread)
        if shift.is_shifted:
            builder.shifted.add(("messages", shift.id))
    builder.fields["message_order"] = builder.view.message_order.update(moves.gone, moves.come)
