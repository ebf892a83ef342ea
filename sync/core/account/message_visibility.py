"""Which messages of a conversation are visible and unread, and which of them a step may have changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState, StepContext, is_inbound, is_recalled
from sync.core.account.entries import Entry
from sync.core.account.history import History
from sync.core.account.item_changes import ItemChange
from sync.core.account.marks import NO_MARK, Mark
from sync.core.account.order import Key, Order
from sync.core.account.read_positions import ReadPosition
from sync.protocol.items import Message


class MessageShift(NamedTuple):
    """A message in the lists: its key before and after (None: not in them), whether the feed had and has it, and
    whether it was and is unread."""

    id: str
    before: Key | None
    after: Key | None
    fed_before: bool
    fed_after: bool
    was_unread: bool
    is_unread: bool

    @property
    def is_shifted(self) -> bool:
        return (self.before is None) != (self.after is None) or self.was_unread != self.is_unread


def touched(
    before: ConversationState, after: ConversationState, pairs: list[ItemChange], context: StepContext
) -> Iterator[ItemChange]:
    """Those of `pairs`, and all others that may be visible or unread now and were not, or the other way round."""
    yield from pairs
    named = {entry.item.id for pair in pairs for entry in pair[:2] if entry is not None}
    for item_id in _affected(before, after) - named:
        entry = context.messages.get(item_id)
        if entry is not None and entry.item.conversation_id == after.id:
            mark = context.marks.get(("messages", item_id), NO_MARK)
            yield ItemChange(entry, entry, mark, mark)


def _affected(before: ConversationState, after: ConversationState) -> set[str]:
    affected = set(before.early_unread ^ after.early_unread)
    if not _same_place(before.deleted, after.deleted) or _goes_back(before.read, after.read):
        return affected.union(key[-1] for key in after.held)
    if not _same_place(before.read, after.read):
        affected.update(key[-1] for key in before.unread)
    for old, new in ((before.read, after.read), (before.deleted, after.deleted)):
        if old is not None and new is not None and old is not new:
            affected.update(old.between(new))
    return affected


def _same_place(old: ReadPosition | None, new: ReadPosition | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.upto.version, old.upto.moment) == (new.upto.version, new.upto.moment)


def _goes_back(old: ReadPosition | None, new: ReadPosition | None) -> bool:
    if old is None:
        return False
    return new is None or (new.upto.version, new.upto.moment) < (old.upto.version, old.upto.moment)


# -- what each of them is


class MessageState(NamedTuple):
    """A touched message: its keys, and in which orders of the thread it belongs after the step."""

    shift: MessageShift
    old_key: Key | None
    new_key: Key | None
    inbound: bool
    outbound: bool


def message_state(
    before: ConversationState, after: ConversationState, pair: ItemChange, context: StepContext
) -> MessageState:
    old, new, was, now = pair.old, pair.new, pair.was, pair.now
    old_key = context.key(old) if old is not None else None
    new_key = context.key(new) if new is not None else None
    listed = old_key is not None and old_key in before.order
    unread = old_key is not None and old_key in before.unread
    visible = new is not None and (after.deleted is None or after.deleted.is_after(new, context.history))
    speaks = visible and new is not None and not is_recalled(new.item, now)
    inbound = speaks and new is not None and is_inbound(new.item) and not now.deleted
    shift = MessageShift(
        id=pair.id,
        before=old_key if listed else None,
        after=new_key if visible else None,
        fed_before=listed and not was.deleted,
        fed_after=visible and not now.deleted,
        was_unread=unread,
        is_unread=inbound and new is not None and _is_unread(new, now, after, context.history),
    )
    return MessageState(shift, old_key, new_key, inbound, speaks and new is not None and not is_inbound(new.item))


def _is_unread(entry: Entry[Message], mark: Mark, thread: ConversationState, history: History) -> bool:
    if mark.read is not None:
        return not mark.read
    line = thread.line
    if history.covers(entry) and entry.item.id not in thread.early_unread:
        return False
    return line is None or line.is_after(entry, history)


def with_visible(before: ConversationState, thread: ConversationState, states: list[MessageState]) -> ConversationState:
    def moved(order: Order, belongs: Callable[[MessageState], object]) -> Order:
        gone: list[Key] = []
        come: list[Key] = []
        for state in states:
            was = state.old_key if state.old_key is not None and state.old_key in order else None
            now = state.new_key if belongs(state) else None
            if was != now:
                gone += [was] if was else []
                come += [now] if now else []
        return order.update(gone, come)

    return replace(
        thread,
        order=thread.held if thread.deleted is None else moved(before.order, lambda state: state.shift.after),
        inbound=moved(before.inbound, lambda state: state.inbound),
        outbound=moved(before.outbound, lambda state: state.outbound),
        unread=moved(before.unread, lambda state: state.shift.is_unread),
    )
