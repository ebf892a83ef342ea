"""Conversations and their messages, one step on."""

from __future__ import annotations

from collections import defaultdict

from sync.core.account.conversations import ConversationState, StepContext
from sync.core.account.history import LAST
from sync.core.account.item_changes import ItemChange
from sync.core.account.marks import NO_MARK
from sync.core.account.message_visibility import MessageShift
from sync.core.account.order import Key
from sync.core.change.rebuild_conversation import RebuiltConversation, rebuild
from sync.core.change.view_builder import OrderChanges, ViewBuilder, group, put


def advance_threads(builder: ViewBuilder) -> None:
    view, touched = builder.view, _touched(builder)
    if not touched:
        return
    moves = OrderChanges()
    shifts: list[MessageShift] = []
    context = StepContext(builder.entries("messages"), builder.marks, builder.history, view.version)
    with view.threads.mutate() as threads:
        for thread_id, pairs in touched.items():
            before = view.threads.get(thread_id)
            after, shifted = _rebuilt(builder, before or ConversationState(id=thread_id), pairs, context)
            shifts += shifted
            _count(builder, before, -1)
            _count(builder, after, +1)
            put(threads, thread_id, after)
            moves.note(_place(before), _place(after))
            builder.waiting.note(_waiting_place(before), _waiting_place(after))
        builder.fields["threads"] = threads.finish()
    builder.fields["conversation_order"] = view.conversation_order.update(moves.gone, moves.come)
    _list_messages(builder, shifts)


def _touched(builder: ViewBuilder) -> dict[str, list[ItemChange]]:
    """By conversation: the messages that change in it, or nothing but itself."""
    touched: defaultdict[str, list[ItemChange]] = defaultdict(list)
    for pair in builder.pairs["conversations"]:
        touched[pair.id]
    for marked in builder.delta.marks:
        if marked.collection == "conversations":
            touched[marked.id]
    for pair in builder.pairs["messages"]:
        group(touched, pair, lambda entry: entry.item.conversation_id)
    return touched


def _rebuilt(
    builder: ViewBuilder, before: ConversationState, pairs: list[ItemChange], context: StepContext
) -> RebuiltConversation:
    mark = builder.marks.get(("conversations", before.id), NO_MARK)
    return rebuild(before, builder.entries("conversations").get(before.id), mark, pairs, context)


def _place(thread: ConversationState | None) -> Key | None:
    """Where it stands among the conversations; None: it does not."""
    return None if thread is None or thread.hidden else thread.sort_key


def _waiting_place(thread: ConversationState | None) -> Key | None:
    """Where it stands among all who wait."""
    if thread is None or not thread.needs_reply:
        return None
    since = thread.waiting_since
    return (not thread.pinned, LAST if since is None else since, thread.id, "direct_message")


def _count(builder: ViewBuilder, thread: ConversationState | None, sign: int) -> None:
    if thread is not None:
        builder.count["unread_direct_messages"] += sign * thread.unread_count
        builder.count["needs_reply"] += sign * thread.needs_reply
        builder.count["orphan_messages"] += 0 if thread.known else sign * len(thread.order)
        builder.count["silent_unread"] += sign * thread.unread_count if thread.muted else 0


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
