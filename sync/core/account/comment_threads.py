"""Comment threads and works: who waits for a reply under a comment, and how many comments of a work are unread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from typing import Any, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from sync.core.account.entries import Entry
from sync.core.account.history import History, item_key, make_rank
from sync.core.account.item_change import ItemChange, KeyOf, count_unread_difference, update_listed
from sync.core.account.marks import Mark, ReadMarker
from sync.core.account.order import EMPTY, Key, Order
from sync.core.account.read_positions import is_after
from sync.core.account.reply_judge import Speakers, addressee_of, is_inbound
from sync.core.account.waiting import UNKNOWN
from sync.core.closing_words import ReplyReason
from sync.core.maps import Map
from sync.core.rules import Rules
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


NO_REASONS: Final[Map[str, ReplyReason]] = Map()
NO_SPEAKERS: Final = Speakers()
QUESTION: Final[ReplyReason] = "question"


class CommentThread(Struct, frozen=True, omit_defaults=True, gc=False):
    """A top-level comment (known or not) with its replies, without deleted ones. Orders hold `item_key`s.

    `inbound`: comments of others that are neither history nor handled, the top-level one included. `own`: the account's
    replies, also deleted ones, because people read them on the platform. `root`: the key of the top-level comment, None
    while it is unknown or deleted. `unread`: how many comments of the thread are unread.

    `speakers`: of all these, and of the top-level comment also when it is deleted; nobody, where only that one speaks
    and is not ours. Of the comments that nobody answered `asking` holds those that wait, and `spared` why each other
    one does not, by id.
    """

    replies: Order = EMPTY
    inbound: Order = EMPTY
    own: Order = EMPTY
    root: Key | None = None
    unread: int = 0
    speakers: Speakers = NO_SPEAKERS
    spared: Map[str, ReplyReason] = NO_REASONS
    asking: Order = EMPTY

    @property
    def reasons(self) -> dict[str, ReplyReason]:
        """Why each comment that nobody answered waits or not, by id."""
        return {**{key[-1]: QUESTION for key in self.asking}, **self.spared}

    def reason_of(self, comment: Comment) -> ReplyReason | None:
        """Return why this comment of the thread waits or not; None if it was answered, or is no question for us."""
        return QUESTION if item_key(comment) in self.asking else self.spared.get(comment.id)

    @property
    def newest(self) -> Key | None:
        """The key of the newest visible comment of the thread. None: nothing is visible."""
        keys = [key for key in (self.root, self.replies.first()) if key is not None]
        return min(keys, default=None)

    @property
    def waiting(self) -> int:
        """The number of comments that wait for a reply."""
        return len(self.asking)

    @property
    def waiting_since(self) -> int | None:
        """The time of the first comment that waits, ms UTC; None if nobody waits or it is unknown."""
        first = self.asking.before(UNKNOWN)
        return -first[0] if first is not None else None

    @property
    def reply_reason(self) -> ReplyReason | None:
        """The thread's reason: somebody waits, or else that of the newest comment that nobody answered."""
        newest = self.inbound.first()
        if self.asking or newest is None:
            return QUESTION if self.asking else None
        return self.spared.get(newest[-1])

    def is_unanswered(self, key: Key) -> bool:
        """Return whether a comment of others stands after our last reply."""
        own = self.own.first()
        return own is None or key < own

    def waiting_ids(self) -> set[str]:
        """Return the ids of the comments that wait for a reply."""
        return {key[-1] for key in self.asking}

    def needs_reply(self, entry: Entry[Comment]) -> bool:
        """Return whether this comment of the thread waits for a reply."""
        return item_key(entry.item) in self.asking


class Work(Struct, frozen=True, omit_defaults=True, gc=False):
    """The comments of one work, and whether the work itself is known. `order` holds `item_key`s."""

    order: Order = EMPTY
    unread: int = 0
    known: bool = False


class Judging(NamedTuple):
    """The data that comments are judged from: all comments of the account after the step, the end of its history, and
    its rules. `key`: makes the key of a comment. `anew`: the rules are others than before the step.
    """

    comments: Mapping[str, Entry[Comment]]
    history: History
    rules: Rules
    key: KeyOf
    anew: bool = False


def rebuild_thread(
    before: CommentThread | None, root_id: str, changes: Iterable[ItemChange], judging: Judging
) -> CommentThread | None:
    """Return the thread after `changes` of its comments. None: there was, or is, nothing of it."""
    changes = list(changes)
    was = _with_speakers(before or CommentThread(), root_id, changes, judging)

    def moved(order: Order, group: str) -> Order:
        return order.update(
            [judging.key(entry) for entry in _olds(changes, judging.history, group)],
            [judging.key(entry) for entry in _news(changes, judging.history, group)],
        )

    after = CommentThread(
        replies=moved(was.replies, "replies"),
        inbound=moved(was.inbound, "inbound"),
        own=moved(was.own, "own"),
        root=_root(was, changes, judging.key),
        unread=was.unread + count_unread_difference(changes),
    )
    if not (after.root or after.replies or after.inbound or after.own):
        return None
    gone = [entry.item for entry in _olds(changes, judging.history, "speaking")]
    come = [entry.item for entry in _news(changes, judging.history, "speaking")]
    after = replace(after, speakers=was.speakers.moved(gone, come))
    decided_alike = was.own.first() == after.own.first() and was.speakers.decide_like(after.speakers)
    if judging.anew or not decided_alike:
        left = takewhile(after.is_unanswered, after.inbound)
        return _lone(_judged(replace(after, spared=NO_REASONS, asking=EMPTY), left, judging))
    after = replace(after, **_without(was, changes))
    names = was.speakers.differing_fans(after.speakers, [*gone, *come])
    return _lone(_judged(after, _to_judge(after, changes, names, judging), judging))


def _lone(thread: CommentThread) -> CommentThread:
    """Return the thread without its speakers, if no other comment than the top-level one speaks and that is not ours:
    most threads are so, and nobody is judged by them.
    """
    is_lone = not (thread.replies or thread.own or thread.speakers.own_comments)
    return replace(thread, speakers=NO_SPEAKERS) if is_lone else thread


def _with_speakers(
    thread: CommentThread, root_id: str, changes: Iterable[ItemChange], judging: Judging
) -> CommentThread:
    """Return the thread before `changes`, with its speakers also where only the top-level comment spoke."""
    if thread.speakers != NO_SPEAKERS:
        return thread
    changed = {change.id: change.old for change in changes}
    root = changed[root_id] if root_id in changed else judging.comments.get(root_id)
    if root is None or root_of(root.item) != root_id:
        return thread
    return replace(thread, speakers=NO_SPEAKERS.moved((), [root.item]))


def _without(was: CommentThread, changes: list[ItemChange]) -> dict[str, Any]:
    """Return the reasons without those of what changes."""
    olds = [change.old.item for change in changes if change.old is not None]
    spared = [old.id for old in olds if old.id in was.spared]
    with was.spared.mutate() as reasons:
        for comment_id in spared:
            del reasons[comment_id]
        left = reasons.finish() if spared else was.spared
    return {"spared": left, "asking": was.asking.update(list(filter(was.asking.__contains__, map(item_key, olds))))}


def _to_judge(thread: CommentThread, changes: list[ItemChange], names: set[str], judging: Judging) -> Iterator[Key]:
    """Yield the unanswered comments that changed, and the replies to one of `names`."""
    changed = [judging.key(entry) for entry in _news(changes, judging.history, "inbound")]
    yield from filter(thread.is_unanswered, changed)
    if names:
        for key in takewhile(thread.is_unanswered, thread.inbound):
            if addressee_of(judging.comments[key[-1]].item) in names:
                yield key


def _judged(thread: CommentThread, keys: Iterable[Key], judging: Judging) -> CommentThread:
    """Return the thread with the comments of `keys` judged."""
    asking: dict[bool, list[Key]] = {True: [], False: []}
    with thread.spared.mutate() as reasons:
        for key in keys:
            reason = thread.speakers.reason_of(judging.comments[key[-1]].item, judging.rules)
            asking[reason == QUESTION].append(key)
            if reason != QUESTION:
                reasons[key[-1]] = reason
            else:
                reasons.pop(key[-1], None)
        spared = reasons.finish() or NO_REASONS
    waiting = thread.asking.update(asking[False], asking[True])
    return replace(thread, spared=spared, asking=waiting.or_equal(thread.inbound))


def _olds(changes: Iterable[ItemChange], history: History, group: str) -> list[Entry[Comment]]:
    """Return the entries that belonged to `group` before the step."""
    return [p.old for p in changes if p.old is not None and group in _groups(p.old, p.old_mark, history)]


def _news(changes: Iterable[ItemChange], history: History, group: str) -> list[Entry[Comment]]:
    """Return the entries that belong to `group` after the step."""
    return [p.new for p in changes if p.new is not None and group in _groups(p.new, p.new_mark, history)]


def _root(before: CommentThread, changes: Iterable[ItemChange], key: KeyOf) -> Key | None:
    root = before.root
    for change in changes:
        if change.old is not None and change.old.item.parent_comment_id is None:
            root = None
        if change.listed_after is not None and change.listed_after.item.parent_comment_id is None:
            root = key(change.listed_after)
    return root


def _groups(entry: Entry[Comment], mark: Mark, history: History) -> set[str]:
    comment = entry.item
    groups = set()
    if comment.parent_comment_id is None or not (mark.deleted and is_inbound(comment)):
        groups.add("speaking")
    if comment.parent_comment_id is not None:
        if not mark.deleted:
            groups.add("replies")
        if not is_inbound(comment):
            groups.add("own")
    if is_inbound(comment) and not mark.deleted and mark.done_at is None and not history.is_old(entry):
        groups.add("inbound")
    return groups


def rebuild_work(before: Work, changes: Iterable[ItemChange], known: bool, key: KeyOf) -> Work | None:
    """Return the work after `changes` of its comments, or None when neither it nor a comment of it is left."""
    changes = list(changes)
    order = update_listed(before.order, changes, key)
    unread = before.unread + count_unread_difference(changes)
    if not known and not order:
        return None
    return replace(before, order=order, unread=unread, known=known)
