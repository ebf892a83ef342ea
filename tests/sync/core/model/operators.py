"""Applies operators' changes, the slow way. Each function returns whether anything changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from sync.core.account.marks import ALL_ITEMS, Note, ReadMarker
from sync.core.change.changes import ConversationCreated, Noted, Operated, OperatorChange, ReadBefore
from sync.protocol.items import Conversation
from tests.sync.core.model import marks, reading
from tests.sync.core.model.account import Known, Model


def operate(model: Model, change: OperatorChange, now: int) -> bool:
    if isinstance(change, Operated):
        changed = _say(model, change, now)
    elif isinstance(change, ReadBefore):
        changed = _read_before(model, change.before, change.kinds)
    elif isinstance(change, Noted):
        changed = _note(model, change, now)
    else:
        changed = _make(model, change, now)
    model.version += changed
    return changed


def _say(model: Model, change: Operated, now: int) -> bool:
    changed = False
    for item_id in dict.fromkeys(change.ids):
        if change.collection == "contents":
            changed |= change.action == "read" and read_work(model, item_id)
        elif change.action == "restore":
            changed |= _restore(model, change.collection, item_id)
        elif change.collection == "messages" and change.action == "delete":  # a hidden one too: it may come back
            changed |= item_id in model.held["messages"] and model.set_mark("messages", item_id, deleted=True)
        elif marks.is_visible(model, change.collection, item_id) or _is_handled_unseen(model, change, item_id):
            changed |= _on_visible(model, change, item_id, now)
    return changed


def _is_handled_unseen(model: Model, change: Operated, item_id: str) -> bool:
    """Replies and notices name comments that nobody can see; these may be handled."""
    if change.collection != "comments" or change.action not in ("done", "undone"):
        return False
    replies = any(one.item.parent_comment_id == item_id for one in reading.visible_comments(model).values())
    notices = any(one.item.related_comment_id == item_id for one in model.held["notifications"].values())
    return replies or notices


def _note(model: Model, change: Noted, now: int) -> bool:
    before = model.mark("people", change.user_id).note
    if before is not None and before.text == change.text:
        return False
    return model.set_mark("people", change.user_id, note=Note(change.text, now, change.by) if change.text else None)


def _on_visible(model: Model, change: Operated, item_id: str, now: int) -> bool:
    if change.collection == "conversations":
        return _on_conversation(model, change.action, item_id, now)
    if change.collection == "messages":
        return _on_message(model, change, item_id, now)
    return _on_item(model, change.action, change.collection, item_id, now)


def _restore(model: Model, collection: str, item_id: str) -> bool:
    if collection == "conversations":
        return model.set_mark("conversations", item_id, deleted_marker=None)
    return collection != "notifications" and model.set_mark(collection, item_id, deleted=False)


# -- conversations


NOT_DONE: dict[str, Any] = {"done_marker": None, "done_at": None}


def _on_conversation(model: Model, action: str, item_id: str, now: int) -> bool:
    if action == "done":
        done = reading.conversation(model, item_id, reading.unread_messages(model))["done_at"] is not None
        return not done and model.set_mark(
            "conversations", item_id, done_marker=marks.marker_now(model, item_id), done_at=now
        )
    if action == "undone":
        return model.set_mark("conversations", item_id, **NOT_DONE)
    if action == "delete":
        return model.set_mark("conversations", item_id, deleted_marker=marks.marker_now(model, item_id))
    words: dict[str, dict[str, Any]] = {
        "pin": {"pinned": True},
        "unpin": {"pinned": False},
        "mute": {"muted": True},
        "unmute": {"muted": False},
    }
    if action in words:
        return model.set_mark("conversations", item_id, **words[action])
    deeds: dict[str, Callable[[Model, str], bool]] = {"read": read_conversation, "unread": unread_conversation}
    return action in deeds and deeds[action](model, item_id)


def read_conversation(model: Model, item_id: str) -> bool:
    marker, mark = marks.marker_now(model, item_id), model.mark("conversations", item_id)
    unread = reading.conversation(model, item_id, reading.unread_messages(model))["unread_count"]
    to_remove = [m for m in marks.all_messages(model, item_id) if model.mark("messages", m.item.id).read is False]
    stands = mark.read_marker if marks.effective(mark) == mark.read_marker else None
    if not unread and not to_remove and mark.unread_at is None and _is_same(stands, marker):
        return False
    for message in to_remove:
        model.set_mark("messages", message.item.id, read=None)
    model.set_mark("conversations", item_id, read_marker=marker, unread_at=None)
    return True


def _is_same(stands: ReadMarker | None, marker: ReadMarker) -> bool:
    return stands is not None and (stands.time, stands.id, stands.order, stands.base) == (
        marker.time,
        marker.id,
        marker.order,
        marker.base,
    )


def unread_conversation(model: Model, item_id: str) -> bool:
    for message in speaking(model, item_id):
        if marks.is_inbound(message):
            return _mark_read(model, "messages", message.item.id, False)
    if reading.is_marked_unread(model, item_id):
        return False
    return model.set_mark("conversations", item_id, unread_at=model.version + 1)


# -- messages


def _on_message(model: Model, change: Operated, item_id: str, now: int) -> bool:
    message = model.held["messages"][item_id]
    if change.action == "recall":
        return not marks.is_recalled(model, message) and model.set_mark("messages", item_id, recalled_at=now)
    if change.action == "status":
        stands = model.mark("messages", item_id).status or message.item.status
        return change.status != stands and model.set_mark("messages", item_id, status=change.status)
    silent = marks.is_recalled(model, message) or marks.is_deleted(model, message) or marks.is_system(message)
    if change.action == "unread" and silent:
        return False
    return _read_or_unread(model, change.action, "messages", message)


# -- comments, notices, works


def _on_item(model: Model, action: str, collection: str, item_id: str, now: int) -> bool:
    if collection == "comments" and action in ("done", "undone"):
        return _done_comment(model, item_id, now) if action == "done" else _undone_comment(model, item_id)
    if collection == "comments" and action == "delete":
        return model.set_mark("comments", item_id, deleted=True)
    return _read_or_unread(model, action, collection, model.held[collection][item_id])


def _done_comment(model: Model, item_id: str, now: int) -> bool:
    """With it those who wait under it."""
    ids = {item_id}
    if _is_top(model, item_id):
        waiting = reading.waiting_comments(model)
        ids |= {i for i in waiting if reading.root_of(model.held["comments"][i].item) == item_id}
    left = [i for i in sorted(ids) if model.mark("comments", i).done_at is None]
    return sum([model.set_mark("comments", i, done_at=now) for i in left]) > 0


def _undone_comment(model: Model, item_id: str) -> bool:
    """With it those that the same word handled."""
    ids, done_at = [item_id], model.mark("comments", item_id).done_at
    if done_at is not None and _is_top(model, item_id):
        visible = reading.visible_comments(model).items()
        under = [i for i, c in visible if c.item.parent_comment_id == item_id]
        ids += [i for i in under if model.mark("comments", i).done_at == done_at]
    return sum([model.set_mark("comments", i, **NOT_DONE) for i in ids]) > 0


def _is_top(model: Model, item_id: str) -> bool:
    known = model.held["comments"].get(item_id)
    return known is None or known.item.parent_comment_id is None


def _read_or_unread(model: Model, action: str, collection: str, known: Known) -> bool:
    own = known.item.is_author_reply if collection == "comments" else getattr(known.item, "direction", "") == "outbound"
    if action not in ("read", "unread") or own:
        return False
    return _mark_read(model, collection, known.item.id, action == "read")


def _mark_read(model: Model, collection: str, item_id: str, read: bool) -> bool:
    """Nothing is said of what is so already."""
    is_unread = item_id in unread_of(model, collection)
    return is_unread == read and model.set_mark(collection, item_id, read=read)


def unread_of(model: Model, collection: str) -> set[str]:
    unread = {
        "messages": reading.unread_messages,
        "comments": reading.unread_comments,
        "notifications": reading.unread_notices,
    }
    return unread[collection](model)


def read_work(model: Model, content_id: str) -> bool:
    under = [i for i, comment in model.items("comments").items() if comment.content_id == content_id]
    return _read_each(model, "comments", under)


def _read_each(model: Model, collection: str, ids: Iterable[str]) -> bool:
    return sum(_mark_read(model, collection, item_id, True) for item_id in ids) > 0


# -- everything up to a time


def _read_before(model: Model, before: int, kinds: frozenset[str]) -> bool:
    changed = False
    if "direct_message" in kinds:
        for conversation_id in sorted(reading.conversation_ids(model)):
            changed |= _read_conversation_before(model, conversation_id, before)
    if "notification" in kinds:
        changed |= _read_all_before(model, "notifications", before)
    if {"comment", "discussion"} <= kinds:
        changed |= _read_all_before(model, "comments", before)
    else:
        for kind in kinds & {"comment", "discussion"}:
            comments = model.items("comments").values()
            of_kind = [c for c in comments if (c.parent_comment_id is None) == (kind == "comment")]
            changed |= _read_each(model, "comments", [c.id for c in of_kind if _is_until(c.created_at, before)])
    return changed


def _is_until(time: int | None, before: int) -> bool:
    return time is None or time <= before


def _read_conversation_before(model: Model, conversation_id: str, before: int) -> bool:
    unread = reading.conversation(model, conversation_id, reading.unread_messages(model))["unread_count"]
    if not unread:
        return False
    if _is_until(marks.marker_now(model, conversation_id).time, before):
        return read_conversation(model, conversation_id)
    messages = [m.item for m in marks.all_messages(model, conversation_id)]
    return _read_each(model, "messages", [m.id for m in messages if _is_until(m.created_at, before)])


def _read_all_before(model: Model, collection: str, before: int) -> bool:
    """One mark for all of them. What it cannot reach is read one by one."""
    unread = unread_of(model, collection)
    held = {i: known for i, known in model.held[collection].items() if marks.is_visible(model, collection, i)}
    if not any(_is_until(held[i].item.created_at, before) for i in unread):
        return False
    known = [k for k in held.values() if _is_until(k.item.created_at, before)]
    newest, old = max(map(marks.moment_of, known)), model.mark(collection, ALL_ITEMS).read_marker
    if old is not None and newest < marks.end_of(old):
        return _read_each(model, collection, [i for i in unread if _is_until(held[i].item.created_at, before)])
    for item_id, one in model.held[collection].items():
        if marks.moment_of(one) <= newest and model.mark(collection, item_id).read is False:
            model.set_mark(collection, item_id, read=None)
    marker = marks.last_of(max(known, key=marks.moment_of))
    model.set_mark(collection, ALL_ITEMS, read_marker=msgspec.structs.replace(marker, version=model.version + 1))
    return True


# -- conversations that operators make


def _make(model: Model, change: ConversationCreated, now: int) -> bool:
    item_id = model.usual("conversations", change.user_id)
    existing = item_id if item_id in model.held["conversations"] else partner_conversation(model, change.user_id)
    if existing is not None:
        hidden = not marks.is_conversation_visible(model, existing)
        return hidden and model.set_mark("conversations", existing, deleted_marker=None)
    item = Conversation(
        id=item_id,
        platform_id=change.user_id,
        type="private",
        user_id=change.user_id,
        user_name=change.user_name,
        created_at=now,
        updated_at=now,
    )
    model.held["conversations"][item_id] = Known(item, now, model.version + 1, operator_created=True)
    model.adopted.pop(item_id, None)
    model.removed.pop(("conversations", item_id), None)
    model.set_mark("conversations", item_id, deleted_marker=None)
    return True


def partner_conversation(model: Model, user_id: str) -> str | None:
    """The conversation with that person; of one known from its messages only, the newest inbound one says who it is."""
    found = []
    for conversation_id in reading.all_conversation_ids(model):
        known = model.held["conversations"].get(conversation_id)
        if known is not None:
            partner = known.item.user_id if known.item.type != "group" else None
        else:
            inbound = [m for m in speaking(model, conversation_id) if marks.is_inbound(m)]
            partner = inbound[0].item.sender_id if inbound else None
        if partner == user_id:
            found.append(conversation_id)
    return min(found, default=None)


def speaking(model: Model, conversation_id: str) -> list[Known]:
    """Visible messages of people that are neither recalled nor deleted, newest first."""
    messages = [m for m in reading.messages_of(model, conversation_id) if not marks.is_system(m)]
    return [m for m in messages if not marks.is_recalled(model, m) and not marks.is_deleted(model, m)]
