"""Conversations and their messages, one step on."""

from __future__ import annotations

from collections import defaultdict

from sync.core.account.conversations import Context, Thread
from sync.core.account.history import LAST
from sync.core.account.marks import NO_MARK
from sync.core.account.order import Key
from sync.core.account.pairs import Pair
from sync.core.account.visible import Shift
from sync.core.change.building import Building, Moves, group, put
from sync.core.change.rebuild import Rebuilt, rebuild


def advance_threads(building: Building) -> None:
    view, touched = building.view, _touched(building)
    if not touched:
        return
    moves = Moves()
    shifts: list[Shift] = []
    context = Context(building.entries("messages"), building.marks, building.history, view.version)
    with view.threads.mutate() as threads:
        for thread_id, pairs in touched.items():
            before = view.threads.get(thread_id)
            after, shifted = _rebuilt(building, before or Thread(id=thread_id), pairs, context)
            shifts += shifted
            _count(building, before, -1)
            _count(building, after, +1)
            put(threads, thread_id, after)
            moves.note(_place(before), _place(after))
            building.waiting.note(_waiting_place(before), _waiting_place(after))
        building.fields["threads"] = threads.finish()
    building.fields["conversation_order"] = view.conversation_order.update(moves.gone, moves.come)
    _list_messages(building, shifts)


def _touched(building: Building) -> dict[str, list[Pair]]:
    """By conversation: the messages that change in it, or nothing but itself."""
    touched: defaultdict[str, list[Pair]] = defaultdict(list)
    for pair in building.pairs["conversations"]:
        touched[pair.id]
    for marked in building.delta.marks:
        if marked.collection == "conversations":
            touched[marked.id]
    for pair in building.pairs["messages"]:
        group(touched, pair, lambda entry: entry.item.conversation_id)
    return touched


def _rebuilt(building: Building, before: Thread, pairs: list[Pair], context: Context) -> Rebuilt:
    mark = building.marks.get(("conversations", before.id), NO_MARK)
    return rebuild(before, building.entries("conversations").get(before.id), mark, pairs, context)


def _place(thread: Thread | None) -> Key | None:
    """Where it stands among the conversations; None: it does not."""
    return None if thread is None or thread.hidden else thread.sort_key


def _waiting_place(thread: Thread | None) -> Key | None:
    """Where it stands among all who wait."""
    if thread is None or not thread.needs_reply:
        return None
    since = thread.waiting_since
    return (not thread.pinned, LAST if since is None else since, thread.id, "direct_message")


def _count(building: Building, thread: Thread | None, sign: int) -> None:
    if thread is not None:
        building.count["unread_direct_messages"] += sign * thread.unread_count
        building.count["needs_reply"] += sign * thread.needs_reply
        building.count["orphan_messages"] += 0 if thread.known else sign * len(thread.order)
        building.count["silent_unread"] += sign * thread.unread_count if thread.muted else 0


def _list_messages(building: Building, shifts: list[Shift]) -> None:
    moves = Moves()
    for shift in shifts:
        moves.note(shift.before, shift.after)
        building.feed.note(
            (*shift.before, "messages") if shift.before and shift.fed_before else None,
            (*shift.after, "messages") if shift.after and shift.fed_after else None,
        )
        building.note_unread("messages", shift.id, shift.was_unread, shift.is_unread)
        if shift.is_shifted:
            building.shifted.add(("messages", shift.id))
    building.fields["message_order"] = building.view.message_order.update(moves.gone, moves.come)
