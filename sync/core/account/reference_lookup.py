"""Find the item that a reference names: one rule for the stored view and for a change under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from sync.protocol.ids import make_id, resolve_id
from sync.protocol.items import Collection


class ReferenceTargets(Protocol):
    """The items that references may name. `adopted`: as in `View`."""

    @property
    def account_id(self) -> str: ...

    @property
    def adopted(self) -> Mapping[str, str]: ...

    def has(self, collection: Collection, item_id: str) -> bool:
        """Return whether there is an item with exactly this id."""

    def claimants(self, collection: Collection, platform_id: str) -> Sequence[str]:
        """Return the ids, of another form, of the items that the platform calls `platform_id`."""


def lookup_reference(targets: ReferenceTargets, collection: Collection, reference: str) -> str | None:
    """Return the `id` of the item that `reference` names, or None.

    A reference is the id of an item, its platform id, or the id that its placeholder had.
    """
    prefix = make_id(collection, targets.account_id, "")
    bare = reference.removeprefix(prefix)
    usual = prefix + bare
    for candidate in (reference, usual):
        if targets.has(collection, candidate):
            return candidate
    if claimants := targets.claimants(collection, bare):
        return min(claimants)
    adopted = targets.adopted.get(usual) if collection == "conversations" else None
    if adopted is not None and targets.has(collection, adopted):
        return adopted
    return bare if targets.has(collection, bare) else None


def resolve_reference(targets: ReferenceTargets, collection: Collection, reference: str) -> str:
    """Return the `id` of the item that `reference` names, or the id that the item will have when it comes."""
    return lookup_reference(targets, collection, reference) or resolve_id(collection, targets.account_id, reference)
