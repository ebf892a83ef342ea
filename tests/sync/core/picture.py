"""Two pictures of an account that must be one: that of a view, and that of the naive model. And what clients see."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.core.view import View
from tests.sync.core.naive import Model, newest_first, root_of

THREAD = ("known", "unread_count", "needs_reply", "waiting_since", "last_id", "platform_last", "sort_time", "pinned")


def of_view(view: View) -> dict[str, Any]:
    totals = view.totals
    return {
        "version": view.version,
        "threads": {i: {name: getattr(t, name) for name in THREAD} for i, t in view.threads.items()},
        "thread messages": {i: ids(thread.order) for i, thread in view.threads.items()},
        "conversation order": ids(view.conversation_order),
        "orders": {
            name: ids(getattr(view, f"{name}_order")) for name in ("message", "content", "comment", "notification")
        },
        "feed": [(key[-1], key[-2]) for key in view.feed],
        "unread": {
            (n, i) for n in ("messages", "comments", "notifications") for i in view.unread if view.is_unread(n, i)
        },
        "works": {i: (ids(work.order), work.unread, work.known) for i, work in view.works.items()},
        "replies": {i: ids(t.replies) for i, t in view.comment_threads.items() if t.replies},
        "waiting comments": {
            i for i, entry in view.comments.items() if view.comment_thread(root_of(entry.item)).needs_reply(entry)
        },
        "held": {
            name: {i: (e.item, e.first_seen, e.first_version, e.first_unread) for i, e in view.entries(name).items()}  # type: ignore[arg-type]
            for name in Model().held
        },
        "totals": {name: getattr(totals, name) for name in totals.__struct_fields__},
        "all unread": totals.total_unread,
    }


def ids(order: Any) -> list[str]:
    return [key[-1] for key in order]


def of_model(model: Model) -> dict[str, Any]:
    messages, comments, notices = model.unread_messages(), model.unread_comments(), model.unread_notices()
    threads = {i: model.conversation(i, messages) for i in model.conversation_ids()}
    waiting = model.waiting_comments()
    return {
        "version": model.version,
        "threads": threads,
        "thread messages": {i: [m.item.id for m in model.messages_of(i)] for i in threads},
        "conversation order": sorted(threads, key=lambda i: place_of(i, threads[i])),
        "orders": {
            name: [k.item.id for k in newest_first(model.held[f"{name}s"].values())]
            for name in ("message", "content", "comment", "notification")
        },
        "feed": feed(model),
        "unread": {
            (name, i)
            for name, of in {"messages": messages, "comments": comments, "notifications": notices}.items()
            for i in of
        },
        "works": works(model, comments),
        "replies": replies(model),
        "waiting comments": waiting,
        "held": {
            name: {i: (k.item, k.first_seen, k.first_version, k.first_unread) for i, k in of.items()}
            for name, of in model.held.items()
        },
        "totals": totals_of(model, threads, comments, notices, waiting),
        "all unread": sum(t["unread_count"] for t in threads.values()) + len(comments) + len(notices),
    }


def place_of(conversation_id: str, thread: dict[str, Any]) -> tuple[Any, ...]:
    time = thread["sort_time"]
    return not thread["pinned"], time is None, -(time or 0), conversation_id


def feed(model: Model) -> list[tuple[str, str]]:
    rows = [(name, k) for name in ("messages", "comments", "notifications") for k in model.held[name].values()]
    rows.sort(key=lambda r: (r[1].item.created_at is None, -(r[1].item.created_at or 0), r[1].item.id, r[0]))
    return [(name, known.item.id) for name, known in rows]


def works(model: Model, unread: set[str]) -> dict[str, Any]:
    comments = newest_first(model.held["comments"].values())
    names = set(model.held["contents"]) | {c.item.content_id for c in comments if c.item.content_id is not None}
    under = {name: [c.item.id for c in comments if c.item.content_id == name] for name in names}
    return {n: (of, sum(i in unread for i in of), n in model.held["contents"]) for n, of in under.items()}


def replies(model: Model) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for comment in newest_first(model.held["comments"].values()):
        if comment.item.parent_comment_id is not None:
            found.setdefault(comment.item.parent_comment_id, []).append(comment.item.id)
    return found


def totals_of(
    model: Model, threads: dict[str, Any], comments: set[str], notices: set[str], waiting: set[str]
) -> dict[str, int]:
    held = {name: model.items(name) for name in model.held}
    replies_unread = {i for i in comments if held["comments"][i].parent_comment_id is not None}
    places = [comment.content_id for comment in held["comments"].values()]
    return {
        **{name: len(of) for name, of in held.items()},
        "orphan_messages": sum(m.conversation_id not in held["conversations"] for m in held["messages"].values()),
        "orphan_comments": sum(place is not None and place not in held["contents"] for place in places),
        "unread_direct_messages": sum(thread["unread_count"] for thread in threads.values()),
        "unread_comments": len(comments - replies_unread),
        "unread_discussions": len(replies_unread),
        "unread_notifications": len(notices),
        "needs_reply": sum(thread["needs_reply"] for thread in threads.values()) + len(waiting),
    }


# -- what clients see of each item


def shown(model: Model) -> dict[tuple[str, str], Any]:
    """(noun, id) -> all that a client can see of it."""
    picture = of_model(model)
    unread = picture["unread"]
    rows: dict[tuple[str, str], Any] = {}
    for i, thread in picture["threads"].items():
        item = model.items("conversations").get(i)
        last = model.items("messages").get(thread["last_id"])
        text = (last.content, last.type, last.sender_id, last.created_at) if last else None
        rows["conversation", i] = (without_updated_at(item), thread, text, partner(model, i) if item is None else None)
    for i, item in model.items("messages").items():
        rows["message", i] = (without_updated_at(item), ("messages", i) in unread)
    for i, item in model.items("contents").items():
        rows["content", i] = (without_updated_at(item), len(picture["works"][i][0]), picture["works"][i][1])
    for i, item in model.items("comments").items():
        work = model.items("contents").get(item.content_id)
        title = work.title if work is not None and work.title is not None else item.content_title
        below = len(picture["replies"].get(i, [])) if item.parent_comment_id is None else None
        rows["discussion", i] = (
            without_updated_at(item),
            title,
            item.reply_count if item.reply_count is not None else below,
            ("comments", i) in unread,
            i in picture["waiting comments"],
        )
    for i, item in model.items("notifications").items():
        rows["notification", i] = (without_updated_at(item), ("notifications", i) in unread)
    return rows


def without_updated_at(item: Any) -> Any:
    return item and msgspec.structs.replace(item, updated_at=None)


def partner(model: Model, conversation_id: str) -> Any:
    visible = [m.item for m in model.messages_of(conversation_id) if not m.item.is_recalled]
    for message in visible:
        if message.direction == "inbound":
            return message.sender_id, message.sender_name, message.sender_avatar
    return (visible[0].recipient_id, visible[0].recipient_name) if visible else None


def badges(model: Model) -> tuple[int, ...]:
    totals = of_model(model)["totals"]
    return tuple(totals[name] for name in totals if name.startswith("unread_") or name == "needs_reply")
