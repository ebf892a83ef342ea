"""What the hub acknowledged of an account, and what differs from that in the next snapshot. Pure."""

from collections.abc import Mapping, Set
from typing import Final

import msgspec
from msgspec import Struct

from crawler.uplink.snapshot import AccountSnapshot, Items
from sync.protocol.items import COLLECTIONS, Collection
from sync.protocol.messages import DataDelta, DataSyncAck
from sync.protocol.snapshot_parts import as_list

MOST_REMOVED: Final = 20
"""Of one collection, in one delta. The hub's alarm of many items that are gone at once needs a full snapshot."""
_UNKNOWN: Final = b""


class Acknowledged(Struct, frozen=True, kw_only=True):
    """The state of an account at the hub, as far as the hub told it on the connection of this number.

    `version`: the account's then. `items`: encoded, by collection and id. `whole`: the collections of which the hub
    holds no other items.
    """

    connection: int
    version: int
    items: Items = {}
    whole: frozenset[Collection] = frozenset()


def make_delta(known: Acknowledged, snapshot: AccountSnapshot, max_bytes: int) -> DataDelta | None:
    """Return the message with what `snapshot` changes of what the hub holds.

    None: only a full snapshot can say it. That is so if a collection was now seen to its end for the first time, if a
    conversation went (one that an operator began stays at the hub) or many items at once, or if the message would be
    above `max_bytes`.
    """
    upserts: dict[Collection, list[bytes]] = {}
    removals: dict[Collection, list[str]] = {}
    for name in COLLECTIONS:
        before, after = known.items.get(name, {}), snapshot.items_of(name)
        if snapshot.replaces(name):
            if name not in known.whole:
                return None
            gone: Set[str] = before.keys() - after.keys()
        else:
            gone = snapshot.removed.get(name, frozenset()) - after.keys()
        if len(gone) > MOST_REMOVED or (gone and name == "conversations"):
            return None
        if gone:
            removals[name] = sorted(gone)
        changed = [item for item_id, item in after.items() if before.get(item_id) != item]
        if changed:
            upserts[name] = changed
    if sum(len(item) + 1 for items in upserts.values() for item in items) > max_bytes:
        return None
    delta = DataDelta(
        account_id=snapshot.account_id,
        platform=snapshot.platform,
        upserts={name: as_list(items) for name, items in upserts.items()},
        removals=removals,
        observed=list(snapshot.observed),
        base_version=known.version,
    )
    return delta if len(msgspec.json.encode(delta)) <= max_bytes else None


def acknowledged(
    known: Acknowledged | None, snapshot: AccountSnapshot, ack: DataSyncAck, connection: int
) -> Acknowledged | None:
    """Return what the hub holds now that it took `snapshot`, in full or as the delta against `known`.

    What the ack has warnings of counts as different from whatever comes next. None: the ack does not tell.
    """
    if ack.version is None or ack.warnings_total > len(ack.warnings) or _has_nameless(ack):
        return None
    items: dict[Collection, Mapping[str, bytes]] = {}
    whole = set(known.whole) if known is not None else set()
    for name in COLLECTIONS:
        after = snapshot.items_of(name)
        if snapshot.replaces(name):
            whole.add(name)
            items[name] = after
        else:
            before = known.items.get(name, {}) if known is not None else {}
            gone = snapshot.removed.get(name, frozenset()) - after.keys()
            items[name] = {item_id: item for item_id, item in before.items() if item_id not in gone} | dict(after)
    for warning in ack.warnings:
        for name in COLLECTIONS:
            if warning.id is not None and warning.collection == name and warning.id in items[name]:
                items[name] = {**items[name], warning.id: _UNKNOWN}
    return Acknowledged(connection=connection, version=ack.version, items=items, whole=frozenset(whole))


def _has_nameless(ack: DataSyncAck) -> bool:
    return any(warning.code == "bad_item" and warning.id is None for warning in ack.warnings)
