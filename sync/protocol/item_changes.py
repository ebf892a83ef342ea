"""Decide whether a new version of an item is a change. The worker and the hub decide it by the same rule.

Another `updated_at` is no change, nor is another signature of a media address until the old one is about to expire.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from sync.protocol.items import MEDIA_FIELDS, Collection, Item
from sync.protocol.times import number_to_ms

EXPIRY_MARGIN_MS: Final = 3_600_000
_EXPIRES = re.compile(r"[?&](?:x-)?expires=(\d{9,14})\b", re.IGNORECASE)


def is_change(collection: Collection, old: Item, new: Item, now: int) -> bool:
    """Return whether `new` must be sent and stored in place of `old`. `now` is ms UTC."""
    if old == new:
        return False
    alike: dict[str, Any] = {"updated_at": old.updated_at}
    for name in MEDIA_FIELDS[collection]:
        before, after = getattr(old, name), getattr(new, name)
        if before != after and _same_media(before, after, now):
            alike[name] = before
    return old != msgspec.structs.replace(new, **alike)


def _same_media(before: Any, after: Any, now: int) -> bool:
    if isinstance(before, tuple) and isinstance(after, tuple):
        return len(before) == len(after) and all(_same_media(b, a, now) for b, a in zip(before, after, strict=True))
    if not isinstance(before, str) or not isinstance(after, str):
        return bool(before == after)
    return before.partition("?")[0] == after.partition("?")[0] and not _expires_soon(before, now)


def _expires_soon(address: str, now: int) -> bool:
    match = _EXPIRES.search(address)
    if match is None:
        return False
    return number_to_ms(int(match[1])) < now + EXPIRY_MARGIN_MS
