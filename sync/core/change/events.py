"""The events that clients are notified of, for a step from one view to the next. Kinds and ids only; data is rendered
when sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Final

from sync.core.account.comment_threads import root_of
from sync.core.account.conversations import ConversationState
from sync.core.account.inbox_rows import RowKind, make_row
from sync.core.account.notice_groups import group_of
from sync.core.account.view import Totals, View, judged_conversations, unanswered_threads
from sync.core.change.advance import Step
from sync.core.change.delta import Delta, Event
from sync.core.pace import Check, go_on, paced
from sync.core.replies.held import COLLECTION_OF
from sync.protocol.items import COLLECTIONS, Collection

NOUN: Final[dict[Collection, str]] = {
    "conversations": "conversation",
    "messages": "message",
    "contents": "content",
    "comments": "discussion",
    "notifications": "notification",
}
DEPENDENT_ORDER: Final[tuple[Collection, ...]] = ("conversations", "messages", "comments", "contents", "notifications")
"""The order in which clients are notified of dependent items, by kind."""
RESET_ABOVE: Final = 200
RESET: Final = Event("reset")


def events_of(before: View, step: Step, delta: Delta, check: Check = go_on) -> list[Event]:
    """Return the events of a step, in the order to send them. `check` is called between them.

    One `reset` stands for a first snapshot, for a lost history and for more than RESET_ABOVE events.
    """
    if delta.reset or delta.started_at is not None or delta.started_clock is not None:
        return [RESET]
    after = step.view
    touched = _Touched(before, step, delta)
    events = [
        *(event for name in COLLECTIONS for event in paced(touched.items(name), check)),
        *(event for name in DEPENDENT_ORDER for event in paced(touched.dependents(name), check)),
        *(Event("note.updated", marked.id) for marked in delta.marks if marked.collection == "people"),
        *(Event("reply.updated", reply.id) for reply in delta.replies),
        *(Event("reply.removed", reply_id) for reply_id in delta.dropped_replies),
        *(Event("thread.updated", row_id) for row_id in changed_rows(before, after, paced(touched.rows(), check))),
        *_account_events(before, after),
    ]
    return events if len(events) <= RESET_ABOVE else [RESET]


class _Touched:
    """The items and rows that a step may have changed for clients, by kind."""

    def __init__(self, before: View, step: Step, delta: Delta) -> None:
        self.before = before
        self.after = step.view
        self.step = step
        self.delta = delta
        self._changed = {
            name: [entry.item.id for entry in delta.upserts(name)] + delta.removed.get(name, []) for name in COLLECTIONS
        }
        self.rejudged_conversations: list[str] = []
        self.rejudged_threads: list[str] = []
        if delta.rules is not None:
            self.rejudged_conversations = judged_conversations(before)
            self.rejudged_threads = unanswered_threads(before)

    def items(self, collection: Collection) -> Iterator[Event]:
        """Yield events of the items that came, went or changed."""
        return self._events(collection, self._changed[collection])

    def dependents(self, collection: Collection) -> Iterator[Event]:
        """Yield events of the items that look different because something else, or a mark, changed."""
        return self._events(collection, sorted(self._dependents(collection).difference(self._changed[collection])))

    def _events(self, collection: Collection, ids: Iterable[str]) -> Iterator[Event]:
        noun = NOUN[collection]
        for item_id in ids:
            was, now = (_is_listed(view, collection, item_id) for view in (self.before, self.after))
            if was != now:
                yield Event(f"{noun}.created" if now else f"{noun}.removed", item_id)
            elif now:
                yield Event(f"{noun}.updated", item_id)

    def _replied(self, place: str) -> set[str]:
        """Return the ids at a place (see `View.pending_replies`) where replies came, went or moved on."""
        held = [self.before.replies.get(item_id) for item_id in self.delta.dropped_replies]
        replies = [*self.delta.replies, *(reply for reply in held if reply is not None)]
        if place == "threads":
            return {reply.thread for reply in replies}
        return {reply.target for reply in replies if COLLECTION_OF[reply.kind] == place}

    def rows(self) -> Iterator[tuple[RowKind, str]]:
        """Yield (kind, id) of the inbox rows that may look different."""
        replied = self._replied("threads")
        for thread_id in sorted({*self._all("conversations"), *self._threads(), *replied}):
            yield "direct_message", thread_id
        comments = self._referred("comments", root_of)
        comments |= {i for i in self._marked("comments") if i in self.after.comment_threads}
        comments.update(self.rejudged_threads, replied)
        for content_id in _retitled(self.before, self.after, self.delta):
            keys = self.after.work(content_id).order
            comments |= {root_of(self.after.comments[key[-1]].item) for key in keys}
        for root_id in sorted(comments):
            yield "comment", root_id
        for group_id in sorted(self._referred("notifications", partial(group_of, self.after.account_id))):
            yield "notification", group_id

    def _dependents(self, collection: Collection) -> set[str]:
        follow = {marked.id for marked in self.delta.marks if marked.collection == collection and marked.id}
        follow |= {item_id for name, item_id in self.step.shifted if name == collection}
        if collection == "conversations":
            follow |= self._threads() | self._replied("conversations")
            follow = {i for i in follow if self._thread_changed(i)}
        elif collection == "contents":
            follow = self._works()
        elif collection == "comments":
            follow |= self._comments()
            follow |= {i for i in self._replied("comments") if self._is_reply_shown_otherwise(i)}
        return follow

    def _all(self, collection: Collection) -> Iterator[str]:
        """Yield the ids of the items that came, went or changed, or whose marks did."""
        yield from self._changed[collection]
        yield from (item_id for name, item_id in self.step.shifted if name == collection)
        yield from self._marked(collection)

    def _marked(self, collection: Collection) -> Iterator[str]:
        return (marked.id for marked in self.delta.marks if marked.collection == collection)

    def _referred(self, collection: Collection, place: Callable[[Any], str | None]) -> set[str]:
        """Return the ids of the places that the touched items of the kind stand under, before or after."""
        found = set()
        for item_id in self._all(collection):
            for view in (self.before, self.after):
                entry = view.entries(collection).get(item_id)
                found.add(place(entry.item) if entry is not None else None)
        return {item_id for item_id in found if item_id is not None}

    def _threads(self) -> set[str]:
        named = self._referred("messages", lambda message: message.conversation_id)
        return named.union(self.rejudged_conversations)

    def _thread_changed(self, thread_id: str) -> bool:
        old, new = self.before.conversation_states.get(thread_id), self.after.conversation_states.get(thread_id)
        return _shown(self.before, old) != _shown(self.after, new)

    def _is_reply_shown_otherwise(self, comment_id: str) -> bool:
        return self.before.pending_reply("comments", comment_id) != self.after.pending_reply("comments", comment_id)

    def _works(self) -> set[str]:
        """Return the ids of works with new, removed, read or unread comments."""
        changed = set()
        for content_id in self._referred("comments", lambda comment: comment.content_id):
            old, new = self.before.work(content_id), self.after.work(content_id)
            if new.known and (old.unread, len(old.order)) != (new.unread, len(new.order)):
                changed.add(content_id)
        return changed

    def _comments(self) -> set[str]:
        """Return the ids of comments that look different because something else changed.

        These began or ceased to wait, or have other replies, or somebody under them did; or their work has another
        title or address.
        """
        changed: set[str] = set()
        for root_id in self._referred("comments", root_of).union(self.rejudged_threads):
            old, new = self.before.comment_thread(root_id), self.after.comment_thread(root_id)
            if (old.asking, old.spared) != (new.asking, new.spared):
                was, now = old.reasons, new.reasons
                changed |= {i for i in {*was, *now} if was.get(i) != now.get(i)}
            if (len(old.replies), old.waiting > 0) != (len(new.replies), new.waiting > 0):
                changed.add(root_id)
        for content_id in _retitled(self.before, self.after, self.delta):
            changed |= {key[-1] for key in self.after.work(content_id).order}
        return changed


def changed_rows(before: View, after: View, rows: Iterable[tuple[RowKind, str]]) -> Iterator[str]:
    """Yield the ids of the rows that look different, came or went."""
    for kind, row_id in rows:
        if make_row(before, kind, row_id) != make_row(after, kind, row_id):
            yield row_id


def _is_listed(view: View, collection: Collection, item_id: str) -> bool:
    """Return whether the item is in a list. Placeholders of works are in none."""
    return item_id in view.contents if collection == "contents" else view.is_visible(collection, item_id)


def _shown(view: View, thread: ConversationState | None) -> tuple[object, ...] | None:
    """Return the values that a client sees of a conversation beside the item itself; None if it is not visible."""
    if thread is None or thread.hidden:
        return None
    pending = view.pending_reply("conversations", thread.id)
    last = view.messages[thread.last_id].item if thread.last_id is not None else None
    shown = (pending, *thread.shown, last and (last.content, last.type, last.sender_id, last.created_at))
    if thread.known:
        return shown
    keys = (thread.inbound.first(), thread.outbound.first())
    people = [view.messages[key[-1]].item for key in keys if key is not None]
    faces = [(p.sender_id, p.sender_name, p.sender_avatar, p.recipient_id, p.recipient_name) for p in people]
    return (*shown, *faces)


def _retitled(before: View, after: View, delta: Delta) -> Iterable[str]:
    ids = [entry.item.id for entry in delta.contents] + delta.removed.get("contents", [])
    return [i for i in ids if _heading(before, i) != _heading(after, i)]


def _heading(view: View, content_id: str) -> tuple[str | None, ...]:
    """Return what comments show of their work: its title, its address and its platform id."""
    entry = view.contents.get(content_id)
    title, url = (None, None) if entry is None else (entry.item.title, entry.item.url)
    return title, url, view.platform_id_of_work(content_id)


def _account_events(before: View, after: View) -> Iterator[Event]:
    if _counts(before.totals) != _counts(after.totals):
        yield Event("unread.changed")
    if before.report.login_status != after.report.login_status:
        yield Event("login.updated")
    if (before.report, before.owner_at) != (after.report, after.owner_at):
        yield Event("account.updated")


def _counts(totals: Totals) -> tuple[int, ...]:
    return (
        totals.unread_direct_messages,
        totals.unread_comments,
        totals.unread_discussions,
        totals.unread_notifications,
        totals.needs_reply,
    )
