"""Apply a change: (view, change, now) -> (view', row, warnings). The only place that decides what a change does."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec

from sync.core.account.entries import Entry
from sync.core.account.view import View
from sync.core.change.advance import advance_by
from sync.core.change.changes import (
    Change,
    Cleared,
    EpochRenewed,
    OwnerChanged,
    ReplyMoved,
    ReplyWritten,
    Reported,
    RulesChanged,
    Sync,
)
from sync.core.change.delta import Delta, LogRow
from sync.core.change.events import events_of
from sync.core.change.history_start import start_of_history, with_lowered_start
from sync.core.change.operator_changes import apply_operator_change
from sync.core.change.reconcile import find_adopted, reconcile_marks, with_answers
from sync.core.change.references import Redirects, ReferenceIndex, items_to_redirect, redirected
from sync.core.change.replies.reply_changes import apply_reply_change, interrupted, settle_replies
from sync.core.pace import Check, go_on, paced
from sync.core.rules import DEFAULT_RULES
from sync.protocol.item_changes import is_change
from sync.protocol.items import COLLECTIONS, Collection, Item
from sync.protocol.messages import SyncWarning

MASS_DROP_ABOVE: Final = 20


class Applied(NamedTuple):
    """The outcome of a change. `row` is None when nothing changed; `view` is then the one before."""

    view: View
    row: LogRow | None
    warnings: list[SyncWarning]


def apply(view: View, change: Change, now: int, epoch: str = "", check: Check = go_on) -> Applied:
    """Return the view after `change`, and the row to log.

    `now`: ms UTC, the hub's clock. `epoch`: of the account from its first version on; one that it has stays. `check` is
    called between items.
    """
    warnings: list[SyncWarning] = []
    if isinstance(change, Sync):
        delta = _sync(view, change, now, warnings, check)
    elif isinstance(change, Reported):
        delta = Delta(report=change.report if change.report != view.report else None)
    elif isinstance(change, Cleared):
        rules = view.rules if view.rules != DEFAULT_RULES else None
        delta = Delta(reset=True, epoch=change.epoch, report=view.report, owner_at=view.owner_at, rules=rules)
    elif isinstance(change, EpochRenewed):
        delta = Delta(epoch=change.epoch, replies=interrupted(view.replies.values(), now))
    elif isinstance(change, OwnerChanged):
        delta = Delta(owner_at=change.at if change.at != view.owner_at else None)
    elif isinstance(change, RulesChanged):
        delta = Delta(rules=change.rules if change.rules != view.rules else None)
    elif isinstance(change, ReplyWritten | ReplyMoved):
        delta = apply_reply_change(view, change, now)
    else:
        delta = apply_operator_change(view, change, now)
    delta = with_lowered_start(view, delta, now)
    if delta.empty:
        return Applied(view, None, warnings)
    if not view.epoch and delta.epoch is None and epoch:
        delta = msgspec.structs.replace(delta, epoch=epoch)
    return Applied(*_step(view, delta, now, check), warnings)


def _step(view: View, delta: Delta, now: int, check: Check) -> tuple[View, LogRow]:
    version = view.version + 1
    step = advance_by(view, delta, version=version, seq=view.seq, at=now, check=check)
    events = events_of(view, step, delta, check)
    seq = view.seq + len(events)
    row = LogRow(
        account_id=view.account_id,
        version=version,
        seq_from=view.seq + 1,
        seq_to=seq,
        at=now,
        body=msgspec.structs.replace(delta, events=events),
    )
    return msgspec.structs.replace(step.view, seq=seq), row


def _sync(view: View, change: Sync, now: int, warnings: list[SyncWarning], check: Check) -> Delta:
    first = view.started_at is None and bool(change.items)
    adopted = find_adopted(view, change.items.get("conversations", ()))
    replaced = {created_id: now_id for created_id, now_id in adopted.items() if created_id != now_id}
    gone = {name: _removed(view, name, change, warnings) for name in COLLECTIONS}
    gone["conversations"] = sorted({*gone["conversations"], *replaced})
    check()
    redirects = ReferenceIndex(view, change.items, gone).redirects()
    check()
    if replaced:
        redirects["conversations"] = redirects.get("conversations", {}) | replaced
    items = _with_redirected(view, change, gone, redirects)
    upserts: dict[str, Any] = {name: _upserts(view, name, given, now, check) for name, given in items.items()}
    if adopted:
        upserts["conversations"] = _with_adopted(view, upserts["conversations"], frozenset(adopted.values()))
    start = start_of_history(change.items, now) if first else None
    settled = settle_replies(view, upserts, redirects, now)
    return Delta(
        marks=with_answers(reconcile_marks(view, upserts, redirects), settled.marks),
        replies=settled.replies,
        adopted=adopted,
        started_at=start,
        started_clock=now if start not in (None, now) else None,
        started_version=view.version + 1 if first else None,
        removed={name: ids for name, ids in gone.items() if ids},
        **upserts,
    )


def _with_redirected(
    view: View, change: Sync, gone: Mapping[Collection, list[str]], redirects: Redirects
) -> dict[Collection, list[Item]]:
    """Return the items of the change, and the stored items whose placeholder turned into an item of another id."""
    items: dict[Collection, dict[str, Item]] = {
        name: {item.id: item for item in given} for name, given in change.items.items()
    }
    if not redirects:  # nearly always
        return {name: list(given.values()) for name, given in items.items()}
    for name, given in items.items():
        items[name] = {item_id: redirected(name, item, redirects) for item_id, item in given.items()}
    for name, item_id in items_to_redirect(view, redirects):
        if item_id not in items.get(name, ()) and not _holds(gone[name], item_id):
            items.setdefault(name, {})[item_id] = redirected(name, view.entries(name)[item_id].item, redirects)
    return {name: list(given.values()) for name, given in items.items()}


def _holds(ordered: list[str], item_id: str) -> bool:
    at = bisect_left(ordered, item_id)
    return at < len(ordered) and ordered[at] == item_id


def _upserts(view: View, collection: Collection, items: Iterable[Item], now: int, check: Check) -> list[Entry[Any]]:
    known = view.entries(collection)
    entries = []
    for item in paced(items, check):
        old = known.get(item.id)
        if old is None:
            entries.append(_first_entry(view, collection, item, now))
        elif is_change(collection, old.item, item, now):
            entries.append(msgspec.structs.replace(old, item=item))
    return entries


def _first_entry(view: View, collection: Collection, item: Item, now: int) -> Entry[Any]:
    """Return the entry of an item that is not stored. One that was, and comes back, is as old as it was."""
    was = view.removed_items.get(collection, item.id)
    if was is not None:
        return Entry(item, was.first_seen, was.first_version, was.first_unread)
    return Entry(item, now, view.version + 1, getattr(item, "unread_count", None) or 0)


def _with_adopted(view: View, entries: list[Entry[Any]], ids: frozenset[str]) -> list[Entry[Any]]:
    """Return `entries` with the conversations `ids` marked as operator-created.

    They were operator-created before the platform named them, and stay so. Their history starts now.
    """
    upserted = {entry.item.id: entry for entry in entries}
    for item_id in ids:
        entry = upserted.get(item_id) or view.conversations[item_id]
        known = view.conversations.get(item_id)
        first = entry.item.unread_count or 0 if known is None or known.operator_created else known.first_unread
        upserted[item_id] = msgspec.structs.replace(entry, operator_created=True, first_unread=first)
    return list(upserted.values())


def _removed(view: View, collection: Collection, change: Sync, warnings: list[SyncWarning]) -> list[str]:
    known = view.entries(collection)
    gone = {item_id for item_id in change.removed.get(collection, ()) if item_id in known}
    if _replaces(view, collection, change, warnings):
        given = {item.id for item in change.items.get(collection, ())} | change.kept.get(collection, frozenset())
        dropped = {item_id for item_id, entry in known.items() if item_id not in given and not entry.operator_created}
        if len(dropped) > MASS_DROP_ABOVE and 2 * len(dropped) > len(known):
            warnings.append(_warning("mass_drop", collection, f"{len(dropped)} of {len(known)} items are gone"))
        gone |= dropped
    gone -= {item.id for item in change.items.get(collection, ())}
    return sorted(gone)


def _replaces(view: View, collection: Collection, change: Sync, warnings: list[SyncWarning]) -> bool:
    """Return whether absence from the change is proof of absence from the platform."""
    if collection in change.cleared:
        return True
    if collection not in change.items or collection in change.merge:
        return False
    if change.items[collection]:
        return collection not in change.doubtful
    held = len(view.entries(collection))
    if held:
        warnings.append(_warning("empty_not_cleared", collection, f"the list is empty; {held} items are kept"))
    return False


def _warning(code: Any, collection: str, message: str) -> SyncWarning:
    return SyncWarning(code=code, collection=collection, message=message)
