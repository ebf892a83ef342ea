"""Read everything up to a time: one marker per conversation and kind where that is possible, else item by item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from sync.core.account.entries import Entry
from sync.core.account.history import is_up_to, item_key, item_time
from sync.core.account.marks import ALL_ITEMS, ReadMarker
from sync.core.account.order import Order
from sync.core.account.view import View, latest_known, upto_item
from sync.core.change.changes import ReadBefore
from sync.core.change.mark_editor import MarkEditor, marked_unread
from sync.protocol.items import Collection

BOTH_COMMENTS: Final = frozenset({"comment", "discussion"})


def read_before(marks: MarkEditor, change: ReadBefore) -> None:
    """Mark everything of the change's kinds up to its time as read, at most `change.limit` unread items."""
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


def _read_messages(marks: MarkEditor, before: int, left: int) -> int:
    """Read whole conversations where nothing is newer, message by message elsewhere.

    Returns how many more unread items may be read.
    """
    view = marks.view
    for key in view.conversation_order:
        state = view.conversation_states[key[-1]]
        if not state.unread_count:
            continue
        if left <= 0:
            break
        if latest_known(view, state).is_from(before):
            marks.read_conversation(state)
            left -= state.unread_count
        else:
            entries = (view.messages[unread[-1]] for unread in state.unread)
            left = _read_each(marks, "messages", (e for e in entries if is_up_to(item_time(e.item), before)), left)
    return left


def _read_each(marks: MarkEditor, collection: Collection, entries: Iterable[Entry[Any]], left: int) -> int:
    for entry in islice(entries, max(0, left)):
        marks.set(collection, entry.item.id, read=True)
        left -= 1
    return left


def _read_every(marks: MarkEditor, collection: Collection, before: int, left: int) -> int:
    """Set one marker for all of them, unless a later one stands already or they are too many for one step."""
    view, unread = marks.view, list(_unread(marks.view, collection, before))
    newest = next(_order(view, collection).after((-before,)), None)
    if newest is None or not unread:
        return left
    old = marks.get(collection, ALL_ITEMS).read_marker
    if len(unread) > left or (old is not None and old.key < newest[:2]):
        return _read_each(marks, collection, unread, left)
    time, item_id, order = upto_item(view.entries(collection)[newest[-1]].item)
    marks.set(collection, ALL_ITEMS, read_marker=ReadMarker(view.version + 1, time, item_id, order=order))
    for item_id in marked_unread(view, collection):
        if item_key(view.entries(collection)[item_id].item) >= newest:
            marks.set(collection, item_id, read=None)
    return left - len(unread)


def _order(view: View, collection: Collection) -> Order:
    return view.comment_order if collection == "comments" else view.notification_order


def _unread(view: View, collection: Collection, before: int) -> Iterator[Entry[Any]]:
    """Yield the unread entries of the kind, newest first."""
    for key in _order(view, collection).after((-before,)):
        if view.is_unread(collection, key[-1]):
            yield view.entries(collection)[key[-1]]
