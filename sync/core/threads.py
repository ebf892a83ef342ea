"""What follows from the messages and marks of one conversation: its newest, its unread ones, whether somebody waits.

Recomputed for the conversations that a change touched, at a cost that depends on the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

import msgspec
from immutables import Map
from msgspec import Struct

from sync.core.delta import Entry
from sync.core.history import LAST, History, item_key
from sync.core.lines import Line, line_at, newest_moment
from sync.core.marks import NO_MARK, Mark
from sync.core.order import EMPTY, Key, Order
from sync.core.pairs import Pair
from sync.protocol.items import Collection, Conversation, Message

_UNKNOWN: Final[Key] = (LAST, "")
"""Before every key of an unknown time."""

Marks = Map[tuple[Collection, str], Mark]


class Thread(Struct, frozen=True, kw_only=True):
    """A conversation as its messages and marks make it. Orders hold `item_key`s.

    `held`: all messages; `received`: the inbound ones of them; `early`: those of these up to the start. `order`: what
    is visible; of that `inbound` and `outbound` what still counts as somebody's word, and `unread`. `read`, `deleted`:
    where the two marks stand.
    """

    id: str
    mark: Mark = NO_MARK
    known: bool = False
    held: Order = EMPTY
    received: Order = EMPTY
    early: Order = EMPTY
    early_unread: frozenset[str] = frozenset()
    read: Line | None = None
    deleted: Line | None = None
    order: Order = EMPTY
    inbound: Order = EMPTY
    outbound: Order = EMPTY
    unread: Order = EMPTY
    hidden: bool = False
    rest: int = 0
    needs_reply: bool = False
    waiting_since: int | None = None
    last_id: str | None = None
    platform_last: bool = False
    sort_time: int | None = None
    pinned: bool = False
    muted: bool = False

    @property
    def line(self) -> Line | None:
        """The mark that counts for what is unread: a deletion counts as a read mark while it stands."""
        if self.read is None or self.deleted is None:
            return self.read or self.deleted
        return max(self.read, self.deleted, key=lambda line: line.upto.version)

    @property
    def unread_count(self) -> int:
        return max(len(self.unread) + self.rest, int(self.marked_unread))

    @property
    def marked_unread(self) -> bool:
        """As a whole, because there is no message to mark."""
        since = self.deleted.upto.version if self.deleted is not None else 0
        return not self.hidden and (self.mark.unread_at or 0) > since

    @property
    def sort_key(self) -> Key:
        return (not self.pinned, LAST if self.sort_time is None else -self.sort_time, self.id)

    @property
    def shown(self) -> tuple[object, ...]:
        """What a client can see of it."""
        return (
            self.known,
            self.unread_count,
            self.needs_reply,
            self.waiting_since,
            self.last_id,
            self.platform_last,
            self.sort_time,
            self.pinned,
            self.muted,
            self.inbound.first() if not self.known else None,
        )


class Context(NamedTuple):
    """What surrounds a thread: all messages and marks of the account after the step, and its history."""

    messages: Mapping[str, Entry[Message]]
    marks: Marks
    history: History


class Shift(NamedTuple):
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


class Rebuilt(NamedTuple):
    """`thread` is None when neither the conversation nor a message of it is left."""

    thread: Thread | None
    shifts: list[Shift]


def rebuild(
    before: Thread, conversation: Entry[Conversation] | None, mark: Mark, pairs: list[Pair], context: Context
) -> Rebuilt:
    """The thread after `pairs`, which are of messages, and under `mark`."""
    thread = _with_held(before, conversation, mark, pairs, context)
    states = [_state(before, thread, pair, context) for pair in _touched(before, thread, pairs, context)]
    thread = _with_visible(before, thread, states)
    shifts = [state.shift for state in states]
    if conversation is None and not thread.held:
        return Rebuilt(None, shifts)
    item = conversation.item if conversation is not None else None
    thread = msgspec.structs.replace(
        thread,
        known=item is not None,
        hidden=_is_hidden(thread, item),
        pinned=_wins(mark.pinned, item is not None and item.is_pinned),
        muted=_wins(mark.muted, item is not None and item.is_muted),
    )
    thread = msgspec.structs.replace(thread, rest=_rest(thread, item))
    thread = _with_last(thread, item, context)
    return Rebuilt(_with_waiting(thread, item, context), shifts)


def _wins(operators: bool | None, platforms: bool | None) -> bool:
    return bool(platforms if operators is None else operators)


def is_inbound(message: Message) -> bool:
    return message.direction != "outbound"


def is_recalled(message: Message, mark: Mark) -> bool:
    return message.is_recalled or mark.recalled_at is not None


# -- what is held, and where the marks stand


def _with_held(
    before: Thread, conversation: Entry[Conversation] | None, mark: Mark, pairs: list[Pair], context: Context
) -> Thread:
    history = context.history
    gone = [old for old, *_ in pairs if old is not None]
    come = [new for _, new, *_ in pairs if new is not None]

    def moved(order: Order, belongs: Callable[[Entry[Message]], bool]) -> Order:
        return order.update(
            [item_key(entry.item) for entry in gone if belongs(entry)],
            [item_key(entry.item) for entry in come if belongs(entry)],
        )

    held = moved(before.held, lambda _entry: True)
    early = moved(before.early, lambda entry: is_inbound(entry.item) and history.covers(entry))
    spared = conversation.first_unread if conversation is not None else 0
    return msgspec.structs.replace(
        before,
        mark=mark,
        held=held,
        received=moved(before.received, lambda entry: is_inbound(entry.item)),
        early=early,
        # Of the history only the newest are unread, as many as the platform said when the conversation was stored.
        early_unread=frozenset(key[-1] for key, _ in zip(early, range(spared), strict=False)),
        read=line_at(mark.read_upto, before.read, pairs, _entries(held, context), history),
        deleted=line_at(mark.deleted_upto, before.deleted, pairs, _entries(held, context), history),
    )


def _entries(order: Order, context: Context) -> Iterator[Entry[Message]]:
    return (context.messages[key[-1]] for key in order)


# -- which messages the step may have changed


def _touched(before: Thread, after: Thread, pairs: list[Pair], context: Context) -> Iterator[Pair]:
    """Those of `pairs`, and all others that may be visible or unread now and were not, or the other way round."""
    yield from pairs
    named = {entry.item.id for pair in pairs for entry in pair[:2] if entry is not None}
    for item_id in _affected(before, after) - named:
        entry = context.messages.get(item_id)
        if entry is not None and entry.item.conversation_id == after.id:
            mark = context.marks.get(("messages", item_id), NO_MARK)
            yield Pair(entry, entry, mark, mark)


def _affected(before: Thread, after: Thread) -> set[str]:
    affected = set(before.early_unread ^ after.early_unread)
    if not _same_place(before.deleted, after.deleted) or _goes_back(before.read, after.read):
        return affected.union(key[-1] for key in after.held)
    if not _same_place(before.read, after.read):
        affected.update(key[-1] for key in before.unread)
    for old, new in ((before.read, after.read), (before.deleted, after.deleted)):
        if old is not None and new is not None and old is not new:
            affected.update(old.between(new))
    return affected


def _same_place(old: Line | None, new: Line | None) -> bool:
    if old is None or new is None:
        return old is new
    return (old.upto.version, old.upto.moment) == (new.upto.version, new.upto.moment)


def _goes_back(old: Line | None, new: Line | None) -> bool:
    if old is None:
        return False
    return new is None or (new.upto.version, new.upto.moment) < (old.upto.version, old.upto.moment)


# -- what each of them is


class _State(NamedTuple):
    """A touched message: its keys, and in which orders of the thread it belongs after the step."""

    shift: Shift
    old_key: Key | None
    new_key: Key | None
    inbound: bool
    outbound: bool


def _state(before: Thread, after: Thread, pair: Pair, context: Context) -> _State:
    old, new, was, now = pair
    old_key = item_key(old.item) if old is not None else None
    new_key = item_key(new.item) if new is not None else None
    listed = old_key is not None and old_key in before.order
    unread = old_key is not None and old_key in before.unread
    visible = new is not None and (after.deleted is None or after.deleted.is_after(new, context.history))
    speaks = visible and new is not None and not is_recalled(new.item, now)
    inbound = speaks and new is not None and is_inbound(new.item) and not now.deleted
    shift = Shift(
        id=(new or old).item.id,  # type: ignore[union-attr]  # a pair is of something
        before=old_key if listed else None,
        after=new_key if visible else None,
        fed_before=listed and not was.deleted,
        fed_after=visible and not now.deleted,
        was_unread=unread,
        is_unread=inbound and new is not None and _is_unread(new, now, after, context.history),
    )
    return _State(shift, old_key, new_key, inbound, speaks and new is not None and not is_inbound(new.item))


def _is_unread(entry: Entry[Message], mark: Mark, thread: Thread, history: History) -> bool:
    if mark.read is not None:
        return not mark.read
    line = thread.line
    if history.covers(entry) and entry.item.id not in thread.early_unread:
        return False
    return line is None or line.is_after(entry, history)


def _with_visible(before: Thread, thread: Thread, states: list[_State]) -> Thread:
    def moved(order: Order, belongs: Callable[[_State], object]) -> Order:
        gone: list[Key] = []
        come: list[Key] = []
        for state in states:
            was = state.old_key if state.old_key is not None and state.old_key in order else None
            now = state.new_key if belongs(state) else None
            if was != now:
                gone += [was] if was else []
                come += [now] if now else []
        return order.update(gone, come)

    return msgspec.structs.replace(
        thread,
        order=thread.held if thread.deleted is None else moved(before.order, lambda state: state.shift.after),
        inbound=moved(before.inbound, lambda state: state.inbound),
        outbound=moved(before.outbound, lambda state: state.outbound),
        unread=moved(before.unread, lambda state: state.shift.is_unread),
    )


def _is_hidden(thread: Thread, conversation: Conversation | None) -> bool:
    """Deleted, and nothing of either side has come since."""
    if thread.deleted is None or thread.order:
        return False
    last = conversation.last_message_time if conversation is not None else None
    return last is None or last <= thread.deleted.upto.moment[0]


# -- what follows for the conversation


def _rest(thread: Thread, conversation: Conversation | None) -> int:
    """What the platform counts as unread and nobody has crawled."""
    if conversation is None or thread.hidden:
        return 0
    count, line = conversation.unread_count or 0, thread.line
    if line is None:
        return max(0, count - len(thread.received))
    if not _went_on(thread, conversation, line):
        return 0
    return max(0, count - line.upto.base - line.count_after(thread.received))


def _went_on(thread: Thread, conversation: Conversation, line: Line) -> bool:
    """Whether the last message of the conversation is later than the mark."""
    newest = newest_moment(thread.held)
    if newest is not None and newest > line.upto.moment:
        return True
    last = conversation.last_message_time
    return last is not None and last > line.upto.moment[0]


def _with_last(thread: Thread, conversation: Conversation | None, context: Context) -> Thread:
    last_id = _last_id(thread, context.marks)
    platform_last = conversation is not None and _is_newer(conversation, thread, context.messages)
    if platform_last and conversation is not None:
        sort_time = conversation.last_message_time
    elif last_id is not None:
        sort_time = context.messages[last_id].item.created_at
    else:
        sort_time = None
    if sort_time is None and conversation is not None:
        sort_time = conversation.updated_at
    return msgspec.structs.replace(thread, last_id=last_id, platform_last=platform_last, sort_time=sort_time)


def _last_id(thread: Thread, marks: Marks) -> str | None:
    """The newest message that still says something. An own one that was deleted here stays in `outbound`."""
    own = next((key for key in thread.outbound if not marks.get(("messages", key[-1]), NO_MARK).deleted), None)
    keys = [key for key in (thread.inbound.first(), own) if key is not None]
    return min(keys)[-1] if keys else None


def _is_newer(conversation: Conversation, thread: Thread, messages: Mapping[str, Entry[Message]]) -> bool:
    """Whether the platform's own last message is one that no snapshot brought."""
    time = conversation.last_message_time
    named = messages.get(conversation.last_message_id or "")
    if time is None or (named is not None and named.item.conversation_id == thread.id):
        return False
    newest = thread.held.first()
    return newest is None or newest[0] == LAST or time > -newest[0]


def _with_waiting(thread: Thread, conversation: Conversation | None, context: Context) -> Thread:
    history = context.history
    waiting_since, waits = _waiting(thread, context)
    if thread.platform_last and conversation is not None:
        time, sender = conversation.last_message_time, conversation.last_message_sender_id
        if sender is None or time is None or conversation.user_id is None or conversation.type == "group":
            pass  # nothing says whose it is
        elif sender != conversation.user_id:
            waits, waiting_since = False, None
        elif time > history.started_at - history.fresh_ms:
            waits, waiting_since = True, waiting_since if waiting_since is not None else time
    waits = waits and not thread.hidden
    return msgspec.structs.replace(thread, needs_reply=waits, waiting_since=waiting_since if waits else None)


def _waiting(thread: Thread, context: Context) -> tuple[int | None, bool]:
    """(time of the first unanswered inbound message, whether it is waited for)."""
    newest, own = thread.inbound.first(), thread.outbound.first()
    if newest is None or (own is not None and own < newest):
        return None, False
    first = thread.inbound.before(_UNKNOWN if own is None else min(own, _UNKNOWN))
    return None if first is None else -first[0], not context.history.is_old(context.messages[newest[-1]])
