"""Advance works, comments and notices by one step."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from msgspec.structs import replace

from sync.core.account.comment_threads import (
    CommentThread,
    Judging,
    Work,
    is_unread,
    is_unread_notice,
    rebuild_thread,
    rebuild_work,
    root_of,
    thread_rank,
)
from sync.core.account.entries import Entry
from sync.core.account.history import LAST, item_key
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import ALL_ITEMS, NO_MARK
from sync.core.account.notice_groups import QUIET, NoticeGroup, group_of, place_of, rebuild_group
from sync.core.account.order import Key, Order
from sync.core.account.view import NO_WORK, unanswered_threads
from sync.core.change.view_builder import OrderChanges, ViewBuilder, group, put
from sync.core.maps import Map
from sync.core.pace import paced
from sync.protocol.items import Collection

_JUDGES: Final[dict[Collection, Any]] = {"comments": is_unread, "notifications": is_unread_notice}
_ORDERS: Final[dict[Collection, str]] = {"comments": "comment_order", "notifications": "notification_order"}


def advance_comments(builder: ViewBuilder) -> None:
    """Advance comments, their threads and works, and the counters of these."""
    changes = _judge(builder, "comments")
    roots: defaultdict[str, list[ItemChange]] = defaultdict(list)
    works: defaultdict[str, list[ItemChange]] = defaultdict(list)
    for work in builder.changes["contents"]:
        works[work.id]
    for change in paced(changes, builder.check):
        group(roots, change, lambda entry: root_of(entry.item))
        group(works, change, lambda entry: entry.item.content_id)
        _count(builder, change.old, -change.was_unread)
        _count(builder, change.new, +change.is_unread)
    if builder.delta.rules is not None:
        for root_id in unanswered_threads(builder.view):
            roots[root_id]
    if roots:
        _advance_roots(builder, roots)
    if works:
        _advance_works(builder, works)


def advance_notices(builder: ViewBuilder) -> None:
    """Advance notices, their groups, and the counters of these."""
    changes = _judge(builder, "notifications")
    builder.count["unread_notifications"] += sum(
        _calls(p.new, p.is_unread) - _calls(p.old, p.was_unread) for p in changes
    )
    groups: defaultdict[str, list[ItemChange]] = defaultdict(list)
    for change in changes:
        group(groups, change, lambda entry: group_of(builder.view.account_id, entry.item))
    if groups:
        _advance_groups(builder, groups)


def _calls(notice: Entry[Any] | None, unread: bool) -> bool:
    """Return whether the notice is unread and calls for somebody."""
    return notice is not None and unread and notice.item.type not in QUIET


def _advance_groups(builder: ViewBuilder, touched: dict[str, list[ItemChange]]) -> None:
    moves = OrderChanges()
    with builder.view.notice_groups.mutate() as groups:
        for group_id, changes in paced(touched.items(), builder.check):
            before = builder.view.notice_groups.get(group_id)
            after = rebuild_group(before or NoticeGroup(), changes, builder.key)
            put(groups, group_id, after)
            moves.note(place_of(group_id, before), place_of(group_id, after))
        builder.fields["notice_groups"] = groups.finish()
    builder.fields["notice_group_order"] = builder.view.notice_group_order.update(moves.gone, moves.come)


def _judge(builder: ViewBuilder, collection: Collection) -> list[ItemChange]:
    """Return the changes with `was_unread` and `is_unread` set, after the lists were advanced by them."""
    judge, every = _JUDGES[collection], builder.marks.get((collection, ALL_ITEMS), NO_MARK).read_marker
    changes = [
        change._replace(
            was_unread=change.old is not None and builder.view.is_unread(collection, change.id),
            is_unread=change.new is not None and judge(change.new, change.new_mark, every, builder.history),
        )
        for change in paced(builder.changes[collection], builder.check)
    ]
    _list(builder, collection, changes)
    return changes


def _list(builder: ViewBuilder, collection: Collection, changes: list[ItemChange]) -> None:
    moves = OrderChanges()
    for change in paced(changes, builder.check):
        old, new = change.listed_before, change.listed_after
        before = builder.key(old) if old is not None else None
        after = builder.key(new) if new is not None else None
        moves.note(before, after)
        builder.note_unread(collection, change.id, change.was_unread, change.is_unread)
        if (before is None) != (after is None) or change.was_unread != change.is_unread:
            builder.shifted.add((collection, change.id))
    name = _ORDERS[collection]
    builder.fields[name] = getattr(builder.view, name).update(moves.gone, moves.come)
    if collection == "comments":
        _list_texts(builder, changes)


def _list_texts(builder: ViewBuilder, changes: list[ItemChange]) -> None:
    gone, come = list[Key](), dict[Key, str]()
    for change in changes:
        old, new = change.listed_before, change.listed_after
        if old is new or (old is not None and new is not None and _found_by(old) == _found_by(new)):
            continue
        if old is not None:
            gone.append(builder.key(old))
        if new is not None:
            come[builder.key(new)] = new.item.content or ""
    if not gone and not come:
        return
    order: Order = builder.fields["comment_order"]
    builder.fields["comment_texts"] = builder.view.comment_texts.update(gone, come, order.all_keys)


def _found_by(entry: Entry[Any]) -> tuple[object, ...]:
    """Return what a comment is found by, and where."""
    item = entry.item
    return item_key(item), item.content, item.author_name, item.content_id, item.content_title


def _count(builder: ViewBuilder, entry: Entry[Any] | None, by: int) -> None:
    if entry is not None:
        name = "unread_comments" if entry.item.parent_comment_id is None else "unread_discussions"
        builder.count[name] += by


def _advance_roots(builder: ViewBuilder, touched: dict[str, list[ItemChange]]) -> None:
    moves = OrderChanges()
    anew = builder.delta.rules is not None
    judging = Judging(builder.entries("comments"), builder.history, builder.view.rules, builder.key, anew)
    with builder.view.comment_threads.mutate() as threads:
        for root_id, changes in paced(touched.items(), builder.check):
            before = builder.view.comment_threads.get(root_id)
            after = rebuild_thread(before, root_id, changes, judging)
            builder.count["waiting_comment_threads"] += bool(after and after.waiting) - bool(before and before.waiting)
            put(threads, root_id, after)
            rank = thread_rank(builder.view.account_id, root_id)
            moves.note(_place(root_id, before, rank), _place(root_id, after, rank))
            builder.waiting.note(_waiting_place(root_id, before), _waiting_place(root_id, after))
        builder.fields["comment_threads"] = threads.finish()
    builder.fields["comment_thread_order"] = builder.view.comment_thread_order.update(moves.gone, moves.come)


def _place(root_id: str, thread: CommentThread | None, rank: bytes) -> Key | None:
    """Return the thread's key among the rows of an inbox, or None. `rank`: its place among threads of one time."""
    newest = thread.newest if thread is not None else None
    if thread is None or newest is None:
        return None
    if thread.root is not None and thread.root[1] == rank:
        rank = thread.root[1]  # the same object
    return (True, newest[0], rank, root_id)


def _waiting_place(root_id: str, thread: CommentThread | None) -> Key | None:
    if thread is None or not thread.waiting:
        return None
    since = thread.waiting_since
    return (True, LAST if since is None else since, root_id, "comment")


def _advance_works(builder: ViewBuilder, touched: dict[str, list[ItemChange]]) -> None:
    contents = builder.entries("contents")
    with builder.view.works.mutate() as works:
        for content_id, changes in paced(touched.items(), builder.check):
            before = builder.view.works.get(content_id, NO_WORK)
            after = _sharing(builder, rebuild_work(before, changes, content_id in contents, builder.key))
            builder.count["orphan_comments"] += _orphans(after or NO_WORK) - _orphans(before)
            put(works, content_id, after)
        builder.fields["works"] = works.finish()


def _sharing(builder: ViewBuilder, work: Work | None) -> Work | None:
    """Return the work. Many a work has one comment, which is all of its thread too: the two share the order then."""
    key = work.order.first() if work is not None and len(work.order) == 1 else None
    if work is None or key is None:
        return work
    threads: Map[str, CommentThread] = builder.fields.get("comment_threads", builder.view.comment_threads)
    thread = threads.get(root_of(builder.entries("comments")[key[-1]].item))
    return work if thread is None else replace(work, order=work.order.or_equal(thread.inbound, thread.own))


def _orphans(work: Work) -> int:
    return 0 if work.known else len(work.order)
