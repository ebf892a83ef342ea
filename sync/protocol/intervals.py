"""The intervals at which a worker reads each surface, unless the account's config says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sync.protocol.messages import Surface

# Seconds between two looks, at the pace of a person.
INTERVALS: Final[Mapping[Surface, float]] = {
    "profile": 600,
    "contents": 300,
    "messages": 25,
    "comments": 60,
    "replies": 60,
    "notifications": 40,
}
