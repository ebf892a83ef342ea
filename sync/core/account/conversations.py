"""The state of one conversation, as its messages and marks make it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sync.core.account.entries import Entry
from sync.core.account.history import History, item_key, negated
from sync.core.account.marks import NO_MARK, Mark, MarkKind
from sync.core.account.order import EMPTY, Key, Order
from sync.core.account.read_positions import ReadPosition
from sync.core.automatic_answers import is_automatic, repeated_words
from sync.core.closing_words import ReplyReason
from sync.core.folded_texts import NO_TEXTS, FoldedTexts
from sync.core.maps import Map
from sync.core.rules import Rules
from sync.protocol.items import Message

Marks = Map[tuple[MarkKind, str], Mark]
QuickAnswers = Map[str, Order]


class MessageOrders(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The messages and markers of a conversation. Orders hold `item_key`s.

    `held`: all messages. `received`: the inbound ones of these. `early`: of `received`, those up to the start of the
    history; `early_unread`: of these, the ones that are unread all the same. `read_position`, `deleted_position`,
    `done_position`: where the markers stand. `order`: the visible messages; `inbound`, `outbound`: of these, the
    messages that are neither recalled nor (inbound) deleted; `unread`: of `inbound`. `texts`: of `order`, the words by
    which messages are found. `automatic`: of `held`, the own ones that nobody wrote.

    `hidden`: the conversation is deleted, with nothing since. `last_id`: the newest message to show. `done_at`: ms UTC
    when the conversation was handled, unless something came in since.
    """

    held: Order = EMPTY
    received: Order = EMPTY
    early: Order = EMPTY
    early_unread: Order = EMPTY
    automatic: Order = EMPTY
    read_position: ReadPosition | None = None
    deleted_position: ReadPosition | None = None
    done_position: ReadPosition | None = None
    order: Order = EMPTY
    inbound: Order = EMPTY
    outbound: Order = EMPTY
    unread: Order = EMPTY
    texts: FoldedTexts = NO_TEXTS
    hidden: bool = False
    last_id: str | None = None
    done_at: int | None = None


NO_MESSAGES: Final = MessageOrders()
"""Of the many conversations that only the list of conversations names: they share it."""


class ConversationState(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The state of one conversation, also of one that only messages name.

    `messages`: what follows from its messages and markers, which can be read from the state as well (`MessageOrders`).

    `known`: a snapshot brought the conversation itself. `rest`: unread messages that the platform counts and nobody
    crawled. `reply_reason`, `waiting_since` (ms UTC): see `waiting.py`. `platform_last`: the platform names a newer
    message than `last_id`, which no snapshot brought. `sort_time`: ms UTC; `rank`: its place among conversations of one
    time.
    """

    id: str
    mark: Mark = NO_MARK
    messages: MessageOrders = NO_MESSAGES
    known: bool = False
    rest: int = 0
    reply_reason: ReplyReason | None = None
    waiting_since: int | None = None
    platform_last: bool = False
    sort_time: int | None = None
    rank: bytes = b""
    pinned: bool = False
    muted: bool = False

    def with_messages(self, **changes: Any) -> ConversationState:
        """Return the state with other values of these fields of `messages`."""
        if all(getattr(self.messages, name) is value for name, value in changes.items()):
            return self
        after = replace(self.messages, **changes)
        return replace(self, messages=NO_MESSAGES if after == NO_MESSAGES else after)

    @property
    def held(self) -> Order:
        return self.messages.held

    @property
    def received(self) -> Order:
        return self.messages.received

    @property
    def early(self) -> Order:
        return self.messages.early

    @property
    def early_unread(self) -> Order:
        return self.messages.early_unread

    @property
    def automatic(self) -> Order:
        return self.messages.automatic

    @property
    def read_position(self) -> ReadPosition | None:
        return self.messages.read_position

    @property
    def deleted_position(self) -> ReadPosition | None:
        return self.messages.deleted_position

    @property
    def done_position(self) -> ReadPosition | None:
        return self.messages.done_position

    @property
    def order(self) -> Order:
        return self.messages.order

    @property
    def inbound(self) -> Order:
        return self.messages.inbound

    @property
    def outbound(self) -> Order:
        return self.messages.outbound

    @property
    def unread(self) -> Order:
        return self.messages.unread

    @property
    def texts(self) -> FoldedTexts:
        return self.messages.texts

    @property
    def hidden(self) -> bool:
        return self.messages.hidden

    @property
    def last_id(self) -> str | None:
        return self.messages.last_id

    @property
    def done_at(self) -> int | None:
        return self.messages.done_at

    @property
    def needs_reply(self) -> bool:
        """True if somebody waits for an answer."""
        return self.reply_reason == "question"

    def last_own(self, rules: Rules) -> Key | None:
        """Return the key of our newest answer, or None. One that nobody wrote is none, unless the owner says so."""
        if rules.count_automatic or not self.automatic:
            return self.outbound.first()
        return next((key for key in self.outbound if key not in self.automatic), None)

    def has_spoken(self, rules: Rules) -> bool:
        """Return whether we ever said something here, hidden and recalled words included."""
        written_by_nobody = 0 if rules.count_automatic else len(self.automatic)
        return len(self.held) - len(self.received) > written_by_nobody

    @property
    def unread_position(self) -> ReadPosition | None:
        """The position that decides what is unread: a deletion counts as a read marker while it stands."""
        if self.read_position is None or self.deleted_position is None:
            return self.read_position or self.deleted_position
        return max(self.read_position, self.deleted_position, key=lambda position: position.marker.version)

    @property
    def unread_count(self) -> int:
        """The number of unread messages, as clients see it: crawled ones and the rest, at least 1 if marked unread."""
        return max(len(self.unread) + self.rest, int(self.marked_unread))

    @property
    def marked_unread(self) -> bool:
        """True if the conversation as a whole was marked unread, because it has no message to mark."""
        since = self.deleted_position.marker.version if self.deleted_position is not None else 0
        return not self.hidden and (self.mark.unread_at or 0) > since

    @property
    def sort_key(self) -> Key:
        """The key in `View.conversation_order`: pinned first, then the newest."""
        return (not self.pinned, negated(self.sort_time), self.rank, self.id)

    @property
    def shown(self) -> tuple[object, ...]:
        """The values that a client can see of the state. Two states with equal values look the same."""
        return (
            self.known,
            self.unread_count,
            self.reply_reason,
            self.waiting_since,
            self.done_at,
            self.last_id,
            self.platform_last,
            self.sort_time,
            self.pinned,
            self.muted,
            self.inbound.first() if not self.known else None,
        )


class StepContext:
    """The data that a state is rebuilt from: the account's id, all its messages and marks after the step, its history,
    rules and version, and `View.quick_answers`.
    """

    def __init__(
        self,
        account_id: str,
        messages: Mapping[str, Entry[Message]],
        marks: Marks,
        history: History,
        rules: Rules,
        version: int,
        quick_answers: QuickAnswers,
    ) -> None:
        self.account_id = account_id
        self.messages = messages
        self.marks = marks
        self.history = history
        self.rules = rules
        self.version = version
        self.quick_answers = quick_answers
        self._keys: dict[Key, Key] = {}
        self._by_entry: dict[int, tuple[Entry[Message], Key]] = {}

    def is_automatic(self, entry: Entry[Message]) -> bool:
        """Return whether nobody wrote the own message."""
        words, key = repeated_words(entry.item), item_key(entry.item)
        sent = self.quick_answers.get(words or "", EMPTY)
        return key in sent and is_automatic(key, sent)

    def key(self, entry: Entry[Message]) -> Key:
        """Return the `item_key` of a message, as the same object for all orders that the message is in."""
        known = self._by_entry.get(id(entry))
        if known is None:
            key = item_key(entry.item)
            # With the entry, so that no other can get its place in memory meanwhile.
            known = self._by_entry[id(entry)] = entry, self._keys.setdefault(key, key)
        return known[1]


def is_inbound(message: Message) -> bool:
    """Return whether the account received the message. One of unknown direction, or of the platform's own, counts as
    received.
    """
    return message.direction != "outbound" or message.type == "system"


def is_system(message: Message) -> bool:
    """Return whether the platform wrote the message itself: it is shown, and nobody reads or answers it."""
    return message.type == "system"


def is_recalled(message: Message, mark: Mark) -> bool:
    """Return whether the message was recalled, on the platform or here."""
    return message.is_recalled or mark.recalled_at is not None


def words_under(message: Message, mark: Mark) -> str | None:
    """Return the words by which a message may be found: none once it was deleted or recalled."""
    return None if mark.deleted or is_recalled(message, mark) else message.content
