"""Decode a worker's message in which something beside the items has the wrong shape: it costs itself, not the message.

Only messages that a strict decoder refused come here. What cannot be placed (whose account it is, which part, a
message that is no object) still refuses the message.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from sync.protocol.items import COLLECTIONS, Collection
from sync.protocol.messages import (
    MAX_WARNINGS,
    AccountStatus,
    AccountStatuses,
    DataDelta,
    DataSync,
    Snapshot,
    SyncWarning,
    WarningCode,
    WireMessage,
    WireObservation,
)

T = TypeVar("T")

FAULTS: Final = (msgspec.MsgspecError, RecursionError, UnicodeError)
_NONE: Final = Raw(b"[]")
_NO_LISTS: Final = Raw(b"{}")
_LIST: Final = msgspec.json.Decoder(list[Raw])
_OBJECT: Final = msgspec.json.Decoder(dict[str, Raw])
_NAMED: Final = msgspec.json.Decoder(dict[str, Any])
_TEXT: Final = msgspec.json.Decoder(str)
_OBSERVATION: Final = msgspec.json.Decoder(WireObservation)
_STATUS: Final = msgspec.json.Decoder(AccountStatus)


def _loosened(kind: type[Struct], *fields: tuple[str, Any, Any]) -> Any:
    """Return a kind of message with some fields, each (name, type, default), in place of the strict ones."""
    return msgspec.defstruct(f"Loose{kind.__name__}", fields, bases=(kind,), frozen=True, kw_only=True)


_PARTIAL, _CLEARED, _OBSERVED = ((name, Raw, _NONE) for name in ("partial", "cleared", "observed"))
_SNAPSHOT: Final = _loosened(Snapshot, _PARTIAL, ("removed", Raw, _NO_LISTS), _CLEARED)
_SYNC: Final = _loosened(DataSync, ("snapshot", _SNAPSHOT, msgspec.NODEFAULT), _OBSERVED)
_DELTA: Final = _loosened(DataDelta, ("removals", Raw, _NO_LISTS), _OBSERVED)
_STATUSES: Final = _loosened(AccountStatuses, ("account_statuses", Raw, msgspec.NODEFAULT))


class _Reader:
    """Reads the lists of one message. `warnings` names what was left out of them."""

    def __init__(self) -> None:
        self._warnings: list[SyncWarning] = []
        self._count = 0

    @property
    def warnings(self) -> list[SyncWarning]:
        # A frame has room for very many faults.
        more = self._count - len(self._warnings)
        if not more:
            return self._warnings
        last = self._warnings[-1]
        return [*self._warnings[:-1], msgspec.structs.replace(last, message=f"{last.message}; {more} more faults")]

    def warn(self, collection: str, message: str, *, code: WarningCode = "bad_item", **where: Any) -> None:
        """Add a warning. `where`: its `index` and `id`."""
        self._count += 1
        if len(self._warnings) < MAX_WARNINGS:
            self._warnings.append(SyncWarning(code=code, collection=collection, message=message, **where))

    def read_list(self, raw: Raw, place: str, read: Callable[[Raw], T], collection: str = "") -> list[T]:
        """Return what `read` makes of each entry that has the right shape. Null is an empty list."""
        found = []
        for index, entry in enumerate(self._entries(raw, place, collection or place)):
            try:
                found.append(read(entry))
            except FAULTS as error:
                self.warn(collection or place, f"{place}: {reason_of(error)}", index=index, id=_account_named(entry))
        return found

    def _entries(self, raw: Raw, place: str, collection: str) -> list[Raw]:
        if bytes(raw) == b"null":
            return []
        try:
            return _LIST.decode(raw)
        except FAULTS as error:
            self.warn(collection, f"{place}: {reason_of(error)}")
            return []

    def read_ids(self, raw: Raw, place: str) -> dict[Collection, list[str]]:
        """Return the lists of ids by collection."""
        try:
            lists = _OBJECT.decode(raw) if bytes(raw) != b"null" else {}
        except FAULTS as error:
            self.warn(place, f"{place}: {reason_of(error)}")
            return {}
        ids: dict[Collection, list[str]] = {}
        for name, entries in lists.items():
            if name in COLLECTIONS:
                ids[name] = self.read_list(entries, place, _TEXT.decode, name)
            else:
                self.warn(name[:80], f"{place}: no collection is called so", code="unknown_key")
        return ids

    def read_collections(self, raw: Raw, place: str) -> tuple[list[Collection], set[str]]:
        """Return the collections that the list names, and the names in it that no collection has."""
        before = self._count
        names = self.read_list(raw, place, _TEXT.decode)
        unknown = {name for name in names if name not in COLLECTIONS}
        for name in unknown:
            self.warn(name[:80], f"{place}: no collection is called so", code="unknown_key")
        is_whole = self._count == before + len(unknown)
        return [name for name in COLLECTIONS if name in names], unknown if is_whole else {*unknown, ""}


def decode_leniently(kind: type[WireMessage], payload: Raw) -> tuple[WireMessage, list[SyncWarning]]:
    """Return a message of `kind` without what has the wrong shape in it, and warnings that name that.

    Raises what msgspec raises if no message is left.
    """
    reader = _Reader()
    message = _DECODERS[kind](payload, reader)
    return message, reader.warnings


def is_lenient(kind: type[WireMessage]) -> bool:
    """Return whether a message of this kind has lists whose entries stand for themselves."""
    return kind in _DECODERS


def _decode_sync(payload: Raw, reader: _Reader) -> DataSync:
    loose: Any = msgspec.json.decode(payload, type=_SYNC)
    snapshot = _snapshot(loose.snapshot, reader)
    observed = reader.read_list(loose.observed, "observed", _OBSERVATION.decode)
    return DataSync(**_fields(loose) | {"snapshot": snapshot, "observed": observed})


def _snapshot(loose: Any, reader: _Reader) -> Snapshot:
    partial, strange = reader.read_collections(loose.partial, "partial")
    if strange - loose.data.keys():
        # A collection may be meant of which the worker did not see the end: then nothing that is missing is gone.
        partial = list(COLLECTIONS)
    removed = reader.read_ids(loose.removed, "removed")
    cleared, _ = reader.read_collections(loose.cleared, "cleared")
    return Snapshot(**_fields(loose) | {"partial": partial, "removed": removed, "cleared": cleared})


def _decode_delta(payload: Raw, reader: _Reader) -> DataDelta:
    loose: Any = msgspec.json.decode(payload, type=_DELTA)
    removals = reader.read_ids(loose.removals, "removals")
    observed = reader.read_list(loose.observed, "observed", _OBSERVATION.decode)
    return DataDelta(**_fields(loose) | {"removals": removals, "observed": observed})


def _decode_statuses(payload: Raw, reader: _Reader) -> AccountStatuses:
    loose: Any = msgspec.json.decode(payload, type=_STATUSES)
    _LIST.decode(loose.account_statuses)  # of what is no list nothing can be placed
    statuses = reader.read_list(loose.account_statuses, "account_statuses", _STATUS.decode)
    return AccountStatuses(**_fields(loose) | {"account_statuses": statuses})


def _fields(message: Struct) -> dict[str, Any]:
    return {name: getattr(message, name) for name in message.__struct_fields__}


_DECODERS: Final[dict[type[WireMessage], Callable[[Raw, _Reader], WireMessage]]] = {
    DataSync: _decode_sync,
    DataDelta: _decode_delta,
    AccountStatuses: _decode_statuses,
}


def _account_named(entry: Raw) -> str | None:
    """Return the account that a broken report names, as far as that can be read."""
    try:
        name = _NAMED.decode(entry).get("account_id")
    except FAULTS:
        return None
    return name[:255] if isinstance(name, str) and name else None


def reason_of(error: Exception) -> str:
    """Return a decoder's fault in words, for the worker."""
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)
