"""Turns changes of replies into deltas. Items of a snapshot confirm replies of which nobody knows the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from msgspec.structs import replace

from sync.core.account.entries import Entry
from sync.core.account.history import item_key
from sync.core.account.marks import ItemMark
from sync.core.account.view import View
from sync.core.change.changes import ReplyChange, ReplyWritten
from sync.core.change.delta import Delta
from sync.core.change.references import Redirects
from sync.core.replies.evidence import OwnItem, find_confirmed, may_confirm
from sync.core.replies.held import COLLECTION_OF
from sync.core.replies.reply import KEEP_MS, Reply, ReplyKind
from sync.core.replies.steps import Cancelled, Displaced, Restored, Resulted, Seen, advance_reply
from sync.protocol.items import Collection

ITEMS_OF: Final[Mapping[ReplyKind, Collection]] = {"message": "messages", "comment": "comments", "work": "comments"}
LOOKED_AT: Final = 200
"""The number of newest items of a thread among which a reply is looked for."""


def apply_reply_change(view: View, change: ReplyChange, now: int) -> Delta:
    """Return the delta of a change of replies; an empty one when it changes nothing. `now`: ms UTC."""
    if isinstance(change, ReplyWritten):
        return _written(view, change, now)
    reply = view.replies.get(change.reply_id)
    if reply is None:
        return Delta()
    if isinstance(change.step, Resulted) and change.step.state == "sent":
        return _proven(view, reply, change.step, now)
    after = advance_reply(reply, change.step, now, view.version)
    action = "cancel_reply" if isinstance(change.step, Cancelled) else ""
    return Delta(replies=[after], action=action) if after is not reply else Delta()


def _written(view: View, change: ReplyWritten, now: int) -> Delta:
    reply = change.reply
    if reply.id in view.replies or (change.based_on is not None and answered_since(view, reply, change.based_on)):
        return Delta()
    old = [r.id for r in view.replies.values() if r.ended_at is not None and r.ended_at < now - KEEP_MS]
    action = "retry_reply" if reply.retry_of else "reply"
    return Delta(replies=[replace(reply, number=view.version + 1)], dropped_replies=sorted(old), action=action)


def _proven(view: View, reply: Reply, step: Resulted, now: int) -> Delta:
    """Take a worker's evidence, if no other reply has it and it was not there before."""
    other = _claimant(view, reply, step.confirmed_id) if step.confirmed_id is not None else None
    is_good = step.confirmed_id is not None and _is_new(view, reply, step.confirmed_id)
    if other is not None and not (step.evidence == "response" and other.evidence == "snapshot"):
        is_good = False
    if is_good and step.evidence == "list" and _may_be_another(view, reply, step.confirmed_id or ""):
        is_good = False
    after = advance_reply(reply, step if is_good else replace(step, confirmed_id=None), now, view.version)
    if after is reply:
        return Delta()
    changed = {after.id: after}
    marks = [_mark(view, after)] if after.confirmed_id is not None else []
    if other is not None and after.confirmed_id is not None:
        changed[other.id] = advance_reply(other, Displaced(), now)
    return _settled(view, changed, marks, {}, now)


def _claimant(view: View, reply: Reply, item_id: str) -> Reply | None:
    held = view.replies.values()
    return next((one for one in held if one.confirmed_id == item_id and one.id != reply.id), None)


def _may_be_another(view: View, reply: Reply, item_id: str) -> bool:
    """Return whether the item in a list may as well be another reply of the same text, of which nobody knows."""
    entry: Entry[Any] | None = view.entries(ITEMS_OF[reply.kind]).get(item_id)
    version = entry.first_version if entry is not None else view.version + 1
    item = OwnItem(item_id, entry.item.platform_id if entry is not None else "", reply.text, version)
    others = (r for r in view.replies.values() if r.id != reply.id and _place(r) == _place(reply))
    return any(r.state in ("unknown", "refused") and may_confirm(r, item) for r in others)


def _is_new(view: View, reply: Reply, item_id: str) -> bool:
    entry: Entry[Any] | None = view.entries(ITEMS_OF[reply.kind]).get(item_id)
    if entry is None or reply.pressed_at is None:
        return True
    return entry.first_version > reply.pressed_version and entry.item.platform_id not in reply.known


def _mark(view: View, reply: Reply) -> ItemMark:
    collection, item_id = ITEMS_OF[reply.kind], reply.confirmed_id or ""
    mark = replace(view.mark(collection, item_id), reply_id=reply.id, answered_by=reply.by)
    return ItemMark(collection, item_id, mark)


# -- what a snapshot shows of them


def settle_replies(view: View, upserts: Mapping[str, Iterable[Entry[Any]]], redirects: Redirects, now: int) -> Delta:
    """Return the replies, and the marks of items, that change because these items are stored and these ids redirected.

    `view`: before that.
    """
    changed = _redirected(view, redirects)
    if not view.unsettled:
        return Delta(replies=list(changed.values()))
    return _settled(view, changed, [], upserts, now)


def _redirected(view: View, redirects: Redirects) -> dict[str, Reply]:
    """Return the replies whose conversation, comment or work goes by another id now."""
    changed = {}
    for reply in view.replies.values() if redirects else ():
        ids = redirects.get(COLLECTION_OF[reply.kind], {})
        threads = redirects.get("conversations" if reply.kind == "message" else "comments", {})
        target, thread = ids.get(reply.target, reply.target), threads.get(reply.thread, reply.thread)
        if (target, thread) != (reply.target, reply.thread):
            changed[reply.id] = replace(reply, target=target, thread=thread)
    return changed


def _settled(
    view: View, changed: dict[str, Reply], marks: list[ItemMark], upserts: Mapping[str, Iterable[Entry[Any]]], now: int
) -> Delta:
    """Return the delta of `changed` and of what the items now confirm besides."""
    replies = [changed.get(reply_id, view.replies[reply_id]) for reply_id in view.unsettled]
    replies = [reply for reply in replies if reply.confirmed_id is None and reply.pressed_at is not None]
    taken = {reply.confirmed_id for reply in changed.values()}
    for place in sorted({_place(reply) for reply in replies}):
        here = [reply for reply in replies if _place(reply) == place]
        items = [item for item in _own_items(view, here[0], upserts) if item.id not in taken]
        refused = [r for r in view.replies.values() if r.state == "refused" and r.pressed_at and _place(r) == place]
        found = find_confirmed([*here, *refused], items) if items else {}
        for reply in here:
            if reply.id in found:
                changed[reply.id] = advance_reply(reply, Seen(found[reply.id]), now)
                marks.append(_mark(view, changed[reply.id]))
    return Delta(replies=[changed[reply_id] for reply_id in sorted(changed)], marks=marks)


def _place(reply: Reply) -> tuple[str, str]:
    """Return where on the platform the reply appears."""
    return reply.kind, reply.target if reply.kind == "work" else reply.thread


def _own_items(view: View, reply: Reply, upserts: Mapping[str, Iterable[Entry[Any]]]) -> Iterator[OwnItem]:
    """Yield our own items at the place of `reply` that confirm nothing yet, as they are with `upserts`."""
    collection = ITEMS_OF[reply.kind]
    coming: dict[str, Entry[Any]] = {entry.item.id: entry for entry in upserts.get(collection, ())}
    held = {i: view.entries(collection)[i] for i in _ids_at(view, reply) if i not in coming}
    for item_id, entry in (coming | held).items():
        if _is_own_at(reply, entry.item) and not view.mark(collection, item_id).reply_id:
            yield OwnItem(item_id, entry.item.platform_id, entry.item.content, entry.first_version)


def _ids_at(view: View, reply: Reply) -> Iterator[str]:
    if reply.kind == "message":
        state = view.conversation_states.get(reply.target)
        order = state.held if state is not None else ()
    else:
        order = view.comment_thread(reply.thread).replies if reply.kind == "comment" else view.work(reply.target).order
    yield from (key[-1] for key in islice(order, LOOKED_AT))


def _is_own_at(reply: Reply, item: Any) -> bool:
    if reply.kind == "message":
        is_there = item.status not in ("sending", "failed")  # else nobody but us may see it
        return bool(item.conversation_id == reply.target and item.direction == "outbound" and is_there)
    if not item.is_author_reply:
        return False
    if reply.kind == "comment":
        return bool(item.parent_comment_id == reply.thread)
    return item.parent_comment_id is None and bool(item.content_id == reply.target)


# -- who answers what


def answered_since(view: View, reply: Reply, based_on: str) -> str | None:
    """Return the id of the newest item, else reply, of our side in the thread that came after `based_on`, or None.

    What the same person wrote does not count, nor what was never sent. `based_on` is empty if nothing was there to see:
    then what nobody sees does not count either.
    """
    seen = view.replies.get(based_on)
    collection = ITEMS_OF[reply.kind]
    entry: Entry[Any] | None = view.entries(collection).get(based_on)
    known = entry.first_version if entry is not None else seen.number if seen is not None else 0
    for item_id in _ids_at(view, reply):
        if not based_on and not view.is_visible(collection, item_id):
            continue
        own: Entry[Any] = view.entries(collection)[item_id]
        is_later = own.first_version > known if entry is None else item_key(own.item) < item_key(entry.item)
        nobody = collection == "messages" and view.is_automatic(own)
        if is_later and _is_own_at(reply, own.item) and not nobody and not _is_by(view, collection, item_id, reply.by):
            return item_id
    others = [r for r in view.replies.values() if _place(r) == _place(reply) and r.by != reply.by]
    newer = [r for r in others if r.number > known and (r.is_unfinished or r.state == "unknown")]
    return max(newer, key=lambda one: one.number).id if newer else None


def _is_by(view: View, collection: Collection, item_id: str, name: str) -> bool:
    return bool(name) and view.mark(collection, item_id).answered_by == name


def interrupted(replies: Iterable[Reply], now: int) -> list[Reply]:
    """Return the unfinished ones of `replies`, as they are once the hub went on with older data."""
    return [advance_reply(reply, Restored(), now) for reply in replies if reply.is_unfinished]
