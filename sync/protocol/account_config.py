"""The `config` that an account may have. A key that nobody reads would be a wish that nobody hears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from sync.protocol.messages import Surface
from sync.protocol.platforms import PLATFORMS


class CommonConfig(Struct, frozen=True, kw_only=True):
    """The keys of every platform. `fans_count`: fans who answer fans wait for us. `intervals`: seconds by surface."""

    fans_count: bool = False
    intervals: Mapping[Surface, Annotated[float, Meta(gt=0)]] = {}


COMMON_KEYS: Final = CommonConfig.__struct_fields__


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
    return sorted({*COMMON_KEYS, *known.addresses, *known.config_keys})


def find_wrong_value(config: Mapping[str, Any]) -> str | None:
    """Return what is wrong with the value of a common key, and where; None if nothing is.

    The values of a platform's own keys are checked by its worker, which knows what they mean.
    """
    try:
        msgspec.convert(config, CommonConfig)
    except msgspec.ValidationError as error:
        return str(error)
    return None
