"""The replies of an account that wait: which goes next, and about when the others go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final

from sync.core.account.view import View
from sync.core.replies.budget import DAY_MS, Person, Turn, estimate_turns, next_turn
from sync.core.replies.reply import IN_FLIGHT, STOPS, Reply, ReplyKind
from sync.protocol.account_config import Budget

ESTIMATED: Final = 50
"""So many that wait before it are counted for the time of a reply."""


def unfinished_replies(view: View) -> list[Reply]:
    """Return the replies that are on their way, in the order in which they were written."""
    return sorted((r for r in view.replies.values() if r.is_unfinished), key=lambda reply: reply.number)


def reply_in_flight(view: View) -> Reply | None:
    """Return the reply that a worker has; there is one at most. None: the next one may be given away."""
    return next((reply for reply in view.replies.values() if reply.state in IN_FLIGHT), None)


def pressing_replies(view: View) -> list[Reply]:
    """Return the replies that may be pressed at this moment. Of an account that is out of memory nothing is read."""
    if not view.pending_replies:
        return []
    return [view.replies[i] for i in view.unsettled if view.replies[i].state == "pressing"]


def is_pressing_under_another(view: View, lease_epoch: int) -> bool:
    """Return whether a reply may be pressed at this moment by a worker whose lease is not this one."""
    return any(reply.lease_epoch != lease_epoch for reply in pressing_replies(view))


def next_reply(view: View, budget: Budget, zone: tzinfo, now: int) -> Reply | None:
    """Return the reply that may go now: the oldest whose thread has no older one on its way, at the account's pace."""
    if reply_in_flight(view) is not None:
        return None
    recent, decided = recent_replies(view, now), dict[tuple[bool, Person], Turn]()
    for reply in _first_of_each_thread(unfinished_replies(view)):
        if reply.state != "queued":
            continue
        key = reply.kind == "message", person_of(view, reply.kind, reply.target)
        if key not in decided:
            decided[key] = next_turn(reply.kind, key[1], recent, budget, zone, now)
        if decided[key].at <= now:
            return reply
    return None


def _first_of_each_thread(replies: Sequence[Reply]) -> Iterator[Reply]:
    begun = set()
    for reply in replies:
        place = reply.kind, reply.thread or reply.target
        if place not in begun:
            begun.add(place)
            yield reply


def recent_replies(view: View, now: int) -> list[Reply]:
    """Return the replies that the account's pace follows from. `now`: ms UTC."""
    since = now - 2 * DAY_MS
    return [reply for reply in view.replies.values() if _counts(reply, since)]


def _counts(reply: Reply, since: int) -> bool:
    stops = reply.reason is not None and reply.reason.code in STOPS
    return stops or bool(reply.retry_of) or max(reply.pressed_at or 0, reply.ended_at or 0) > since


def estimate_turn(view: View, kind: ReplyKind, target: str, budget: Budget, zone: tzinfo, now: int) -> Turn:
    """Return about when a reply goes that is written now, behind all that wait."""
    queue = _waiting(view)
    queue.append((kind, person_of(view, kind, target), ""))
    return estimate_turns(queue, recent_replies(view, now), budget, zone, now)[-1]


def estimate_queue(view: View, budget: Budget, zone: tzinfo, now: int) -> dict[str, Turn]:
    """Return about when each reply goes that waits, by its id: of the oldest ESTIMATED."""
    queue = _waiting(view)
    turns = estimate_turns(queue, recent_replies(view, now), budget, zone, now) if queue else []
    return {reply_id: turn for (_, _, reply_id), turn in zip(queue, turns, strict=True)}


def _waiting(view: View) -> list[tuple[ReplyKind, Person, str]]:
    """Return the oldest replies that wait for their turn, as the estimates take them."""
    waiting = [reply for reply in unfinished_replies(view) if reply.state in ("held", "queued")][:ESTIMATED]
    return [(reply.kind, person_of(view, reply.kind, reply.target), reply.id) for reply in waiting]


def waiting_before(view: View, reply: Reply) -> int:
    """Return how many replies of the account go before this one."""
    return sum(other.number < reply.number for other in unfinished_replies(view))


def person_of(view: View, kind: ReplyKind, target: str) -> Person:
    """Return whom a reply to `target` answers, as far as the pace follows from it."""
    if kind == "comment":
        entry = view.comments.get(target)
        return Person(heard_at=entry.item.created_at if entry is not None else None)
    if kind == "work":
        return Person()
    state, known = view.conversation_states.get(target), view.conversations.get(target)
    newest = state.received.first() if state is not None else None
    heard_at = None if newest is None else view.messages[newest[-1]].item.created_at
    if newest is not None or known is None or not known.operator_created:
        return Person(heard_at=heard_at)
    pressed = [r for r in view.replies.values() if r.target == target and r.kind == kind and r.pressed_at is not None]
    return Person(is_stranger=True, is_written_to=bool(pressed) or (state is not None and len(state.held) > 0))
