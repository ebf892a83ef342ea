"""Keep the same text once in memory: names and ids recur in every message of a conversation."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from itertools import compress, repeat
from operator import attrgetter, is_not
from sys import intern
from typing import Any, Final, cast

from msgspec import Struct
from msgspec.structs import force_setattr

from sync.core.account.entries import Entry
from sync.protocol.items import Collection, Item

# Attributes whose values recur, but for those of a few known values, each of which is one object anyway. What people
# wrote does not recur. Addresses of pictures do, but are signed anew all the time, and Python 3.12.0 to 3.12.5 never
# lets go of an interned text.
_RECURRING: Final[dict[Collection, tuple[str, ...]]] = {
    "conversations": ("user_id", "last_message_sender_id"),
    "messages": (
        "conversation_id",
        "sender_id",
        "sender_name",
        "recipient_id",
        "recipient_name",
    ),
    "contents": ("author_id", "author_name", "visibility"),
    "comments": (
        "content_id",
        "content_title",
        "parent_comment_id",
        "author_id",
        "author_sec_id",
        "author_name",
        "region",
        "reply_to_user_id",
        "reply_to_user_name",
    ),
    "notifications": ("trigger_id", "trigger_name", "related_content_id"),
}


# Attributes whose values often equal one of another item, or another attribute, of the same change.
_ALIKE: Final[dict[Collection, tuple[str, ...]]] = {
    "messages": ("id", "conversation_id", "content", "created_at", "updated_at"),
    "conversations": (
        "id",
        "platform_id",
        "user_id",
        "user_name",
        "user_avatar",
        "created_at",
        "updated_at",
        "last_message_id",
        "last_message_content",
        "last_message_time",
    ),
    "contents": (
        "id",
        "title",
        "description",
        "cover_url",
        "tags",
        "view_count",
        "like_count",
        "created_at",
        "updated_at",
        "publish_time",
    ),
    "comments": ("content_id", "content", "author_avatar", "created_at", "updated_at"),
    "notifications": ("content", "trigger_avatar", "created_at", "updated_at"),
}


def share_values(items: Mapping[Collection, Sequence[Item]]) -> None:
    """Make equal texts and times of `items` one object each. The items stay equal."""
    seen: dict[Any, Any] = {}
    for collection, names in _ALIKE.items():
        of = items.get(collection, ())
        for name in names if of else ():
            values = list(map(attrgetter(name), of))
            if any(values):
                _put(of, name, values, list(map(seen.setdefault, values, values)))


def share_strings(collection: Collection, items: Sequence[Item]) -> None:
    """Intern the recurring texts of `items`, which stay equal. An interned text goes with the last item that has it."""
    for name in _RECURRING[collection] if items else ():
        texts = list(map(attrgetter(name), items))
        if any(texts):
            _put(items, name, texts, _interned(texts))


def share_first_seen(entries: Sequence[Entry[Any]]) -> None:
    """Make equal times of `first_seen` one object: what came with one snapshot has one."""
    seen: dict[int, int] = {}
    times = [entry.first_seen for entry in entries]
    _put(entries, "first_seen", times, list(map(seen.setdefault, times, times)))


def _interned(texts: Sequence[str | None]) -> Sequence[str | None]:
    if None in texts:
        return [None if text is None else intern(text) for text in texts]
    return list(map(intern, cast(Sequence[str], texts)))


def _put(items: Sequence[Struct], name: str, before: Sequence[Any], after: Sequence[Any]) -> None:
    """Set the values that became another object. Without a loop in Python: a start does it for every stored item."""
    changed = list(map(is_not, after, before))
    if any(changed):
        deque(map(force_setattr, compress(items, changed), repeat(name), compress(after, changed)), maxlen=0)
