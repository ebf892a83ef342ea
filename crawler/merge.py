"""What is known of an item, attribute by attribute. Pure."""

from functools import cache
from typing import TypeVar

from msgspec import NODEFAULT
from msgspec.structs import fields, replace

from sync.protocol.items import MEDIA_FIELDS, Collection, Item

ItemT = TypeVar("ItemT", bound=Item)


@cache
def _defaults(kind: type[Item]) -> tuple[tuple[str, object], ...]:
    return tuple((f.name, None if f.default is NODEFAULT else f.default) for f in fields(kind))


def merge_item(held: ItemT, seen: ItemT) -> ItemT:
    """`seen` over `held`. An attribute of `seen` that is None or its declared default says nothing."""
    changes = {
        name: value
        for name, default in _defaults(type(seen))
        if (value := getattr(seen, name)) is not None and value != default and value != getattr(held, name)
    }
    return replace(held, **changes) if changes else held


def is_news(collection: Collection, held: Item, merged: Item) -> bool:
    """Whether the hub would find a change. The query part of a media address is a signature, new at every look."""
    if held is merged:
        return False
    media = MEDIA_FIELDS[collection]
    for name, _ in _defaults(type(held)):
        before, after = getattr(held, name), getattr(merged, name)
        if name == "updated_at" or before == after:
            continue
        if name not in media or _unsigned(before) != _unsigned(after):
            return True
    return False


def _unsigned(address: object) -> object:
    if isinstance(address, str):
        return address.partition("?")[0]
    if isinstance(address, tuple):
        return tuple(_unsigned(part) for part in address)
    return address
