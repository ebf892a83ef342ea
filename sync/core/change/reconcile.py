"""Reconcile operators' facts with a new snapshot.

The platform's conversations adopt operator-created ones, marks go with redirected items, and marks yield where the
platform has a newer word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import asdict, replace

from sync.core.account.entries import Entry
from sync.core.account.marks import NO_MARK, ItemMark, Mark, ReadMarker
from sync.core.account.view import View
from sync.core.change.references import Redirects
from sync.protocol.items import Collection, Conversation, Item, Message

Changed = dict[tuple[Collection, str], Mark]


def find_adopted(view: View, conversations: Iterable[Item]) -> dict[str, str]:
    """Return, by id of an operator-created conversation, the id of the platform's with the same person."""
    adopted: dict[str, str] = {}
    for item in conversations:
        if not isinstance(item, Conversation) or item.type == "group":
            continue
        created_id = view.operator_created.get(item.user_id or "")
        if created_id is not None and (item.id == created_id or created_id not in adopted):
            adopted[created_id] = item.id
    return adopted


def reconcile_marks(
    view: View, conversations: Iterable[Entry[Conversation]], messages: Iterable[Entry[Message]], redirects: Redirects
) -> list[ItemMark]:
    """Return the marks that change because these items were stored and these ids redirected."""
    marks = _moved(view, redirects)
    for conversation in conversations:
        _follow_count(view, marks, conversation.item)
    for message in messages:
        _yield_status(view, marks, message.item)
    return [ItemMark(*key, mark) for key, mark in sorted(marks.items(), key=lambda marked: marked[0])]


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


def _yield_status(view: View, marks: Changed, item: Message) -> None:
    """Unset a status that a client set when the platform reports another one later: that is newer evidence."""
    old, mark = view.messages.get(item.id), _get(view, marks, "messages", item.id)
    if mark.status is not None and item.status is not None and old is not None and old.item.status != item.status:
        marks["messages", item.id] = replace(mark, status=None)
