"""Finds the items of the platform that are our replies. It compares no clocks, but what was known at which version."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from sync.core.replies.reply import Reply
from sync.protocol.text import one_break

_INVISIBLE: Final = {ord("\u200b"): None, ord("\ufeff"): None}


class OwnItem(Struct, frozen=True):
    """An item of our own at the place that a reply went to. `first_version`: the account's that brought it."""

    id: str
    platform_id: str
    text: str | None
    first_version: int


def is_same_text(one: str | None, other: str | None) -> bool:
    """Return whether the platform shows both alike: after NFC, and without U+200B and U+FEFF."""
    return one is not None and other is not None and _shown(one) == _shown(other)


def _shown(text: str) -> str:
    return unicodedata.normalize("NFC", one_break(text.translate(_INVISIBLE))).strip()


def may_confirm(reply: Reply, item: OwnItem) -> bool:
    """Return whether `item` can be this reply: of the same text, and unknown when pressing was permitted."""
    is_new = item.first_version > reply.pressed_version and item.platform_id not in reply.known
    return reply.pressed_at is not None and is_new and is_same_text(reply.text, item.text)


def find_confirmed(replies: Iterable[Reply], items: Iterable[OwnItem]) -> dict[str, str]:
    """Return the id of the reply -> id of the item, for replies that an item certainly is. All are of one place.

    `replies` have no evidence yet, `items` confirm nothing yet. Refused ones are among them: the platform may show to
    us alone what it refused. Where several replies of one text wait and fewer items are there, nobody can tell which of
    them went: then none is confirmed.
    """
    rest, found = list(items), dict[str, str]()
    waiting = sorted(replies, key=lambda reply: reply.pressed_version)
    for item in sorted(rest, key=lambda item: item.first_version):
        able = [reply for reply in waiting if reply.id not in found and may_confirm(reply, item)]
        if len(able) == 1:
            found[able[0].id] = item.id
            rest.remove(item)
    for reply in waiting:
        if reply.id not in found:
            found |= _pair(_alike(reply, waiting, found), rest)
    return found


def _alike(reply: Reply, replies: Sequence[Reply], found: dict[str, str]) -> list[Reply]:
    return [one for one in replies if one.id not in found and is_same_text(one.text, reply.text)]


def _pair(replies: Sequence[Reply], items: Sequence[OwnItem]) -> dict[str, str]:
    """Return the pairs, if there is an item for every reply."""
    free, pairs = sorted(items, key=lambda item: item.first_version), dict[str, str]()
    for reply in replies:
        item = next((item for item in free if may_confirm(reply, item)), None)
        if item is None:
            return {}
        free.remove(item)
        pairs[reply.id] = item.id
    return pairs
