"""view + delta -> view'. Every index follows; the cost depends on the delta."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, Final

import msgspec
from immutables import Map

from sync.core import comments as comments_
from sync.core import threads as threads_
from sync.core.comments import CommentThread, Work
from sync.core.delta import Delta, Entry
from sync.core.order import Key, Order
from sync.core.threads import UNREAD_BIT, Thread, item_key
from sync.core.view import NO_THREAD, NO_WORK, View, feed_key, needs_alias
from sync.protocol.items import COLLECTIONS, Collection

Pair = tuple[Entry[Any] | None, Entry[Any] | None]

IN_FEED: Final[tuple[Collection, ...]] = ("messages", "comments", "notifications")
# Where the order of a collection is kept; that of conversations follows from their threads.
_ORDERS: Final[dict[Collection, str]] = {
    "messages": "message_order",
    "contents": "content_order",
    "comments": "comment_order",
    "notifications": "notification_order",
}


def advance(view: View, delta: Delta, *, version: int, seq: int, at: int) -> View:
    if delta.reset:
        view = View(account_id=view.account_id, fresh_ms=view.fresh_ms)
    view = msgspec.structs.replace(view, version=version, seq=seq, changed_at=at, **_header(delta))
    pairs = {name: _pairs(view, delta, name) for name in COLLECTIONS}
    if not any(pairs.values()):
        return view
    return _Advance(view, pairs).result()


def _header(delta: Delta) -> dict[str, Any]:
    return {
        name: value
        for name in ("epoch", "started_at", "started_version", "report")
        if (value := getattr(delta, name)) is not None
    }


def _pairs(view: View, delta: Delta, collection: Collection) -> list[Pair]:
    """Each item that the delta names, before and after it."""
    entries = view.entries(collection)
    pairs: list[Pair] = [(entries.get(entry.item.id), entry) for entry in delta.upserts(collection)]
    pairs += [(entries[item_id], None) for item_id in delta.removed.get(collection, ()) if item_id in entries]
    return pairs


class _Advance:
    """One step from view to view'. Lives for the length of one `advance`."""

    def __init__(self, view: View, pairs: dict[Collection, list[Pair]]) -> None:
        self.view = view
        self.pairs = pairs
        self.history = view.history
        self.fields: dict[str, Any] = {}
        self.count: Counter[str] = Counter()
        self.now_unread: defaultdict[Collection, list[str]] = defaultdict(list)
        self.now_read: defaultdict[Collection, list[str]] = defaultdict(list)

    def result(self) -> View:
        for name in COLLECTIONS:
            if self.pairs[name]:
                self._store(name)
        self._advance_feed()
        self._advance_threads()
        self._advance_comments()
        self._advance_notifications()
        self._advance_unread()
        totals = self.view.totals + self.count
        return msgspec.structs.replace(self.view, totals=totals, **self.fields)

    # -- items and the lists of their own kind

    def _store(self, collection: Collection) -> None:
        pairs = self.pairs[collection]
        with self.view.entries(collection).mutate() as entries:
            for old, new in pairs:
                if new is not None:
                    entries[new.item.id] = new
                elif old is not None:
                    del entries[old.item.id]
            self.fields[collection] = entries.finish()
        self.count[collection] += sum((new is not None) - (old is not None) for old, new in pairs)
        self._store_aliases(collection, pairs)
        if collection in _ORDERS:
            name = _ORDERS[collection]
            self.fields[name] = _moved(getattr(self.view, name), pairs)

    def _store_aliases(self, collection: Collection, pairs: list[Pair]) -> None:
        account_id = self.view.account_id
        aliases: Map[tuple[Collection, str], tuple[str, ...]] = self.fields.get("aliases", self.view.aliases)
        for old, new in pairs:
            if old is not None and needs_alias(collection, account_id, old.item):
                aliases = _without_alias(aliases, (collection, old.item.platform_id), old.item.id)
            if new is not None and needs_alias(collection, account_id, new.item):
                key = (collection, new.item.platform_id)
                aliases = aliases.set(key, tuple(sorted({*aliases.get(key, ()), new.item.id})))
        self.fields["aliases"] = aliases

    def _entries(self, collection: Collection) -> Map[str, Entry[Any]]:
        entries: Map[str, Entry[Any]] = self.fields.get(collection, self.view.entries(collection))
        return entries

    def _advance_feed(self) -> None:
        gone: list[Key] = []
        come: list[Key] = []
        for name in IN_FEED:
            for old, new in self.pairs[name]:
                before = feed_key(name, old.item) if old is not None else None
                after = feed_key(name, new.item) if new is not None else None
                if before != after:
                    gone += [before] if before else []
                    come += [after] if after else []
        if gone or come:
            self.fields["feed"] = self.view.feed.update(gone, come)

    # -- conversations

    def _advance_threads(self) -> None:
        touched: defaultdict[str, list[Pair]] = defaultdict(list)
        for old, new in self.pairs["conversations"]:
            touched[(new or old).item.id]  # type: ignore[union-attr]  # touched without a message
        for old, new in self.pairs["messages"]:
            _group(touched, old, new, "conversation_id")
        if not touched:
            return
        gone: list[Key] = []
        come: list[Key] = []
        with self.view.threads.mutate() as threads:
            for thread_id, pairs in touched.items():
                before = self.view.threads.get(thread_id)
                after = self._thread(thread_id, before, pairs)
                self._count_thread(before, -1)
                self._count_thread(after, +1)
                _put(threads, thread_id, after)
                if (before and before.sort_key) != (after and after.sort_key):
                    gone += [before.sort_key] if before else []
                    come += [after.sort_key] if after else []
            self.fields["threads"] = threads.finish()
        self.fields["conversation_order"] = self.view.conversation_order.update(gone, come)

    def _thread(self, thread_id: str, before: Thread | None, pairs: list[Pair]) -> Thread | None:
        rebuilt = threads_.rebuild(
            before or Thread(id=thread_id),
            self._entries("conversations").get(thread_id),
            pairs,
            self._entries("messages"),
            self.view.unread,
            self.history,
        )
        self.now_unread["messages"] += rebuilt.now_unread
        self.now_read["messages"] += rebuilt.now_read
        return rebuilt.thread

    def _count_thread(self, thread: Thread | None, sign: int) -> None:
        if thread is None:
            return
        self.count["unread_direct_messages"] += sign * thread.unread_count
        self.count["needs_reply"] += sign * thread.needs_reply
        self.count["orphan_messages"] += 0 if thread.known else sign * len(thread.order)

    # -- works and comments

    def _advance_comments(self) -> None:
        roots: defaultdict[str, list[Pair]] = defaultdict(list)
        works: defaultdict[str, list[Pair]] = defaultdict(list)
        for old, new in self.pairs["contents"]:
            works[(new or old).item.id]  # type: ignore[union-attr]  # touched without a comment
        for old, new in self.pairs["comments"]:
            _group_by_root(roots, old, new)
            _group(works, old, new, "content_id")
            self._count_comment(old, -1)
            self._count_comment(new, +1)
        self._advance_comment_threads(roots)
        self._advance_works(works)

    def _advance_comment_threads(self, touched: dict[str, list[Pair]]) -> None:
        if not touched:
            return
        with self.view.comment_threads.mutate() as threads:
            for root_id, pairs in touched.items():
                before = self.view.comment_threads.get(root_id, NO_THREAD)
                after = comments_.rebuild_thread(before, pairs, self.history)
                self.count["needs_reply"] += (after.waiting if after else 0) - before.waiting
                _put(threads, root_id, after)
            self.fields["comment_threads"] = threads.finish()

    def _advance_works(self, touched: dict[str, list[Pair]]) -> None:
        if not touched:
            return
        contents = self._entries("contents")
        with self.view.works.mutate() as works:
            for content_id, pairs in touched.items():
                before = self.view.works.get(content_id, NO_WORK)
                after = comments_.rebuild_work(before, pairs, content_id in contents, self.history)
                self.count["orphan_comments"] += _orphans(after or NO_WORK) - _orphans(before)
                _put(works, content_id, after)
            self.fields["works"] = works.finish()

    def _count_comment(self, entry: Entry[Any] | None, sign: int) -> None:
        if entry is None or not comments_.is_unread(entry, self.history):
            return
        name = "unread_comments" if entry.item.parent_comment_id is None else "unread_discussions"
        self.count[name] += sign
        (self.now_unread if sign > 0 else self.now_read)["comments"].append(entry.item.id)

    # -- notices

    def _advance_notifications(self) -> None:
        for old, new in self.pairs["notifications"]:
            for entry, sign in ((old, -1), (new, +1)):
                if entry is None or _is_read_notice(entry, self.history):
                    continue
                self.count["unread_notifications"] += sign
                (self.now_unread if sign > 0 else self.now_read)["notifications"].append(entry.item.id)

    def _advance_unread(self) -> None:
        if not self.now_unread and not self.now_read:
            return
        with self.view.unread.mutate() as unread:
            for name, ids in self.now_read.items():
                for item_id in ids:
                    _set_bits(unread, item_id, unread.get(item_id, 0) & ~UNREAD_BIT[name])
            for name, ids in self.now_unread.items():
                for item_id in ids:
                    _set_bits(unread, item_id, unread.get(item_id, 0) | UNREAD_BIT[name])
            self.fields["unread"] = unread.finish()


def _is_read_notice(entry: Entry[Any], history: threads_.History) -> bool:
    return history.is_old(entry) or (history.covers(entry) and bool(entry.item.is_read))


def _orphans(work: Work) -> int:
    return 0 if work.known else len(work.order)


def _moved(order: Order, pairs: list[Pair]) -> Order:
    gone: list[Key] = []
    come: list[Key] = []
    for old, new in pairs:
        before = item_key(old.item) if old is not None else None
        after = item_key(new.item) if new is not None else None
        if before != after:
            gone += [before] if before else []
            come += [after] if after else []
    return order.update(gone, come)


def _group(groups: dict[str, list[Pair]], old: Entry[Any] | None, new: Entry[Any] | None, attribute: str) -> None:
    """Puts the pair under what it refers to; one that moved leaves the one and comes to the other."""
    before = getattr(old.item, attribute) if old is not None else None
    after = getattr(new.item, attribute) if new is not None else None
    if before == after:
        if before is not None:
            groups[before].append((old, new))
        return
    if before is not None:
        groups[before].append((old, None))
    if after is not None:
        groups[after].append((None, new))


def _group_by_root(groups: dict[str, list[Pair]], old: Entry[Any] | None, new: Entry[Any] | None) -> None:
    before = comments_.root_of(old.item) if old is not None else None
    after = comments_.root_of(new.item) if new is not None else None
    if before is not None and before == after:
        groups[before].append((old, new))
        return
    if before is not None:
        groups[before].append((old, None))
    if after is not None:
        groups[after].append((None, new))


def _without_alias(
    aliases: Map[tuple[Collection, str], tuple[str, ...]], key: tuple[Collection, str], item_id: str
) -> Map[tuple[Collection, str], tuple[str, ...]]:
    rest = tuple(other for other in aliases.get(key, ()) if other != item_id)
    return aliases.set(key, rest) if rest else aliases.delete(key)


def _set_bits(unread: Any, item_id: str, bits: int) -> None:
    if bits:
        unread[item_id] = bits
    else:
        unread.pop(item_id, None)


def _put(entries: Any, key: str, value: Thread | CommentThread | Work | None) -> None:
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value
