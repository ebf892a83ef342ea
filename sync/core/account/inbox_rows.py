"""The rows of the inbox: a conversation, a comment thread, or the notices of one type and one day."""

from __future__ import annotations

from itertools import chain, islice
from typing import Final, Literal, NamedTuple, get_args

from msgspec import Struct

from sync.core.account.comment_threads import CommentThread
from sync.core.account.conversations import ConversationState, is_system
from sync.core.account.history import LAST
from sync.core.account.marks import MarkKind
from sync.core.account.view import View, work_title
from sync.core.closing_words import ReplyReason
from sync.core.replies.reply import ReplyState
from sync.protocol.items import Comment, Conversation, Direction, Message, MessageType, Notification

RowKind = Literal["direct_message", "comment", "notification"]
FeedKind = Literal["comment", "discussion", "direct_message", "notification"]
"""The kinds of items that the unified feed is made of."""
FEED_KINDS: Final[frozenset[FeedKind]] = frozenset(get_args(FeedKind))

PEOPLE_COUNTED: Final = 200
"""The number of newest replies or notices whose people are counted."""


class RowPerson(NamedTuple):
    """The person of a row: the platform's id, a name and the address of a picture. None: unknown."""

    id: str | None
    name: str | None
    avatar: str | None


NOBODY: Final = RowPerson(None, None, None)


class Preview(NamedTuple):
    """The newest item of a row, in short. `text` is None if it was recalled.

    `direction`, `type`: as in `Message`. `seconds`: the length of a voice message or a film. `is_reply`: it is a reply
    to a comment; `reply_to`: the name of whom it answers. `speaker`: who wrote it, where that is somebody else than the
    person of the row and than ourselves. `is_automatic`: ours, and nobody wrote it.
    """

    direction: Direction | None
    type: MessageType | None
    text: str | None
    is_recalled: bool = False
    seconds: float | None = None
    is_reply: bool = False
    reply_to: str | None = None
    speaker: RowPerson | None = None
    is_automatic: bool = False


class SearchHit(NamedTuple):
    """The item of a row in which a searched text stands. All None: the row's own name or title holds it.

    `collection`, `id`: of the item, or "people" and the person's id. `place`: its negated time and rank, as in
    `item_key`. `is_own`: the account wrote it.
    """

    collection: MarkKind | None
    id: str | None
    text: str | None
    place: tuple[int, bytes] | None = None
    is_own: bool = False


class InboxRow(Struct, frozen=True, kw_only=True):
    """One row of the inbox, as a person sees it. Times are ms UTC.

    `person`: None for several people. `people_count`: without us, among the newest PEOPLE_COUNTED items; it has
    more, if `counts_newest_only`. `read_by`, `done_by`: names of operators. `hit`: where a searched text stands.
    `pending_reply`: the state of the newest reply on its way.
    """

    kind: RowKind
    id: str
    person: RowPerson | None
    people_count: int
    counts_newest_only: bool = False
    preview: Preview | None
    work_title: str | None = None
    unread_count: int
    reply_reason: ReplyReason | None = None
    waiting_since: int | None = None
    is_pinned: bool = False
    is_muted: bool = False
    done_at: int | None = None
    read_by: str = ""
    done_by: str = ""
    update_time: int | None
    notice_type: str | None = None
    hit: SearchHit | None = None
    pending_reply: ReplyState | None = None

    @property
    def needs_reply(self) -> bool:
        """True if somebody waits for an answer in it."""
        return self.reply_reason == "question"


def find_row(view: View, row_id: str) -> InboxRow | None:
    """Return the row with this id, of whatever kind. None: there is none, or nothing of it is visible."""
    kinds: tuple[RowKind, ...] = ("direct_message", "comment", "notification")
    return next((row for kind in kinds if (row := make_row(view, kind, row_id)) is not None), None)


def make_row(view: View, kind: RowKind, row_id: str) -> InboxRow | None:
    """Return the row of this kind and id. None: there is none, or nothing of it is visible."""
    if kind == "direct_message":
        state = view.conversation_states.get(row_id)
        return None if state is None or state.hidden else _of_conversation(view, state)
    if kind == "comment":
        comments = view.comment_threads.get(row_id)
        return None if comments is None or comments.newest is None else _of_comments(view, row_id, comments)
    return _of_notices(view, row_id) if row_id in view.notice_groups else None


# -- a conversation


def _of_conversation(view: View, state: ConversationState) -> InboxRow:
    return InboxRow(
        kind="direct_message",
        id=state.id,
        person=_shown_partner(view, state),
        people_count=1,
        preview=_last_words(view, state),
        unread_count=state.unread_count,
        reply_reason=state.reply_reason,
        waiting_since=state.waiting_since,
        is_pinned=state.pinned,
        is_muted=state.muted,
        done_at=state.done_at,
        read_by=state.mark.read_by,
        done_by=state.mark.done_by if state.done_at is not None else "",
        update_time=state.sort_time,
        pending_reply=view.pending_reply("threads", state.id),
    )


def _shown_partner(view: View, state: ConversationState) -> RowPerson:
    """Return the other side of a conversation under the owner's own name for them, if there is one."""
    partner, entry = conversation_partner(view, state), view.conversations.get(state.id)
    remark = entry.item.remark_name if entry is not None else None
    return partner if remark is None else partner._replace(name=remark)


def conversation_partner(view: View, state: ConversationState) -> RowPerson:
    """Return the other side of a conversation; of a group, its name.

    For a conversation that no snapshot brought, the newest message tells it.
    """
    entry = view.conversations.get(state.id)
    if entry is not None:
        item = entry.item
        return RowPerson(item.user_id, item.group_name if item.user_name is None else item.user_name, item.user_avatar)
    if (newest := state.inbound.first()) is not None:
        message: Message = view.messages[newest[-1]].item
        return RowPerson(message.sender_id, message.sender_name, message.sender_avatar)
    if (own := state.outbound.first()) is not None:
        message = view.messages[own[-1]].item
        return RowPerson(message.recipient_id, message.recipient_name, None)
    return NOBODY


def _last_words(view: View, state: ConversationState) -> Preview | None:
    entry = view.conversations.get(state.id)
    if state.platform_last and entry is not None:
        return _platforms_words(view, state, entry.item)
    newest = state.order.first()
    if newest is not None and view.is_recalled(view.messages[newest[-1]]):
        message: Message = view.messages[newest[-1]].item
        return Preview(message.direction, message.type, None, is_recalled=True, speaker=_speaker(view, state, message))
    if state.last_id is None:
        return None
    newest_said = view.messages[state.last_id]
    message = newest_said.item
    return Preview(
        None if is_system(message) else message.direction,
        message.type,
        message.content,
        seconds=message.duration,
        speaker=_speaker(view, state, message),
        is_automatic=view.is_automatic(newest_said),
    )


def _platforms_words(view: View, state: ConversationState, item: Conversation) -> Preview:
    """Return the preview of a last message that only the platform's list names."""
    sender = item.last_message_sender_id
    direction: Direction | None = None
    speaker = None
    if sender is not None and item.user_id is not None:
        direction = "inbound" if sender == item.user_id else "outbound"
    elif sender is not None and is_group(view, state):
        recent = (view.messages[key[-1]].item for key in islice(state.held, PEOPLE_COUNTED))
        known: Message | None = next((message for message in recent if message.sender_id == sender), None)
        direction = known.direction if known is not None else None
        speaker = RowPerson(sender, None, None) if known is None else _speaker(view, state, known)
    return Preview(direction, item.last_message_type, item.last_message_content, speaker=speaker)


def is_group(view: View, state: ConversationState) -> bool:
    """Return whether several people write in the conversation, so that each message needs a name."""
    entry = view.conversations.get(state.id)
    if entry is None:
        return False
    item = entry.item
    return item.type == "group" or (item.type is None and item.group_name is not None)


def _speaker(view: View, state: ConversationState, message: Message) -> RowPerson | None:
    """Return who wrote the message of a group; None for our own, and in a conversation with one person."""
    if message.direction == "outbound" or is_system(message) or not is_group(view, state):
        return None
    return RowPerson(message.sender_id, message.sender_name, message.sender_avatar)


# -- a comment


def _of_comments(view: View, row_id: str, comments: CommentThread) -> InboxRow:
    newest = comments.newest
    assert newest is not None
    last: Comment = view.comments[newest[-1]].item
    person, people = _who_comments(view, comments, last)
    mark = view.mark("comments", row_id)
    handled = mark.done_at is not None and not comments.waiting
    return InboxRow(
        kind="comment",
        id=row_id,
        person=_author(person),
        people_count=people,
        counts_newest_only=len(comments.replies) + (comments.root is not None) > PEOPLE_COUNTED,
        preview=_last_comment(last, person),
        work_title=work_title(view, person),
        unread_count=comments.unread,
        reply_reason=comments.reply_reason,
        waiting_since=comments.waiting_since,
        done_at=mark.done_at if handled else None,
        read_by=mark.read_by,
        done_by=mark.done_by if handled else "",
        update_time=None if newest[0] == LAST else -newest[0],
        pending_reply=view.pending_reply("threads", row_id),
    )


def _who_comments(view: View, comments: CommentThread, last: Comment) -> tuple[Comment, int]:
    """Return a comment of the thread's person and the number of its people. Neither counts us.

    The person wrote the top-level comment; where that is our own or unknown, the oldest answer to it that is counted.
    """
    keys = chain([comments.root] if comments.root is not None else [], comments.replies)
    counted: list[Comment] = [view.comments[key[-1]].item for key in islice(keys, PEOPLE_COUNTED)]
    others = [comment for comment in counted if not comment.is_author_reply]
    if not others:
        return (counted[0] if comments.root is not None else last), 0
    is_root_theirs = comments.root is not None and others[0] is counted[0]
    person = others[0] if is_root_theirs else others[-1]
    return person, len({comment.author_id for comment in others})


def _author(comment: Comment) -> RowPerson:
    return RowPerson(comment.author_id, comment.author_name, comment.author_avatar)


def _last_comment(last: Comment, person: Comment) -> Preview:
    own, same = bool(last.is_author_reply), last.author_id is not None and last.author_id == person.author_id
    return Preview(
        "outbound" if own else "inbound",
        _type_of(last),
        last.content,
        is_reply=last.parent_comment_id is not None,
        reply_to=last.reply_to_user_name,
        speaker=None if own or same or last is person else _author(last),
    )


def _type_of(comment: Comment) -> MessageType:
    return "image" if comment.images and not comment.content else "text"


# -- notices


def words_of_notice(view: View, notice: Notification) -> tuple[str | None, str | None]:
    """Return the title and the text of a notice: none once the comment that it tells of was deleted here."""
    about = notice.related_comment_id
    if about is not None and view.mark("comments", view.find("comments", about) or about).deleted:
        return None, None
    return notice.title, notice.content


def _of_notices(view: View, row_id: str) -> InboxRow:
    group = view.notice_groups[row_id]
    newest = group.order.first()
    assert newest is not None
    notice = view.notifications[newest[-1]].item
    people = {view.notifications[key[-1]].item.trigger_id for key in islice(group.order, PEOPLE_COUNTED)}
    alone = len(people) == 1 and notice.trigger_id is not None
    title, content = words_of_notice(view, notice)
    return InboxRow(
        kind="notification",
        id=row_id,
        person=RowPerson(notice.trigger_id, notice.trigger_name, notice.trigger_avatar) if alone else None,
        people_count=len(people),
        counts_newest_only=len(group.order) > PEOPLE_COUNTED,
        preview=Preview("inbound", "text", content if content is not None else title),
        unread_count=group.unread,
        update_time=notice.created_at,
        notice_type=notice.type,
    )
