"""Rebuild the state of one conversation from its messages and marks: the newest, the unread ones, who waits.

Recomputed for the conversations that a change touched, at a cost that depends on the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState, StepContext, is_inbound, is_recalled, is_system
from sync.core.account.entries import Entry
from sync.core.account.history import LAST, History, make_rank
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import NO_MARK, Mark
from sync.core.account.message_visibility import MessageShift, message_step, touched, with_visible
from sync.core.account.order import Key, Order
from sync.core.account.read_positions import read_position_at
from sync.core.account.waiting import with_waiting
from sync.protocol.ids import platform_id_of
from sync.protocol.items import Conversation, Message

TAKEN_BACK_AMONG: Final = 50
"""The number of newest messages among which the platform's last words are looked for."""


class RebuiltConversation(NamedTuple):
    """A rebuilt conversation. `state` is None when neither it nor a message of it is left."""

    state: ConversationState | None
    shifts: list[MessageShift]


def rebuild(
    before: ConversationState,
    state: ConversationState,
    conversation: Entry[Conversation] | None,
    changes: list[ItemChange],
    rejudged: Iterable[Key],
    context: StepContext,
) -> RebuiltConversation:
    """Return the state after `changes` of its messages. `state`: what `with_held` returns. `rejudged`: the keys of
    messages of which another one decides now whether somebody wrote them. `conversation`: its own entry, None if
    unknown.
    """
    mark = state.mark
    state = state.with_messages(automatic=_automatic(before, changes, rejudged, context).or_equal(state.held))
    steps = [message_step(before, state, change, context) for change in touched(before, state, changes, context)]
    state = with_visible(before, state, steps)
    shifts = [step.shift for step in steps]
    if conversation is None and not state.held:
        return RebuiltConversation(None, shifts)
    item = conversation.item if conversation is not None else None
    rank = make_rank(_platform_id(state.id, item, context.account_id), state.id)
    state = replace(
        state,
        known=item is not None,
        rank=before.rank if before.rank == rank else rank,  # the order of conversations holds the former object
        pinned=_wins(mark.pinned, item is not None and item.is_pinned),
        muted=_wins(mark.muted, item is not None and item.is_muted),
    )
    state = state.with_messages(hidden=_is_hidden(state, item, context))
    state = replace(state, rest=_rest(state, item, context))
    state = _with_last(state, item, context)
    return RebuiltConversation(with_waiting(state, item, context), shifts)


def _platform_id(conversation_id: str, conversation: Conversation | None, account_id: str) -> str:
    """Return the platform's id of a conversation, also of one that only messages name."""
    if conversation is not None:
        return conversation.platform_id
    return platform_id_of("conversations", account_id, conversation_id)


def _wins(operators: bool | None, platforms: bool | None) -> bool:
    return bool(platforms if operators is None else operators)


# -- what is held, and where the marks stand


def with_held(
    before: ConversationState,
    conversation: Entry[Conversation] | None,
    mark: Mark,
    changes: list[ItemChange],
    context: StepContext,
) -> ConversationState:
    """Return the state with the messages that it holds after `changes`, and where its marks stand, under `mark`."""
    history = context.history
    gone = [(context.key(change.old), change.old) for change in changes if change.old is not None]
    come = [(context.key(change.new), change.new) for change in changes if change.new is not None]

    def moved(order: Order, belongs: Callable[[Entry[Message]], bool]) -> Order:
        return order.update(
            [key for key, entry in gone if belongs(entry)],
            [key for key, entry in come if belongs(entry)],
        )

    held = moved(before.held, lambda _entry: True)
    early = moved(before.early, lambda entry: _is_early(entry, history))
    spared = conversation.first_unread if conversation is not None else 0
    return replace(before, mark=mark).with_messages(
        held=held,
        received=moved(before.received, lambda entry: is_inbound(entry.item)).or_equal(held),
        early=early.or_equal(held),
        # Of the history only the newest are unread, as many as the platform said when the conversation was stored.
        early_unread=Order.in_order(list(islice(early, spared))).or_equal(before.early_unread, early),
        read_position=read_position_at(
            mark.read_marker, before.read_position, changes, _entries(held, context), history, context.version
        ),
        deleted_position=read_position_at(
            mark.deleted_marker, before.deleted_position, changes, _entries(held, context), history, context.version
        ),
        done_position=read_position_at(
            mark.done_marker, before.done_position, changes, _entries(held, context), history, context.version
        ),
    )


def _is_early(entry: Entry[Message], history: History) -> bool:
    return is_inbound(entry.item) and not is_system(entry.item) and history.covers(entry)


def _automatic(
    before: ConversationState, changes: list[ItemChange], rejudged: Iterable[Key], context: StepContext
) -> Order:
    """Return the own messages that nobody wrote."""
    judged = [(context.key(change.new), change.new) for change in changes if change.new is not None]
    judged += [(key, entry) for key in rejudged if (entry := context.messages.get(key[-1])) is not None]
    old = [context.key(change.old) for change in changes if change.old is not None]
    keys = [key for key, entry in judged if context.is_automatic(entry)]
    gone = {*old, *(key for key, _ in judged)}.difference(keys)
    if not before.automatic and not keys:
        return before.automatic
    return before.automatic.update(gone, keys)


def _entries(order: Order, context: StepContext) -> Iterator[Entry[Message]]:
    return (context.messages[key[-1]] for key in order)


# -- what follows for the conversation


def _is_hidden(state: ConversationState, conversation: Conversation | None, context: StepContext) -> bool:
    """Return whether the conversation is deleted and nothing of either side has come since."""
    if state.deleted_position is None or state.order:
        return False
    if conversation is None:
        return True
    return not state.deleted_position.is_last_after(conversation, context.messages, context.history)


def _rest(state: ConversationState, conversation: Conversation | None, context: StepContext) -> int:
    """Return how many messages the platform counts as unread and nobody has crawled."""
    if conversation is None or state.hidden:
        return 0
    count, position = conversation.unread_count or 0, state.unread_position
    if position is None:
        return max(0, count - len(state.received))
    went_on = position.later or position.later_own
    if not went_on and not position.is_last_after(conversation, context.messages, context.history):
        return 0
    return max(0, count - position.marker.base - position.count_after())


def _with_last(state: ConversationState, conversation: Conversation | None, context: StepContext) -> ConversationState:
    last_id = _last_id(state, context)
    platform_last = (
        conversation is not None
        and _is_newer(conversation, state, context.messages, context.history)
        and not _says_what_was_taken_back(conversation, state, context)
    )
    if platform_last and conversation is not None:
        sort_time = conversation.last_message_time
    elif last_id is not None:
        sort_time = context.messages[last_id].item.created_at
    else:
        sort_time = None
    if sort_time is None and conversation is not None:
        sort_time = conversation.updated_at
    return replace(state, platform_last=platform_last, sort_time=sort_time).with_messages(last_id=last_id)


def _last_id(state: ConversationState, context: StepContext) -> str | None:
    """Return the id of the newest message that still says something, or None.

    An own message that was deleted here stays in `outbound`.
    """
    marks = context.marks
    own = next((key for key in state.outbound if not marks.get(("messages", key[-1]), NO_MARK).deleted), None)
    keys = [key for key in (state.inbound.first(), own) if key is not None]
    lines = (key for key in state.order if _is_shown_line(key[-1], context))
    newest = min(keys) if keys else next(lines, None)
    return newest[-1] if newest is not None else None


def _is_shown_line(message_id: str, context: StepContext) -> bool:
    """Return whether it is the platform's own line: shown where nobody else said anything."""
    item, mark = context.messages[message_id].item, context.marks.get(("messages", message_id), NO_MARK)
    return is_system(item) and not mark.deleted and not is_recalled(item, mark)


def _is_newer(
    conversation: Conversation, state: ConversationState, messages: Mapping[str, Entry[Message]], history: History
) -> bool:
    """Return whether the platform's own last message is one that no snapshot brought and no deletion hides."""
    time, deleted = conversation.last_message_time, state.deleted_position
    if deleted is not None and not deleted.is_last_after(conversation, messages, history):
        return False
    named = messages.get(conversation.last_message_id or "")
    if time is None or (named is not None and named.item.conversation_id == state.id):
        return False
    newest = state.held.first()
    if newest is not None and conversation.last_message_type == "system":
        return False
    return newest is None or newest[0] == LAST or time > -newest[0]


def is_taken_back(mark: Mark) -> bool:
    """Return whether an operator deleted or recalled the message."""
    return mark.deleted or mark.recalled_at is not None


def _says_what_was_taken_back(conversation: Conversation, state: ConversationState, context: StepContext) -> bool:
    """Return whether the platform's last message is one that was recalled or deleted here.

    It is known by its id, also after a snapshot removed it, or by its words: the list of conversations has a clock of
    its own, and often no id.
    """
    if is_taken_back(context.marks.get(("messages", conversation.last_message_id or ""), NO_MARK)):
        return True
    words = conversation.last_message_content
    if not words:
        return False
    for key in islice(state.held, TAKEN_BACK_AMONG):
        item, mark = context.messages[key[-1]].item, context.marks.get(("messages", key[-1]), NO_MARK)
        if (mark.deleted or is_recalled(item, mark)) and item.content and _is_same(words, item.content):
            return True
    return False


def _is_same(shown: str, words: str) -> bool:
    """Return whether a list shows these words, perhaps only their beginning."""
    shown, words = shown.strip(), words.strip()
    start = shown.rstrip(".…")
    return shown == words or (start != shown and bool(start) and words.startswith(start))
