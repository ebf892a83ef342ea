"""Merges observations of one item, attribute by attribute. Pure."""

from functools import cache
from typing import Final, TypeVar

from msgspec import NODEFAULT
from msgspec.structs import fields, replace

from sync.protocol.items import Conversation, Item

ItemT = TypeVar("ItemT", bound=Item)

_LAST_MESSAGE: Final = (
    "last_message_id",
    "last_message_content",
    "last_message_type",
    "last_message_time",
    "last_message_sender_id",
)


@cache
def _defaults(kind: type[Item]) -> tuple[tuple[str, object], ...]:
    return tuple((f.name, None if f.default is NODEFAULT else f.default) for f in fields(kind))


def merge_item(held: ItemT, observed: ItemT) -> ItemT:
    """Return `held` with the attributes that `observed` knows.

    An attribute of `observed` that is None or its declared default says nothing. The last message of a conversation is
    one thing: a newer one is taken whole, an older one not at all. Returns `held` itself if nothing differs.
    """
    changes = {
        name: value
        for name, default in _defaults(type(observed))
        if (value := getattr(observed, name)) is not None and value != default and value != getattr(held, name)
    }
    if isinstance(held, Conversation) and isinstance(observed, Conversation):
        changes = _with_last_message(changes, held, observed)
    return replace(held, **changes) if changes else held


def _with_last_message(changes: dict[str, object], held: Conversation, observed: Conversation) -> dict[str, object]:
    """Return `changes` (by attribute) with the attributes of one last message only."""
    age = _compare_last(held, observed)
    if age == 0:
        return changes
    others = {name: value for name, value in changes.items() if name not in _LAST_MESSAGE}
    if age < 0:
        return others
    taken = {name: getattr(observed, name) for name in _LAST_MESSAGE}
    return others | {name: value for name, value in taken.items() if value != getattr(held, name)}


def _compare_last(held: Conversation, observed: Conversation) -> int:
    """Return 1 if `observed` has another last message, -1 if it has an older one, 0 if the same or none."""
    before, after = held.last_message_id, observed.last_message_id
    if before is not None and before == after:
        return 0
    then, now = held.last_message_time, observed.last_message_time
    if then is not None and now is not None and then != now:
        return 1 if now > then else -1
    return int(before is not None and after is not None)
