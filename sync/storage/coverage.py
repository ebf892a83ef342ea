"""The stretches of time in which an account was really observed, and the gaps between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

from msgspec import Struct

from sync.models import Observation
from sync.storage.observations import GAP_MS

GapCause = Literal["page_changed", "not_observed"]


class Looked(NamedTuple):
    """A stored stretch with one outcome, ms UTC. `is_ok`: the page could be read."""

    start: int
    end: int
    is_ok: bool


class Stretch(NamedTuple):
    """A stretch in which the surface was observed, ms UTC."""

    start: int
    end: int


class Gap(NamedTuple):
    """A stretch in which nothing of the surface was read, ms UTC. `cause`: why not, as far as the hub knows."""

    start: int
    end: int
    cause: GapCause


class SurfaceCoverage(Struct, frozen=True):
    """`stretches` and `gaps` together fill the time from the first observation, or the beginning of the window, on."""

    stretches: Sequence[Stretch]
    gaps: Sequence[Gap]


def load_coverage(account_id: str, since: int, until: int) -> dict[str, SurfaceCoverage]:
    """Return the coverage of each surface that was ever looked at, from `since` to `until` (ms UTC)."""
    return load_coverages([account_id], since, until).get(account_id, {})


def load_coverages(account_ids: Collection[str], since: int, until: int) -> dict[str, dict[str, SurfaceCoverage]]:
    """Return the coverage from `since` to `until` (ms UTC), by account and surface.

    An account is left out if nobody ever looked at it, and so is a surface.
    """
    rows = Observation.objects.filter(account_id__in=account_ids, start__lte=until).order_by()
    older = set(rows.filter(end__lt=since).values_list("account_id", "surface").distinct())
    looked: dict[tuple[str, str], list[Looked]] = {key: [] for key in older}
    recent = rows.filter(end__gte=since - GAP_MS).values_list("account_id", "surface", "start", "end", "canary")
    for account_id, surface, start, end, canary in recent:
        looked.setdefault((account_id, surface), []).append(Looked(start, end, canary == "ok"))
    found: dict[str, dict[str, SurfaceCoverage]] = {}
    for key, looks in sorted(looked.items()):
        account_id, surface = key
        coverage = make_coverage(looks, since, until, was_looked_at=key in older)
        found.setdefault(account_id, {})[surface] = coverage
    return found


def make_coverage(looked: Sequence[Looked], since: int, until: int, *, was_looked_at: bool = False) -> SurfaceCoverage:
    """Return what of the time from `since` to `until` was observed.

    Looks at most GAP_MS apart are one stretch: that is as often as the hub keeps them apart. Nothing before the first
    look of all is a gap: then nobody was to look. `was_looked_at`: there are looks before these.
    """
    first = since if was_looked_at else min((one.start for one in looked), default=until)
    begin = max(since, first)
    stretches = [
        Stretch(max(start, begin), min(end, until))
        for start, end in _join(looked, until)
        if end > begin and start < until
    ]
    gaps, at = [], begin
    for start, end in [*stretches, Stretch(until, until)]:
        if start > at:
            gaps.append(Gap(at, start, _cause(looked, at, start)))
        at = max(at, end)
    return SurfaceCoverage(stretches, gaps)


def _join(looked: Iterable[Looked], until: int) -> list[Stretch]:
    """Return the stretches that were read, joined where they nearly touch and nothing failed in between.

    The newest one lasts until now, as long as the next look is not overdue.
    """
    joined: list[Stretch] = []
    failed_until = 0
    for start, end, is_ok in sorted(looked):
        last = joined[-1] if joined else None
        if not is_ok:
            failed_until = max(failed_until, end)
        elif last is not None and (start <= last.end or (failed_until <= last.end and start - last.end <= GAP_MS)):
            joined[-1] = Stretch(last.start, max(last.end, end))
        else:
            joined.append(Stretch(start, end))
    if joined and failed_until <= joined[-1].end <= until <= joined[-1].end + GAP_MS:
        joined[-1] = Stretch(joined[-1].start, until)
    return joined


def _cause(looked: Sequence[Looked], start: int, end: int) -> GapCause:
    failed = any(not one.is_ok and one.start < end and one.end > start for one in looked)
    return "page_changed" if failed else "not_observed"
