"""What a snapshot does to operators' facts: their conversations meet the platform's, their marks go with the items, and
yield where the platform has a newer word."""

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
    """By id of a conversation that an operator made: the id of the platform's with the same person."""
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
    """The marks that are others after these items were stored."""
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
    """Field by field: what was said of the item itself, else of the one it took the place of."""
    return replace(other, **{name: value for name, value in asdict(own).items() if value != getattr(NO_MARK, name)})


def _get(view: View, marks: Mapping[tuple[Collection, str], Mark], collection: Collection, item_id: str) -> Mark:
    return marks.get((collection, item_id)) or view.mark(collection, item_id)


def _follow_count(view: View, marks: Changed, item: Conversation) -> None:
    """What was read on the platform itself is not to be taken off its count again."""
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
    """A status that the platform reports after a client set one is the newer evidence."""
    old, mark = view.messages.get(item.id), _get(view, marks, "messages", item.id)
    if mark.status is not None and item.status is not None and old is not None and old.item.status != item.status:
        marks["messages", item.id] = replace(mark, status=None)
