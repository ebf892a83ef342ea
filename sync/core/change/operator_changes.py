"""Operators' changes: (view, change) -> delta. Most of what they do is marks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sync.core.account.conversations import ConversationState, is_inbound, is_system
from sync.core.account.entries import Entry
from sync.core.account.marks import Note
from sync.core.account.placeholders import is_placeholder
from sync.core.account.reply_judge import is_inbound as is_others
from sync.core.account.view import View
from sync.core.change.changes import ConversationCreated, Noted, Operated, OperatorChange, ReadBefore
from sync.core.change.delta import Delta
from sync.core.change.mark_editor import MarkEditor, marker_now
from sync.core.change.read_before import read_before
from sync.protocol.ids import make_id
from sync.protocol.items import Collection, Conversation


def apply_operator_change(view: View, change: OperatorChange, now: int) -> Delta:
    """Return the delta of an operator's change; an empty one when it changes nothing. `now`: ms UTC."""
    if isinstance(change, ConversationCreated):
        return _make(view, change, now)
    if isinstance(change, Noted):
        return _note(view, change, now)
    marks = MarkEditor(view, change.by)
    if isinstance(change, ReadBefore):
        read_before(marks, change)
        return Delta(marks=marks.changed(), action="read_before")
    for item_id in dict.fromkeys(change.ids):
        _ACTIONS[change.collection](marks, item_id, change, now)
    return Delta(marks=marks.changed(), action=change.action)


# -- conversations


NOT_DONE: Final[Mapping[str, Any]] = {"done_marker": None, "done_at": None, "done_by": ""}


def _on_conversation(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    state = marks.view.conversation_states.get(item_id)
    if change.action == "restore":
        marks.set("conversations", item_id, deleted_marker=None)
    if state is None or state.hidden:
        return
    if change.action in _FLAGS:
        marks.set("conversations", item_id, **_FLAGS[change.action])
    elif change.action == "read":
        marks.read_conversation(state)
    elif change.action == "unread":
        _unread_conversation(marks, state)
    elif change.action == "delete":
        marks.set("conversations", item_id, deleted_marker=marker_now(marks.view, state))
    elif change.action == "done" and state.done_at is None:
        marker = marker_now(marks.view, state)
        marks.set("conversations", item_id, done_marker=marker, done_at=now, done_by=change.by)
    elif change.action == "undone":
        marks.set("conversations", item_id, **NOT_DONE)


_FLAGS: Final[Mapping[str, dict[str, bool]]] = {
    "pin": {"pinned": True},
    "unpin": {"pinned": False},
    "mute": {"muted": True},
    "unmute": {"muted": False},
}


def _unread_conversation(marks: MarkEditor, state: ConversationState) -> None:
    newest = state.inbound.first()
    if newest is None:
        if not state.marked_unread:
            marks.set("conversations", state.id, unread_at=marks.view.version + 1)
    elif newest not in state.unread:
        marks.set("messages", newest[-1], read=False)


# -- messages


def _on_message(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    view, entry = marks.view, marks.view.messages.get(item_id)
    if change.action == "restore":
        marks.set("messages", item_id, deleted=False)
    if entry is None:
        return
    if change.action == "delete":  # also under a deleted conversation, which may be restored
        marks.set("messages", item_id, deleted=True)
    elif not view.is_visible("messages", item_id):
        return
    elif change.action == "recall" and not view.is_recalled(entry):
        marks.set("messages", item_id, recalled_at=now)
    elif change.action == "status" and change.status != view.status_of(entry):
        marks.set("messages", item_id, status=change.status)
    elif change.action in ("read", "unread"):
        speaks = is_inbound(entry.item) and not is_system(entry.item)
        speaks = speaks and not view.is_deleted(entry) and not view.is_recalled(entry)
        _set_read(marks, "messages", item_id, change.action == "read", may_be_unread=speaks)


def _set_read(
    marks: MarkEditor, collection: Collection, item_id: str, read: bool, *, may_be_unread: bool = True
) -> None:
    """Mark the item read or unread. Do nothing if it already is."""
    if marks.view.is_unread(collection, item_id) == read and (read or may_be_unread):
        marks.set(collection, item_id, read=read, read_by=marks.by if read else "")


# -- works, comments, notices


def _on_content(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    if change.action == "read":
        for key in marks.view.work(item_id).order:
            _set_read(marks, "comments", key[-1], True)


def _on_comment(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    entry = marks.view.comments.get(item_id)
    if change.action == "restore":
        marks.set("comments", item_id, deleted=False)
    if change.action in ("done", "undone"):
        _handle_comment(marks, item_id, change, now)
    if entry is None or not marks.view.is_visible("comments", item_id):
        return
    if change.action == "delete":
        marks.set("comments", item_id, deleted=True)
    elif change.action in ("read", "unread"):
        _set_read(marks, "comments", item_id, change.action == "read", may_be_unread=is_others(entry.item))


def _handle_comment(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    """Mark a comment, or the placeholder of one, as handled or not."""
    view = marks.view
    if not view.is_visible("comments", item_id) and not is_placeholder(view, "comments", item_id):
        return
    entry = view.comments.get(item_id)
    is_top = entry is None or entry.item.parent_comment_id is None
    if change.action == "undone":
        for comment_id in _handled_with(view, item_id, is_top):
            marks.set("comments", comment_id, **NOT_DONE)
        return
    for comment_id in {item_id} | (view.comment_thread(item_id).waiting_ids() if is_top else set()):
        if marks.get("comments", comment_id).done_at is None:
            marks.set("comments", comment_id, done_at=now, done_by=change.by)


def _handled_with(view: View, item_id: str, is_top: bool) -> Iterator[str]:
    """Yield the ids that the same `done` handled: the comment, and if it is top-level those that waited under it."""
    done_at = view.mark("comments", item_id).done_at
    yield item_id
    if is_top and done_at is not None:
        for key in view.comment_thread(item_id).replies:
            if view.mark("comments", key[-1]).done_at == done_at:
                yield key[-1]


def _on_notification(marks: MarkEditor, item_id: str, change: Operated, now: int) -> None:
    if item_id in marks.view.notifications and change.action in ("read", "unread"):
        _set_read(marks, "notifications", item_id, change.action == "read")


_ACTIONS: Final[Mapping[Collection, Callable[[MarkEditor, str, Operated, int], None]]] = {
    "conversations": _on_conversation,
    "messages": _on_message,
    "contents": _on_content,
    "comments": _on_comment,
    "notifications": _on_notification,
}


# -- a note on a person


def _note(view: View, change: Noted, now: int) -> Delta:
    marks = MarkEditor(view)
    before = view.mark("people", change.user_id).note
    if change.text != (before.text if before is not None else ""):
        note = Note(change.text, now, change.by) if change.text else None
        marks.set("people", change.user_id, note=note)
    return Delta(marks=marks.changed(), action="note" if change.text else "unnote")


# -- a conversation of the operator's own


def _make(view: View, change: ConversationCreated, now: int) -> Delta:
    existing = find_partner(view, change.user_id)
    if existing is not None:
        marks = MarkEditor(view)
        if view.conversation_states[existing].hidden:
            marks.set("conversations", existing, deleted_marker=None)
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
    marks = MarkEditor(view)
    marks.set("conversations", item.id, deleted_marker=None)  # a deleted placeholder may have this id
    entry = Entry(item, now, view.version + 1, operator_created=True)
    return Delta(conversations=[entry], marks=marks.changed(), action="make")


def find_partner(view: View, user_id: str) -> str | None:
    """Return the id of the conversation with that person, or None."""
    usual = make_id("conversations", view.account_id, user_id)
    if usual in view.conversations:
        return usual
    found = (state.id for state in view.conversation_states.values() if partner_of(view, state) == user_id)
    return min(found, default=None)


def partner_of(view: View, state: ConversationState) -> str | None:
    """Return the user id of the other side of a conversation. None: unknown, or a group."""
    entry = view.conversations.get(state.id)
    if entry is not None:
        return None if entry.item.type == "group" else entry.item.user_id
    newest = state.inbound.first()
    return view.messages[newest[-1]].item.sender_id if newest is not None else None
