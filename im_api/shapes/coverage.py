"""The stretches of time in which an account was observed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from im_api.queries.liveness import Coverage


class StretchShape(Struct, frozen=True):
    """ms UTC."""

    start: int = field(name="from")
    end: int = field(name="to")


class GapShape(Struct, frozen=True):
    """ms UTC. `cause`: the page was another one than we know, or nobody looked."""

    start: int = field(name="from")
    end: int = field(name="to")
    cause: Literal["page_changed", "not_observed"]


class SurfaceCoverageShape(Struct, frozen=True):
    """`stretches` and `gaps` together fill the window, from the first look at the surface on."""

    stretches: list[StretchShape]
    gaps: list[GapShape]


class CoverageShape(Struct, frozen=True, kw_only=True):
    """`surfaces`: those that were ever looked at. `since`, `until`: the window, ms UTC."""

    account_id: str
    since: int
    until: int
    surfaces: Mapping[str, SurfaceCoverageShape]


def coverage(found: Coverage) -> CoverageShape:
    return CoverageShape(
        account_id=found.authorized.account.id,
        since=found.since,
        until=found.until,
        surfaces={
            name: SurfaceCoverageShape(
                [StretchShape(*stretch) for stretch in one.stretches], [GapShape(*gap) for gap in one.gaps]
            )
            for name, one in found.surfaces.items()
        },
    )
