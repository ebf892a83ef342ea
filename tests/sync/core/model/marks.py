"""Applies operators' marks to the items of an account, the slow way: what is hidden, read, deleted, recalled."""

from __future__ import annotations

from typing import Any

from sync.core.account.marks import ALL_ITEMS, HIGHEST_ID, Mark, ReadMarker
from tests.sync.builders import DAY
from tests.sync.core.model.account import Known, Model

Place = tuple[int, float, str, str]
"""(time, length of the platform's sort key or id, that key or id, id); greater is later."""


def place_of(item: Any, time: int | None) -> Place:
    """An unknown time is before every known one."""
    order = getattr(item, "order", None) or item.platform_id
    return (-1 if time is None else time, len(order), order, item.id)


def moment_of(known: Known) -> Place:
    return place_of(known.item, known.item.created_at)


def end_of(marker: ReadMarker) -> Place:
    """Where nobody knew the newest item, the marker covers all items of its time."""
    time = -1 if marker.time is None else marker.time
    if marker.order is None:
        return (time, float("inf"), "", "")
    return (time, len(marker.order), marker.order, marker.id)


def is_inbound(known: Known) -> bool:
    return bool(known.item.direction != "outbound") or is_system(known)


def is_system(known: Known) -> bool:
    """The platform's own line."""
    return bool(known.item.type == "system")


def is_covered(model: Model, known: Known) -> bool:
    """By the history of the account."""
    time = known.item.created_at
    return known.first_version <= model.started_version if time is None else time <= (model.started_at or 0)


def all_messages(model: Model, conversation_id: str) -> list[Known]:
    """Hidden ones too, in no order."""
    return [m for m in model.held["messages"].values() if m.item.conversation_id == conversation_id]


# -- after a mark


def is_late(marker: ReadMarker, known: Known) -> bool:
    """Came after the mark was set, soon after its own time."""
    time = known.item.created_at
    return known.first_version > marker.version and (time is None or known.first_seen - time <= DAY)


def arrived(model: Model, conversation_id: str, marker: ReadMarker) -> list[Known]:
    """Inbound messages behind the mark that nobody had crawled when it was set, in the order of their coming."""
    inbound = [m for m in all_messages(model, conversation_id) if is_inbound(m)]
    new = [m for m in inbound if m.first_version > marker.version and not is_later(marker, m)]
    return sorted(new, key=lambda m: (m.first_version, moment_of(m)))


def is_later(marker: ReadMarker, message: Known) -> bool:
    """Where the marker ends at a last message that nobody had crawled, that one is not later."""
    return moment_of(message) > end_of(marker) and message.item.id != marker.last_id


def is_after(model: Model, marker: ReadMarker, message: Known) -> bool:
    """What was known when the mark was set is covered, whatever time it has now."""
    if message.first_version <= marker.version:
        return False
    if is_later(marker, message):
        return True
    if not is_late(marker, message) or is_covered(model, message):
        return False
    return not is_inbound(message) or message not in arrived(model, message.item.conversation_id, marker)[: marker.rest]


def effective(mark: Mark) -> ReadMarker | None:
    """The read mark that counts: a deletion is one too."""
    markers = [marker for marker in (mark.read_marker, mark.deleted_marker) if marker is not None]
    return max(markers, key=lambda marker: marker.version, default=None)


# -- what is seen


def is_message_visible(model: Model, message: Known) -> bool:
    deleted = model.mark("conversations", message.item.conversation_id).deleted_marker
    return deleted is None or is_after(model, deleted, message)


def is_conversation_visible(model: Model, conversation_id: str) -> bool:
    known, messages = model.held["conversations"].get(conversation_id), all_messages(model, conversation_id)
    deleted = model.mark("conversations", conversation_id).deleted_marker
    if deleted is None:
        return known is not None or bool(messages)
    return is_platform_after(model, known, deleted) or any(is_message_visible(model, m) for m in messages)


def is_platform_after(model: Model, conversation: Known | None, marker: ReadMarker) -> bool:
    """Return whether the platform knows of a last message later than the mark, which is none that the mark covers."""
    time = conversation.item.last_message_time if conversation is not None else None
    if conversation is None or time is None or not is_earlier(marker, time):
        return False
    name = conversation.item.last_message_id
    if name is not None and name == marker.last_id:
        return False
    named = [m for m in all_messages(model, conversation.item.id) if m.item.id == name]
    return all(is_after(model, marker, message) for message in named)


def is_earlier(marker: ReadMarker, time: int) -> bool:
    return marker.time is None or marker.time < time


def is_comment_visible(model: Model, comment: Known) -> bool:
    return not model.mark("comments", comment.item.id).deleted


def is_visible(model: Model, collection: str, item_id: str) -> bool:
    if collection == "conversations":
        return is_conversation_visible(model, item_id)
    known = model.held[collection].get(item_id)
    if known is None:
        return False
    if collection == "messages":
        return is_message_visible(model, known)
    return collection != "comments" or is_comment_visible(model, known)


def is_recalled(model: Model, message: Known) -> bool:
    return bool(message.item.is_recalled or model.mark("messages", message.item.id).recalled_at is not None)


def is_deleted(model: Model, message: Known) -> bool:
    return model.mark("messages", message.item.id).deleted


# -- what is read


def is_message_unread(model: Model, message: Known, spared: bool) -> bool:
    """`spared`: of the history, but among the newest that the platform counted as unread."""
    if not is_inbound(message) or is_system(message) or not is_message_visible(model, message):
        return False
    if is_recalled(model, message) or is_deleted(model, message):
        return False
    said = model.mark("messages", message.item.id).read
    if said is not None:
        return not said
    marker = effective(model.mark("conversations", message.item.conversation_id))
    if is_covered(model, message) and not spared:
        return False
    return marker is None or is_after(model, marker, message)


def is_read_by_all(model: Model, collection: str, known: Known) -> bool:
    """By the mark on every comment, or every notice. `known` is not history."""
    marker = model.mark(collection, ALL_ITEMS).read_marker
    return marker is not None and is_within(marker, known)


def is_within(marker: ReadMarker, known: Known) -> bool:
    """Of a mark that ends at a time: by the time that the item has."""
    return moment_of(known) <= end_of(marker) and not is_late(marker, known)


def rest(model: Model, conversation_id: str) -> int:
    """Return how many messages the platform counts as unread and nobody has crawled."""
    known = model.held["conversations"].get(conversation_id)
    if known is None or not is_conversation_visible(model, conversation_id):
        return 0
    messages = all_messages(model, conversation_id)
    marker = effective(model.mark("conversations", conversation_id))
    if (
        marker is not None
        and not is_platform_after(model, known, marker)
        and not any(m.first_version > marker.version and is_later(marker, m) for m in messages)
    ):
        return 0
    crawled = [m for m in messages if is_inbound(m) and (marker is None or is_after(model, marker, m))]
    return max(0, (known.item.unread_count or 0) - (marker.base if marker else 0) - len(crawled))


def last_of(known: Known) -> ReadMarker:
    """A marker that ends at this item."""
    order = getattr(known.item, "order", None) or known.item.platform_id
    return ReadMarker(0, known.item.created_at, known.item.id, order=order)


def marker_now(model: Model, conversation_id: str) -> ReadMarker:
    """The mark that covers all that is known now."""
    known = model.held["conversations"].get(conversation_id)
    mark = model.mark("conversations", conversation_id)
    ends = [last_of(m) for m in all_messages(model, conversation_id)]
    ends += [marker for marker in (mark.read_marker, mark.deleted_marker) if marker is not None]
    if known is not None and known.item.last_message_time is not None:
        ends.append(ReadMarker(0, known.item.last_message_time, HIGHEST_ID))
    last = max(ends, key=end_of, default=ReadMarker(0, None, "", order=""))
    before = effective(mark)
    owed = max(0, before.rest - len(arrived(model, conversation_id, before))) if before else 0
    return ReadMarker(
        version=model.version + 1,
        time=last.time,
        id=last.id,
        order=last.order,
        last_id=known.item.last_message_id if known and last.id == HIGHEST_ID else None,
        base=(known.item.unread_count or 0) if known else 0,
        rest=owed + rest(model, conversation_id),
    )
