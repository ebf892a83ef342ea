"""Comment threads and works: who waits for a reply under a comment, and how many comments of a work are unread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile

import msgspec
from immutables import Map
from msgspec import Struct

from sync.core.account.entries import Entry
from sync.core.account.history import History, item_key, make_rank
from sync.core.account.item_change import ItemChange, count_unread_difference, update_listed
from sync.core.account.marks import Mark, ReadMarker
from sync.core.account.order import EMPTY, Key, Order
from sync.core.account.read_positions import is_after
from sync.core.account.reply_judge import ReplyJudge, is_inbound
from sync.core.account.waiting import UNKNOWN
from sync.core.closing_words import ReplyReason
from sync.protocol.ids import platform_id_of
from sync.protocol.items import Comment, Notification


def root_of(comment: Comment) -> str:
    """Return the id of the top-level comment of the thread that `comment` is in; its own id if it is one."""
    return comment.parent_comment_id or comment.id


def thread_rank(account_id: str, root_id: str) -> bytes:
    """Return the place of a comment thread among the rows of one time; its top-level comment may be unknown."""
    return make_rank(platform_id_of("comments", account_id, root_id), root_id)


def is_unread(entry: Entry[Comment], mark: Mark, every: ReadMarker | None, history: History) -> bool:
    """Return whether a comment is unread. `every`: the read marker on all comments of the account."""
    if mark.deleted or not is_inbound(entry.item):
        return False
    if mark.read is not None:
        return not mark.read
    return not history.is_old(entry) and (every is None or is_after(every, entry))


def is_unread_notice(entry: Entry[Notification], mark: Mark, every: ReadMarker | None, history: History) -> bool:
    """Return whether a notice is unread. `every`: the read marker on all notices of the account.

    For notices from before the start of the history the platform's own `is_read` counts.
    """
    if mark.read is not None:
        return not mark.read
    if history.is_old(entry) or (history.covers(entry) and entry.item.is_read):
        return False
    return every is None or is_after(every, entry)


class CommentThread(Struct, frozen=True):
    """A top-level comment (known or not) with its replies, without deleted ones. Orders hold `item_key`s.

    `inbound`: comments of others that are neither history nor handled, the top-level one included. `own`: the account's
    replies, also deleted ones, because people read them on the platform. `root`: the key of the top-level comment, None
    while it is unknown or deleted. `unread`: how many comments of the thread are unread.

    `reasons`: why each comment that nobody answered waits or not, by id. `reply_reason`: of the thread: somebody waits,
    or else that of the newest. `waiting`: how many comments wait; `waiting_since`: the time of the first, ms UTC, None
    if unknown.
    """

    replies: Order = EMPTY
    inbound: Order = EMPTY
    own: Order = EMPTY
    root: Key | None = None
    unread: int = 0
    reasons: Map[str, ReplyReason] = Map()
    reply_reason: ReplyReason | None = None
    waiting: int = 0
    waiting_since: int | None = None

    @property
    def newest(self) -> Key | None:
        """The key of the newest visible comment of the thread. None: nothing is visible."""
        keys = [key for key in (self.root, self.replies.first()) if key is not None]
        return min(keys, default=None)

    def waiting_ids(self) -> set[str]:
        """Return the ids of the comments that wait for a reply."""
        return {item_id for item_id, reason in self.reasons.items() if reason == "question"}

    def needs_reply(self, entry: Entry[Comment]) -> bool:
        """Return whether this comment of the thread waits for a reply."""
        return self.reasons.get(entry.item.id) == "question"


class Work(Struct, frozen=True):
    """The comments of one work, and whether the work itself is known. `order` holds `item_key`s."""

    order: Order = EMPTY
    unread: int = 0
    known: bool = False


def rebuild_thread(
    before: CommentThread,
    root_id: str,
    changes: Iterable[ItemChange],
    history: History,
    comments: Mapping[str, Entry[Comment]],
) -> CommentThread | None:
    """Return the thread after `changes` of its comments, or None when nothing is left of it.

    `comments`: all of the account, as they are after the step.
    """
    changes = list(changes)

    def moved(order: Order, group: str) -> Order:
        gone = [
            item_key(p.old.item) for p in changes if p.old is not None and group in _groups(p.old, p.old_mark, history)
        ]
        come = [
            item_key(p.new.item) for p in changes if p.new is not None and group in _groups(p.new, p.new_mark, history)
        ]
        return order.update(gone, come)

    after = CommentThread(
        replies=moved(before.replies, "replies"),
        inbound=moved(before.inbound, "inbound"),
        own=moved(before.own, "own"),
        root=_root(before, changes),
        unread=before.unread + count_unread_difference(changes),
    )
    if not (after.root or after.replies or after.inbound or after.own):
        return None
    return _with_reasons(after, root_id, comments)


def _with_reasons(thread: CommentThread, root_id: str, comments: Mapping[str, Entry[Comment]]) -> CommentThread:
    newest_own = thread.own.first()
    left = list(takewhile(lambda key: newest_own is None or key < newest_own, thread.inbound))
    if not left:
        return msgspec.structs.replace(thread, reasons=Map(), reply_reason=None, waiting=0, waiting_since=None)
    root = comments.get(root_id)
    shown = [comments[key[-1]].item for key in thread.replies]
    own = [comments[key[-1]].item for key in thread.own]
    judge = ReplyJudge([*shown, *own, *([root.item] if root is not None else [])], root.item if root else None)
    reasons = {key[-1]: judge.reason_of(comments[key[-1]].item) for key in left}
    asking = [key for key in left if reasons[key[-1]] == "question"]
    known = [key for key in asking if key < UNKNOWN]
    return msgspec.structs.replace(
        thread,
        reasons=Map(reasons),
        reply_reason="question" if asking else reasons[left[0][-1]],
        waiting=len(asking),
        waiting_since=-known[-1][0] if known else None,
    )


def _root(before: CommentThread, changes: Iterable[ItemChange]) -> Key | None:
    root = before.root
    for change in changes:
        if change.old is not None and change.old.item.parent_comment_id is None:
            root = None
        if change.listed_after is not None and change.listed_after.item.parent_comment_id is None:
            root = item_key(change.listed_after.item)
    return root


def _groups(entry: Entry[Comment], mark: Mark, history: History) -> set[str]:
    comment = entry.item
    groups = set()
    if comment.parent_comment_id is not None:
        if not mark.deleted:
            groups.add("replies")
        if not is_inbound(comment):
            groups.add("own")
    if is_inbound(comment) and not mark.deleted and mark.done_at is None and not history.is_old(entry):
        groups.add("inbound")
    return groups


def rebuild_work(before: Work, changes: Iterable[ItemChange], known: bool) -> Work | None:
    """Return the work after `changes` of its comments, or None when neither it nor a comment of it is left."""
    changes = list(changes)
    order = update_listed(before.order, changes)
    unread = before.unread + count_unread_difference(changes)
    if not known and not order:
        return None
    return msgspec.structs.replace(before, order=order, unread=unread, known=known)
