"""The keys that the `config` of an account may have. A key that nobody reads would be a wish that nobody hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sync.protocol.platforms import PLATFORMS

HUB_KEYS: Final = ("fans_count", "intervals")
"""`fans_count`: fans who answer fans wait for us. `intervals`: seconds by surface."""


def find_unknown_keys(config: Mapping[str, Any], platform: str, stored: Mapping[str, Any]) -> list[str]:
    """Return the keys of `config` that an account of the platform cannot have, sorted.

    Keys that are `stored` already may stay: an earlier version took them. Of a platform that is not known here its
    worker alone knows the keys.
    """
    known = PLATFORMS.get(platform)
    if known is None:
        return []
    return sorted(set(config) - set(stored) - set(list_keys(platform)))


def list_keys(platform: str) -> list[str]:
    """Return the keys that an account of a known platform may have, sorted."""
    known = PLATFORMS[platform]
    return sorted({*HUB_KEYS, *known.addresses, *known.config_keys})
