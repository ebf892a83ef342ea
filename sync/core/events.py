"""What clients are told of a step from one view to the next. Kinds and ids only: the data is rendered when sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sync.core.comments import root_of
from sync.core.delta import Delta, Event
from sync.core.threads import Thread
from sync.core.view import Totals, View
from sync.protocol.items import COLLECTIONS, Collection

NOUN: Final[dict[Collection, str]] = {
    "conversations": "conversation",
    "messages": "message",
    "contents": "content",
    "comments": "discussion",
    "notifications": "notification",
}
RESET_ABOVE: Final = 200
RESET: Final = Event("reset")


def events_of(before: View, after: View, delta: Delta) -> list[Event]:
    """In the order to send them. One `reset` for a first snapshot, for lost history and above RESET_ABOVE events."""
    if delta.reset or delta.started_at is not None:
        return [RESET]
    items = [event for name in COLLECTIONS for event in _item_events(before, delta, name)]
    derived = [
        *_thread_events(before, after, delta),
        *_message_events(before, after, delta),
        *_comment_events(before, after, delta),
        *_work_events(before, after, delta),
    ]
    events = items + derived + list(_account_events(before, after))
    return events if len(events) <= RESET_ABOVE else [RESET]


def _item_events(before: View, delta: Delta, collection: Collection) -> Iterator[Event]:
    """A conversation may be listed before it is known, and after: then it neither comes nor goes."""
    listed: Mapping[str, object] = before.threads if collection == "conversations" else before.entries(collection)
    noun = NOUN[collection]
    for entry in delta.upserts(collection):
        yield Event(f"{noun}.updated" if entry.item.id in listed else f"{noun}.created", entry.item.id)
    for item_id in delta.removed.get(collection, ()):
        if collection != "conversations":
            yield Event(f"{noun}.removed", item_id)


def _named(delta: Delta, collection: Collection) -> set[str]:
    """Those that have an event of their own."""
    return {entry.item.id for entry in delta.upserts(collection)}.union(delta.removed.get(collection, ()))


def _thread_events(before: View, after: View, delta: Delta) -> Iterator[Event]:
    named = {entry.item.id for entry in delta.conversations}
    for thread_id in sorted(_touched_threads(before, delta)):
        old, new = before.threads.get(thread_id), after.threads.get(thread_id)
        if new is None:
            if old is not None:
                yield Event("conversation.removed", thread_id)
        elif thread_id not in named and _shown(before, old) != _shown(after, new):
            yield Event("conversation.created" if old is None else "conversation.updated", thread_id)


def _touched_threads(before: View, delta: Delta) -> set[str]:
    touched = {entry.item.conversation_id for entry in delta.messages}
    ids = [entry.item.id for entry in delta.messages] + delta.removed.get("messages", [])
    touched |= {before.messages[i].item.conversation_id for i in ids if i in before.messages}
    return touched.union(delta.removed.get("conversations", ()))


def _shown(view: View, thread: Thread | None) -> tuple[object, ...] | None:
    """What a client sees of a conversation beside the item itself."""
    if thread is None:
        return None
    last = view.messages[thread.last_id].item if thread.last_id is not None else None
    shown = (*thread.shown, last and (last.content, last.type, last.sender_id, last.created_at))
    if thread.known:
        return shown
    keys = (thread.inbound.first(), thread.outbound.first())
    people = [view.messages[key[-1]].item for key in keys if key is not None]
    faces = [(p.sender_id, p.sender_name, p.sender_avatar, p.recipient_id, p.recipient_name) for p in people]
    return (*shown, *faces)


def _message_events(before: View, after: View, delta: Delta) -> Iterator[Event]:
    """Messages of the history that became read or unread because another one came or went."""
    touched = _touched_threads(before, delta).union(entry.item.id for entry in delta.conversations)
    changed: set[str] = set()
    for thread_id in touched:
        old, new = before.threads.get(thread_id), after.threads.get(thread_id)
        changed |= (old.early_unread if old else frozenset()) ^ (new.early_unread if new else frozenset())
    for message_id in sorted(changed - _named(delta, "messages")):
        if before.is_unread("messages", message_id) != after.is_unread("messages", message_id):
            yield Event("message.updated", message_id)


def _comment_events(before: View, after: View, delta: Delta) -> Iterator[Event]:
    """Comments that began or ceased to wait, whose replies are counted here, and those whose work got a title."""
    changed: set[str] = set()
    for root_id in _touched_roots(before, delta):
        old, new = before.comment_thread(root_id), after.comment_thread(root_id)
        changed |= old.needing() ^ new.needing()
        changed |= {root_id} if len(old.replies) != len(new.replies) else set()
    for content_id in _retitled(before, after, delta):
        changed |= {key[-1] for key in after.work(content_id).order}
    for comment_id in sorted(changed - _named(delta, "comments")):
        if comment_id in after.comments:
            yield Event("discussion.updated", comment_id)


def _touched_roots(before: View, delta: Delta) -> set[str]:
    roots = {root_of(entry.item) for entry in delta.comments}
    ids = [entry.item.id for entry in delta.comments] + delta.removed.get("comments", [])
    return roots | {root_of(before.comments[i].item) for i in ids if i in before.comments}


def _retitled(before: View, after: View, delta: Delta) -> Iterable[str]:
    ids = [entry.item.id for entry in delta.contents] + delta.removed.get("contents", [])
    return [i for i in ids if _title(before, i) != _title(after, i)]


def _title(view: View, content_id: str) -> str | None:
    entry = view.contents.get(content_id)
    return None if entry is None else entry.item.title


def _work_events(before: View, after: View, delta: Delta) -> Iterator[Event]:
    touched = {entry.item.content_id for entry in delta.comments}
    ids = [entry.item.id for entry in delta.comments] + delta.removed.get("comments", [])
    touched |= {before.comments[i].item.content_id for i in ids if i in before.comments}
    named = _named(delta, "contents")
    for content_id in sorted(i for i in touched if i is not None and i not in named):
        old, new = before.work(content_id), after.work(content_id)
        if new.known and (old.unread, len(old.order)) != (new.unread, len(new.order)):
            yield Event("content.updated", content_id)


def _account_events(before: View, after: View) -> Iterator[Event]:
    if _counts(before.totals) != _counts(after.totals):
        yield Event("unread.changed")
    if before.report.login_status != after.report.login_status:
        yield Event("login.updated")
    if before.report != after.report:
        yield Event("account.updated")


def _counts(totals: Totals) -> tuple[int, ...]:
    return (
        totals.unread_direct_messages,
        totals.unread_comments,
        totals.unread_discussions,
        totals.unread_notifications,
        totals.needs_reply,
    )
