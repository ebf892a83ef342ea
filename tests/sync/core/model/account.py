"""The naive model of what the hub must hold of an account, computed from all items with lists and loops.

Written from the rules alone; nothing of `sync.core` is used but the items and the words for what operators say.
`marks`: what operators' marks do to it; `operators`: how they are set; `reading`: what follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sync.core.account.marks import NO_MARK, Mark
from sync.core.rules import Rules
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


def usual(collection: str, name: str, account: str = ACCOUNT) -> str:
    """The usual form of id of what is called `name`."""
    start = f"{PREFIX[collection]}_{account}_"
    return name if name.startswith(start) else start + name


class Known(msgspec.Struct):
    item: Any
    first_seen: int
    first_version: int
    first_unread: int = 0
    operator_created: bool = False


class Model:
    """One account. `held`: collection -> id -> Known. `adopted`: operator-created id -> the platform's id."""

    def __init__(self, account: str = ACCOUNT) -> None:
        self.account = account
        self.version = 0
        self.report: Any = None
        self.owner_at: int | None = None
        self.rules = Rules()
        self._forget()

    def _forget(self) -> None:
        self.held: dict[str, dict[str, Known]] = {name: {} for name in PREFIX}
        self.removed: dict[tuple[str, str], Known] = {}
        self.marks: dict[tuple[str, str], Mark] = {}
        self.adopted: dict[str, str] = {}
        self.started_at: int | None = None
        self.started_clock = 0
        self.started_version = 0

    def clear(self) -> None:
        self._forget()
        self.version += 1

    def items(self, collection: str) -> dict[str, Any]:
        return {item_id: known.item for item_id, known in self.held[collection].items()}

    def mark(self, collection: str, item_id: str) -> Mark:
        return self.marks.get((collection, item_id), NO_MARK)

    def set_mark(self, collection: str, item_id: str, **changes: Any) -> bool:
        """Return whether the mark changed."""
        before = self.mark(collection, item_id)
        after = msgspec.structs.replace(before, **changes)
        self.marks.pop((collection, item_id), None)
        if after != NO_MARK:
            self.marks[collection, item_id] = after
        return after != before

    def find(self, items: dict[str, Any], collection: str, reference: str) -> str | None:
        """By id, by platform id, by the id of a placeholder, by the id of a conversation that adopted it."""
        bare = reference.removeprefix(usual(collection, "", self.account))
        for name in (reference, self.usual(collection, bare)):
            if name in items:
                return name
        called = [i.id for i in items.values() if i.platform_id == bare and i.id != self.usual(collection, bare)]
        if called:
            least: str = min(called)
            return least
        if bare in items:
            return bare
        adopted = self.adopted.get(self.usual(collection, bare)) if collection == "conversations" else None
        return adopted if adopted in items else None

    def usual(self, collection: str, name: str) -> str:
        return usual(collection, name, self.account)

    # -- a snapshot

    def sync(
        self,
        lists: dict[str, list[Any]],
        partial: Iterable[str],
        removed: Mapping[Any, list[str]],
        cleared: Iterable[str],
        now: int,
    ) -> bool:
        """Return whether anything changed."""
        given = {name: last_of_each(items) for name, items in lists.items()}
        both = {name: {**self.items(name), **given.get(name, {})} for name in PREFIX}
        given = {name: {i: self._resolved(name, item, both) for i, item in of.items()} for name, of in given.items()}
        gone: dict[str, set[str]] = {}
        for name in PREFIX:
            gone[name] = {self.find(both[name], name, i) or self.usual(name, i) for i in removed.get(name, [])}
            replaced = name in given and name not in partial and given[name]
            if replaced or name in cleared:
                gone[name] |= {i for i, known in self.held[name].items() if not known.operator_created}
            gone[name] = (gone[name] & set(self.held[name])) - set(given.get(name, {}))
        final = {
            name: {i: item for i, item in {**self.items(name), **given.get(name, {})}.items() if i not in gone[name]}
            for name in PREFIX
        }
        started = bool(lists) and self.started_at is None
        meeting = self._meet(final, given.get("conversations", {}))
        marked = self._move_marks(final, gone)
        for name in PREFIX:
            for item_id, item in final[name].items():
                final[name][item_id] = self._replaced(name, item, final, gone)
        marked |= self._heed(given) | self._keep_covered(final)
        changed = started or marked or bool(meeting)
        end = self._first_end(lists, now) if started else None
        return self._store(final, meeting, changed=changed, started=end, now=now)

    @staticmethod
    def _first_end(lists: dict[str, list[Any]], now: int) -> int:
        """The end of the history: a clock that is ahead says less than what the platform tells."""
        told = [time for items in lists.values() for item in items if (time := time_told(item)) is not None]
        if not any(items for name, items in lists.items() if name != "contents"):
            return now
        return min([now, max(told) + DAY] if told else [now])

    def _resolved(self, collection: str, item: Any, both: Items) -> Any:
        for attribute, target in REFERENCES[collection].items():
            reference = getattr(item, attribute)
            if reference is not None:
                resolved = self.find(both[target], target, reference) or self.usual(target, reference)
                item = msgspec.structs.replace(item, **{attribute: self._other(item, collection, target, resolved)})
        return item

    def _replaced(self, collection: str, item: Any, final: Items, gone: dict[str, set[str]]) -> Any:
        """A reference to what is not there follows what came in its place."""
        for attribute, target in PLACES.get(collection, {}).items():
            reference = getattr(item, attribute)
            now = reference and self._place_now(target, reference, final, gone)
            if now is not None:
                item = msgspec.structs.replace(item, **{attribute: self._other(item, collection, target, now)})
        return item

    @staticmethod
    def _other(item: Any, collection: str, target: str, named: str) -> str | None:
        """Nothing is below itself."""
        return None if (collection, item.id) == (target, named) else named

    def _place_now(self, target: str, former: str, final: Items, gone: dict[str, set[str]]) -> str | None:
        """Return the id that `former` is redirected to, or None if it stays."""
        if former in final[target]:
            return None
        meant = self.held[target][former].item.platform_id if former in gone[target] else former
        return self.find(final[target], target, meant)

    def _store(self, final: Items, meeting: set[str], *, changed: bool, started: int | None, now: int) -> bool:
        for name in PREFIX:
            before, after = self.held[name], {}
            for item_id, item in final[name].items():
                old = before.get(item_id)
                unread = getattr(item, "unread_count", None) or 0
                was = self.removed.get((name, item_id))
                if old is None and was is not None:  # it comes back, as old as it was
                    after[item_id] = Known(item, was.first_seen, was.first_version, was.first_unread)
                elif old is None:
                    after[item_id] = Known(item, now, self.version + 1, unread)
                elif is_same(old.item, item):
                    after[item_id] = old
                else:
                    after[item_id] = msgspec.structs.replace(old, item=item)
                if name == "conversations" and item_id in meeting:
                    first = unread if old is None or old.operator_created else old.first_unread
                    after[item_id] = msgspec.structs.replace(after[item_id], operator_created=True, first_unread=first)
                changed = changed or after[item_id] != old
            changed = changed or set(before) != set(after)
            self.removed |= {(name, item_id): known for item_id, known in before.items() if item_id not in after}
            for item_id in after:
                self.removed.pop((name, item_id), None)
            self.held[name] = after
        self.version += changed
        if started is not None:
            self.started_at, self.started_version, self.started_clock = started, self.version, now
        return changed

    # -- what a snapshot does to operators' marks and conversations

    def _meet(self, final: Items, given: dict[str, Any]) -> set[str]:
        """Conversations that operators made give way to the platform's with the same partner -> the ids of these."""
        meeting = set()
        for created_id, known in self.held["conversations"].items():
            own = known.operator_created and created_id == self.usual("conversations", known.item.user_id or "")
            if not own or created_id in self.adopted:
                continue
            partners = [i for i, item in given.items() if item.user_id == known.item.user_id and item.type != "group"]
            if not partners:
                continue
            self.adopted[created_id] = created_id if created_id in given else partners[0]
            if self.adopted[created_id] != created_id:
                final["conversations"].pop(created_id, None)
            meeting.add(self.adopted[created_id])
        return meeting

    def _move_marks(self, final: Items, gone: dict[str, set[str]]) -> bool:
        moved = False
        for collection, item_id in sorted(self.marks):
            if collection in ("conversations", "contents", "comments") and item_id:
                now = self._place_now(collection, item_id, final, gone)
                moved |= now is not None and self._give_mark(collection, item_id, now)
        return moved

    def _give_mark(self, collection: str, former: str, now: str) -> bool:
        """Merge the mark of `former` into that of `now`, whose own values win."""
        mine, theirs = self.mark(collection, now), self.mark(collection, former)
        told = {name: getattr(mine, name) for name in mine.__struct_fields__}
        words = {name: word for name, word in told.items() if word != getattr(NO_MARK, name)}
        self.marks.pop((collection, former), None)
        self.set_mark(collection, now, **{n: getattr(theirs, n) for n in theirs.__struct_fields__ if n not in words})
        return theirs != NO_MARK

    def _heed(self, given: dict[str, dict[str, Any]]) -> bool:
        """The platform's newer word: its unread count fell, a message has another status."""
        marked = False
        for item_id, item in given.get("conversations", {}).items():
            mark = self.mark("conversations", item_id)
            for name in ("read_marker", "deleted_marker"):
                marker = getattr(mark, name)
                if marker is not None and item.unread_count is not None and item.unread_count < marker.base:
                    lower = msgspec.structs.replace(marker, base=item.unread_count)
                    marked |= self.set_mark("conversations", item_id, **{name: lower})
        for item_id, item in given.get("messages", {}).items():
            old = self.held["messages"].get(item_id)
            if old is not None and item.status not in (None, old.item.status):
                marked |= self.set_mark("messages", item_id, status=None)
        return marked

    def _keep_covered(self, final: Items) -> bool:
        """A mark that ends at a time: what a new time moves across that end stays as it was, read or unread."""
        from tests.sync.core.model import marks, reading

        marked, unread = False, {"comments": reading.unread_comments, "notifications": reading.unread_notices}
        for name, unread_of in unread.items():
            marker = self.mark(name, "").read_marker
            were_unread = unread_of(self)
            for item_id, item in final[name].items() if marker is not None else ():
                old = self.held[name].get(item_id) or self.removed.get((name, item_id))
                if marker is None or old is None or self.mark(name, item_id).read is not None:
                    continue
                was, now = (marks.is_within(marker, one) for one in (old, msgspec.structs.replace(old, item=item)))
                if was and not now:
                    marked |= self.set_mark(name, item_id, read=True)
                elif now and not was and item_id in were_unread:
                    marked |= self.set_mark(name, item_id, read=False)
        return marked


def time_told(item: Any) -> int | None:
    """When the platform says that it happened."""
    names = ("last_message_time",) if hasattr(item, "last_message_time") else ("publish_time", "created_at")
    times = [getattr(item, name, None) for name in names]
    return next((time for time in times if time is not None), None)


def last_of_each(items: Iterable[Any]) -> dict[str, Any]:
    """By id, in the order of their last versions."""
    given: dict[str, Any] = {}
    for item in items:
        given.pop(item.id, None)
        given[item.id] = item
    return given


def is_same(old: Any, new: Any) -> bool:
    return bool(msgspec.structs.replace(old, updated_at=new.updated_at) == new)
