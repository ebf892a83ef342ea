"""Validate a snapshot: (view, wire collections, now) -> change and warnings. Pure.

Items are decoded one by one, so that a broken one costs itself only. Times are normalised and references resolved here
and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final, NamedTuple, get_args

import msgspec
from msgspec import Raw

from sync.core.account.view import View
from sync.core.change.changes import Change, Sync
from sync.core.change.references import FOLLOWED, ReferenceIndex
from sync.core.pace import Check, go_on
from sync.core.read_items import ItemsByBytes, ReadItems
from sync.protocol.ids import check_item_id, is_of_another, make_id
from sync.protocol.items import (
    COLLECTIONS,
    IGNORED_KEYS,
    ITEM_TYPES,
    NAME_FIELDS,
    REFERENCES,
    TIME_FIELDS,
    Collection,
    ContentType,
    Conversation,
    ConversationType,
    Item,
    Message,
    MessageStatus,
    MessageType,
    NotificationType,
)
from sync.protocol.lenient import FAULTS, reason_of
from sync.protocol.messages import DataDelta, Snapshot, SyncWarning
from sync.protocol.text import visible
from sync.protocol.times import InvalidTime, parse_time

_POINTING: Final[frozenset[Collection]] = frozenset(name for name, fields in REFERENCES.items() if fields)
"""The collections whose items refer to others."""
_RAW_LIST: Final = msgspec.json.Decoder(list[Raw])
_ANY_OBJECT: Final = msgspec.json.Decoder(dict[str, Any])


def _wire_names(collection: Collection) -> dict[str, str]:
    return {field.name: field.encode_name for field in msgspec.structs.fields(ITEM_TYPES[collection])}


_NAMES: Final = {name: _wire_names(name) for name in COLLECTIONS}
_KNOWN_KEYS: Final = {name: frozenset(_NAMES[name].values()) | IGNORED_KEYS for name in COLLECTIONS}
_DIRECTIONS: Final = {"incoming": "inbound", "outgoing": "outbound"}
# By collection: (key, known values, the value that stands for every other one; None: unknown). A kind that only
# a newer worker knows must not cost the item.
_KINDS: Final[dict[Collection, tuple[tuple[str, frozenset[str], str | None], ...]]] = {
    "conversations": (
        ("type", frozenset(get_args(ConversationType)), None),
        ("lastMessageType", frozenset(get_args(MessageType)), "other"),
    ),
    "messages": (
        ("type", frozenset(get_args(MessageType)), "other"),
        ("status", frozenset(get_args(MessageStatus)), None),
    ),
    "contents": (("type", frozenset(get_args(ContentType)), None),),
    "comments": (),
    "notifications": (("type", frozenset(get_args(NotificationType)), "system"),),
}
_NAME_KEYS: Final = {name: tuple(_NAMES[name][field] for field in NAME_FIELDS[name]) for name in COLLECTIONS}
_TIME_KEYS: Final = {name: tuple(_NAMES[name][field] for field in TIME_FIELDS[name]) for name in COLLECTIONS}


class InvalidSnapshot(Exception):
    """The snapshot is refused: nothing of it has the right shape. The message says where."""

    code = "bad_payload"


class StaleBase(InvalidSnapshot):
    """The delta is refused: what it differs from is not here any more. A full snapshot is wanted."""

    code = "stale_base"


class Validated(NamedTuple):
    """A change that was validated, with the warnings of that."""

    change: Change
    warnings: list[SyncWarning]


class _BadItem(Exception):
    pass


class _Names(NamedTuple):
    """The ids that a broken item gives itself, as far as they can be read."""

    item_id: str | None
    platform_id: str | None


_NAMELESS: Final = _Names(None, None)


def validate_snapshot(
    view: View,
    snapshot: Snapshot,
    now: int,
    accounts: Container[str] = (),
    known: ReadItems | None = None,
    check: Check = go_on,
) -> Validated:
    """Return the change that a full snapshot asks for. `now`: ms UTC; `accounts`: the ids of all that exist.

    `known`: what was read before, which need not be read again. `check` is called between items. Raises
    InvalidSnapshot.
    """
    known = known or ReadItems()
    reader = _Reader(view, snapshot.data, now, accounts, known.of(view.account_id, now, accounts), check)
    if not reader.lists and not snapshot.removed and not snapshot.cleared:
        raise InvalidSnapshot(f"data: none of {', '.join(COLLECTIONS)} is a list")
    change = reader.read(frozenset(snapshot.partial), snapshot.removed)
    known.keep(view.account_id, reader.clean, accounts)
    return Validated(msgspec.structs.replace(change, cleared=frozenset(snapshot.cleared)), reader.warnings)


def validate_delta(
    view: View, delta: DataDelta, now: int, accounts: Container[str] = (), check: Check = go_on
) -> Validated:
    """Return the change that a delta asks for: its items are merged. The rest as for `validate_snapshot`.

    Raises StaleBase if the account was begun anew since the version that the delta differs from.
    """
    base = delta.base_version
    if base is not None and (view.started_at is None or not view.started_version <= base <= view.version):
        raise StaleBase(f"the account has not been the same since version {base}; a full snapshot is wanted")
    reader = _Reader(view, delta.upserts, now, accounts, {}, check)
    return Validated(reader.read(frozenset(COLLECTIONS), delta.removals), reader.warnings)


class _Reader:
    """Reads one snapshot. `warnings` grows while it does, and so does `clean`: items that gave none, by their bytes.

    `known`: such items of an earlier one.
    """

    def __init__(
        self,
        view: View,
        data: Mapping[str, Raw],
        now: int,
        accounts: Container[str],
        known: ItemsByBytes,
        check: Check,
    ) -> None:
        self._view = view
        self._known = known
        self._check = check
        self.clean: dict[Collection, dict[bytes, Item]] = {}
        self._now = now
        self._accounts = accounts
        self.warnings: list[SyncWarning] = []
        self.lists = self._read_lists(data)
        self._items: dict[Collection, dict[str, Item]] = {}
        self._broken: dict[Collection, list[_Names]] = {}
        self._places: dict[tuple[Collection, str], int] = {}
        self._unknown: set[tuple[str, str]] = set()
        self._targets: defaultdict[Collection, dict[str, str]] = defaultdict(dict)
        self._held: defaultdict[Collection, set[str]] = defaultdict(set)

    def read(self, merge: frozenset[Collection], removed: Mapping[Collection, list[str]]) -> Sync:
        """Return the change. `merge`: collections whose missing items stay; `removed`: ids or platform ids."""
        for name in COLLECTIONS:
            if name in self.lists:
                self._items[name] = self._read_collection(name, self.lists[name])
        references = ReferenceIndex(self._view, {name: items.values() for name, items in self._items.items()})
        for name, items in self._items.items():
            if name in _POINTING:
                resolved = ((one, self._resolved_or_none(name, item, references)) for one, item in items.items())
                self._items[name] = {item_id: item for item_id, item in resolved if item is not None}
        return Sync(
            items={name: list(items.values()) for name, items in self._items.items()},
            merge=merge,
            removed={name: [references.resolve(name, i) for i in ids] for name, ids in removed.items()},
            kept={name: self._kept(name, broken) for name, broken in self._broken.items()},
            doubtful=frozenset(name for name, broken in self._broken.items() if _NAMELESS in broken),
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
            except FAULTS as error:
                self._warn("bad_item", name, f"not a list of items: {reason_of(error)}")
        return lists

    def _read_collection(self, collection: Collection, raws: Iterable[Raw]) -> dict[str, Item]:
        items: dict[str, Item] = {}
        known, clean = self._known.get(collection, {}), self.clean.setdefault(collection, {})
        for index, raw in enumerate(raws):
            self._check()
            data = bytes(raw)
            item = known.get(data)
            if item is not None:
                clean[data] = item
            elif (item := self._read_new(collection, data, index)) is None:
                continue
            if item.id in items:
                self._warn("duplicate_id", collection, "came before in this list; the last one counts", index, item.id)
                del items[item.id]
            items[item.id] = item
            self._places[collection, item.id] = index
        return items

    def _read_new(self, collection: Collection, data: bytes, index: int) -> Item | None:
        """Return an item that was not known by its bytes; None, with a warning, for a broken one."""
        fields: dict[str, Any] = {}
        warned = len(self.warnings)
        try:
            fields = self._read_object(data)
            item = self._read_item(collection, fields, index)
        except _BadItem as error:
            self._note_broken(collection, fields, index, str(error))
            return None
        # Of keys that are not stored only the first is told, so that no warning proves nothing.
        if len(self.warnings) == warned and fields.keys() <= _KNOWN_KEYS[collection]:
            self.clean[collection][data] = item
        return item

    def _read_object(self, raw: bytes) -> dict[str, Any]:
        try:
            return _ANY_OBJECT.decode(raw)
        except FAULTS as error:
            raise _BadItem(reason_of(error)) from error

    def _read_item(self, collection: Collection, fields: dict[str, Any], index: int) -> Item:
        self._check_owner(fields)
        item_id = fields.get("id")
        if isinstance(item_id, str):
            reason = check_item_id(item_id)
            if reason:
                raise _BadItem(f"id {reason}")
            self._check_not_of_another(item_id, "id")
        for key in _TIME_KEYS[collection]:
            if key in fields:
                fields[key] = self._read_time(collection, fields, key, index)
        self._note_unknown(collection, fields)
        if collection == "messages" and isinstance(direction := fields.get("direction"), str):
            fields["direction"] = _DIRECTIONS.get(direction, direction)
        for key, known, other in _KINDS[collection]:
            if isinstance(kind := fields.get(key), str) and kind not in known:
                fields[key] = other
        for key in _NAME_KEYS[collection]:
            if isinstance(name := fields.get(key), str):
                fields[key] = visible(name)
        try:
            item = msgspec.convert(_without_nulls(fields), ITEM_TYPES[collection])
        except msgspec.ValidationError as error:
            raise _BadItem(str(error)) from error
        _check_references(collection, item)
        return item

    def _check_owner(self, fields: Mapping[str, Any]) -> None:
        owner = fields.get("accountId")
        if owner is not None and owner != self._view.account_id:
            raise _BadItem(f"accountId is {str(owner)[:80]!r}, the snapshot is of {self._view.account_id!r}")

    def _check_not_of_another(self, item_id: str, name: str) -> None:
        if is_of_another(item_id, self._view.account_id, self._accounts):
            raise _BadItem(f"{name} is {item_id!r}, an id of another account")

    def _read_time(self, collection: Collection, fields: Mapping[str, Any], key: str, index: int) -> int | None:
        try:
            return parse_time(fields[key], self._now)
        except InvalidTime as error:
            item_id = fields.get("id")
            self._warn("bad_time", collection, f"{key}: {error}", index, item_id if isinstance(item_id, str) else None)
            return None

    def _note_unknown(self, collection: Collection, fields: Mapping[str, Any]) -> None:
        for key in fields.keys() - _KNOWN_KEYS[collection]:
            if (collection, key) not in self._unknown:
                self._unknown.add((collection, key))
                self._warn("unknown_key", collection, f"{key[:80]!r} is not stored")

    def _note_broken(self, collection: Collection, fields: Mapping[str, Any], index: int, reason: str) -> None:
        named = (fields.get("id"), fields.get(_NAMES[collection]["platform_id"]))
        item_id, platform_id = (name if isinstance(name, str) and name else None for name in named)
        self._broken.setdefault(collection, []).append(_Names(item_id, platform_id))
        self._warn("bad_item", collection, reason, index, item_id)

    def _kept(self, collection: Collection, broken: Iterable[_Names]) -> frozenset[str]:
        """Return the ids of the stored versions of broken items, which stay in place."""
        known = {item_id for item_id, _ in broken if item_id in self._view.entries(collection)}
        meant = {self._view.lookup(collection, platform_id) for _, platform_id in broken if platform_id is not None}
        return frozenset(item_id for item_id in known | meant if item_id is not None)

    # -- references

    def _resolved_or_none(self, collection: Collection, item: Item, references: ReferenceIndex) -> Item | None:
        """Return the item with its references resolved; None, with a warning, if one leads to another account."""
        self._check()
        try:
            return self._resolved(collection, item, references)
        except _BadItem as error:
            platform_id: str = item.platform_id  # type: ignore[attr-defined]  # every kind has one
            self._broken.setdefault(collection, []).append(_Names(item.id, platform_id))
            self._warn("bad_item", collection, str(error), self._places[collection, item.id], item.id)
            return None

    def _resolved(self, collection: Collection, item: Item, references: ReferenceIndex) -> Item:
        changes: dict[str, Any] = {}
        for attribute, target in REFERENCES[collection]:
            reference = getattr(item, attribute)
            if reference is not None:
                resolved = self._target(target, reference, references) if reference else None
                if target == collection and resolved == item.id:
                    resolved = None  # nothing is below itself
                if resolved is not None and resolved not in self._held[target]:
                    self._check_not_of_another(resolved, _NAMES[collection][attribute])
                if resolved != reference:
                    changes[attribute] = resolved
        if isinstance(item, Message) and item.direction is None:
            changes["direction"] = self._direction(item, changes.get("conversation_id", item.conversation_id))
        return msgspec.structs.replace(item, **changes) if changes else item

    def _target(self, target: Collection, reference: str, references: ReferenceIndex) -> str:
        """Return the id that a reference leads to. Many items share theirs: each is resolved once."""
        resolved = self._targets[target].get(reference)
        if resolved is None:
            resolved = self._targets[target][reference] = references.resolve(target, reference)
            if references.has(target, resolved):
                self._held[target].add(resolved)
        return resolved

    def _direction(self, message: Message, conversation_id: str) -> str:
        """Return the direction of a message: outbound if the sender is not the partner, as far as that is known."""
        sender, me = message.sender_id, self._view.report.profile.platform_user_id
        if sender is None:
            return "inbound"
        if sender == me:
            return "outbound"
        conversation = self._conversation(conversation_id)
        if conversation is not None and conversation.user_id is not None and conversation.type != "group":
            return "inbound" if sender == conversation.user_id else "outbound"
        if me is not None or (conversation is not None and conversation.type == "group"):
            return "inbound"
        platform_id = conversation.platform_id if conversation is not None else conversation_id
        partner = platform_id.removeprefix(make_id("conversations", self._view.account_id, ""))
        return "inbound" if sender == partner else "outbound"

    def _conversation(self, conversation_id: str) -> Conversation | None:
        item: Any = self._items.get("conversations", {}).get(conversation_id)
        if item is None and conversation_id in self._view.conversations:
            item = self._view.conversations[conversation_id].item
        return item if isinstance(item, Conversation) else None


def _check_references(collection: Collection, item: Item) -> None:
    """Refuse an item whose reference cannot be an id: its target would get a placeholder of that id."""
    for name, attribute, _ in FOLLOWED:
        reference = getattr(item, attribute) if name == collection else None
        if reference and (reason := check_item_id(reference)):
            raise _BadItem(f"{_NAMES[collection][attribute]} {reason}")


def _without_nulls(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields that are not null: null and absent are the same on the wire."""
    return {key: value for key, value in fields.items() if value is not None}
