"""A snapshot above the frame limit travels in parts: it is cut here, joined here and applied as one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
from msgspec import Raw

from sync.protocol.items import Collection
from sync.protocol.messages import DataSync, Snapshot, SnapshotPart

PART_TIMEOUT_MS: Final = 60_000
# Room in a frame for the envelope, the names of collections and the lists beside the items.
_ENVELOPE_BYTES: Final = 4_096

_RAW_LIST: Final = msgspec.json.Decoder(list[Raw])


class PartError(Exception):
    """The part does not fit its set, or there is no room. `code` is `part_invalid`, `too_large` or `busy`."""

    def __init__(self, code: str, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms


class ItemTooLarge(ValueError):
    """One item alone is above the frame limit."""


class _Piece(NamedTuple):
    """A piece that must not be torn apart. `value`: encoded, `size` bytes of it."""

    place: Literal["items", "removed", "observed"]
    name: str
    value: Any
    size: int


def fits(item: bytes, max_bytes: int) -> bool:
    """Return whether an encoded item has room in a frame of its own."""
    return len(item) + 1 <= max_bytes - _ENVELOPE_BYTES


def cut(data: Mapping[str, Sequence[bytes]], max_bytes: int) -> Iterator[dict[str, Raw]]:
    """Yield `Snapshot.data` in chunks, each at most `max_bytes` with its envelope. `data`: encoded items by collection.

    A collection without items stands in the first chunk. Raises ItemTooLarge.
    """
    for index, pieces in enumerate(_pack(_items(data), max_bytes - _ENVELOPE_BYTES)):
        yield _data(pieces, _empty(data) if index == 0 else ())


def _empty(data: Mapping[str, Sequence[bytes]]) -> list[str]:
    return [name for name, items in data.items() if not items]


def _items(data: Mapping[str, Sequence[bytes]]) -> Iterator[_Piece]:
    for name, items in data.items():
        yield from (_Piece("items", name, item, len(item)) for item in items)


def _pack(pieces: Iterable[_Piece], room: int) -> Iterator[list[_Piece]]:
    chunk: list[_Piece] = []
    used = 0
    for piece in pieces:
        size = piece.size + 1
        if size > room:
            raise ItemTooLarge(f"one of {piece.place} of {piece.name} has {piece.size} bytes, there is room for {room}")
        if used + size > room:
            yield chunk
            chunk, used = [], 0
        chunk.append(piece)
        used += size
    yield chunk


def _data(pieces: Iterable[_Piece], empty: Iterable[str]) -> dict[str, Raw]:
    lists: dict[str, list[bytes]] = {}
    for piece in pieces:
        if piece.place == "items":
            lists.setdefault(piece.name, []).append(piece.value)
    return {name: Raw(b"[]") for name in empty} | {name: as_list(items) for name, items in lists.items()}


def as_list(items: Iterable[bytes]) -> Raw:
    """Return the JSON list of encoded items."""
    return Raw(b"[" + b",".join(items) + b"]")


def split_sync(sync: DataSync, items: Mapping[str, Sequence[bytes]], max_bytes: int, sync_id: str) -> list[DataSync]:
    """Return `sync` with `items` as its data: one message, or its parts.

    What is beside the items goes with the first parts. Raises ItemTooLarge.
    """
    snapshot = sync.snapshot
    first = msgspec.structs.replace(snapshot, data={}, removed={})
    alone = msgspec.structs.replace(sync, snapshot=first, observed=[])
    room = max_bytes - _ENVELOPE_BYTES - len(msgspec.json.encode(alone))
    chunks = list(_pack([*_observed(sync), *_removed(snapshot), *_items(items)], room))
    bare = Snapshot(platform=snapshot.platform, data={})
    return [
        msgspec.structs.replace(
            sync,
            snapshot=msgspec.structs.replace(
                first if index == 0 else bare,
                data=_data(chunk, _empty(items) if index == 0 else ()),
                removed=_removed_in(chunk),
            ),
            observed=[piece.value for piece in chunk if piece.place == "observed"],
            part=SnapshotPart(sync_id=sync_id, index=index, total=len(chunks)) if len(chunks) > 1 else None,
        )
        for index, chunk in enumerate(chunks)
    ]


def _observed(sync: DataSync) -> Iterator[_Piece]:
    return (_Piece("observed", look.surface, look, len(msgspec.json.encode(look))) for look in sync.observed)


def _removed(snapshot: Snapshot) -> Iterator[_Piece]:
    for name, ids in snapshot.removed.items():
        yield from (_Piece("removed", name, item_id, len(msgspec.json.encode(item_id))) for item_id in ids)


def _removed_in(pieces: Iterable[_Piece]) -> dict[Collection, list[str]]:
    removed: dict[Any, list[str]] = {}
    for piece in pieces:
        if piece.place == "removed":
            removed.setdefault(piece.name, []).append(piece.value)
    return removed


class PartSet:
    """The open set of one account on one connection. A newer `sync_id` needs a new PartSet."""

    def __init__(self, first: SnapshotPart, now: int, max_bytes: int) -> None:
        self.sync_id = first.sync_id
        self._total = first.total
        self._started = now
        self._max_bytes = max_bytes
        self._parts: dict[int, DataSync] = {}
        self._bytes = 0

    def add(self, sync: DataSync, size: int, now: int) -> list[DataSync] | None:
        """Return all parts in order once they are here, else None; `join` makes one of them. `size`: bytes of the
        frame.

        Raises PartError.
        """
        part = sync.part
        assert part is not None
        self._check(part, size, now)
        if part.index not in self._parts:
            self._parts[part.index] = sync
            self._bytes += size
        if len(self._parts) < self._total:
            return None
        return [self._parts[index] for index in range(self._total)]

    @property
    def size(self) -> int:
        """Bytes of the frames so far."""
        return self._bytes

    def is_late(self, now: int) -> bool:
        """Return whether the set took longer than PART_TIMEOUT_MS. `now`: ms UTC."""
        return now - self._started > PART_TIMEOUT_MS

    def _check(self, part: SnapshotPart, size: int, now: int) -> None:
        if part.total != self._total:
            raise PartError("part_invalid", f"total was {self._total}, now {part.total}")
        if part.index >= self._total:
            raise PartError("part_invalid", f"index {part.index} of {self._total} parts")
        if self.is_late(now):
            raise PartError("part_invalid", f"the set was not whole within {PART_TIMEOUT_MS // 1000} s")
        if part.index not in self._parts and self._bytes + size > self._max_bytes:
            raise PartError("too_large", f"the parts together are above {self._max_bytes} bytes")


def join(parts: Sequence[DataSync]) -> DataSync:
    """Return one snapshot of all parts: lists end to end, what is beside them as unions."""
    if len(parts) == 1:
        return parts[0]
    data: dict[str, list[Raw]] = {}
    broken: dict[str, Raw] = {}
    for part in parts:
        for name, raw in part.snapshot.data.items():
            try:
                data.setdefault(name, []).extend(_RAW_LIST.decode(raw))
            except (msgspec.MsgspecError, RecursionError, UnicodeError):
                broken[name] = raw
    merged = {name: broken[name] if name in broken else as_list(map(bytes, items)) for name, items in data.items()}
    snapshots = [part.snapshot for part in parts]
    removed: dict[Collection, list[str]] = {}
    for snapshot in snapshots:
        for name, ids in snapshot.removed.items():
            removed.setdefault(name, []).extend(ids)
    return msgspec.structs.replace(
        parts[0],
        snapshot=Snapshot(
            platform=snapshots[0].platform,
            data=merged,
            partial=list(dict.fromkeys(name for s in snapshots for name in s.partial)),
            removed=removed,
            cleared=list(dict.fromkeys(name for s in snapshots for name in s.cleared)),
        ),
        observed=[observation for part in parts for observation in part.observed],
        part=None,
    )
