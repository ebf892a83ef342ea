"""What of a snapshot is believed. Pure: (view, wire collections, now) -> change and warnings.

Items are decoded one by one, so that a broken one costs itself only. Times are normalised and references resolved here
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Raw

from sync.core.changes import Change, Sync
from sync.core.view import View
from sync.protocol.ids import check_item_id, make_id
from sync.protocol.items import (
    COLLECTIONS,
    IGNORED_KEYS,
    ITEM_TYPES,
    REFERENCES,
    TIME_FIELDS,
    Collection,
    Conversation,
    Item,
    Message,
)
from sync.protocol.messages import DataDelta, Snapshot, SyncWarning
from sync.protocol.times import UnbelievableTime, parse_time

_RAW_LIST: Final = msgspec.json.Decoder(list[Raw])
_ANY_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])
_DIRECTIONS: Final = {"incoming": "inbound", "outgoing": "outbound"}


def _wire_names(collection: Collection) -> dict[str, str]:
    return {field.name: field.encode_name for field in msgspec.structs.fields(ITEM_TYPES[collection])}


_NAMES: Final = {name: _wire_names(name) for name in COLLECTIONS}
_KNOWN_KEYS: Final = {name: frozenset(_NAMES[name].values()) | IGNORED_KEYS for name in COLLECTIONS}
_TIME_KEYS: Final = {name: tuple(_NAMES[name][field] for field in TIME_FIELDS[name]) for name in COLLECTIONS}


class Unbelievable(Exception):
    """Nothing of the snapshot has the right shape. The message says where."""


class Believed(NamedTuple):
    change: Change
    warnings: list[SyncWarning]


class _BadItem(Exception):
    pass


def believe_snapshot(view: View, snapshot: Snapshot, now: int) -> Believed:
    """Raises Unbelievable."""
    reader = _Reader(view, snapshot.data, now)
    if not reader.lists and not snapshot.removed and not snapshot.cleared:
        raise Unbelievable(f"data: none of {', '.join(COLLECTIONS)} is a list")
    change = reader.read(frozenset(snapshot.partial), snapshot.removed)
    return Believed(msgspec.structs.replace(change, cleared=frozenset(snapshot.cleared)), reader.warnings)


def believe_delta(view: View, delta: DataDelta, now: int) -> Believed:
    reader = _Reader(view, delta.upserts, now)
    return Believed(reader.read(frozenset(COLLECTIONS), delta.removals), reader.warnings)


class _Reader:
    """Reads one snapshot. `warnings` grows while it does."""

    def __init__(self, view: View, data: Mapping[str, Raw], now: int) -> None:
        self._view = view
        self._now = now
        self.warnings: list[SyncWarning] = []
        self.lists = self._read_lists(data)
        self._items: dict[Collection, dict[str, Item]] = {}
        self._kept: dict[Collection, set[str]] = {}
        self._unknown: set[tuple[str, str]] = set()

    def read(self, merge: frozenset[Collection], removed: Mapping[Collection, list[str]]) -> Sync:
        for name in COLLECTIONS:
            if name in self.lists:
                self._items[name] = self._read_collection(name, self.lists[name])
        resolve = self._resolver()
        for name, items in self._items.items():
            self._items[name] = {item_id: self._resolved(name, item, resolve) for item_id, item in items.items()}
        return Sync(
            items={name: list(items.values()) for name, items in self._items.items()},
            merge=merge,
            removed={name: [resolve(name, i) for i in ids] for name, ids in removed.items()},
            kept={name: frozenset(ids) for name, ids in self._kept.items()},
        )

    def _warn(self, code: Any, collection: str, message: str, index: int | None = None, id: str | None = None) -> None:
        self.warnings.append(SyncWarning(code=code, collection=collection, index=index, id=id, message=message))

    # -- lists and items

    def _read_lists(self, data: Mapping[str, Raw]) -> dict[Collection, list[Raw]]:
        lists: dict[Collection, list[Raw]] = {}
        for name, raw in data.items():
            if name not in COLLECTIONS:
                self._warn("unknown_key", name, f"no collection is called {name[:80]!r}")
                continue
            try:
                lists[name] = _RAW_LIST.decode(raw)
            except (msgspec.MsgspecError, RecursionError) as error:
                self._warn("bad_item", name, f"not a list of items: {error}")
        return lists

    def _read_collection(self, collection: Collection, raws: Iterable[Raw]) -> dict[str, Item]:
        items: dict[str, Item] = {}
        for index, raw in enumerate(raws):
            fields: dict[str, Any] = {}
            try:
                fields = self._read_object(raw)
                item = self._read_item(collection, fields, index)
            except _BadItem as error:
                self._keep(collection, fields, index, str(error))
                continue
            if item.id in items:
                self._warn("duplicate_id", collection, "came before in this list; the last one counts", index, item.id)
                del items[item.id]
            items[item.id] = item
        return items

    def _read_object(self, raw: Raw) -> dict[str, Any]:
        try:
            return _ANY_OBJECT.decode(raw)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
            raise _BadItem("nested too deeply" if isinstance(error, RecursionError) else str(error)) from error

    def _read_item(self, collection: Collection, fields: dict[str, Any], index: int) -> Item:
        self._check_owner(fields)
        item_id = fields.get("id")
        if isinstance(item_id, str):
            reason = check_item_id(item_id)
            if reason:
                raise _BadItem(f"id {reason}")
        for key in _TIME_KEYS[collection]:
            if key in fields:
                fields[key] = self._read_time(collection, fields, key, index)
        self._note_unknown(collection, fields)
        if collection == "messages" and fields.get("direction") in _DIRECTIONS:
            fields["direction"] = _DIRECTIONS[fields["direction"]]
        try:
            return msgspec.convert(_without_nulls(fields), ITEM_TYPES[collection])
        except msgspec.ValidationError as error:
            raise _BadItem(str(error)) from error

    def _check_owner(self, fields: Mapping[str, Any]) -> None:
        owner = fields.get("accountId")
        if owner is not None and owner != self._view.account_id:
            raise _BadItem(f"accountId is {str(owner)[:80]!r}, the snapshot is of {self._view.account_id!r}")

    def _read_time(self, collection: Collection, fields: Mapping[str, Any], key: str, index: int) -> int | None:
        try:
            return parse_time(fields[key], self._now)
        except UnbelievableTime as error:
            item_id = fields.get("id")
            self._warn("bad_time", collection, f"{key}: {error}", index, item_id if isinstance(item_id, str) else None)
            return None

    def _note_unknown(self, collection: Collection, fields: Mapping[str, Any]) -> None:
        for key in fields.keys() - _KNOWN_KEYS[collection]:
            if (collection, key) not in self._unknown:
                self._unknown.add((collection, key))
                self._warn("unknown_key", collection, f"{key[:80]!r} is not stored")

    def _keep(self, collection: Collection, fields: Mapping[str, Any], index: int, reason: str) -> None:
        """The stored version of a broken item stays in place."""
        item_id = fields.get("id")
        if isinstance(item_id, str):
            self._kept.setdefault(collection, set()).add(item_id)
        self._warn("bad_item", collection, reason, index, item_id if isinstance(item_id, str) else None)

    # -- references

    def _resolver(self) -> Callable[[Collection, str], str]:
        """By id or platform id: first what this snapshot brings, then what is stored."""
        account_id = self._view.account_id
        arriving: dict[tuple[Collection, str], str] = {}
        for name, items in self._items.items():
            for item in items.values():
                platform_id = item.platform_id  # type: ignore[attr-defined]
                if make_id(name, account_id, platform_id) != item.id:
                    arriving[(name, platform_id)] = item.id
        known = self._items

        def resolve(collection: Collection, reference: str) -> str:
            if reference in known.get(collection, ()):
                return reference
            return arriving.get((collection, reference)) or self._view.resolve(collection, reference)

        return resolve

    def _resolved(self, collection: Collection, item: Item, resolve: Callable[[Collection, str], str]) -> Item:
        changes: dict[str, Any] = {}
        for attribute, target in REFERENCES[collection]:
            reference = getattr(item, attribute)
            if reference:
                resolved = resolve(target, reference)
                if resolved != reference:
                    changes[attribute] = resolved
        if isinstance(item, Message) and item.direction is None:
            changes["direction"] = self._direction(item, changes.get("conversation_id", item.conversation_id))
        return msgspec.structs.replace(item, **changes) if changes else item

    def _direction(self, message: Message, conversation_id: str) -> str:
        """Outbound if the sender is not the partner; of an unlisted conversation the partner is its platform id."""
        conversation = self._items.get("conversations", {}).get(conversation_id)
        if conversation is None and conversation_id in self._view.conversations:
            conversation = self._view.conversations[conversation_id].item
        partner = conversation.user_id if isinstance(conversation, Conversation) else None
        if partner is None:
            partner = conversation_id.removeprefix(make_id("conversations", self._view.account_id, ""))
        return "inbound" if message.sender_id in (None, partner) else "outbound"


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    """null and absent are the same on the wire."""
    return {key: value for key, value in fields.items() if value is not None}
