"""Computes the slow way what follows from items and marks: what is unread, who waits, what stands where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sync.core.account.marks import ReadMarker
from tests.sync.builders import DAY
from tests.sync.core.model import marks
from tests.sync.core.model.account import Known, Model

FRESH = 3 * DAY


def is_history(model: Model, known: Known, *, fresh: int) -> bool:
    time = time_of(known.item)
    if time is None:
        return known.first_version <= model.started_version
    return time <= (model.started_at or 0) and time <= model.started_clock - fresh


def unread_messages(model: Model) -> set[str]:
    unread = set()
    for conversation_id in all_conversation_ids(model):
        known = model.held["conversations"].get(conversation_id)
        early = [m for m in _all_newest_first(model, conversation_id) if is_early(model, m)]
        spared = {m.item.id for m in early[: known.first_unread if known else 0]}
        for message in marks.all_messages(model, conversation_id):
            if marks.is_message_unread(model, message, message.item.id in spared):
                unread.add(message.item.id)
    return unread


def is_early(model: Model, message: Known) -> bool:
    return marks.is_inbound(message) and not marks.is_system(message) and is_history(model, message, fresh=0)


def unread_comments(model: Model) -> set[str]:
    return {i for i, known in visible_comments(model).items() if is_comment_unread(model, known)}


def is_comment_unread(model: Model, comment: Known) -> bool:
    said = model.mark("comments", comment.item.id).read
    if comment.item.is_author_reply:
        return False
    if said is not None:
        return not said
    return not is_history(model, comment, fresh=FRESH) and not marks.is_read_by_all(model, "comments", comment)


def unread_notices(model: Model) -> set[str]:
    return {i for i, known in model.held["notifications"].items() if is_notice_unread(model, known)}


def is_notice_unread(model: Model, notice: Known) -> bool:
    said = model.mark("notifications", notice.item.id).read
    if said is not None:
        return not said
    if is_history(model, notice, fresh=FRESH) or (is_history(model, notice, fresh=0) and notice.item.is_read):
        return False
    return not marks.is_read_by_all(model, "notifications", notice)


# -- conversations


def all_conversation_ids(model: Model) -> set[str]:
    """Hidden ones too."""
    return set(model.held["conversations"]) | {m.item.conversation_id for m in model.held["messages"].values()}


def conversation_ids(model: Model) -> set[str]:
    return {i for i in all_conversation_ids(model) if marks.is_conversation_visible(model, i)}


def visible_messages(model: Model) -> dict[str, Known]:
    return {i: m for i, m in model.held["messages"].items() if marks.is_message_visible(model, m)}


def messages_of(model: Model, conversation_id: str) -> list[Known]:
    return [m for m in _all_newest_first(model, conversation_id) if marks.is_message_visible(model, m)]


def _all_newest_first(model: Model, conversation_id: str) -> list[Known]:
    return newest_first(marks.all_messages(model, conversation_id))


def conversation(model: Model, conversation_id: str, unread: set[str]) -> dict[str, Any]:
    known, mark = model.held["conversations"].get(conversation_id), model.mark("conversations", conversation_id)
    item = known.item if known else None
    messages = messages_of(model, conversation_id)
    there = [m for m in messages if not marks.is_recalled(model, m)]
    said = [m for m in there if not marks.is_deleted(model, m)]
    last = next((m.item for m in said if not marks.is_system(m)), said[0].item if said else None)
    by_platform = known is not None and is_platform_last(model, known)
    time = item.last_message_time if item is not None and by_platform else last.created_at if last else None
    if time is None and item is not None:
        time = item.updated_at
    reason, since = _waiting(model, conversation_id, item if by_platform else None, there, mark.done_marker)
    rest = marks.rest(model, conversation_id)
    count = sum(m.item.id in unread for m in messages) + rest
    return {
        "known": item is not None,
        "unread_count": count or int(is_marked_unread(model, conversation_id)),
        "rest": rest,
        "reply_reason": reason,
        "needs_reply": reason == "question",
        "waiting_since": since,
        "done_at": _done_at(model, conversation_id, item if by_platform else None),
        "last_id": last.id if last else None,
        "platform_last": by_platform,
        "sort_time": time,
        "pinned": _said(mark.pinned, item and item.is_pinned),
        "muted": _said(mark.muted, item and item.is_muted),
    }


def is_marked_unread(model: Model, conversation_id: str) -> bool:
    mark = model.mark("conversations", conversation_id)
    deleted = mark.deleted_marker.version if mark.deleted_marker is not None else 0
    return mark.unread_at is not None and mark.unread_at > deleted


def _said(mark: bool | None, platform: bool | None) -> bool:
    return bool(platform) if mark is None else mark


def _done_at(model: Model, conversation_id: str, platform: Any) -> int | None:
    """Return when it was handled, unless something came in since."""
    mark = model.mark("conversations", conversation_id)
    if mark.done_marker is None:
        return None
    came = any(
        marks.is_inbound(m) and marks.is_after(model, mark.done_marker, m)
        for m in marks.all_messages(model, conversation_id)
    )
    later = _is_partners(platform) and _is_last_after(model, conversation_id, mark.done_marker)
    return None if came or later else mark.done_at


def _is_last_after(model: Model, conversation_id: str, done: ReadMarker) -> bool:
    return marks.is_platform_after(model, model.held["conversations"][conversation_id], done)


def _is_partners(platform: Any) -> bool:
    sender = platform.last_message_sender_id if platform and platform.type != "group" else None
    return sender is not None and sender == platform.user_id


def _waiting(
    model: Model, conversation_id: str, platform: Any, visible: list[Known], done: ReadMarker | None
) -> tuple[str | None, int | None]:
    """`platform`: the conversation if its own last message is the newest. `visible`: newest first."""
    answers = [m for m in marks.all_messages(model, conversation_id) if is_answer(model, m)]
    spoke = bool(answers)
    unanswered = []
    for message in visible:
        if message in answers:
            break
        if marks.is_system(message) or not marks.is_inbound(message):
            continue
        handled = marks.is_deleted(model, message) or (done is not None and not marks.is_after(model, done, message))
        if not handled and not is_history(model, message, fresh=FRESH):
            unanswered.append(message.item)
    asking = [one for one in unanswered if not (spoke and closes(model, one.type, one.content))]
    reason = "question" if asking else "closing" if unanswered else None
    since = min((one.created_at for one in asking if one.created_at is not None), default=None)
    sender = platform.last_message_sender_id if platform and platform.type != "group" else None
    if platform and platform.last_message_type == "system":
        sender = None
    if sender is not None and platform.user_id is not None:
        time = platform.last_message_time
        if sender != platform.user_id:
            reason = None
        elif not _is_old_news(model, time) and (done is None or _is_last_after(model, platform.id, done)):
            if not (spoke and closes(model, platform.last_message_type or "text", platform.last_message_content)):
                reason, since = "question", time if since is None else since
            elif reason is None:
                reason = "closing"
    return reason, since if reason == "question" else None


def is_answer(model: Model, message: Known) -> bool:
    """An own message, unless nobody wrote it."""
    return not marks.is_inbound(message) and (model.rules.count_automatic or not is_automatic(model, message))


def is_automatic(model: Model, message: Known) -> bool:
    """Its words went out at once after somebody's three times within 30 days, and it is one of the three."""
    quick = [m for m in model.held["messages"].values() if words_at_once(model, m)]
    same = [m for m in quick if words_at_once(model, m) == words_at_once(model, message)]
    times = sorted(m.item.created_at for m in same)
    if message not in quick:
        return False
    threes = [three for three in zip(times, times[1:], times[2:], strict=False) if three[2] - three[0] <= 30 * DAY]
    return any(three[0] <= message.item.created_at <= three[2] for three in threes)


def words_at_once(model: Model, message: Known) -> str | None:
    item = message.item
    if marks.is_inbound(message) or item.created_at is None or not (item.content or "").strip():
        return None
    others = [m for m in marks.all_messages(model, item.conversation_id) if marks.is_inbound(m)]
    asked = any(
        m.item.created_at is not None and 0 <= item.created_at - m.item.created_at <= 5_000 and not marks.is_system(m)
        for m in others
    )
    return str(item.content.strip()) if asked else None


def closes(model: Model, kind: str, text: str | None) -> bool:
    """Of the few texts that the strategies know."""
    return kind == "sticker" or (kind == "text" and text in model.rules.closing_words)


def _is_old_news(model: Model, time: int) -> bool:
    return time <= (model.started_at or 0) and time <= model.started_clock - FRESH


def is_platform_last(model: Model, known: Known) -> bool:
    """Return whether the platform's own last message is newer than every known one, none of them, and not deleted."""
    time, deleted = known.item.last_message_time, model.mark("conversations", known.item.id).deleted_marker
    messages = [m.item for m in marks.all_messages(model, known.item.id)]
    if time is None or any(m.id == known.item.last_message_id for m in messages):
        return False
    if known.item.last_message_type == "system" and messages:
        return False
    if deleted is not None and not marks.is_platform_after(model, known, deleted):
        return False
    if not all(m.created_at is None or time > m.created_at for m in messages):
        return False
    named = model.mark("messages", known.item.last_message_id or "")
    return not named.deleted and named.recalled_at is None and not _says_what_was_taken_back(model, known)


def _says_what_was_taken_back(model: Model, known: Known) -> bool:
    """Return whether the last words are those of a message that was recalled or deleted."""
    return known.item.last_message_content is not None and any(
        message.item.content == known.item.last_message_content
        for message in marks.all_messages(model, known.item.id)
        if marks.is_recalled(model, message) or model.mark("messages", message.item.id).deleted
    )


# -- comments


def visible_comments(model: Model) -> dict[str, Known]:
    return {i: c for i, c in model.held["comments"].items() if marks.is_comment_visible(model, c)}


def waiting_comments(model: Model) -> set[str]:
    return {i for i, reason in reply_reasons(model).items() if reason == "question"}


def reply_reasons(model: Model) -> dict[str, str]:
    """Of each comment of somebody else that nobody answered."""
    reasons = {}
    comments = newest_first(model.held["comments"].values())
    for root in {root_of(c.item) for c in comments}:
        thread = [c for c in comments if root_of(c.item) == root]
        for comment in thread:
            if comment.item.is_author_reply and comment.item.parent_comment_id is not None:
                break
            left = not comment.item.is_author_reply and marks.is_comment_visible(model, comment)
            left = left and model.mark("comments", comment.item.id).done_at is None
            if left and not is_history(model, comment, fresh=FRESH):
                seen = [c.item for c in thread if is_seen(model, c)]
                reasons[comment.item.id] = reply_reason(model, comment.item, seen, root)
    return reasons


def is_seen(model: Model, comment: Known) -> bool:
    """Deleted here or not, people read on the platform what we said and how a thread began."""
    item = comment.item
    return bool(item.is_author_reply or item.parent_comment_id is None) or marks.is_comment_visible(model, comment)


def reply_reason(model: Model, comment: Any, thread: list[Any], root_id: str) -> str:
    us = {c.author_id for c in thread if c.is_author_reply} - {None}
    fans = {c.author_id for c in thread if not c.is_author_reply} - {None}
    root = next((c for c in thread if c.id == root_id), None)
    to, writer = comment.reply_to_user_id, comment.author_id
    if comment.parent_comment_id is not None and not model.rules.fans_count:
        if to is not None and to != writer:
            if to not in us and (us or to in fans):
                return "fan_to_fan"
        elif root is not None and not root.is_author_reply and len({writer, root.author_id, None}) == 3:
            return "fan_to_fan"
    spoke = any(c.is_author_reply for c in thread)
    return "closing" if spoke and not comment.images and closes(model, "text", comment.content) else "question"


def time_of(item: Any) -> int | None:
    time: int | None = item.created_at if getattr(item, "publish_time", None) is None else item.publish_time
    return time


def newest_first(all_known: Iterable[Known]) -> list[Known]:
    """Unknown times last; of one time the greatest platform order first, then the greatest id."""
    return sorted(all_known, key=lambda k: marks.place_of(k.item, time_of(k.item)), reverse=True)


def root_of(comment: Any) -> str:
    name: str = comment.parent_comment_id or comment.id
    return name
