"""What the hub must know of an account, computed the slow way: from all items, with lists and loops.

Written from the rules alone; nothing of `sync.core` is used but the items themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tests.sync.builders import ACCOUNT, DAY

PREFIX = {
    "conversations": "conv",
    "messages": "msg",
    "contents": "cont",
    "comments": "comm",
    "notifications": "notif",
}
REFERENCES = {
    "conversations": {"last_message_id": "messages"},
    "messages": {"conversation_id": "conversations", "reply_to_message_id": "messages"},
    "contents": {},
    "comments": {"content_id": "contents", "parent_comment_id": "comments"},
    "notifications": {"related_content_id": "contents", "related_comment_id": "comments"},
}
# Where an unknown target has a place of its own, which moves when the target comes.
PLACES = {
    "messages": {"conversation_id": "conversations"},
    "comments": {"content_id": "contents", "parent_comment_id": "comments"},
}
Items = dict[str, dict[str, Any]]
FRESH = 3 * DAY


def usual(collection: str, name: str) -> str:
    """The usual form of id of what is called `name`."""
    start = f"{PREFIX[collection]}_{ACCOUNT}_"
    return name if name.startswith(start) else start + name


def find(items: dict[str, Any], collection: str, reference: str) -> str | None:
    """By id, by platform id, by the id of a placeholder."""
    bare = reference.removeprefix(f"{PREFIX[collection]}_{ACCOUNT}_")
    for name in (reference, usual(collection, bare)):
        if name in items:
            return name
    called = sorted(i.id for i in items.values() if i.platform_id == bare and i.id != usual(collection, bare))
    if called:
        return called[0]
    return bare if bare in items else None


class Known(msgspec.Struct):
    item: Any
    first_seen: int
    first_version: int
    first_unread: int


class Model:
    """One account. `held`: collection -> id -> Known."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, Known]] = {name: {} for name in PREFIX}
        self.version = 0
        self.started_at: int | None = None
        self.started_version = 0

    def clear(self) -> None:
        self.held = {name: {} for name in PREFIX}
        self.started_at, self.started_version = None, 0
        self.version += 1

    def items(self, collection: str) -> dict[str, Any]:
        return {item_id: known.item for item_id, known in self.held[collection].items()}

    def sync(
        self,
        lists: dict[str, list[Any]],
        partial: Iterable[str],
        removed: dict[str, list[str]],
        cleared: Iterable[str],
        now: int,
    ) -> bool:
        """Whether anything changed."""
        given = {name: {item.id: item for item in items} for name, items in lists.items()}
        both = {name: {**self.items(name), **given.get(name, {})} for name in PREFIX}
        given = {name: {i: self._resolved(name, item, both) for i, item in of.items()} for name, of in given.items()}
        gone: dict[str, set[str]] = {}
        for name in PREFIX:
            gone[name] = {find(both[name], name, i) or usual(name, i) for i in removed.get(name, [])}
            replaced = name in given and name not in partial and given[name]
            if replaced or name in cleared:
                gone[name] |= set(self.held[name])
            gone[name] = (gone[name] & set(self.held[name])) - set(given.get(name, {}))
        final = {
            name: {i: item for i, item in {**self.items(name), **given.get(name, {})}.items() if i not in gone[name]}
            for name in PREFIX
        }
        for name in PREFIX:
            for item_id, item in final[name].items():
                final[name][item_id] = self._replaced(name, item, final, gone)
        return self._store(final, started=bool(lists) and self.started_at is None, now=now)

    def _resolved(self, collection: str, item: Any, both: Items) -> Any:
        for attribute, target in REFERENCES[collection].items():
            reference = getattr(item, attribute)
            if reference is not None:
                resolved = find(both[target], target, reference) or usual(target, reference)
                item = msgspec.structs.replace(item, **{attribute: resolved})
        return item

    def _replaced(self, collection: str, item: Any, final: Items, gone: dict[str, set[str]]) -> Any:
        """A reference to what is not there follows what came in its place."""
        for attribute, target in PLACES.get(collection, {}).items():
            reference = getattr(item, attribute)
            if reference is None or reference in final[target]:
                continue
            meant = self.held[target][reference].item.platform_id if reference in gone[target] else reference
            now = find(final[target], target, meant)
            if now is not None:
                item = msgspec.structs.replace(item, **{attribute: now})
        return item

    def _store(self, final: Items, started: bool, now: int) -> bool:
        changed = started
        for name in PREFIX:
            before, after = self.held[name], {}
            for item_id, item in final[name].items():
                old = before.get(item_id)
                if old is None:
                    unread = getattr(item, "unread_count", None) or 0
                    after[item_id] = Known(item, now, self.version + 1, unread)
                elif msgspec.structs.replace(old.item, updated_at=item.updated_at) == item:
                    after[item_id] = old
                    continue
                else:
                    after[item_id] = msgspec.structs.replace(old, item=item)
                changed = True
            changed = changed or set(before) != set(after)
            self.held[name] = after
        self.version += changed
        if started:
            self.started_at, self.started_version = now, self.version
        return changed

    # -- what follows from it

    def is_history(self, known: Known, *, fresh: int) -> bool:
        time = time_of(known.item)
        if time is None:
            return known.first_version <= self.started_version
        return time <= (self.started_at or 0) and time <= (self.started_at or 0) - fresh

    def unread_messages(self) -> set[str]:
        unread = set()
        for conversation_id in self.conversation_ids():
            known = self.held["conversations"].get(conversation_id)
            spared = known.first_unread if known else 0
            for message in self.messages_of(conversation_id):
                if message.item.direction != "inbound":
                    continue
                history = self.is_history(message, fresh=0)
                if history and spared > 0:
                    spared, history = spared - 1, False
                if not history and not message.item.is_recalled:
                    unread.add(message.item.id)
        return unread

    def unread_comments(self) -> set[str]:
        return {
            i
            for i, known in self.held["comments"].items()
            if not known.item.is_author_reply and not self.is_history(known, fresh=FRESH)
        }

    def unread_notices(self) -> set[str]:
        unread = set()
        for i, known in self.held["notifications"].items():
            old = self.is_history(known, fresh=FRESH)
            if not old and not (self.is_history(known, fresh=0) and known.item.is_read):
                unread.add(i)
        return unread

    def conversation_ids(self) -> set[str]:
        return set(self.held["conversations"]) | {m.item.conversation_id for m in self.held["messages"].values()}

    def messages_of(self, conversation_id: str) -> list[Known]:
        return newest_first(m for m in self.held["messages"].values() if m.item.conversation_id == conversation_id)

    def conversation(self, conversation_id: str, unread: set[str]) -> dict[str, Any]:
        known = self.held["conversations"].get(conversation_id)
        item = known.item if known else None
        messages = self.messages_of(conversation_id)
        visible = [m for m in messages if not m.item.is_recalled]
        last = visible[0].item if visible else None
        by_platform = item is not None and is_newer(item, [m.item for m in messages])
        inbound = [m for m in messages if m.item.direction == "inbound"]
        time = item.last_message_time if by_platform else last.created_at if last else None
        if time is None and item is not None:
            time = item.updated_at
        waits, since = self._waiting(item if by_platform else None, visible)
        return {
            "known": item is not None,
            "unread_count": sum(m.item.id in unread for m in messages)
            + max(0, (item.unread_count or 0) - len(inbound) if item else 0),
            "needs_reply": waits,
            "waiting_since": since,
            "last_id": last.id if last else None,
            "platform_last": by_platform,
            "sort_time": time,
            "pinned": bool(item and item.is_pinned),
        }

    def _waiting(self, platform: Any, visible: list[Known]) -> tuple[bool, int | None]:
        """`platform`: the conversation if its own last message is the newest. `visible`: newest first."""
        unanswered = []
        for message in visible:
            if message.item.direction == "outbound":
                break
            unanswered.append(message)
        waits = bool(unanswered) and not self.is_history(unanswered[0], fresh=FRESH)
        times = [m.item.created_at for m in unanswered if m.item.created_at is not None]
        since = min(times) if times else None
        sender = platform.last_message_sender_id if platform and platform.type != "group" else None
        if sender is not None and platform.user_id is not None:
            if sender != platform.user_id:
                waits = False
            elif platform.last_message_time > (self.started_at or 0) - FRESH:
                waits, since = True, platform.last_message_time if since is None else since
        return waits, since if waits else None

    def waiting_comments(self) -> set[str]:
        waiting = set()
        comments = newest_first(self.held["comments"].values())
        for root in {root_of(c.item) for c in comments}:
            for comment in comments:
                if root_of(comment.item) != root:
                    continue
                if comment.item.is_author_reply and comment.item.parent_comment_id is not None:
                    break
                if not comment.item.is_author_reply and not self.is_history(comment, fresh=FRESH):
                    waiting.add(comment.item.id)
        return waiting


def time_of(item: Any) -> int | None:
    return item.created_at if getattr(item, "publish_time", None) is None else item.publish_time


def newest_first(all_known: Iterable[Known]) -> list[Known]:
    """Unknown times last, then by id."""
    return sorted(all_known, key=lambda k: (time_of(k.item) is None, -(time_of(k.item) or 0), k.item.id))


def root_of(comment: Any) -> str:
    return comment.parent_comment_id or comment.id


def is_newer(conversation: Any, messages: list[Any]) -> bool:
    """Whether the platform's own last message is newer than every known one, and none of them."""
    time = conversation.last_message_time
    if time is None or any(m.id == conversation.last_message_id for m in messages):
        return False
    return all(m.created_at is None or time > m.created_at for m in messages)
