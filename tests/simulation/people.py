"""Random changes of operators: of items they see, of items they saw once, of items that never were."""

from __future__ import annotations

from random import Random
from typing import Any, Final

from sync.core.account.inbox_rows import FeedKind
from sync.core.account.view import View
from sync.core.change.changes import ConversationCreated, Noted, Operated, OperatorChange, ReadBefore
from sync.protocol.items import COLLECTIONS, Collection, MessageStatus

ACTIONS: Final[dict[Collection, list[Any]]] = {
    "conversations": [
        "read",
        "read",
        "unread",
        "pin",
        "unpin",
        "mute",
        "unmute",
        "delete",
        "restore",
        "done",
        "done",
        "undone",
    ],
    "messages": ["read", "unread", "delete", "restore", "recall", "status"],
    "contents": ["read"],
    "comments": ["read", "unread", "delete", "restore", "done", "undone"],
    "notifications": ["read", "unread"],
}
SAID_OF_MESSAGES: Final[tuple[MessageStatus, ...]] = ("sent", "read")
FANS: Final = tuple(f"fan{number}" for number in range(8))
KINDS: Final[tuple[FeedKind, ...]] = ("direct_message", "comment", "discussion", "notification")


def a_word(view: View, random: Random, now: int) -> OperatorChange:
    chance = random.random()
    if chance < 0.06:
        kinds = frozenset(random.sample(KINDS, random.randrange(1, 5)))
        return ReadBefore(before=now - random.choice([0, 60_000, 3_600_000]), kinds=kinds)
    if chance < 0.12:
        return ConversationCreated(user_id=random.choice(FANS), user_name="Fan")
    if chance < 0.18:
        return Noted(user_id=random.choice(FANS), text=random.choice(["", "VIP", "买过两次"]), by="op")
    collection = random.choice(COLLECTIONS)
    action = random.choice(ACTIONS[collection])
    status: MessageStatus | None = random.choice(SAID_OF_MESSAGES) if action == "status" else None
    return Operated(action=action, collection=collection, ids=_some_ids(view, collection, random), status=status)


def _some_ids(view: View, collection: Collection, random: Random) -> tuple[str, ...]:
    places: Any = {"conversations": view.conversation_states, "contents": view.works}.get(
        collection, view.entries(collection)
    )
    marked = [item_id for name, item_id in view.marks if name == collection and item_id]
    known = sorted(places) + sorted(marked) or ["nobody"]
    return tuple(random.choice(known) for _ in range(random.choice([1, 1, 1, 3])))
