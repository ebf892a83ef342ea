"""Reconcile operators' facts with a new snapshot.

The platform's conversations adopt operator-created ones, marks go with redirected items, and marks yield where the
platform has a newer word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from msgspec.structs import asdict, replace

from sync.core.account.entries import Entry
from sync.core.account.marks import ALL_ITEMS, NO_MARK, ItemMark, Mark, ReadMarker
from sync.core.account.read_positions import is_after
from sync.core.account.view import View
from sync.core.change.references import Redirects
from sync.protocol.items import Collection, Conversation, Item, Message

_READ_UP_TO_A_TIME: Final[tuple[Collection, ...]] = ("comments", "notifications")

Changed = dict[tuple[Collection, str], Mark]


def find_adopted(view: View, conversations: Iterable[Item]) -> dict[str, str]:
    """Return, by id of an operator-created conversation, the id of the platform's with the same person.

    One whose own id is among those that came stays under it: it is the platform's now.
    """
    adopted: dict[str, str] = {}
    if not view.operator_created:
        return adopted
    came = [item for item in conversations if isinstance(item, Conversation)]
    ids = {item.id for item in came}
    for item in came:
        created_id = view.operator_created.get(item.user_id or "") if item.type != "group" else None
        if created_id is not None:
            adopted.setdefault(created_id, created_id if created_id in ids else item.id)
    return adopted


def reconcile_marks(view: View, upserts: Mapping[str, Iterable[Entry[Any]]], redirects: Redirects) -> list[ItemMark]:
    """Return the marks that change because these items are stored and these ids redirected."""
    marks = _moved(view, redirects)
    for conversation in upserts.get("conversations", ()):
        _follow_count(view, marks, conversation.item)
    for message in upserts.get("messages", ()):
        _yield_status(view, marks, message.item)
    for collection in _READ_UP_TO_A_TIME:
        keep_covered(view, marks, collection, upserts.get(collection, ()))
    return [ItemMark(*key, mark) for key, mark in sorted(marks.items(), key=lambda marked: marked[0])]


def with_answers(marks: list[ItemMark], answers: list[ItemMark]) -> list[ItemMark]:
    """Return `marks` and what `answers` say besides: which reply an item is, and who wrote it."""
    changed = {(marked.collection, marked.id): marked for marked in marks}
    for answer in answers:
        key, said = (answer.collection, answer.id), answer.mark
        if key in changed:
            said = replace(changed[key].mark, reply_id=said.reply_id, answered_by=said.answered_by)
        changed[key] = ItemMark(*key, said)
    return [changed[key] for key in sorted(changed)] if answers else marks


def _moved(view: View, redirects: Redirects) -> Changed:
    marks: Changed = {}
    for collection, ids in redirects.items():
        for former, now in sorted(ids.items()):
            mark = view.mark(collection, former)
            if mark != NO_MARK:
                marks[collection, former] = NO_MARK
                marks[collection, now] = _merged(_get(view, marks, collection, now), mark)
    return marks


def _merged(own: Mark, other: Mark) -> Mark:
    """Return a mark field by field: the item's own value if it has one, else that of the item it replaced."""
    return replace(other, **{name: value for name, value in asdict(own).items() if value != getattr(NO_MARK, name)})


def _get(view: View, marks: Mapping[tuple[Collection, str], Mark], collection: Collection, item_id: str) -> Mark:
    return marks.get((collection, item_id)) or view.mark(collection, item_id)


def _follow_count(view: View, marks: Changed, item: Conversation) -> None:
    """Lower `base` to the platform's count: messages read on the platform are not taken off its count again."""
    mark = _get(view, marks, "conversations", item.id)
    lowered = replace(
        mark,
        read_marker=_lowered(mark.read_marker, item.unread_count),
        deleted_marker=_lowered(mark.deleted_marker, item.unread_count),
    )
    if lowered != mark:
        marks["conversations", item.id] = lowered


def _lowered(marker: ReadMarker | None, count: int | None) -> ReadMarker | None:
    return marker if marker is None or count is None or count >= marker.base else replace(marker, base=count)


def keep_covered(view: View, marks: Changed, collection: Collection, entries: Iterable[Entry[Any]]) -> None:
    """Mark what a new time moves across the end of the marker on ALL_ITEMS: read stays read, and unread unread."""
    marker = view.mark(collection, ALL_ITEMS).read_marker
    for entry in entries if marker is not None else ():
        before, mark = _before(view, collection, entry), _get(view, marks, collection, entry.item.id)
        if marker is None or before is None or mark.read is not None:
            continue
        was, now = is_after(marker, before), is_after(marker, entry)
        if now and not was:
            marks[collection, entry.item.id] = replace(mark, read=True)
        elif was and not now and view.is_unread(collection, entry.item.id):
            marks[collection, entry.item.id] = replace(mark, read=False)


def _before(view: View, collection: Collection, entry: Entry[Any]) -> Entry[Any] | None:
    """Return the entry as it was, also of an item that was gone; None for a new one."""
    old = view.entries(collection).get(entry.item.id)
    was = view.removed_items.get(collection, entry.item.id)
    return old if old is not None or was is None else replace(entry, item=replace(entry.item, created_at=was.time))


def _yield_status(view: View, marks: Changed, item: Message) -> None:
    """Unset a status that a client set when the platform reports another one later: that is newer evidence."""
    old, mark = view.messages.get(item.id), _get(view, marks, "messages", item.id)
    if mark.status is not None and item.status is not None and old is not None and old.item.status != item.status:
        marks["messages", item.id] = replace(mark, status=None)
