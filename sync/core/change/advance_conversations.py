"""Advance conversations and their messages by one step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import takewhile

from sync.core.account.conversations import ConversationState, StepContext, is_inbound, is_system
from sync.core.account.entries import Entry
from sync.core.account.history import LAST
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import NO_MARK
from sync.core.account.message_visibility import MessageShift
from sync.core.account.order import EMPTY, Key, Order
from sync.core.account.view import judged_conversations
from sync.core.automatic_answers import QUICK_MS, is_automatic, is_quick, neighbours, repeated_words
from sync.core.change.rebuild_conversation import is_taken_back, rebuild, with_held
from sync.core.change.view_builder import OrderChanges, ViewBuilder, group, put
from sync.core.pace import paced
from sync.protocol.items import Message


def advance_conversations(builder: ViewBuilder) -> None:
    """Rebuild the conversations that the step touches, and advance the lists and counters of messages."""
    view, touched = builder.view, _touched(builder)
    if not touched:
        return
    moves = OrderChanges()
    shifts: list[MessageShift] = []
    messages = builder.entries("messages")
    context = StepContext(
        view.account_id, messages, builder.marks, builder.history, view.rules, view.version, view.quick_answers
    )
    held = {
        thread_id: _with_held(builder, thread_id, changes, context)
        for thread_id, changes in paced(touched.items(), builder.check)
    }
    rejudged = _advance_quick_answers(builder, touched, held, context)
    for conversation_id in rejudged.keys() - held.keys():
        touched[conversation_id] = []
        held[conversation_id] = _with_held(builder, conversation_id, [], context)
    with view.conversation_states.mutate() as states:
        for conversation_id, changes in paced(touched.items(), builder.check):
            before, state = view.conversation_states.get(conversation_id), held[conversation_id]
            entry = builder.entries("conversations").get(conversation_id)
            known = before or ConversationState(id=conversation_id)
            after, shifted = rebuild(known, state, entry, changes, rejudged.get(conversation_id, ()), context)
            shifts += shifted
            _count(builder, before, -1)
            _count(builder, after, +1)
            put(states, conversation_id, after)
            moves.note(_place(before), _place(after))
            builder.waiting.note(_waiting_place(before), _waiting_place(after))
        builder.fields["conversation_states"] = states.finish()
    builder.check()
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
    for change in paced(builder.changes["messages"], builder.check):
        group(touched, change, lambda entry: entry.item.conversation_id)
    for conversation_id in _naming_taken_back(builder):
        touched[conversation_id]
    if builder.delta.rules is not None:
        for conversation_id in judged_conversations(builder.view):
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


def _with_held(
    builder: ViewBuilder, conversation_id: str, changes: list[ItemChange], context: StepContext
) -> ConversationState:
    before = builder.view.conversation_states.get(conversation_id) or ConversationState(id=conversation_id)
    mark = builder.marks.get(("conversations", conversation_id), NO_MARK)
    return with_held(before, builder.entries("conversations").get(conversation_id), mark, changes, context)


# -- answers that nobody wrote


def _advance_quick_answers(
    builder: ViewBuilder,
    touched: Mapping[str, list[ItemChange]],
    held: Mapping[str, ConversationState],
    context: StepContext,
) -> dict[str, list[Key]]:
    """Advance `View.quick_answers`, here and in `context`. Return by conversation the keys of the messages of which
    nobody can say any more whether somebody wrote them, as it was said before.
    """
    moves: defaultdict[str, OrderChanges] = defaultdict(OrderChanges)
    for conversation_id, changes in touched.items():
        if changes:
            _note_quick_answers(moves, changes, held[conversation_id], context)
    old, new = builder.view.quick_answers, builder.view.quick_answers
    for words, moved in moves.items():
        order = old.get(words, EMPTY).update(moved.gone, moved.come)
        new = new.set(words, order) if order else new.delete(words) if words in new else new
    if new is old:
        return {}
    builder.fields["quick_answers"] = context.quick_answers = new
    rejudged: defaultdict[str, list[Key]] = defaultdict(list)
    for words, moved in moves.items():
        for key in _rejudged(old.get(words, EMPTY), new.get(words, EMPTY), moved):
            entry = context.messages.get(key[-1])
            if entry is not None:
                rejudged[entry.item.conversation_id].append(key)
                builder.shifted.add(("messages", key[-1]))
    return rejudged


def _note_quick_answers(
    moves: Mapping[str, OrderChanges], changes: list[ItemChange], state: ConversationState, context: StepContext
) -> None:
    """Note which own messages of a conversation come to the quick answers, and which leave them."""
    named = {change.id for change in changes}
    for old, new, *_ in changes:
        before, after = _quick_key(old, None, context), _quick_key(new, state, context)
        if before != after:
            _note(moves, before, after)
    for key in _following(changes, state, context):
        if key[-1] not in named:
            entry = context.messages[key[-1]]
            before, after = _quick_key(entry, None, context), _quick_key(entry, state, context)
            if before != after:
                _note(moves, before, after)


def _note(moves: Mapping[str, OrderChanges], before: tuple[str, Key] | None, after: tuple[str, Key] | None) -> None:
    if before is not None:
        moves[before[0]].gone.append(before[1])
    if after is not None:
        moves[after[0]].come.append(after[1])


def _quick_key(
    entry: Entry[Message] | None, state: ConversationState | None, context: StepContext
) -> tuple[str, Key] | None:
    """Return the words and the key of a quick answer, or None: as it is in `state`, or (None) as it was known."""
    words = repeated_words(entry.item) if entry is not None else None
    if entry is None or words is None:
        return None
    key = context.key(entry)
    if state is None:
        return (words, key) if key in context.quick_answers.get(words, EMPTY) else None
    just_before = takewhile(lambda one: one[0] - key[0] <= QUICK_MS, state.received.after((key[0],)))
    asked = (one for one in just_before if not is_system(context.messages[one[-1]].item))
    return (words, key) if is_quick(key, asked) else None


def _following(changes: list[ItemChange], state: ConversationState, context: StepContext) -> set[Key]:
    """Return the messages that are held and follow at once one of somebody else that came, went or changed."""
    entries = (entry for change in changes for entry in change[:2] if entry is not None)
    times = (context.key(entry)[0] for entry in entries if is_inbound(entry.item) and entry.item.created_at is not None)
    found: set[Key] = set()
    start = None
    for newest in sorted(set(times)):
        oldest = newest - QUICK_MS
        start = oldest if start is None else max(start, oldest)
        found.update(_up_to(newest, state.held.after((start,))))
        start = newest + 1  # so that many of one moment are walked once
    return found


def _up_to(time: int, keys: Iterator[Key]) -> Iterator[Key]:
    return takewhile(lambda key: key[0] <= time, keys)


def _rejudged(old: Order, new: Order, moved: OrderChanges) -> set[Key]:
    """Return the keys that were judged otherwise before."""
    changed = {*moved.gone, *moved.come}
    suspects = changed.union(*(neighbours(key, order) for key in changed for order in (old, new)))

    def judge(key: Key, sent: Order) -> bool:
        return key in sent and is_automatic(key, sent)

    return {key for key in suspects if judge(key, old) != judge(key, new)}


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
    for shift in paced(shifts, builder.check):
        moves.note(shift.before, shift.after)
        builder.note_unread("messages", shift.id, shift.was_unread, shift.is_unread)
        if shift.is_shifted:
            builder.shifted.add(("messages", shift.id))
    builder.fields["message_order"] = builder.view.message_order.update(moves.gone, moves.come)
