"""References while a change is under way: the item that one names, and the items that must be redirected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from sync.core.account.order import Order
from sync.core.account.reference_lookup import lookup_reference, resolve_reference
from sync.core.account.view import View
from sync.protocol.ids import make_id, resolve_id
from sync.protocol.items import Collection, Item

# References whose target has a place of its own even while it is unknown: (collection, attribute, target).
FOLLOWED: Final[tuple[tuple[Collection, str, Collection], ...]] = (
    ("messages", "conversation_id", "conversations"),
    ("comments", "content_id", "contents"),
    ("comments", "parent_comment_id", "comments"),
)

Redirects = Mapping[Collection, Mapping[str, str]]
"""By collection: ids that name nothing any more -> ids of the items that were meant."""


class ReferenceIndex:
    """The items of an account once `items` have come and `gone` have left."""

    def __init__(
        self,
        view: View,
        items: Mapping[Collection, Iterable[Item]],
        gone: Mapping[Collection, Iterable[str]] | None = None,
    ) -> None:
        self._view = view
        self._gone = {name: frozenset(ids) for name, ids in (gone or {}).items()}
        self._come = {name: {item.id: item for item in given} for name, given in items.items()}
        self._claims: dict[tuple[Collection, str], list[str]] = {}
        for name, coming in self._come.items():
            prefix = make_id(name, view.account_id, "")
            for item in coming.values():
                if item.id != prefix + (platform_id := _platform_id(item)):  # as `needs_alias`
                    self._claims.setdefault((name, platform_id), []).append(item.id)

    def has(self, collection: Collection, item_id: str) -> bool:
        """Return whether there will be an item with exactly this id."""
        if item_id in self._come.get(collection, ()):
            return True
        return item_id in self._view.entries(collection) and item_id not in self._gone.get(collection, ())

    @property
    def account_id(self) -> str:
        """The account of the view."""
        return self._view.account_id

    @property
    def adopted(self) -> Mapping[str, str]:
        """As in `View`."""
        return self._view.adopted

    def lookup(self, collection: Collection, reference: str) -> str | None:
        """Return the `id` of the item that `reference` names (see `lookup_reference`), or None."""
        return lookup_reference(self, collection, reference)

    def resolve(self, collection: Collection, reference: str) -> str:
        """Return the `id` of the item that `reference` names, or the id that the item will have when it comes."""
        return resolve_reference(self, collection, reference)

    def claimants(self, collection: Collection, platform_id: str) -> list[str]:
        """Return the ids, of another form, of the items that the platform calls `platform_id`."""
        come = self._come.get(collection, {})
        stored = self._view.aliases.get((collection, platform_id), ())
        held = [item_id for item_id in stored if item_id not in come and self.has(collection, item_id)]
        return held + self._claims.get((collection, platform_id), [])

    def redirects(self) -> dict[Collection, dict[str, str]]:
        """Return, by collection, former ids -> ids of the items that are meant.

        These are ids of placeholders, or of items that left, whose item now has an id of another form.
        """
        redirects: dict[Collection, dict[str, str]] = {}
        for name in {target for _, _, target in FOLLOWED}:
            for former, reference in self._former_ids(name):
                if not self.has(name, former) and (now := self.lookup(name, reference)) not in (None, former):
                    redirects.setdefault(name, {})[former] = str(now)
        return redirects

    def _former_ids(self, collection: Collection) -> Iterator[tuple[str, str]]:
        """Yield (id that may have been used until now, the reference that it stands for)."""
        account_id, known = self._view.account_id, self._view.entries(collection)
        for (name, platform_id), ids in self._claims.items():
            for item_id in ids if name == collection else ():
                for one in (platform_id, item_id):
                    former = resolve_id(collection, account_id, one)
                    yield former, former
        for item_id in self._gone.get(collection, ()):
            yield item_id, known[item_id].item.platform_id


def items_to_redirect(view: View, redirects: Redirects) -> Iterator[tuple[Collection, str]]:
    """Yield (collection, id) of the stored items that stand under an id of `redirects`."""
    for former in redirects.get("conversations", ()):
        if former in view.conversation_states:
            yield from _under("messages", view.conversation_states[former].order)
    for former in redirects.get("contents", ()):
        yield from _under("comments", view.work(former).order)
    for former in redirects.get("comments", ()):
        yield from _under("comments", view.comment_thread(former).replies)


def _under(collection: Collection, order: Order) -> Iterator[tuple[Collection, str]]:
    for key in order:
        yield collection, key[-1]


def redirected(collection: Collection, item: Item, redirects: Redirects) -> Item:
    """Return `item` with its references redirected; one that would lead to the item itself is dropped."""
    changes: dict[str, Any] = {}
    for name, attribute, target in FOLLOWED:
        if name == collection and (now := redirects.get(target, {}).get(getattr(item, attribute) or "")) is not None:
            changes[attribute] = now if (target, now) != (collection, item.id) else None
    return msgspec.structs.replace(item, **changes) if changes else item


def _platform_id(item: Item) -> str:
    platform_id: str = item.platform_id  # type: ignore[attr-defined]  # every kind has one
    return platform_id
