"""The `config` that an account may have. A key that nobody reads would be a wish that nobody hears."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from sync.protocol.messages import Surface
from sync.protocol.platforms import PLATFORMS

ReplyMode = Literal["off", "window", "send"]
Apart = Annotated[float, Meta(ge=1, le=86_400)]
Most = Annotated[int, Meta(ge=1, le=1_000)]
Hour = Annotated[int, Meta(ge=0, le=23)]


class Pace(Struct, frozen=True, forbid_unknown_fields=True):
    """The speed of writing: the seconds between two (at least, at most), and the most in an hour and in a day."""

    apart_s: tuple[Apart, Apart]
    per_hour: Most
    per_day: Most


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bounds of what an account writes. `night`: the hours, from and until, in which it writes to nobody who
    sleeps; no hours if both are the same.
    """

    messages: Pace = Pace((45, 120), 15, 60)
    comments: Pace = Pace((60, 180), 10, 40)
    night: tuple[Hour, Hour] = (0, 8)

    def __post_init__(self) -> None:
        for pace in (self.messages, self.comments):
            if pace.apart_s[0] > pace.apart_s[1]:
                raise ValueError("apart_s: the first number is the smaller one")


class CommonConfig(Struct, frozen=True, kw_only=True):
    """The keys of every platform. `fans_count`: fans who answer fans wait for us. `intervals`: seconds by surface.
    `count_automatic`: an answer that nobody wrote counts as one.

    `reply_mode`: how replies are sent, None for the usual way. `budget`: at which pace. `may_move`: the account may go
    to another computer by itself when its own one is gone.
    """

    fans_count: bool = False
    count_automatic: bool = False
    intervals: Mapping[Surface, Annotated[float, Meta(gt=0)]] = {}
    reply_mode: ReplyMode | None = None
    budget: Budget = Budget()
    may_move: bool = False


COMMON_KEYS: Final = CommonConfig.__struct_fields__
HUB_KEYS: Final = frozenset({"fans_count", "count_automatic", "reply_mode", "budget", "may_move"})
"""Those that the hub alone follows. All others are a worker's."""


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


def list_orders(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a config a worker follows: the account is opened anew when it changes."""
    return {key: value for key, value in config.items() if key not in HUB_KEYS}


def may_move(config: Mapping[str, Any]) -> bool:
    """Return whether the owner lets the account go to another computer by itself."""
    return config.get("may_move") is True


def reply_mode_of(config: Mapping[str, Any], capabilities: Iterable[str]) -> ReplyMode:
    """Return how replies of an account go. A worker that cannot do what the owner wants makes it `off`."""
    wanted, able = config.get("reply_mode"), set(capabilities)
    if wanted == "send":
        return "send" if "reply" in able else "off"
    return "window" if wanted in (None, "window") and "window" in able else "off"


def budget_of(config: Mapping[str, Any]) -> Budget:
    """Return the pace of an account; the usual one if what is stored cannot be read."""
    try:
        return msgspec.convert(config.get("budget", {}), Budget)
    except msgspec.ValidationError:
        return Budget()
