"""A stand-in for the threads of the API, until its route lands: the newest of the feed, one row per thread."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from im_api import queries, shapes
from im_api.access import Principal
from im_api.pages.address import Address
from im_api.queries import FeedFilter, PageRequest
from im_api.shapes.common import Person


class ThreadPreview(Struct, frozen=True):
    direction: str | None
    msg_type: str | None
    text: str | None


class ThreadShape(Struct, frozen=True, kw_only=True):
    thread_id: str
    kind: str
    account_id: str
    conversation_id: str | None
    discussion_id: str | None
    person: Person | None
    people_count: int
    preview: ThreadPreview | None
    work_title: str | None
    unread_count: int
    needs_reply: bool
    waiting_since: int | None
    is_pinned: bool
    is_muted: bool
    done_at: int | None
    read_by: str | None
    done_by: str | None
    update_time: int | None
    platform: str


def list_threads(
    principal: Principal, address: Address, count: int, cursor: str | None
) -> tuple[list[Any], str | None]:
    kinds = {"comment": {"comment", "discussion"}}.get(address.kind or "", {address.kind} if address.kind else None)
    where = FeedFilter(kinds=frozenset(kinds) if kinds else None, q=address.q or None)
    page = PageRequest("web-threads", 200, cursor)
    listed = queries.list_feed(principal, ",".join(address.accounts) or "all", where, page)
    threads: dict[str, ThreadShape] = {}
    for reading, row in listed.rows:
        item = shapes.unified_row(reading, row)
        key = item.conversation_id or item.parent_comment_id or item.msg_id
        if key not in threads:
            threads[key] = _thread(principal, item, key)
    rows = [
        t
        for t in threads.values()
        if (address.tab == "all" or (t.needs_reply if address.tab == "wait" else t.unread_count > 0))
        and (not address.pinned or t.is_pinned)
    ]
    if address.sort == "waiting":
        rows.sort(key=lambda t: (not t.is_pinned, t.waiting_since or 2**60))
    return rows[:count], listed.cursor


def _thread(principal: Principal, item: Any, key: str) -> ThreadShape:
    common = {"thread_id": key, "account_id": item.account_id, "platform": item.platform, "people_count": 1}
    common |= {"preview": ThreadPreview(item.direction, item.msg_type, item.content), "work_title": item.work_title}
    common |= {"update_time": item.create_time, "read_by": None, "done_by": None, "done_at": None}
    if item.conversation_id is not None:
        reading, thread = queries.get_conversation(principal, item.conversation_id, item.account_id)
        c = shapes.conversation(reading, thread)
        return ThreadShape(
            kind="direct_message", conversation_id=c.conversation_id, discussion_id=None, person=c.participant,
            unread_count=c.unread_count, needs_reply=c.needs_reply, waiting_since=c.waiting_since,
            is_pinned=c.is_pinned, is_muted=c.is_muted, **common,
        )  # fmt: skip
    is_notice = item.business_type == "notification"
    waits = False
    if not is_notice:
        reading, known = queries.find_item(principal, "comments", item.msg_id, item.account_id)
        waits = shapes.discussion(reading, queries.entry_in(reading, "comments", known)).needs_reply
    return ThreadShape(
        kind="notification" if is_notice else "comment", conversation_id=None, person=item.sender,
        discussion_id=None if is_notice else key, unread_count=int(item.is_new), needs_reply=waits,
        waiting_since=item.create_time if waits else None, is_pinned=False, is_muted=False, **common,
    )  # fmt: skip
