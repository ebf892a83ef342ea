"""A view under construction: what is known of the step, and the indexes that are ready."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from sync.core.account.conversations import Marks
from sync.core.account.entries import Entry
from sync.core.account.history import item_key
from sync.core.account.item_change import ItemChange
from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.change.delta import Delta
from sync.core.maps import Map
from sync.core.pace import Check, go_on
from sync.protocol.items import Collection


class OrderChanges:
    """The keys that leave an order (`gone`), and those that come to it (`come`)."""

    def __init__(self) -> None:
        self.gone: list[Key] = []
        self.come: list[Key] = []

    def note(self, before: Key | None, after: Key | None) -> None:
        """Note that an item's key was `before` and is `after`; None: it is not in the order."""
        if before != after:
            self.gone += [before] if before else []
            self.come += [after] if after else []


class ViewBuilder:
    """Builds the next view; lives for the length of one step.

    `changes`: the items that the step is about. `fields`: the fields of the next view that are ready. `count`: what the
    step adds to each counter. `shifted`: (collection, id) of the items that became visible, hidden, read or unread.
    `check` is called between items.
    """

    def __init__(
        self,
        view: View,
        marks: Marks,
        changes: dict[Collection, list[ItemChange]],
        delta: Delta,
        check: Check = go_on,
    ) -> None:
        self.view = view
        self.check = check
        self.marks = marks
        self.changes = changes
        self.delta = delta
        self.history = view.history
        self.fields: dict[str, Any] = {"marks": marks}
        self.count: Counter[str] = Counter()
        self.shifted: set[tuple[Collection, str]] = set()
        self.waiting = OrderChanges()
        self.now_unread: defaultdict[Collection, list[str]] = defaultdict(list)
        self._keys: dict[Key, Key] = {}
        self.now_read: defaultdict[Collection, list[str]] = defaultdict(list)

    def key(self, entry: Entry[Any]) -> Key:
        """Return the `item_key` of an item, as the same object for all orders that the item is in."""
        key = item_key(entry.item)
        return self._keys.setdefault(key, key)

    def entries(self, collection: Collection) -> Map[str, Entry[Any]]:
        """Return the entries of a kind as they are after the step."""
        entries: Map[str, Entry[Any]] = self.fields.get(collection, self.view.entries(collection))
        return entries

    def note_unread(self, collection: Collection, item_id: str, was: bool, now: bool) -> None:
        """Note whether an item was and is unread."""
        if was and not now:
            self.now_read[collection].append(item_id)
        elif now and not was:
            self.now_unread[collection].append(item_id)


def group(groups: dict[str, list[ItemChange]], change: ItemChange, place: Callable[[Any], str | None]) -> None:
    """Put `change` into the group that its item belongs to, by `place`.

    An item that moved leaves its former group and comes to the new one.
    """
    before = place(change.old) if change.old is not None else None
    after = place(change.new) if change.new is not None else None
    if before is not None and before == after:
        groups[before].append(change)
        return
    if before is not None:
        groups[before].append(change.leaving())
    if after is not None:
        groups[after].append(change.coming())


def put(entries: Any, key: str, value: object | None) -> None:
    """Set the key to `value`, or remove it if `value` is None."""
    if value is None:
        entries.pop(key, None)
    else:
        entries[key] = value
