"""Holds everything that was observed of one account, in the form in which the hub wants it."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import msgspec
import structlog
from msgspec import Raw
from msgspec.structs import replace

from crawler.account.merge import merge_item
from crawler.platforms.base import SurfaceObservation
from crawler.uplink.snapshot import AccountSnapshot
from sync.protocol.ids import resolve_id
from sync.protocol.item_changes import is_change
from sync.protocol.items import COLLECTIONS, ITEM_TYPES, REFERENCES, Collection, Item
from sync.protocol.messages import Snapshot, Surface, WireObservation
from sync.protocol.text import well_formed_struct
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

FULL_EVERY_MS: Final = 300_000

_SECOND_HAND: Final = {("notifications", "comments")}
"""(surface, collection) where the platform tells of items with another time than their own list: a notice's own."""

_raw_list = msgspec.json.Decoder(list[Raw])
_encoder = msgspec.json.Encoder()


class Pusher(Protocol):
    """Takes the snapshots that the manager makes; `DataPusher` is one."""

    def push_data_sync(self, snapshot: AccountSnapshot) -> None:
        """Take over `snapshot` and return at once."""
        ...


class _Held:
    """The items of one collection, `encoded` too: once for each change.

    `ended`: its end was observed, so that absence from here is proof.
    """

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.encoded: dict[str, bytes] = {}
        self.by_platform_id: dict[str, str] = {}
        self.ended = False

    def put(self, item: Item) -> None:
        self.items[item.id] = item
        self.encoded[item.id] = _encoder.encode(item)
        self.by_platform_id[_platform_id(item)] = item.id

    def keep_only(self, ids: set[str]) -> bool:
        """Drop the items whose id is not in `ids`, and return whether there were any."""
        gone = [item for id, item in self.items.items() if id not in ids]
        for item in gone:
            del self.items[item.id], self.encoded[item.id]
            self.by_platform_id.pop(_platform_id(item), None)
        return bool(gone)


class AccountDataManager:
    """The data of one account: merges observations by item id and makes snapshots of them.

    `clock` gives ms UTC, `full_every_ms` is the age at which a full snapshot is due although nothing changed.
    `on_change` is called when the hub should learn of a change at once.
    """

    def __init__(
        self,
        account_id: str,
        platform: str,
        pusher: Pusher,
        clock: Clock,
        *,
        full_every_ms: int = FULL_EVERY_MS,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self._account_id = account_id
        self._platform = platform
        self._pusher = pusher
        self._clock = clock
        self._full_every_ms = full_every_ms
        self._on_change = on_change
        self._held: dict[Collection, _Held] = {name: _Held() for name in COLLECTIONS}
        self._observed: list[WireObservation] = []
        self._newest: dict[Surface, WireObservation] = {}
        self._changed = False
        self._last_full: int | None = None
        self.is_restored = False
        """Whether the hub's data were asked for: before that nothing is sent."""

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of items held, by collection."""
        return {name: len(held.items) for name, held in self._held.items()}

    @property
    def items(self) -> dict[Collection, dict[str, Item]]:
        """Return all items held, by collection and id."""
        return {name: dict(held.items) for name, held in self._held.items()}

    def restore(self, snapshots: Iterable[Snapshot]) -> None:
        """Start from what the hub holds, a snapshot or its parts. What was observed here already goes before it."""
        for snapshot in snapshots:
            for name in COLLECTIONS:
                for item in _decode_items(name, snapshot.data.get(name), self._account_id):
                    held = self._held[name].items.get(item.id)
                    self._held[name].put(item if held is None else merge_item(item, held))
        self.is_restored = True

    def apply_observation(self, observation: SurfaceObservation) -> bool:
        """Merge the items of one observation, and return whether the hub would find a change in them.

        Items that are missing from a collection in `ended` are dropped, but only if the canary is `ok`.
        """
        changed = False
        for name, items in observation.items.items():
            if (observation.surface, name) in _SECOND_HAND:
                items = [self._with_known_time(name, item) for item in items]
            ids, has_changed = self._merge(name, items)
            changed |= has_changed
            if name in observation.ended and observation.canary == "ok":
                changed |= self._end(name, ids)
        for name in observation.ended - observation.items.keys():
            if observation.canary == "ok":
                changed |= self._end(name, set())
        self.record(_to_wire(observation))
        if changed:
            self._changed = True
            self._on_change()
        return changed

    def plan(self, next_s: float) -> None:
        """Say in the newest observation when that surface is looked at again."""
        if self._observed:
            planned = self._observed[-1] = replace(self._observed[-1], next_s=round(next_s, 1))
            self._newest[planned.surface] = planned

    def record(self, observed: WireObservation) -> None:
        """Keep `observed` for the next message to the hub. It may also be a failed observation."""
        self._observed.append(observed)

    def to_sync_format(self) -> AccountSnapshot:
        """Return a snapshot of all that is held.

        `partial` names every collection whose end was not observed; an empty one of these is left out. `cleared` names
        every collection that was observed to be empty.
        """
        return AccountSnapshot(
            account_id=self._account_id,
            platform=self._platform,
            items={name: held.encoded.copy() for name, held in self._held.items() if held.items or held.ended},
            partial=frozenset(name for name, held in self._held.items() if not held.ended),
            cleared=frozenset(name for name, held in self._held.items() if held.ended and not held.items),
            observed=tuple(self._observed),
        )

    def repeat_newest(self) -> None:
        """Tell once more what was seen last of each surface: a hub that started anew forgot when we look again."""
        told = [one for one in self._newest.values() if one not in self._observed]
        self._observed[:0] = told

    def sync_to_master(self, *, full: bool = False) -> None:
        """Push a snapshot if something changed, if the last full one is old or if `full`; else a sign of life.

        Of a snapshot that is not due in full, the hub gets what it does not have. Nothing is sent before `restore`: the
        hub's data must be known first.
        """
        if not self.is_restored:
            return
        now = self._clock()
        old = self._last_full is None or now - self._last_full >= self._full_every_ms
        something = any(held.items or held.ended for held in self._held.values())
        full = full or old
        if something and (full or self._changed):
            snapshot = replace(self.to_sync_format(), full=full)
            self._changed = False
            self._last_full = now if full else self._last_full
        else:
            snapshot = AccountSnapshot(
                account_id=self._account_id, platform=self._platform, observed=tuple(self._observed)
            )
        self._observed.clear()
        self._pusher.push_data_sync(snapshot)

    def _merge(self, name: Collection, items: Iterable[Item]) -> tuple[set[str], bool]:
        """Merge `items` and return their ids, and whether the hub would find a change in one of them."""
        collection, ids, changed = self._held[name], set(), False
        for raw in items:
            # Whatever the adapter read: one item that cannot be encoded would hold back all of the account.
            observed = self._resolve(name, well_formed_struct(raw))
            ids.add(observed.id)
            held = collection.items.get(observed.id)
            merged = observed if held is None else merge_item(held, observed)
            # What the hub would find no change in stays as it was sent, so that it is not sent again.
            if held is None or is_change(name, held, merged, self._clock()):
                changed = True
                collection.put(merged)
        return ids, changed

    def _with_known_time(self, name: Collection, item: Item) -> Item:
        """Return `item` with the time that is held for it: what its own list said is never overridden."""
        held = self._held[name].items.get(self._resolve(name, item).id)
        return item if held is None or held.created_at is None else replace(item, created_at=held.created_at)

    def _end(self, name: Collection, ids: set[str]) -> bool:
        collection = self._held[name]
        changed = collection.keep_only(ids) or not collection.ended
        collection.ended = True
        return changed

    def _resolve(self, name: Collection, item: Item) -> Item:
        """Return `item` under the id that is held for it, with its references as ids of items."""
        changes: dict[str, Any] = {}
        known = self._held[name].by_platform_id.get(_platform_id(item))
        if known is not None and item.id not in self._held[name].items:
            changes["id"] = known
        for attribute, target in REFERENCES[name]:
            reference = getattr(item, attribute)
            if reference:
                changes[attribute] = self._find(target, reference)
        return replace(item, **changes) if changes else item

    def _find(self, target: Collection, reference: str) -> str:
        held = self._held[target]
        if reference in held.items:
            return reference
        return held.by_platform_id.get(reference) or resolve_id(target, self._account_id, reference)


def _platform_id(item: Item) -> str:
    platform_id: str = getattr(item, "platform_id", item.id)
    return platform_id


def _to_wire(observation: SurfaceObservation) -> WireObservation:
    """Return the observation as the hub records it, without its items."""
    return WireObservation(
        surface=observation.surface,
        entry=observation.entry,
        start=observation.start,
        end=observation.end,
        complete=observation.complete,
        items=sum(len(items) for items in observation.items.values()),
        canary=observation.canary,
        live=observation.live,
    )


def _decode_items(name: Collection, raw: Raw | None, account_id: str) -> list[Item]:
    """Decode one by one: an item that is not understood stays at the hub as it is."""
    if raw is None:
        return []
    items: list[Item] = []
    refused = 0
    for one in _raw_list.decode(raw):
        try:
            items.append(msgspec.json.decode(one, type=ITEM_TYPES[name]))
        except msgspec.MsgspecError:
            refused += 1
    if refused:
        log.warning("items of the hub are not understood", account=account_id, collection=name, items=refused)
    return items


def snapshots_of(answers: Iterable[object]) -> list[Snapshot]:
    """Return the snapshots in the answer to `worker:data:fetch`, one for each part that has one."""
    snapshots = (getattr(answer, "snapshot", None) for answer in answers)
    return [snapshot for snapshot in snapshots if isinstance(snapshot, Snapshot)]
