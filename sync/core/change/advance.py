"""Advance a view by a delta: view + delta -> the next view. Every index follows; the cost depends on the delta."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from msgspec.structs import replace

from sync.core.account.conversations import Marks
from sync.core.account.entries import Entry, RemovedItem, RemovedItems
from sync.core.account.history import item_key, item_time
from sync.core.account.item_change import ItemChange
from sync.core.account.marks import ALL_ITEMS, NO_MARK, with_markers
from sync.core.account.view import UNREAD_BIT, View, needs_alias
from sync.core.change.advance_comments import advance_comments, advance_notices
from sync.core.change.advance_conversations import advance_conversations
from sync.core.change.advance_mentions import advance_mentions
from sync.core.change.delta import Delta, as_delta
from sync.core.change.interning import share_strings, share_values
from sync.core.change.view_builder import OrderChanges, ViewBuilder
from sync.core.maps import Map
from sync.core.pace import Check, go_on, paced
from sync.core.replies.held import hold_replies
from sync.protocol.ids import make_id
from sync.protocol.items import COLLECTIONS, Collection


class Step(NamedTuple):
    """The next view. `shifted`: (collection, id) of the items that became visible, hidden, read or unread."""

    view: View
    shifted: frozenset[tuple[Collection, str]]


def advance(view: View, delta: Delta, *, version: int, seq: int, at: int) -> View:
    """Return the view after `delta`. `version`, `seq`: the view's new ones; `at`: ms UTC, when the change was made."""
    return advance_by(view, delta, version=version, seq=seq, at=at).view


def advance_by(view: View, delta: Delta, *, version: int, seq: int, at: int, check: Check = go_on) -> Step:
    """Do as `advance`, and return also which items shifted. `check` is called between items."""
    if delta.reset:
        view = View(account_id=view.account_id, fresh_ms=view.fresh_ms)
    elif view.started_at is not None and (delta.started_at is not None or delta.started_clock is not None):
        view = _with_history(view, delta, check)
    view = replace(view, version=version, seq=seq, changed_at=at, **_header(delta))
    if delta.replies or delta.dropped_replies:
        view = replace(view, **hold_replies(view.replies, delta.replies, delta.dropped_replies))
    marks = _marks(view, delta)
    changes = {name: list(paced(_changes(view, marks, delta, name), check)) for name in COLLECTIONS}
    removed_items = _removed_items(view, changes, delta, at)
    if removed_items is not view.removed_items:
        view = replace(view, removed_items=removed_items)
    if not any(changes.values()) and not delta.marks and not delta.adopted and delta.rules is None:
        return Step(view, frozenset())
    check()
    share_values({name: [change.new.item for change in of if change.new is not None] for name, of in changes.items()})
    builder = ViewBuilder(view, marks, changes, delta, check)
    for name in COLLECTIONS:
        if changes[name]:
            check()
            _store(builder, name)
    for work in (
        _store_operator_created,
        _order_contents,
        advance_conversations,
        advance_comments,
        advance_notices,
        advance_mentions,
        _finish,
    ):
        check()
        work(builder)
    return Step(replace(view, **builder.fields), frozenset(builder.shifted))


def _with_history(view: View, delta: Delta, check: Check) -> View:
    """Return the view with another end of its history, which decides of every item anew. It costs a rebuild."""
    ends = {name: value for name in ("started_at", "started_clock") if (value := getattr(delta, name)) is not None}
    whole = replace(as_delta(view), **ends)
    new = View(account_id=view.account_id, fresh_ms=view.fresh_ms)
    return advance_by(new, whole, version=view.version, seq=view.seq, at=view.changed_at or 0, check=check).view


# -- what the step is about


def _header(delta: Delta) -> dict[str, Any]:
    return {
        name: value
        for name in ("epoch", "started_at", "started_clock", "started_version", "report", "owner_at", "rules")
        if (value := getattr(delta, name)) is not None
    }


def _marks(view: View, delta: Delta) -> Marks:
    marks = view.marks
    for marked in delta.marks:
        key = (marked.collection, marked.id)
        if marked.mark != NO_MARK:
            marks = marks.set(key, with_markers(marked.mark))
        elif key in marks:
            marks = marks.delete(key)
    return marks


def _changes(view: View, marks: Marks, delta: Delta, collection: Collection) -> Iterator[ItemChange]:
    """Yield each stored item that the delta is about, before and after it."""
    entries = view.entries(collection)
    after: dict[str, Entry[Any] | None] = {entry.item.id: entry for entry in delta.upserts(collection)}
    after |= {item_id: None for item_id in delta.removed.get(collection, ()) if item_id in entries}
    for item_id in _marked_ids(view, marks, delta, collection):
        if item_id in entries:
            after.setdefault(item_id, entries[item_id])
    for item_id, new in after.items():
        key = (collection, item_id)
        yield ItemChange(entries.get(item_id), new, view.marks.get(key, NO_MARK), marks.get(key, NO_MARK))


def _marked_ids(view: View, marks: Marks, delta: Delta, collection: Collection) -> Iterable[str]:
    """Return the ids whose marks change. A mark on ALL_ITEMS touches the unread ones; one that goes back, all."""
    ids = [marked.id for marked in delta.marks if marked.collection == collection]
    if ALL_ITEMS not in ids:
        return ids
    old, new = (of.get((collection, ALL_ITEMS), NO_MARK).read_marker for of in (view.marks, marks))
    if old is not None and (new is None or new.key > old.key or new.version < old.version):
        return [*ids, *view.entries(collection)]
    return [*ids, *(item_id for item_id in view.unread if view.is_unread(collection, item_id))]


def _removed_items(
    view: View, changes: Mapping[Collection, Iterable[ItemChange]], delta: Delta, at: int
) -> RemovedItems:
    """Return what is remembered of items that are gone, once this step has been made."""
    gone, come = list(delta.removed_items), []
    for name, of in changes.items():
        for old, new, *_ in of:
            if new is not None and old is None:
                come.append((name, new.item.id))
            elif old is not None and new is None:
                first = (old.first_seen, old.first_version, old.first_unread)
                gone.append(RemovedItem(name, old.item.id, at, item_time(old.item), *first))
    after = view.removed_items.moved(gone, come)
    return after if delta.reset or after is view.removed_items else after.without_old(at)


# -- items


def _store(builder: ViewBuilder, collection: Collection) -> None:
    changes = builder.changes[collection]
    share_strings(collection, [change.new.item for change in changes if change.new is not None])
    with builder.view.entries(collection).mutate() as entries:
        for change in changes:
            if change.new is not None:
                entries[change.id] = change.new
            elif change.old is not None:
                del entries[change.id]
        builder.fields[collection] = entries.finish()
    builder.count[collection] += sum((change.new is not None) - (change.old is not None) for change in changes)
    _store_aliases(builder, collection)


def _store_aliases(builder: ViewBuilder, collection: Collection) -> None:
    account_id = builder.view.account_id
    aliases: Map[tuple[Collection, str], tuple[str, ...]] = builder.fields.get("aliases", builder.view.aliases)
    for old, new, *_ in builder.changes[collection]:
        if old is not None and needs_alias(collection, account_id, old.item):
            aliases = _without_alias(aliases, (collection, old.item.platform_id), old.item.id)
        if new is not None and needs_alias(collection, account_id, new.item):
            key = (collection, new.item.platform_id)
            aliases = aliases.set(key, tuple(sorted({*aliases.get(key, ()), new.item.id})))
    builder.fields["aliases"] = aliases


def _without_alias(
    aliases: Map[tuple[Collection, str], tuple[str, ...]], key: tuple[Collection, str], item_id: str
) -> Map[tuple[Collection, str], tuple[str, ...]]:
    rest = tuple(other for other in aliases.get(key, ()) if other != item_id)
    return aliases.set(key, rest) if rest else aliases.delete(key)


def _store_operator_created(builder: ViewBuilder) -> None:
    """Store which operator-created conversations the platform does not know yet, and which were adopted."""
    account_id, adopted = builder.view.account_id, builder.view.adopted
    if builder.delta.adopted:
        adopted = adopted.update(builder.delta.adopted)
    created = builder.view.operator_created
    for old, new, *_ in builder.changes["conversations"]:
        for entry in (old, new):
            if entry is None or not entry.operator_created:
                continue
            item_id, user_id = entry.item.id, entry.item.user_id or ""
            if item_id != make_id("conversations", account_id, user_id):
                continue
            if old is None and item_id in adopted and item_id not in builder.delta.adopted:
                adopted = adopted.delete(item_id)  # created again, after the adopted one was gone
            if entry is new and item_id not in adopted:
                created = created.set(user_id, item_id)
            elif user_id in created:
                created = created.delete(user_id)
    builder.fields.update(operator_created=created, adopted=adopted)


def _order_contents(builder: ViewBuilder) -> None:
    moves = OrderChanges()
    for old, new, *_ in builder.changes["contents"]:
        moves.note(
            item_key(old.item) if old is not None else None,
            item_key(new.item) if new is not None else None,
        )
    builder.fields["content_order"] = builder.view.content_order.update(moves.gone, moves.come)


def _finish(builder: ViewBuilder) -> None:
    view = builder.view
    builder.fields["waiting_order"] = view.waiting_order.update(builder.waiting.gone, builder.waiting.come)
    builder.fields["totals"] = view.totals + builder.count
    if not builder.now_unread and not builder.now_read:
        return
    with view.unread.mutate() as unread:
        for name, ids in builder.now_read.items():
            for item_id in ids:
                _set_bits(unread, item_id, unread.get(item_id, 0) & ~UNREAD_BIT[name])
        for name, ids in builder.now_unread.items():
            for item_id in ids:
                _set_bits(unread, item_id, unread.get(item_id, 0) | UNREAD_BIT[name])
        builder.fields["unread"] = unread.finish()


def _set_bits(unread: Any, item_id: str, bits: int) -> None:
    if bits:
        unread[item_id] = bits
    else:
        unread.pop(item_id, None)
