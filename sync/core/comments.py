"""What follows from comments: who waits under which of them, how many of a work are new."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from sync.core.delta import Entry
from sync.core.order import EMPTY, Order
from sync.core.threads import History, item_key
from sync.protocol.items import Comment

Pair = tuple[Entry[Comment] | None, Entry[Comment] | None]


def root_of(comment: Comment) -> str:
    """The comment under which `comment` and its answers stand."""
    return comment.parent_comment_id or comment.id


def is_inbound(comment: Comment) -> bool:
    return not comment.is_author_reply


def is_history(entry: Entry[Comment], history: History) -> bool:
    return history.is_old(entry)


def is_unread(entry: Entry[Comment], history: History) -> bool:
    return is_inbound(entry.item) and not is_history(entry, history)


class CommentThread(Struct, frozen=True):
    """A top-level comment (known or not) and what stands under it.

    `inbound`: those of others that are not history, the top-level one included; `own`: the account's replies.
    """

    replies: Order = EMPTY
    inbound: Order = EMPTY
    own: Order = EMPTY

    @property
    def waiting(self) -> int:
        """How many have no later reply of the account under them."""
        newest_own = self.own.first()
        return len(self.inbound) if newest_own is None else self.inbound.rank(newest_own)

    def needing(self) -> set[str]:
        return {key[-1] for key, _ in zip(self.inbound, range(self.waiting), strict=False)}

    def needs_reply(self, entry: Entry[Comment]) -> bool:
        key = item_key(entry.item)
        newest_own = self.own.first()
        return key in self.inbound and (newest_own is None or key < newest_own)


class Work(Struct, frozen=True):
    """The comments of one work, and whether the work itself is known."""

    order: Order = EMPTY
    unread: int = 0
    known: bool = False


def rebuild_thread(before: CommentThread, pairs: Iterable[Pair], history: History) -> CommentThread | None:
    """The thread after `pairs`; None when nothing is left of it."""
    pairs = list(pairs)

    def moved(order: Order, group: str) -> Order:
        gone = [item_key(old.item) for old, _ in pairs if old is not None and group in _groups(old, history)]
        come = [item_key(new.item) for _, new in pairs if new is not None and group in _groups(new, history)]
        return order.update(gone, come)

    after = CommentThread(
        replies=moved(before.replies, "replies"),
        inbound=moved(before.inbound, "inbound"),
        own=moved(before.own, "own"),
    )
    return after if after.replies or after.inbound or after.own else None


def _groups(entry: Entry[Comment], history: History) -> set[str]:
    comment = entry.item
    groups = set()
    if comment.parent_comment_id is not None:
        groups.add("replies")
        if not is_inbound(comment):
            groups.add("own")
    if is_unread(entry, history):
        groups.add("inbound")
    return groups


def rebuild_work(before: Work, pairs: Iterable[Pair], known: bool, history: History) -> Work | None:
    """The work's comments after `pairs`; None when neither the work nor a comment of it is left."""
    pairs = list(pairs)
    order = before.order.update(
        [item_key(old.item) for old, _ in pairs if old is not None],
        [item_key(new.item) for _, new in pairs if new is not None],
    )
    unread = before.unread + sum(
        (new is not None and is_unread(new, history)) - (old is not None and is_unread(old, history))
        for old, new in pairs
    )
    if not known and not order:
        return None
    return msgspec.structs.replace(before, order=order, unread=unread, known=known)
