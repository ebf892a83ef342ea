"""An account at one version: immutable, fully indexed. Versions share what did not change between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from sync.core.account.comment_threads import CommentThread, Work
from sync.core.account.conversations import ConversationState, QuickAnswers, is_recalled
from sync.core.account.entries import Entry, RemovedItems, Report
from sync.core.account.history import History, item_key, item_time, platform_order
from sync.core.account.marks import HIGHEST_ID, NO_MARK, NOTHING, Mark, MarkKind, Upto
from sync.core.account.notice_groups import NoticeGroup
from sync.core.account.order import EMPTY, Feed, Key, Order
from sync.core.account.reference_lookup import lookup_reference, resolve_reference
from sync.core.folded_texts import NO_TEXTS, FoldedTexts
from sync.core.maps import Map
from sync.core.replies.reply import Reply, ReplyState
from sync.core.rules import DEFAULT_RULES, Rules
from sync.protocol.ids import make_id, platform_id_of
from sync.protocol.items import (
    Collection,
    Comment,
    Content,
    Conversation,
    Item,
    Message,
    MessageStatus,
    Notification,
)

NO_THREAD: Final = CommentThread()
NO_WORK: Final = Work()

UNREAD_BIT: Final[Mapping[Collection, int]] = {"messages": 1, "comments": 2, "notifications": 4}


class Totals(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Counters of an account, kept up to date by every change.

    The first five count stored items. `orphan_…`: items whose conversation or work is unknown. `waiting_…`:
    conversations and comment threads that need a reply. What calls for nobody is not among the unread and the waiting
    ones: muted conversations, likes and follows.
    """

    conversations: int = 0
    messages: int = 0
    contents: int = 0
    comments: int = 0
    notifications: int = 0
    orphan_messages: int = 0
    orphan_comments: int = 0
    unread_direct_messages: int = 0
    unread_comments: int = 0
    unread_discussions: int = 0
    unread_notifications: int = 0
    waiting_conversations: int = 0
    waiting_comment_threads: int = 0

    @property
    def needs_reply(self) -> int:
        """The number of inbox rows that need a reply."""
        return self.waiting_conversations + self.waiting_comment_threads

    @property
    def total_unread(self) -> int:
        """The number of unread items of all kinds."""
        return self.unread_direct_messages + self.unread_comments + self.unread_discussions + self.unread_notifications

    def __add__(self, change: Mapping[str, int]) -> Totals:
        return msgspec.structs.replace(self, **{name: getattr(self, name) + by for name, by in change.items() if by})


class View(Struct, frozen=True, kw_only=True, weakref=True):
    """An account at one version. The maps by id hold everything; the orders hold what is visible.

    Orders hold `item_key`s, but for these: `conversation_order` holds the `sort_key`s of conversations;
    `comment_thread_order` and `notice_group_order` hold (True, negated time of the newest item, rank, id), so that they
    sort among conversations; `waiting_order` holds (not pinned, waiting since, id, kind of row) of all that wait.

    `conversation_states`: by id of the conversation, also of conversations that only messages name.
    `started_clock`: what the hub's clock showed at the first snapshot, where that is not `started_at`.
    `removed_items`: what is remembered of items that are gone.
    `marks`: what operators said, by (collection or "people", id).
    `operator_created`: user id -> id of the operator-created conversation that the platform does not know yet.
    `adopted`: id of an operator-created conversation -> id of the platform's conversation that took its place.
    `aliases`: (collection, platform id) -> the sorted ids of items that the platform id alone does not lead to.
    `mentions`: (collection, id) -> the messages and notices that name that item, as id -> collection.
    `comment_texts`: of `comment_order`, the words by which comments are found.
    `quick_answers`: the own messages that followed one of somebody else at once, by their words.
    `unread`: id -> UNREAD_BIT of each kind that is unread under it; items of two kinds may share an id.
    `owner_at`: ms UTC, when the owner last changed what clients see of the account. `rules`: the owner's, of who waits.
    `replies`: those that people wrote here, by id. `pending_replies`: (collection, id) of a conversation or comment, or
    ("threads", id) of an inbox row -> the state of the newest unfinished one. `unsettled`: ids of those that an item
    may still confirm.
    """

    account_id: str
    fresh_ms: int
    version: int = 0
    seq: int = 0
    epoch: str = ""
    started_at: int | None = None
    started_clock: int | None = None
    started_version: int = 0
    changed_at: int | None = None
    conversations: Map[str, Entry[Conversation]] = Map()
    messages: Map[str, Entry[Message]] = Map()
    contents: Map[str, Entry[Content]] = Map()
    comments: Map[str, Entry[Comment]] = Map()
    notifications: Map[str, Entry[Notification]] = Map()
    removed_items: RemovedItems = RemovedItems()
    marks: Map[tuple[MarkKind, str], Mark] = Map()
    operator_created: Map[str, str] = Map()
    adopted: Map[str, str] = Map()
    aliases: Map[tuple[Collection, str], tuple[str, ...]] = Map()
    mentions: Map[tuple[Collection, str], Map[str, Collection]] = Map()
    conversation_states: Map[str, ConversationState] = Map()
    comment_threads: Map[str, CommentThread] = Map()
    works: Map[str, Work] = Map()
    notice_groups: Map[str, NoticeGroup] = Map()
    conversation_order: Order = EMPTY
    message_order: Order = EMPTY
    content_order: Order = EMPTY
    comment_order: Order = EMPTY
    notification_order: Order = EMPTY
    comment_thread_order: Order = EMPTY
    notice_group_order: Order = EMPTY
    waiting_order: Order = EMPTY
    comment_texts: FoldedTexts = NO_TEXTS
    quick_answers: QuickAnswers = Map()
    unread: Map[str, int] = Map()
    totals: Totals = Totals()
    report: Report = Report()
    owner_at: int | None = None
    rules: Rules = DEFAULT_RULES
    replies: Map[str, Reply] = Map()
    pending_replies: Map[tuple[str, str], ReplyState] = Map()
    unsettled: tuple[str, ...] = ()

    @property
    def history(self) -> History:
        """The end of the account's history."""
        started_at = self.started_at or 0
        clock = started_at if self.started_clock is None else self.started_clock
        return History(started_at, self.started_version, self.fresh_ms, clock)

    @property
    def feed(self) -> Feed:
        """The visible messages, comments and notices in one order. A deleted message is in its conversation alone."""
        marks = self.marks

        def is_fed(key: Key) -> bool:
            mark = marks.get(("messages", key[-1]))
            return mark is None or not mark.deleted

        return Feed((self.comment_order, self.message_order, self.notification_order), is_fed)

    def whole(self) -> View:
        """Return the view with its body: itself, unless that is out of memory (see `sync.core.heads`)."""
        return self

    def peek(self) -> View:
        """As `whole`, for one look: a body that is read for it is not kept."""
        return self

    @property
    def is_resident(self) -> bool:
        """Return whether the body is in memory."""
        return True

    @property
    def may_be_evicted(self) -> bool:
        """Return whether the body may leave memory: there is one, and no reply is on its way."""
        return self.version > 0 and not self.pending_replies

    @property
    def has_unread(self) -> bool:
        """Return whether any item is unread, also in muted conversations."""
        return bool(self.unread)

    def may_know(self, _item_id: str, /) -> bool:
        """Return False if nothing here has this id, and to look further would cost something."""
        return True

    def entries(self, collection: Collection) -> Map[str, Entry[Any]]:
        """Return the stored items of a kind, by id."""
        entries: Map[str, Entry[Any]] = getattr(self, collection)
        return entries

    def has(self, collection: Collection, item_id: str) -> bool:
        """Return whether an item with exactly this id is stored."""
        return item_id in self.entries(collection)

    def claimants(self, collection: Collection, platform_id: str) -> tuple[str, ...]:
        """Return the ids, of another form, of the stored items that the platform calls `platform_id`."""
        return self.aliases.get((collection, platform_id), ())

    def lookup(self, collection: Collection, reference: str) -> str | None:
        """Return the `id` of the stored item that `reference` names (see `lookup_reference`), or None."""
        return lookup_reference(self, collection, reference)

    def resolve(self, collection: Collection, reference: str) -> str:
        """Return the `id` of the item that `reference` names, or the id that the item will have when it comes."""
        return resolve_reference(self, collection, reference)

    def find(self, collection: Collection, item_id: str) -> str | None:
        """Return the id under which `item_id` is listed: itself, or the id that its placeholder turned into. None:
        unknown.
        """
        if item_id in self.entries(collection) or item_id in self._placeholders(collection):
            return item_id
        prefix = make_id(collection, self.account_id, "")
        known = self.lookup(collection, item_id) if item_id.startswith(prefix) else None
        return item_id if known is None and (collection, item_id) in self.mentions else known

    def _placeholders(self, collection: Collection) -> Mapping[str, object]:
        if collection == "conversations":
            return self.conversation_states
        if collection == "comments":
            return self.comment_threads
        return self.works if collection == "contents" else Map()

    def is_unread(self, collection: Collection, item_id: str) -> bool:
        """Return whether the message, comment or notice is unread."""
        return bool(self.unread.get(item_id, 0) & UNREAD_BIT[collection])

    def mark(self, collection: MarkKind, item_id: str) -> Mark:
        """Return the mark of an item or person; NO_MARK if there is none."""
        return self.marks.get((collection, item_id), NO_MARK)

    def is_visible(self, collection: Collection, item_id: str) -> bool:
        """Return whether there is such an item, or a placeholder of it, and no deletion hides it."""
        if collection == "conversations":
            state = self.conversation_states.get(item_id)
            return state is not None and not state.hidden
        if collection == "contents":
            return item_id in self.contents or item_id in self.works
        entry: Entry[Any] | None = self.entries(collection).get(item_id)
        if entry is None:
            return False
        if collection != "messages":
            return not self.mark(collection, item_id).deleted
        state = self.conversation_states[entry.item.conversation_id]
        return state.deleted_position is None or item_key(entry.item) in state.order

    def is_deleted(self, entry: Entry[Message]) -> bool:
        """Return whether an operator deleted the message."""
        return self.mark("messages", entry.item.id).deleted

    def is_recalled(self, entry: Entry[Message]) -> bool:
        """Return whether the message was recalled, on the platform or here."""
        return is_recalled(entry.item, self.mark("messages", entry.item.id))

    def is_automatic(self, entry: Entry[Message]) -> bool:
        """Return whether nobody wrote the own message: the platform sent it in the account's name."""
        state = self.conversation_states[entry.item.conversation_id]
        return bool(state.automatic) and item_key(entry.item) in state.automatic

    def status_of(self, entry: Entry[Message]) -> MessageStatus | None:
        """Return the status of the message: the operator's, else the platform's."""
        return self.mark("messages", entry.item.id).status or entry.item.status

    def comment_thread(self, root_id: str) -> CommentThread:
        """Return the thread under a top-level comment; an empty one if there is none."""
        return self.comment_threads.get(root_id, NO_THREAD)

    def pending_reply(self, place: str, item_id: str) -> ReplyState | None:
        """Return the state of the newest unfinished reply at a place (see `pending_replies`), or None."""
        return self.pending_replies.get((place, item_id))

    def platform_id_of_work(self, content_id: str) -> str:
        """Return the platform's id of a work, also of one that is known from its comments alone."""
        entry = self.contents.get(content_id)
        if entry is not None:
            return entry.item.platform_id
        return platform_id_of("contents", self.account_id, content_id)

    def work(self, content_id: str) -> Work:
        """Return the comments of a work; an empty one if there is none."""
        return self.works.get(content_id, NO_WORK)


def judged_conversations(view: View) -> list[str]:
    """Return the ids of the conversations in which rules decide whether somebody waits."""
    states = view.conversation_states.items()
    return [thread_id for thread_id, state in states if state.reply_reason is not None or state.automatic]


def unanswered_threads(view: View) -> list[str]:
    """Return the ids of the comment threads in which rules decide whether somebody waits."""
    return [root_id for root_id, thread in view.comment_threads.items() if thread.asking or thread.spared]


def needs_alias(collection: Collection, account_id: str, item: Any) -> bool:
    """Return whether the platform id alone does not lead to the item's id."""
    return bool(make_id(collection, account_id, item.platform_id) != item.id)


def work_title(view: View, comment: Comment) -> str | None:
    """Return the title of the work of a comment: the work's own if it is known, else as the comment brought it."""
    return title_of(view, comment.content_id, comment.content_title)


def title_of(view: View, content_id: str | None, brought: str | None) -> str | None:
    """Return the title of a work: its own if it is known, else `brought`, which a comment brought."""
    work = view.contents.get(content_id) if content_id is not None else None
    return work.item.title if work is not None and work.item.title is not None else brought


def upto_item(item: Item) -> Upto:
    """Return `item` as the newest one that a marker covers."""
    return Upto(item_time(item), item.id, platform_order(item))


def latest_known(view: View, state: ConversationState) -> Upto:
    """Return the latest that is known of a conversation: its messages, markers, and the platform's last message."""
    entry, newest = view.conversations.get(state.id), state.held.first()
    last = entry.item.last_message_time if entry is not None else None
    known = [position.marker.upto for position in (state.read_position, state.deleted_position) if position is not None]
    known += [upto_item(view.messages[newest[-1]].item)] if newest is not None else []
    known += [Upto(last, HIGHEST_ID, None)] if last is not None else []
    return min(known, key=lambda upto: upto.key, default=NOTHING)
