"""Decides which messages of a conversation are visible and unread, and which of them a step may have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sync.core.account.conversations import (
    ConversationState,
    StepContext,
    is_inbound,
    is_recalled,
    is_system,
    words_under,
)
from sync.core.account.entries import Entry
from sync.core.account.history import History
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import NO_MARK, Mark
from sync.core.account.order import Key, Order
from sync.core.account.read_positions import ReadPosition
from sync.core.folded_texts import FoldedTexts
from sync.protocol.items import Message


class MessageShift(NamedTuple):
    """The way of one message through a step.

    `before`, `after`: its key in the lists (None: not in them).
    """

    id: str
    before: Key | None
    after: Key | None
    was_unread: bool
    is_unread: bool

    @property
    def is_shifted(self) -> bool:
        """True if the message became visible, hidden, read or unread."""
        return (self.before is None) != (self.after is None) or self.was_unread != self.is_unread


def touched(
    before: ConversationState, after: ConversationState, changes: list[ItemChange], context: StepContext
) -> Iterator[ItemChange]:
    """Yield `changes`, and a change for every other message whose visibility or unread state the step may have changed.

    `before`, `after`: the state of the conversation; of `after` only `held` and the positions are read.
    """
    yield from changes
    named = {entry.item.id for change in changes for entry in change[:2] if entry is not None}
    for item_id in _affected(before, after) - named:
        entry = context.messages.get(item_id)
        if entry is not None and entry.item.conversation_id == after.id:
            mark = context.marks.get(("messages", item_id), NO_MARK)
            yield ItemChange(entry, entry, mark, mark)


def _affected(before: ConversationState, after: ConversationState) -> set[str]:
    affected = {key[-1] for key in {*before.early_unread} ^ {*after.early_unread}}
    if not _same_place(before.deleted_position, after.deleted_position) or _goes_back(
        before.read_position, after.read_position
    ):
        return affected.union(key[-1] for key in after.held)
    if not _same_place(before.read_position, after.read_position):
        affected.update(key[-1] for key in before.unread)
    for old, new in ((before.read_position, after.read_position), (before.deleted_position, after.deleted_position)):
        if old is not None and new is not None and old is not new:
            affected.update(old.between(new))
    return affected


def _same_place(old: ReadPosition | None, new: ReadPosition | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.marker.version, old.marker.upto) == (new.marker.version, new.marker.upto)


def _goes_back(old: ReadPosition | None, new: ReadPosition | None) -> bool:
    if old is None:
        return False
    return new is None or new.marker.version < old.marker.version or new.marker.key > old.marker.key


# -- what each of them is


class MessageStep(NamedTuple):
    """A touched message: its keys, and the orders of the conversation that it belongs in after the step. `found_by`:
    the words by which it is found, and its sender's name; None where it is not visible.
    """

    shift: MessageShift
    old_key: Key | None
    new_key: Key | None
    inbound: bool
    outbound: bool
    was_found_by: tuple[str, str | None] | None
    found_by: tuple[str, str | None] | None


def message_step(
    before: ConversationState, after: ConversationState, change: ItemChange, context: StepContext
) -> MessageStep:
    """Return what the step does to the message of `change`."""
    old, new, was, now = change.old, change.new, change.old_mark, change.new_mark
    old_key = context.key(old) if old is not None else None
    new_key = context.key(new) if new is not None else None
    listed = old_key is not None and old_key in before.order
    unread = old_key is not None and old_key in before.unread
    visible = new is not None and (
        after.deleted_position is None or after.deleted_position.is_after(new, context.history)
    )
    speaks = visible and new is not None and not is_recalled(new.item, now) and not is_system(new.item)
    inbound = speaks and new is not None and is_inbound(new.item) and not now.deleted
    shift = MessageShift(
        id=change.id,
        before=old_key if listed else None,
        after=new_key if visible else None,
        was_unread=unread,
        is_unread=inbound and new is not None and _is_unread(new, new_key, now, after, context.history),
    )
    return MessageStep(
        shift,
        old_key,
        new_key,
        inbound,
        outbound=speaks and new is not None and not is_inbound(new.item),
        was_found_by=_find_by(old, was) if listed and old is not None else None,
        found_by=_find_by(new, now) if visible and new is not None else None,
    )


def _find_by(entry: Entry[Message], mark: Mark) -> tuple[str, str | None]:
    return words_under(entry.item, mark) or "", entry.item.sender_name


def _is_unread(entry: Entry[Message], key: Key | None, mark: Mark, state: ConversationState, history: History) -> bool:
    if mark.read is not None:
        return not mark.read
    position = state.unread_position
    if history.covers(entry) and (key is None or key not in state.early_unread):
        return False
    return position is None or position.is_after(entry, history)


def with_visible(before: ConversationState, state: ConversationState, steps: list[MessageStep]) -> ConversationState:
    """Return `state` with the orders of visible messages after `steps`. `before`: the state before the step."""

    def moved(order: Order, belongs: Callable[[MessageStep], object]) -> Order:
        gone: list[Key] = []
        come: list[Key] = []
        for step in steps:
            was = step.old_key if step.old_key is not None and step.old_key in order else None
            now = step.new_key if belongs(step) else None
            if was != now:
                gone += [was] if was else []
                come += [now] if now else []
        return order.update(gone, come)

    held, received = state.held, state.received
    order = (
        held if state.deleted_position is None else moved(before.order, lambda step: step.shift.after).or_equal(held)
    )
    inbound = moved(before.inbound, lambda step: step.inbound).or_equal(received, held)
    return state.with_messages(
        order=order,
        inbound=inbound,
        outbound=moved(before.outbound, lambda step: step.outbound).or_equal(held),
        unread=moved(before.unread, lambda step: step.shift.is_unread).or_equal(inbound),
        texts=_with_words(before.texts, steps, order),
    )


def _with_words(texts: FoldedTexts, steps: list[MessageStep], order: Order) -> FoldedTexts:
    changed = [step for step in steps if (step.old_key, step.was_found_by) != (step.new_key, step.found_by)]
    return texts.update(
        [step.old_key for step in changed if step.old_key is not None and step.was_found_by is not None],
        {step.new_key: step.found_by[0] for step in changed if step.new_key is not None and step.found_by is not None},
        order.all_keys,
    )
