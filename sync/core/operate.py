"""What an operator's word does to an account: (view, change) -> delta. Most of it is marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace

from sync.core.changes import ConversationMade, Operated, OperatorChange, ReadBefore
from sync.core.comments import is_inbound as is_others
from sync.core.delta import Delta, Entry
from sync.core.history import item_time
from sync.core.lines import moment_of, newest_moment
from sync.core.marks import EVERY, HIGHEST_ID, Mark, Marked, Moment, Upto, moment
from sync.core.order import Order
from sync.core.threads import Thread, is_inbound
from sync.core.view import View
from sync.protocol.ids import make_id
from sync.protocol.items import Collection, Conversation, Message

BOTH_COMMENTS: Final = frozenset({"comment", "discussion"})


def operate(view: View, change: OperatorChange, now: int) -> Delta:
    """Empty when it changes nothing. `now`: ms UTC."""
    if isinstance(change, ConversationMade):
        return _make(view, change, now)
    marks = _Marks(view)
    if isinstance(change, ReadBefore):
        _read_before(marks, change)
        return Delta(marks=marks.changed(), action="read_before")
    for item_id in dict.fromkeys(change.ids):
        _ACTIONS[change.collection](marks, item_id, change, now)
    return Delta(marks=marks.changed(), action=change.action)


class _Marks:
    """The marks as they will be."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._new: dict[tuple[Collection, str], Mark] = {}

    @cached_property
    def unread_in(self) -> dict[str, list[str]]:
        """By conversation, the messages that somebody marked unread."""
        found: dict[str, list[str]] = {}
        for message_id in _marked_unread(self.view, "messages"):
            found.setdefault(self.view.messages[message_id].item.conversation_id, []).append(message_id)
        return found

    def get(self, collection: Collection, item_id: str) -> Mark:
        return self._new.get((collection, item_id)) or self.view.mark(collection, item_id)

    def set(self, collection: Collection, item_id: str, **fields: Any) -> None:
        self._new[collection, item_id] = replace(self.get(collection, item_id), **fields)

    def changed(self) -> list[Marked]:
        return [Marked(*key, mark) for key, mark in sorted(self._new.items(), key=_key) if mark != self.view.mark(*key)]


def _key(marked: tuple[tuple[Collection, str], Mark]) -> tuple[str, str]:
    return marked[0]


# -- conversations


def _on_conversation(marks: _Marks, item_id: str, change: Operated, now: int) -> None:  # noqa: ARG001
    thread = marks.view.threads.get(item_id)
    if change.action == "restore":
        marks.set("conversations", item_id, deleted_upto=None)
    if thread is None or thread.hidden:
        return
    if change.action in _FLAGS:
        marks.set("conversations", item_id, **_FLAGS[change.action])
    elif change.action == "read":
        _read_conversation(marks, thread)
    elif change.action == "unread":
        _unread_conversation(marks, thread)
    elif change.action == "delete":
        marks.set("conversations", item_id, deleted_upto=_upto(marks.view, thread))


_FLAGS: Final[Mapping[str, dict[str, bool]]] = {
    "pin": {"pinned": True},
    "unpin": {"pinned": False},
    "mute": {"muted": True},
    "unmute": {"muted": False},
}


def _read_conversation(marks: _Marks, thread: Thread) -> None:
    marked = marks.unread_in.get(thread.id, [])
    for message_id in marked:
        marks.set("messages", message_id, read=None)
    upto, before = _upto(marks.view, thread), thread.read
    as_before = before is not None and (before.upto.moment, before.upto.base) == (upto.moment, upto.base)
    if as_before and thread.line is before and not thread.unread_count and not marked:
        return
    marks.set("conversations", thread.id, read_upto=upto, unread_at=None)


def _upto(view: View, thread: Thread) -> Upto:
    """Everything that is known of the conversation now."""
    entry = view.conversations.get(thread.id)
    last = entry.item.last_message_time if entry is not None else None
    moments: list[Moment] = [line.upto.moment for line in (thread.read, thread.deleted) if line is not None]
    newest = newest_moment(thread.held)
    moments += [newest] if newest is not None else []
    moments += [moment(last, HIGHEST_ID)] if last is not None else []
    time, item_id = max(moments, default=moment(None, ""))
    return Upto(
        version=view.version + 1,
        time=None if time < 0 else time,
        id=item_id,
        base=(entry.item.unread_count or 0) if entry is not None else 0,
        rest=(thread.line.left if thread.line is not None else 0) + thread.rest,
    )


def _unread_conversation(marks: _Marks, thread: Thread) -> None:
    newest = thread.inbound.first()
    if newest is None:
        if not thread.marked_unread:
            marks.set("conversations", thread.id, unread_at=marks.view.version + 1)
    elif newest not in thread.unread:
        marks.set("messages", newest[-1], read=False)


# -- messages


def _on_message(marks: _Marks, item_id: str, change: Operated, now: int) -> None:
    view, entry = marks.view, marks.view.messages.get(item_id)
    if change.action == "restore":
        marks.set("messages", item_id, deleted=False)
    if entry is None or not view.is_visible("messages", item_id):
        return
    if change.action == "delete":
        marks.set("messages", item_id, deleted=True)
    elif change.action == "recall" and not view.is_recalled(entry):
        marks.set("messages", item_id, recalled_at=now)
    elif change.action == "status" and change.status != view.status_of(entry):
        marks.set("messages", item_id, status=change.status)
    elif change.action in ("read", "unread"):
        speaks = is_inbound(entry.item) and not view.is_deleted(entry) and not view.is_recalled(entry)
        _set_read(marks, "messages", item_id, change.action == "read", may_be_unread=speaks)


def _set_read(marks: _Marks, collection: Collection, item_id: str, read: bool, *, may_be_unread: bool = True) -> None:
    """Nothing is said of what is as it shall be already."""
    if marks.view.is_unread(collection, item_id) == read and (read or may_be_unread):
        marks.set(collection, item_id, read=read)


# -- works, comments, notices


def _on_content(marks: _Marks, item_id: str, change: Operated, now: int) -> None:  # noqa: ARG001
    if change.action == "read":
        for key in marks.view.work(item_id).order:
            _set_read(marks, "comments", key[-1], True)


def _on_comment(marks: _Marks, item_id: str, change: Operated, now: int) -> None:  # noqa: ARG001
    entry = marks.view.comments.get(item_id)
    if change.action == "restore":
        marks.set("comments", item_id, deleted=False)
    if entry is None or not marks.view.is_visible("comments", item_id):
        return
    if change.action == "delete":
        marks.set("comments", item_id, deleted=True)
    elif change.action in ("read", "unread"):
        _set_read(marks, "comments", item_id, change.action == "read", may_be_unread=is_others(entry.item))


def _on_notification(marks: _Marks, item_id: str, change: Operated, now: int) -> None:  # noqa: ARG001
    if item_id in marks.view.notifications and change.action in ("read", "unread"):
        _set_read(marks, "notifications", item_id, change.action == "read")


_ACTIONS: Final[Mapping[Collection, Callable[[_Marks, str, Operated, int], None]]] = {
    "conversations": _on_conversation,
    "messages": _on_message,
    "contents": _on_content,
    "comments": _on_comment,
    "notifications": _on_notification,
}


# -- everything up to a time


def _read_before(marks: _Marks, change: ReadBefore) -> None:
    left = change.limit
    if "direct_message" in change.kinds:
        left = _read_messages(marks, change.before, left)
    comments = change.kinds & BOTH_COMMENTS
    if comments == BOTH_COMMENTS:
        left = _read_every(marks, "comments", change.before, left)
    elif comments:
        wanted = [e for e in _unread(marks.view, "comments", change.before) if _kind(e) in comments]
        left = _read_each(marks, "comments", wanted, left)
    if "notification" in change.kinds:
        _read_every(marks, "notifications", change.before, left)


def _kind(comment: Entry[Any]) -> str:
    return "comment" if comment.item.parent_comment_id is None else "discussion"


def _read_messages(marks: _Marks, before: int, left: int) -> int:
    """Whole conversations where nothing is newer, message by message elsewhere. Returns how many more may follow."""
    view = marks.view
    for key in view.conversation_order:
        thread = view.threads[key[-1]]
        if not thread.unread_count:
            continue
        if left <= 0:
            break
        if _upto(view, thread).moment[0] <= before:
            _read_conversation(marks, thread)
            left -= thread.unread_count
        else:
            entries = (view.messages[unread[-1]] for unread in thread.unread)
            left = _read_each(marks, "messages", (e for e in entries if _is_up_to(e, before)), left)
    return left


def _read_each(marks: _Marks, collection: Collection, entries: Iterable[Entry[Any]], left: int) -> int:
    for entry in islice(entries, max(0, left)):
        marks.set(collection, entry.item.id, read=True)
        left -= 1
    return left


def _read_every(marks: _Marks, collection: Collection, before: int, left: int) -> int:
    """One mark for all of them, unless a later one stands already."""
    view, unread = marks.view, list(_unread(marks.view, collection, before))
    newest = newest_moment(_order(view, collection), not_after=before)
    if newest is None or not unread:
        return left
    old = marks.get(collection, EVERY).read_upto
    if old is not None and old.moment > newest:
        return _read_each(marks, collection, unread, left)
    time, item_id = newest
    upto = Upto(version=view.version + 1, time=None if time < 0 else time, id=item_id)
    marks.set(collection, EVERY, read_upto=upto)
    for item_id in _marked_unread(view, collection):
        if moment_of(view.entries(collection)[item_id].item) <= newest:
            marks.set(collection, item_id, read=None)
    return left - len(unread)


def _order(view: View, collection: Collection) -> Order:
    return view.comment_order if collection == "comments" else view.notification_order


def _unread(view: View, collection: Collection, before: int) -> Iterator[Entry[Any]]:
    """Newest first."""
    for key in _order(view, collection).after((-before, "")):
        if view.is_unread(collection, key[-1]):
            yield view.entries(collection)[key[-1]]


def _marked_unread(view: View, collection: Collection) -> list[str]:
    """Also what is deleted: it may be restored."""
    held = view.entries(collection)
    return [i for (name, i), mark in view.marks.items() if name == collection and mark.read is False and i in held]


def _is_up_to(entry: Entry[Message], before: int) -> bool:
    time = item_time(entry.item)
    return time is None or time <= before


# -- a conversation of the operator's own


def _make(view: View, change: ConversationMade, now: int) -> Delta:
    existing = find_partner(view, change.user_id)
    if existing is not None:
        marks = _Marks(view)
        if view.threads[existing].hidden:
            marks.set("conversations", existing, deleted_upto=None)
        return Delta(marks=marks.changed(), action="make")
    item = Conversation(
        id=make_id("conversations", view.account_id, change.user_id),
        platform_id=change.user_id,
        type="private",
        user_id=change.user_id,
        user_name=change.user_name,
        created_at=now,
        updated_at=now,
    )
    marks = _Marks(view)
    marks.set("conversations", item.id, deleted_upto=None)  # a deleted placeholder may have this id
    entry = Entry(item, now, view.version + 1, made=True)
    return Delta(conversations=[entry], marks=marks.changed(), action="make")


def find_partner(view: View, user_id: str) -> str | None:
    """The id of the conversation with that person, if there is one."""
    usual = make_id("conversations", view.account_id, user_id)
    if usual in view.conversations:
        return usual
    found = (thread.id for thread in view.threads.values() if partner_of(view, thread) == user_id)
    return min(found, default=None)


def partner_of(view: View, thread: Thread) -> str | None:
    """The user id of the other side. None: unknown, or a group."""
    entry = view.conversations.get(thread.id)
    if entry is not None:
        return None if entry.item.type == "group" else entry.item.user_id
    newest = thread.inbound.first()
    return view.messages[newest[-1]].item.sender_id if newest is not None else None
