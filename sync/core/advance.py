"""view + delta -> view'. Every index follows; the cost depends on the delta."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec
from immutables import Map

from sync.core import comments as comments_
from sync.core import threads as threads_
from sync.core.comments import CommentThread, Work
from sync.core.delta import Delta, Entry
from sync.core.history import item_key
from sync.core.marks import EVERY, NO_MARK
from sync.core.order import Key, Order
from sync.core.pairs import Judged, Pair
from sync.core.threads import Context, Marks, Shift, Thread
from sync.core.view import NO_THREAD, NO_WORK, UNREAD_BIT, View, feed_key, needs_alias
from sync.protocol.ids import make_id
from sync.protocol.items import COLLECTIONS, Collection

# Items that are judged one by one: whether they are unread, and where they are listed.
_JUDGES: Final[dict[Collection, Any]] = {
    "comments": comments_.is_unread,
    "notifications": comments_.is_unread_notice,
}
_ORDERS: Final[dict[Collection, str]] = {"comments": "comment_order", "notifications": "notification_order"}


class Step(NamedTuple):
    """`shifted`: (collection, id) of the items that became visible or hidden, read or unread."""

    view: View
    shifted: frozenset[tuple[Collection, str]]


def advance(view: View, delta: Delta, *, version: int, seq: int, at: int) -> View:
    return advance_by(view, delta, version=version, seq=seq, at=at).view


def advance_by(view: View, delta: Delta, *, version: int, seq: int, at: int) -> Step:
    if delta.reset:
        view = View(account_id=view.account_id, fresh_ms=view.fresh_ms)
    view = msgspec.structs.replace(view, version=version, seq=seq, changed_at=at, **_header(delta))
    marks = _marks(view, delta)
    pairs = {name: list(_pairs(view, marks, delta, name)) for name in COLLECTIONS}
    if not any(pairs.values()) and not delta.marks and not delta.met:
        return Step(view, frozenset())
    return _Advance(view, marks, pairs, delta).result()


def _header(delta: Delta) -> dict[str, Any]:
    return {
        name: value
        for name in ("epoch", "started_at", "started_version", "report")
        if (value := getattr(delta, name)) is not None
    }


def _marks(view: View, delta: Delta) -> Marks:
    marks = view.marks
    for marked in delta.marks:
        key = (marked.collection, marked.id)
        if marked.mark != NO_MARK:
            marks = marks.set(key, marked.mark)
        elif key in marks:
            marks = marks.delete(key)
    return marks


def _pairs(view: View, marks: Marks, delta: Delta, collection: Collection) -> Iterator[Pair]:
    """Each held item that the delta is about, before and after it."""
    entries = view.entries(collection)
    after: dict[str, Entry[Any] | None] = {entry.item.id: entry for entry in delta.upserts(collection)}
    after |= {item_id: None for item_id in delta.removed.get(collection, ()) if item_id in entries}
    for item_id in _marked_ids(view, marks, delta, collection):
        if item_id in entries:
            after.setdefault(item_id, entries[item_id])
    for item_id, new in after.items():
        key = (collection, item_id)
        yield Pair(entries.get(item_id), new, view.marks.get(key, NO_MARK), marks.get(key, NO_MARK))


def _marked_ids(view: View, marks: Marks, delta: Delta, collection: Collection) -> Iterable[str]:
    """A mark on all items of a kind touches the unread ones; one that goes back, all."""
    ids = [marked.id for marked in delta.marks if marked.collection == collection]
    if EVERY not in ids:
        return ids
    old, new = (of.get((collection, EVERY), NO_MARK).read_upto for of in (view.marks, marks))
    if old is not None and (new is None or new.moment < old.moment or new.version < old.version):
        return [*ids, *view.entries(collection)]
    return [*ids, *(item_id for item_id in view.unread if view.is_unread(collection, item_id))]


class _Advance:
    """One step from view to view'. Lives for the length of one `advance`."""

    def __init__(self, view: View, marks: Marks, pairs: dict[Collection, list[Pair]], delta: Delta) -> None:
        self.view = view
        self.marks = marks
        self.pairs = pairs
        self.delta = delta
        self.history = view.history
        self.fields: dict[str, Any] = {"marks": marks}
        self.count: Counter[str] = Counter()
        self.shifted: set[tuple[Collection, str]] = set()
        self.feed: tuple[list[Key], list[Key]] = ([], [])
        self.now_unread: defaultdict[Collection, list[str]] = defaultdict(list)
        self.now_read: defaultdict[Collection, list[str]] = defaultdict(list)

    def result(self) -> Step:
        for name in COLLECTIONS:
            if self.pairs[name]:
                self._store(name)
        self._store_made()
        self.fields["content_order"] = _moved(self.view.content_order, self.pairs["contents"])
        self._advance_threads()
        self._advance_comments(self._judge("comments"))
        self._count_notices(self._judge("notifications"))
        self.fields["feed"] = self.view.feed.update(*self.feed)
        self._advance_unread()
        totals = self.view.totals + self.count
        return Step(msgspec.structs.replace(self.view, totals=totals, **self.fields), frozenset(self.shifted))

    # -- items

    def _store(self, collection: Collection) -> None:
        pairs = self.pairs[collection]
        with self.view.entries(collection).mutate() as entries:
            for old, new, *_ in pairs:
                if new is not None:
                    entries[new.item.id] = new
                elif old is not None:
                    del entries[old.item.id]
            self.fields[collection] = entries.finish()
        self.count[collection] += sum((pair.new is not None) - (pair.old is not None) for pair in pairs)
        self._store_aliases(collection, pairs)

    def _store_aliases(self, collection: Collection, pairs: list[Pair]) -> None:
        account_id = self.view.account_id
        aliases: Map[tuple[Collection, str], tuple[str, ...]] = self.fields.get("aliases", self.view.aliases)
        for old, new, *_ in pairs:
            if old is not None and needs_alias(collection, account_id, old.item):
                aliases = _without_alias(aliases, (collection, old.item.platform_id), old.item.id)
            if new is not None and needs_alias(collection, account_id, new.item):
                key = (collection, new.item.platform_id)
                aliases = aliases.set(key, tuple(sorted({*aliases.get(key, ()), new.item.id})))
        self.fields["aliases"] = aliases

    def _store_made(self) -> None:
        """Which conversations of operators wait for the platform's."""
        account_id, met = self.view.account_id, self.view.met.update(self.delta.met)
        made = self.view.made
        for old, new, *_ in self.pairs["conversations"]:
            for entry in (old, new):
                if entry is None or not entry.made or entry.item.id != _made_id(account_id, entry.item.user_id):
                    continue
                user_id = entry.item.user_id
                if entry is new and entry.item.id not in met:
                    made = made.set(user_id, entry.item.id)
                elif user_id in made:
                    made = made.delete(user_id)
        self.fields.update(made=made, met=met)

    def _entries(self, collection: Collection) -> Map[str, Entry[Any]]:
        entries: Map[str, Entry[Any]] = self.fields.get(collection, self.view.entries(collection))
        return entries

    def _note_unread(self, collection: Collection, item_id: str, was: bool, now: bool) -> None:
        if was and not now:
            self.now_read[collection].append(item_id)
        elif now and not was:
            self.now_unread[collection].append(item_id)

    # -- conversations

    def _advance_threads(self) -> None:
        touched: defaultdict[str, list[Pair]] = defaultdict(list)
        for old, new, *_ in self.pairs["conversations"]:
            touched[(new or old).item.id]  # type: ignore[union-attr]  # touched without a message
        for marked in self.delta.marks:
            if marked.collection == "conversations":
                touched[marked.id]  # as above
        for pair in self.pairs["messages"]:
            _group(touched, pair, lambda entry: entry.item.conversation_id)
        if not touched:
            return
        gone: list[Key] = []
        come: list[Key] = []
        shifts: list[Shift] = []
        context = Context(self._entries("messages"), self.marks, self.history)
        with self.view.threads.mutate() as threads:
            for thread_id, pairs in touched.items():
                before = self.view.threads.get(thread_id)
                after = self._thread(thread_id, before, pairs, context, shifts)
                self._count_thread(before, -1)
                self._count_thread(after, +1)
                _put(threads, thread_id, after)
                was, now = _place(before), _place(after)
                if was != now:
                    gone += [was] if was else []
                    come += [now] if now else []
            self.fields["threads"] = threads.finish()
        self.fields["conversation_order"] = self.view.conversation_order.update(gone, come)
        self._shift_messages(shifts)

    def _thread(
        self, thread_id: str, before: Thread | None, pairs: list[Pair], context: Context, shifts: list[Shift]
    ) -> Thread | None:
        mark = self.marks.get(("conversations", thread_id), NO_MARK)
        conversation = self._entries("conversations").get(thread_id)
        rebuilt = threads_.rebuild(before or Thread(id=thread_id), conversation, mark, pairs, context)
        shifts += rebuilt.shifts
        return rebuilt.thread

    def _count_thread(self, thread: Thread | None, sign: int) -> None:
        if thread is None:
            return
        self.count["unread_direct_messages"] += sign * thread.unread_count
        self.count["needs_reply"] += sign * thread.needs_reply
        self.count["orphan_messages"] += 0 if thread.known else sign * len(thread.order)

    def _shift_messages(self, shifts: list[Shift]) -> None:
        gone: list[Key] = []
        come: list[Key] = []
        for shift in shifts:
            if shift.before != shift.after:
                gone += [shift.before] if shift.before else []
                come += [shift.after] if shift.after else []
            fed = shift.before if shift.fed_before else None, shift.after if shift.fed_after else None
            if fed[0] != fed[1]:
                self.feed[0].extend([(*fed[0], "messages")] if fed[0] else [])
                self.feed[1].extend([(*fed[1], "messages")] if fed[1] else [])
            self._note_unread("messages", shift.id, shift.was_unread, shift.is_unread)
            if shift.is_shifted:
                self.shifted.add(("messages", shift.id))
        self.fields["message_order"] = self.view.message_order.update(gone, come)

    # -- comments and notices

    def _judge(self, collection: Collection) -> list[Judged]:
        judge, every = _JUDGES[collection], self.marks.get((collection, EVERY), NO_MARK).read_upto
        judged = []
        for old, new, was, now in self.pairs[collection]:
            was_unread = old is not None and self.view.is_unread(collection, old.item.id)
            is_unread = new is not None and judge(new, now, every, self.history)
            judged.append(Judged(old, new, was, now, was_unread, is_unread))
        self._list(collection, judged)
        return judged

    def _list(self, collection: Collection, judged: list[Judged]) -> None:
        gone: list[Key] = []
        come: list[Key] = []
        for pair in judged:
            old, new = pair.listed_before, pair.listed_after
            item_id: str = (pair.new or pair.old).item.id  # type: ignore[union-attr]  # a pair is of something
            before = feed_key(collection, old.item) if old is not None else None
            after = feed_key(collection, new.item) if new is not None else None
            if before != after:
                gone += [before] if before else []
                come += [after] if after else []
            self._note_unread(collection, item_id, pair.was_unread, pair.is_unread)
            if (before is None) != (after is None) or pair.was_unread != pair.is_unread:
                self.shifted.add((collection, item_id))
        self.feed[0].extend(gone)
        self.feed[1].extend(come)
        name = _ORDERS[collection]
        order: Order = getattr(self.view, name)
        self.fields[name] = order.update([key[:-1] for key in gone], [key[:-1] for key in come])

    def _advance_comments(self, judged: list[Judged]) -> None:
        roots: defaultdict[str, list[Judged]] = defaultdict(list)
        works: defaultdict[str, list[Judged]] = defaultdict(list)
        for old, new, *_ in self.pairs["contents"]:
            works[(new or old).item.id]  # type: ignore[union-attr]  # touched without a comment
        for pair in judged:
            _group_judged(roots, pair, lambda entry: comments_.root_of(entry.item))
            _group_judged(works, pair, lambda entry: entry.item.content_id)
            self._count_comment(pair.old, -pair.was_unread)
            self._count_comment(pair.new, +pair.is_unread)
        self._advance_comment_threads(roots)
        self._advance_works(works)

    def _count_comment(self, entry: Entry[Any] | None, by: int) -> None:
        if entry is not None:
            name = "unread_comments" if entry.item.parent_comment_id is None else "unread_discussions"
            self.count[name] += by

    def _advance_comment_threads(self, touched: dict[str, list[Judged]]) -> None:
        if not touched:
            return
        with self.view.comment_threads.mutate() as threads:
            for root_id, pairs in touched.items():
                before = self.view.comment_threads.get(root_id, NO_THREAD)
                after = comments_.rebuild_thread(before, pairs, self.history)
                self.count["needs_reply"] += (after.waiting if after else 0) - before.waiting
                _put(threads, root_id, after)
            self.fields["comment_threads"] = threads.finish()

    def _advance_works(self, touched: dict[str, list[Judged]]) -> None:
        if not touched:
            return
        contents = self._entries("contents")
        with self.view.works.mutate() as works:
            for content_id, pairs in touched.items():
                before = self.view.works.get(content_id, NO_WORK)
                after = comments_.rebuild_work(before, pairs, content_id in contents)
                self.count["orphan_comments"] += _orphans(after or NO_WORK) - _orphans(before)
                _put(works, content_id, after)
            self.fields["works"] = works.finish()

    def _count_notices(self, judged: list[Judged]) -> None:
        self.count["unread_notifications"] += sum(pair.is_unread - pair.was_unread for pair in judged)

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


def _made_id(account_id: str, user_id: str | None) -> str:
    return make_id("conversations", account_id, user_id or "")


def _place(thread: Thread | None) -> Key | None:
    """Where it stands among the conversations; None: it does not."""
    return None if thread is None or thread.hidden else thread.sort_key


def _orphans(work: Work) -> int:
    return 0 if work.known else len(work.order)


def _moved(order: Order, pairs: list[Pair]) -> Order:
    gone: list[Key] = []
    come: list[Key] = []
    for old, new, *_ in pairs:
        before = item_key(old.item) if old is not None else None
        after = item_key(new.item) if new is not None else None
        if before != after:
            gone += [before] if before else []
            come += [after] if after else []
    return order.update(gone, come)


def _group(groups: dict[str, list[Pair]], pair: Pair, place: Any) -> None:
    """Puts the pair under what it refers to; one that moved leaves the one and comes to the other."""
    before = place(pair.old) if pair.old is not None else None
    after = place(pair.new) if pair.new is not None else None
    if before is not None and before == after:
        groups[before].append(pair)
        return
    if before is not None:
        groups[before].append(pair._replace(new=None))
    if after is not None:
        groups[after].append(pair._replace(old=None))


def _group_judged(groups: dict[str, list[Judged]], pair: Judged, place: Any) -> None:
    """As above; what refers to nothing stands nowhere."""
    before = place(pair.old) if pair.old is not None else None
    after = place(pair.new) if pair.new is not None else None
    if before is not None and before == after:
        groups[before].append(pair)
        return
    if before is not None:
        groups[before].append(pair.leaving())
    if after is not None:
        groups[after].append(pair.coming())


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
