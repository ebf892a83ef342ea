"""Two pictures of an account that must be one: that of a view, and that of the naive model. And what clients see."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.core.account.inbox_rows import InboxRow
from sync.core.account.view import View
from sync.core.lists.inbox import list_rows
from sync.core.lists.pages import ListWindow
from sync.core.lists.row_filter import RowFilter
from sync.protocol.items import COLLECTIONS
from sync.protocol.text import fold
from tests.sync.core.model import marks, reading
from tests.sync.core.model.account import Model
from tests.sync.core.model.reading import newest_first, root_of

NOTED_PEOPLE = ("fan", "A")
THREAD = (
    "known",
    "unread_count",
    "rest",
    "needs_reply",
    "reply_reason",
    "waiting_since",
    "done_at",
    "last_id",
    "platform_last",
    "sort_time",
    "pinned",
    "muted",
)


def of_view(view: View) -> dict[str, Any]:
    totals, threads = view.totals, {i: t for i, t in view.conversation_states.items() if not t.hidden}
    return {
        "version": view.version,
        "threads": {i: {name: getattr(t, name) for name in THREAD} for i, t in threads.items()},
        "thread messages": {i: ids(thread.order) for i, thread in threads.items()},
        "searched words": {i: [(key[-1], text) for key, text in thread.texts] for i, thread in threads.items()},
        "searched comments": [(key[-1], text) for key, text in view.comment_texts],
        "conversation order": ids(view.conversation_order),
        "orders": {
            name: ids(getattr(view, f"{name}_order")) for name in ("message", "content", "comment", "notification")
        },
        "feed": [(key[-1], key[-2]) for key in view.feed],
        "unread": {
            (n, i) for n in ("messages", "comments", "notifications") for i in view.unread if view.is_unread(n, i)
        },
        "automatic": {i for i, entry in view.messages.items() if view.is_automatic(entry)},
        "works": {i: (ids(work.order), work.unread, work.known) for i, work in view.works.items()},
        "replies": {i: ids(t.replies) for i, t in view.comment_threads.items() if t.replies},
        "reply reasons": {i: why for thread in view.comment_threads.values() for i, why in thread.reasons.items()},
        "waiting comments": {
            i for i, entry in view.comments.items() if view.comment_thread(root_of(entry.item)).needs_reply(entry)
        },
        "held": {
            name: {
                i: (e.item, e.first_seen, e.first_version, e.first_unread, e.operator_created)
                for i, e in view.entries(name).items()
            }
            for name in COLLECTIONS
        },
        "removed": {
            (one.collection, one.id): (one.first_seen, one.first_version, one.first_unread)
            for one in view.removed_items.by_id.values()
        },
        "visible": {(name, i) for name in COLLECTIONS for i in places_of(view, name) if view.is_visible(name, i)},
        "marks": dict(view.marks),
        "totals": {name: getattr(totals, name) for name in totals.__struct_fields__},
        "badges": (totals.total_unread, totals.needs_reply),
    }


def rows(view: View) -> dict[str, InboxRow]:
    """The rows of an inbox."""
    return {row.id: row for _, row in list_rows([view], RowFilter(), "latest", ListWindow(10_000)).rows}


def places_of(view: View, collection: Any) -> Any:
    """The ids of what is held, hidden or a placeholder."""
    return {"conversations": view.conversation_states, "contents": view.works}.get(collection) or view.entries(
        collection
    )


def ids(order: Any) -> list[str]:
    return [key[-1] for key in order]


def of_model(model: Model) -> dict[str, Any]:
    messages, comments = reading.unread_messages(model), reading.unread_comments(model)
    notices, waiting = reading.unread_notices(model), reading.waiting_comments(model)
    threads = {i: reading.conversation(model, i, messages) for i in reading.conversation_ids(model)}
    listed: dict[str, dict[str, Any]] = {
        "message": reading.visible_messages(model),
        "content": model.held["contents"],
        "comment": reading.visible_comments(model),
        "notification": model.held["notifications"],
    }
    return {
        "version": model.version,
        "threads": threads,
        "thread messages": {i: [m.item.id for m in reading.messages_of(model, i)] for i in threads},
        "searched words": {i: searched_words(model, i) for i in threads},
        "searched comments": [
            (k.item.id, fold(k.item.content or "")) for k in newest_first(listed["comment"].values())
        ],
        "conversation order": sorted(threads, key=lambda i: place_of(model, i, threads[i]), reverse=True),
        "orders": {name: [k.item.id for k in newest_first(of.values())] for name, of in listed.items()},
        "feed": feed(model),
        "unread": {
            (name, i)
            for name, of in {"messages": messages, "comments": comments, "notifications": notices}.items()
            for i in of
        },
        "automatic": {i for i, m in model.held["messages"].items() if reading.is_automatic(model, m)},
        "works": works(model, comments),
        "replies": replies(model),
        "reply reasons": reading.reply_reasons(model),
        "waiting comments": waiting,
        "held": {
            name: {
                i: (k.item, k.first_seen, k.first_version, k.first_unread, k.operator_created) for i, k in of.items()
            }
            for name, of in model.held.items()
        },
        "removed": {key: (k.first_seen, k.first_version, k.first_unread) for key, k in model.removed.items()},
        "visible": {
            (f"{name}s", i)
            for name, of in {**listed, "conversation": threads, "content": works(model, set())}.items()
            for i in of
        },
        "marks": dict(model.marks),
        "totals": totals_of(model, threads, comments, notices, waiting),
        "badges": badges_of(model, threads, comments, notices, waiting),
    }


def place_of(model: Model, conversation_id: str, thread: dict[str, Any]) -> tuple[Any, ...]:
    """The greatest is the first row."""
    item = model.items("conversations").get(conversation_id)
    prefix = model.usual("conversations", "")
    name = item.platform_id if item is not None else conversation_id.removeprefix(prefix) or conversation_id
    time = -1 if thread["sort_time"] is None else thread["sort_time"]
    return thread["pinned"], time, len(name), name, conversation_id


def searched_words(model: Model, conversation_id: str) -> list[tuple[str, str]]:
    """Each message's id and folded words. What was taken back says nothing any more."""
    messages = reading.messages_of(model, conversation_id)
    gone = [marks.is_recalled(model, m) or marks.is_deleted(model, m) for m in messages]
    return [
        (m.item.id, "" if is_gone else fold(m.item.content or "")) for m, is_gone in zip(messages, gone, strict=True)
    ]


def feed(model: Model) -> list[tuple[str, str]]:
    messages = [m for m in reading.visible_messages(model).values() if not marks.is_deleted(model, m)]
    rows = [("messages", m) for m in messages]
    rows += [("comments", c) for c in reading.visible_comments(model).values()]
    rows += [("notifications", n) for n in model.held["notifications"].values()]
    rows.sort(key=lambda row: row[0])
    rows.sort(key=lambda row: marks.moment_of(row[1]), reverse=True)
    return [(name, known.item.id) for name, known in rows]


def works(model: Model, unread: set[str]) -> dict[str, Any]:
    comments = newest_first(reading.visible_comments(model).values())
    names = set(model.held["contents"]) | {c.item.content_id for c in comments if c.item.content_id is not None}
    under = {name: [c.item.id for c in comments if c.item.content_id == name] for name in names}
    return {n: (of, sum(i in unread for i in of), n in model.held["contents"]) for n, of in under.items()}


def replies(model: Model) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for comment in newest_first(reading.visible_comments(model).values()):
        if comment.item.parent_comment_id is not None:
            found.setdefault(comment.item.parent_comment_id, []).append(comment.item.id)
    return found


def totals_of(
    model: Model, threads: dict[str, Any], comments: set[str], notices: set[str], waiting: set[str]
) -> dict[str, int]:
    held = {name: model.items(name) for name in model.held}
    replies_unread = {i for i in comments if held["comments"][i].parent_comment_id is not None}
    owners = [m.item.conversation_id for m in reading.visible_messages(model).values()]
    places = [c.item.content_id for c in reading.visible_comments(model).values()]
    return {
        **{name: len(of) for name, of in held.items()},
        "orphan_messages": sum(owner not in held["conversations"] for owner in owners),
        "orphan_comments": sum(place is not None and place not in held["contents"] for place in places),
        "unread_direct_messages": sum(t["unread_count"] for t in threads.values() if not t["muted"]),
        "unread_comments": len(comments - replies_unread),
        "unread_discussions": len(replies_unread),
        "unread_notifications": len(calling(model, notices)),
        "waiting_conversations": sum(t["needs_reply"] for t in threads.values() if not t["muted"]),
        "waiting_comment_threads": len({root_of(held["comments"][i]) for i in waiting}),
    }


def calling(model: Model, notices: set[str]) -> set[str]:
    """Likes and follows call for nobody."""
    return {i for i in notices if model.items("notifications")[i].type not in ("like", "follow")}


def badges_of(
    model: Model, threads: dict[str, Any], comments: set[str], notices: set[str], waiting: set[str]
) -> tuple[int, int]:
    """How many items are unread and call for somebody, and in how many rows somebody waits."""
    loud = [thread for thread in threads.values() if not thread["muted"]]
    unread = sum(thread["unread_count"] for thread in loud) + len(comments) + len(calling(model, notices))
    roots = {root_of(model.items("comments")[i]) for i in waiting}
    return unread, sum(thread["needs_reply"] for thread in loud) + len(roots)


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
    for i, known in reading.visible_messages(model).items():
        rows["message", i] = (*shown_message(model, known), ("messages", i) in unread)
    for i, item in model.items("contents").items():
        rows["content", i] = (without_updated_at(item), len(picture["works"][i][0]), picture["works"][i][1])
    for i, known in reading.visible_comments(model).items():
        item = known.item
        work = model.items("contents").get(item.content_id)
        title = work.title if work is not None and work.title is not None else item.content_title
        below = len(picture["replies"].get(i, [])) if item.parent_comment_id is None else None
        rows["discussion", i] = (
            without_updated_at(item),
            title,
            item.reply_count if item.reply_count is not None else below,
            ("comments", i) in unread,
            picture["reply reasons"].get(i),
        )
    for i, item in model.items("notifications").items():
        rows["notification", i] = (without_updated_at(item), ("notifications", i) in unread)
    for person in NOTED_PEOPLE:
        rows["note", person] = model.mark("people", person).note
    return rows


def shown_message(model: Model, known: Any) -> tuple[Any, ...]:
    mark = model.mark("messages", known.item.id)
    item = msgspec.structs.replace(known.item, is_recalled=marks.is_recalled(model, known), updated_at=None)
    if mark.deleted:
        item = msgspec.structs.replace(item, content=None)
    return item, mark.deleted, mark.recalled_at, mark.status or item.status, reading.is_automatic(model, known)


def without_updated_at(item: Any) -> Any:
    return item and msgspec.structs.replace(item, updated_at=None)


def partner(model: Model, conversation_id: str) -> Any:
    people = [m for m in reading.messages_of(model, conversation_id) if not marks.is_system(m)]
    speaking = [m for m in people if not marks.is_recalled(model, m)]
    for message in speaking:
        if marks.is_inbound(message) and not marks.is_deleted(model, message):
            return message.item.sender_id, message.item.sender_name, message.item.sender_avatar
    return (speaking[0].item.recipient_id, speaking[0].item.recipient_name) if speaking else None


def badges(model: Model) -> tuple[int, ...]:
    totals = of_model(model)["totals"]
    unread = [totals[name] for name in totals if name.startswith("unread_")]
    return (*unread, totals["waiting_conversations"] + totals["waiting_comment_threads"])
