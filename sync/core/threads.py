"""What follows from the messages of one conversation: its newest, its unread ones, whether somebody waits.

Recomputed for the conversations that a change touched, at a cost that depends on the change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from sync.core.delta import Entry
from sync.core.order import EMPTY, Key, Order
from sync.protocol.items import Collection, Conversation, Item, Message

LAST = 2**63 - 1
"""In place of a negated time that is unknown: behind every known one."""
_UNKNOWN: Final[Key] = (LAST, "")
"""Before every key of an unknown time."""

UNREAD_BIT: Final[Mapping[Collection, int]] = {"messages": 1, "comments": 2, "notifications": 4}

Pair = tuple[Entry[Message] | None, Entry[Message] | None]
"""A message before and after a change; None: not there."""


def item_time(item: Item) -> int | None:
    """The time that orders `item` in its lists, ms UTC."""
    publish_time: int | None = getattr(item, "publish_time", None)
    return item.created_at if publish_time is None else publish_time


def item_key(item: Item) -> Key:
    """Newest first, unknown times last, then by id."""
    time = item_time(item)
    return (LAST if time is None else -time, item.id)


class History(NamedTuple):
    """Where the history of an account ends (ms UTC and the version that began it)."""

    started_at: int
    started_version: int
    fresh_ms: int

    def covers(self, entry: Entry[Item]) -> bool:
        """At or before the start; of unknown time: came with the first snapshot."""
        time = item_time(entry.item)
        return entry.first_version <= self.started_version if time is None else time <= self.started_at

    def is_old(self, entry: Entry[Item]) -> bool:
        """Covered, and too old at the start for anybody to wait for an answer."""
        time = item_time(entry.item)
        return self.covers(entry) and (time is None or time <= self.started_at - self.fresh_ms)


class Thread(Struct, frozen=True, kw_only=True):
    """A conversation as its messages make it. Orders hold `item_key`s; `early` the inbound ones up to the start."""

    id: str
    known: bool = False
    order: Order = EMPTY
    inbound: Order = EMPTY
    outbound: Order = EMPTY
    early: Order = EMPTY
    early_unread: frozenset[str] = frozenset()
    inbound_count: int = 0
    unread_messages: int = 0
    rest: int = 0
    needs_reply: bool = False
    waiting_since: int | None = None
    last_id: str | None = None
    platform_last: bool = False
    sort_time: int | None = None
    pinned: bool = False

    @property
    def unread_count(self) -> int:
        return self.unread_messages + self.rest

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
            self.inbound.first() if not self.known else None,
        )


class Rebuilt(NamedTuple):
    thread: Thread | None
    now_unread: list[str]
    now_read: list[str]


def rebuild(
    before: Thread,
    conversation: Entry[Conversation] | None,
    pairs: Iterable[Pair],
    messages: Mapping[str, Entry[Message]],
    unread: Mapping[str, int],
    history: History,
) -> Rebuilt:
    """The thread after `pairs`; None when neither the conversation nor a message of it is left."""
    pairs = list(pairs)
    thread = _with_early_unread(_reorder(before, pairs, history), conversation)
    now_unread, now_read = _unread_changes(before, thread, pairs, messages, unread, history)
    if conversation is None and not thread.order:
        return Rebuilt(None, now_unread, now_read)
    thread = msgspec.structs.replace(
        thread,
        known=conversation is not None,
        unread_messages=before.unread_messages + len(now_unread) - len(now_read),
        rest=_rest(thread, conversation),
        pinned=conversation is not None and bool(conversation.item.is_pinned),
    )
    thread = _with_last(thread, conversation, messages)
    return Rebuilt(_with_waiting(thread, conversation, messages, history), now_unread, now_read)


def _reorder(before: Thread, pairs: list[Pair], history: History) -> Thread:
    def moved(order: Order, belongs: frozenset[str]) -> Order:
        gone = [item_key(old.item) for old, _ in pairs if old is not None and _groups(old, history) & belongs]
        come = [item_key(new.item) for _, new in pairs if new is not None and _groups(new, history) & belongs]
        return order.update(gone, come)

    inbound_change = sum(_counts_as_inbound(new) - _counts_as_inbound(old) for old, new in pairs)
    return msgspec.structs.replace(
        before,
        order=moved(before.order, frozenset({"all"})),
        inbound=moved(before.inbound, frozenset({"inbound"})),
        outbound=moved(before.outbound, frozenset({"outbound"})),
        early=moved(before.early, frozenset({"early"})),
        inbound_count=before.inbound_count + inbound_change,
    )


def _groups(entry: Entry[Message], history: History) -> frozenset[str]:
    groups = {"all"}
    if not entry.item.is_recalled:
        groups.add("inbound" if is_inbound(entry.item) else "outbound")
    if is_inbound(entry.item) and history.covers(entry):
        groups.add("early")
    return frozenset(groups)


def is_inbound(message: Message) -> bool:
    return message.direction != "outbound"


def _counts_as_inbound(entry: Entry[Message] | None) -> bool:
    return entry is not None and is_inbound(entry.item)


def _with_early_unread(thread: Thread, conversation: Entry[Conversation] | None) -> Thread:
    """Of the history only the newest k are unread, k = the platform's count when the conversation was stored."""
    count = conversation.first_unread if conversation is not None else 0
    ids = frozenset(key[-1] for key, _ in zip(thread.early, range(count), strict=False))
    return msgspec.structs.replace(thread, early_unread=ids)


def _unread_changes(
    before: Thread,
    after: Thread,
    pairs: list[Pair],
    messages: Mapping[str, Entry[Message]],
    unread: Mapping[str, int],
    history: History,
) -> tuple[list[str], list[str]]:
    touched = {entry.item.id for pair in pairs for entry in pair if entry is not None}
    touched |= before.early_unread ^ after.early_unread
    now_unread, now_read = [], []
    for item_id in touched:
        entry = messages.get(item_id)
        mine = entry is not None and entry.item.conversation_id == after.id
        is_unread = mine and entry is not None and _is_unread(entry, after, history)
        was_unread = bool(unread.get(item_id, 0) & UNREAD_BIT["messages"]) and _was_here(item_id, pairs, before)
        if is_unread and not was_unread:
            now_unread.append(item_id)
        elif was_unread and not is_unread:
            now_read.append(item_id)
    return now_unread, now_read


def _was_here(item_id: str, pairs: list[Pair], before: Thread) -> bool:
    """A message that came from another conversation was counted there."""
    if item_id in before.early_unread:
        return True
    return any(old is not None and old.item.id == item_id for old, _ in pairs)


def _is_unread(entry: Entry[Message], thread: Thread, history: History) -> bool:
    message = entry.item
    if not is_inbound(message) or message.is_recalled:
        return False
    return not history.covers(entry) or message.id in thread.early_unread


def _rest(thread: Thread, conversation: Entry[Conversation] | None) -> int:
    """What the platform counts as unread and nobody has crawled."""
    if conversation is None:
        return 0
    return max(0, (conversation.item.unread_count or 0) - thread.inbound_count)


def _with_last(
    thread: Thread, conversation: Entry[Conversation] | None, messages: Mapping[str, Entry[Message]]
) -> Thread:
    visible = [key for key in (thread.inbound.first(), thread.outbound.first()) if key is not None]
    last_id = min(visible)[-1] if visible else None
    platform_last = conversation is not None and _is_newer(conversation.item, thread, messages)
    if platform_last and conversation is not None:
        sort_time = conversation.item.last_message_time
    elif last_id is not None:
        sort_time = messages[last_id].item.created_at
    else:
        sort_time = None
    if sort_time is None and conversation is not None:
        sort_time = conversation.item.updated_at
    return msgspec.structs.replace(thread, last_id=last_id, platform_last=platform_last, sort_time=sort_time)


def _is_newer(conversation: Conversation, thread: Thread, messages: Mapping[str, Entry[Message]]) -> bool:
    """Whether the platform's own last message is one that no snapshot brought."""
    time = conversation.last_message_time
    named = messages.get(conversation.last_message_id or "")
    if time is None or (named is not None and named.item.conversation_id == thread.id):
        return False
    newest = thread.order.first()
    return newest is None or newest[0] == LAST or time > -newest[0]


def _with_waiting(
    thread: Thread,
    conversation: Entry[Conversation] | None,
    messages: Mapping[str, Entry[Message]],
    history: History,
) -> Thread:
    waiting_since, waits = _waiting(thread, messages, history)
    if thread.platform_last and conversation is not None:
        item = conversation.item
        time = item.last_message_time
        if item.last_message_sender_id is None or time is None or item.user_id is None or item.type == "group":
            pass  # nothing says whose it is
        elif item.last_message_sender_id != item.user_id:
            waits, waiting_since = False, None
        elif time > history.started_at - history.fresh_ms:
            waits, waiting_since = True, waiting_since if waiting_since is not None else time
    return msgspec.structs.replace(thread, needs_reply=waits, waiting_since=waiting_since if waits else None)


def _waiting(thread: Thread, messages: Mapping[str, Entry[Message]], history: History) -> tuple[int | None, bool]:
    """(time of the first unanswered inbound message, whether it is waited for)."""
    newest, own = thread.inbound.first(), thread.outbound.first()
    if newest is None or (own is not None and own < newest):
        return None, False
    first = thread.inbound.before(_UNKNOWN if own is None else min(own, _UNKNOWN))
    return None if first is None else -first[0], not history.is_old(messages[newest[-1]])
