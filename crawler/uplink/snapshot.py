"""The snapshot that is on its way to the hub for one account, and its merge with the next one. Pure."""

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from sync.protocol.items import COLLECTIONS, Collection
from sync.protocol.messages import DataDelta, DataSync, Snapshot, WireObservation
from sync.protocol.snapshot_parts import split_sync

# If the hub is away for a day, observations alone must not fill a frame.
MAX_OBSERVED = 2_000

Items = Mapping[Collection, Mapping[str, bytes]]


class AccountSnapshot(Struct, frozen=True, kw_only=True):
    """A message to the hub before it is encoded.

    `items`: encoded items by collection and id, or None for a sign of life that carries `observed` only. `partial`,
    `removed`, `cleared` are the wire's. `full`: it goes as a full snapshot, however little of it is new to the hub.
    """

    account_id: str
    platform: str
    items: Items | None = None
    partial: frozenset[Collection] = frozenset()
    removed: Mapping[Collection, frozenset[str]] = {}
    cleared: frozenset[Collection] = frozenset()
    observed: tuple[WireObservation, ...] = ()
    full: bool = False

    def items_of(self, name: Collection) -> Mapping[str, bytes]:
        """Return the items of the collection; none if it is not named."""
        return (self.items or {}).get(name, {})

    def replaces(self, name: Collection) -> bool:
        """Return whether the hub drops the items of the collection that are not in it."""
        if self.items is None or name not in self.items or name in self.partial:
            return False
        return bool(self.items[name]) or name in self.cleared


def carry_over(older: AccountSnapshot, newer: AccountSnapshot) -> AccountSnapshot:
    """Return one snapshot that does what `older` and then `newer` would do."""
    observed = (older.observed + newer.observed)[-MAX_OBSERVED:]
    if newer.items is None:
        return msgspec.structs.replace(older, observed=observed)
    if older.items is None:
        return msgspec.structs.replace(newer, observed=observed)
    items: dict[Collection, Mapping[str, bytes]] = {}
    partial: set[Collection] = set()
    for name in COLLECTIONS:
        _carry_collection(name, older, newer, items, partial)
    removed = {name: _removed(name, older, newer) for name in COLLECTIONS}
    # A replaced collection without items was cleared, or its last item was removed.
    cleared = {name for name, by_id in items.items() if not by_id and name not in partial}
    return AccountSnapshot(
        account_id=newer.account_id,
        platform=newer.platform,
        items=items,
        partial=frozenset(partial),
        removed={name: ids for name, ids in removed.items() if ids},
        cleared=frozenset(cleared),
        observed=observed,
        full=older.full or newer.full,
    )


def _carry_collection(
    name: Collection,
    older: AccountSnapshot,
    newer: AccountSnapshot,
    items: dict[Collection, Mapping[str, bytes]],
    partial: set[Collection],
) -> None:
    before, after = (older.items or {}).get(name), (newer.items or {}).get(name)
    if before is None and after is None:
        if name in newer.partial:
            partial.add(name)
        return
    if after is not None and newer.replaces(name):
        items[name] = after
        return
    gone = newer.removed.get(name, frozenset())
    items[name] = {id: item for id, item in (before or {}).items() if id not in gone} | dict(after or {})
    if not older.replaces(name):
        partial.add(name)


def _removed(name: Collection, older: AccountSnapshot, newer: AccountSnapshot) -> frozenset[str]:
    again = (newer.items or {}).get(name, {})
    return newer.removed.get(name, frozenset()) | {i for i in older.removed.get(name, ()) if i not in again}


def make_messages(
    snapshot: AccountSnapshot, now: int, max_bytes: int, sync_id: str
) -> Sequence[DataSync] | Sequence[DataDelta]:
    """Return the message for `snapshot`, or its parts of at most `max_bytes` each. `now` is ms UTC.

    Raises snapshot_parts.ItemTooLarge.
    """
    if snapshot.items is None:
        return [DataDelta(account_id=snapshot.account_id, platform=snapshot.platform, observed=list(snapshot.observed))]
    sync = DataSync(
        account_id=snapshot.account_id,
        platform=snapshot.platform,
        timestamp=now,
        snapshot=Snapshot(
            platform=snapshot.platform,
            data={},
            partial=sorted(snapshot.partial),
            removed={name: sorted(ids) for name, ids in snapshot.removed.items()},
            cleared=sorted(snapshot.cleared),
        ),
        observed=list(snapshot.observed),
    )
    items: dict[str, Sequence[bytes]] = {name: tuple(by_id.values()) for name, by_id in snapshot.items.items()}
    return split_sync(sync, items, max_bytes, sync_id)
