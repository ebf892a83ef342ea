"""The pace at which a worker looks at each surface, unless the account's config says otherwise.

No interval is proven safe: these are cautious. A surface is looked at as often as it earns it, and not at night.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from sync.protocol.messages import Surface

JITTER: Final = 0.2
"""A wait is up to this share of it shorter or longer."""


class SurfacePace(Struct, frozen=True):
    """The seconds between two looks: `least` where the last one brought something, growing up to `most` while nothing
    comes. `rests`: nobody looks at night. With the jitter `least` stays within a minute where people wait for answers,
    and `most` within a quarter of an hour.
    """

    least: float
    most: float
    rests: bool = True


# To look at messages loads nothing: their page stays open, and they arrive by themselves.
PACES: Final[Mapping[Surface, SurfacePace]] = {
    "profile": SurfacePace(600, 750),
    "contents": SurfacePace(300, 750),
    "messages": SurfacePace(25, 25, rests=False),
    "comments": SurfacePace(50, 750),
    "replies": SurfacePace(50, 750),
    "notifications": SurfacePace(50, 750),
}

INTERVALS: Final[Mapping[Surface, float]] = {name: pace.least * (1 + JITTER) for name, pace in PACES.items()}
"""The seconds within which a lively surface is looked at: what to expect of a worker that does not say it."""

GROWTH: Final = 1.5
"""The wait becomes so many times longer with each look that brings nothing."""

NIGHT: Final = (1, 7)
"""The hours of the night, from and to, in the time zone of the platform's people."""
NIGHT_ZONE_H: Final = 8
"""Hours ahead of UTC; China has no summer time."""
AWAKE_S: Final = 3600.0
"""The seconds for which a night is like a day after something arrived."""

SLOW_DOWN_S: Final = (900.0, 7200.0)
"""The first and the longest pause after the platform asked to slow down; it doubles in between."""
