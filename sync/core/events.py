"""What clients are told of a step from one view to the next. Kinds and ids only: the data is rendered when sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
    named = {event.id for event in items}
    derived = [
        *_thread_events(before, after, delta, named),
        *_comment_events(before, after, delta, named),
        *_work_events(before, after, delta, named),
    ]
    events = items + derived + list(_account_events(before, after))
    return events if len(events) <= RESET_ABOVE else [RESET]


def _item_events(before: View, delta: Delta, collection: Collection) -> Iterator[Event]:
    known = before.entries(collection)
    noun = NOUN[collection]
    for entry in delta.upserts(collection):
        yield Event(f"{noun}.updated" if entry.item.id in known else f"{noun}.created", entry.item.id)
    for item_id in delta.removed.get(collection, ()):
        if collection != "conversations":
            yield Event(f"{noun}.removed", item_id)


def _thread_events(before: View, after: View, delta: Delta, named: set[str]) -> Iterator[Event]:
    for thread_id in sorted(_touched_threads(before, delta)):
        old, new = before.threads.get(thread_id), after.threads.get(thread_id)
        if new is None:
            yield Event("conversation.removed", thread_id)
        elif thread_id not in named and _shown(old) != _shown(new):
            yield Event("conversation.created" if old is None else "conversation.updated", thread_id)


def _touched_threads(before: View, delta: Delta) -> set[str]:
    touched = {entry.item.conversation_id for entry in delta.messages}
    ids = [entry.item.id for entry in delta.messages] + delta.removed.get("messages", [])
    touched |= {before.messages[i].item.conversation_id for i in ids if i in before.messages}
    touched |= {i for i in delta.removed.get("conversations", ()) if i in before.threads}
    return touched


def _shown(thread: Thread | None) -> tuple[object, ...] | None:
    return None if thread is None else thread.shown


def _comment_events(before: View, after: View, delta: Delta, named: set[str]) -> Iterator[Event]:
    """Comments that began or ceased to wait, and those whose work got a title."""
    changed: set[str] = set()
    for root_id in _touched_roots(before, delta):
        changed |= before.comment_thread(root_id).needing() ^ after.comment_thread(root_id).needing()
    for content_id in _retitled(before, after, delta):
        changed |= {key[-1] for key in after.work(content_id).order}
    for comment_id in sorted(changed - named):
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


def _work_events(before: View, after: View, delta: Delta, named: set[str]) -> Iterator[Event]:
    touched = {entry.item.content_id for entry in delta.comments}
    ids = [entry.item.id for entry in delta.comments] + delta.removed.get("comments", [])
    touched |= {before.comments[i].item.content_id for i in ids if i in before.comments}
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
