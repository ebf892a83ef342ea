"""A recurring text is in memory once; a text that changes all the time is not kept for ever."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.change.interning import share_strings
from sync.protocol.items import ITEM_TYPES, MEDIA_FIELDS, Collection

REQUIRED = {"messages": {"conversation_id": "c1"}, "notifications": {"type": "like"}}


def an_item(collection: Collection, name: str, value: str) -> Any:
    """Its text is one of its own, as every decoded one is."""
    facts: dict[str, Any] = {"id": "1", "platform_id": "1", name: value[:1] + value[1:], **REQUIRED.get(collection, {})}
    return ITEM_TYPES[collection](**facts)


def shared(collection: Collection, item: Any) -> Any:
    share_strings(collection, [item])
    return item


def test_the_same_name_is_one_text() -> None:
    one, other = (shared("messages", an_item("messages", "sender_name", "小明 & Co")) for _ in range(2))
    assert one == other
    assert one.sender_name == "小明 & Co"
    assert one.sender_name is other.sender_name


@pytest.mark.parametrize(
    ("collection", "name"), [(collection, name) for collection, names in MEDIA_FIELDS.items() for name in names]
)
def test_the_address_of_a_picture_goes_with_its_item_on_every_python(collection: Collection, name: str) -> None:
    """Some releases never let go of an interned text, and these addresses are signed anew at every look."""
    one, other = (shared(collection, an_item(collection, name, "https://a.example/1?x-signature=1")) for _ in range(2))
    assert getattr(one, name) is not getattr(other, name)
