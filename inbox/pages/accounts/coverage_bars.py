"""The last 24 hours of an account: when each surface was really read, the gaps, and why, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, Literal

from django.utils.translation import gettext, ngettext, pgettext
from msgspec import Struct

from im_api.queries.health.day import Coverage, Gap, LateItems, count_late_items, get_hub_start, is_rest
from inbox import formatting
from inbox.pages.account_state import READ, CardState

WIDTH: Final = 288
"""Of a bar, in its own units: five minutes each."""
SHORTEST_MS: Final = formatting.MINUTE
"""A shorter gap is nothing to tell of."""
ALIKE_MS: Final = 15 * formatting.MINUTE
"""Gaps of several surfaces that begin and end so closely have one cause."""
MOST_LINES: Final = 6
_STOPPED: Final = frozenset({"login", "worker", "unassigned", "full", "error", "paused", "banned", "retrying"})


PartKind = Literal["read", "gap", "rest", "before"]


class BarPart(Struct, frozen=True):
    """A part of a bar, in its units. `rest`: a night. `before`: nobody was to look yet. `words`: what a gap is, and
    why."""

    kind: PartKind
    x: float
    width: float
    words: str = ""


class SurfaceBar(Struct, frozen=True):
    """`words`: the whole bar for people who do not see it."""

    parts: list[BarPart]
    words: str


class DayCoverage(Struct, frozen=True):
    """`bars`: by surface. `summary`: how many gaps there were; empty for none. `gaps`: each in one sentence, the newest
    first."""

    bars: Mapping[str, SurfaceBar] = {}
    summary: str = ""
    gaps: list[str] = []


class _Told(Struct):
    """A gap of one or several surfaces."""

    surfaces: list[str]
    gap: Gap


def make_day(coverage: Coverage, state: CardState) -> DayCoverage:
    """Return the last day of an account whose state is `state`. Raises HubNotReady."""
    shown = [surface for surface in READ if surface in coverage.surfaces]
    told = _join_alike(
        (surface, gap)
        for surface in shown
        for gap in coverage.surfaces[surface].gaps
        if _is_long(gap) and not is_rest(coverage, surface, gap)
    )
    newest = sorted(told, key=lambda one: -one.gap.end)
    return DayCoverage(
        bars={surface: _make_bar(coverage, surface, state) for surface in shown},
        summary=ngettext("%(n)s gap in 24 hours", "%(n)s gaps in 24 hours", len(told)) % {"n": len(told)}
        if told
        else "",
        gaps=[_format_told(coverage, one, state) for one in newest[:MOST_LINES]],
    )


def _is_long(gap: Gap) -> bool:
    return gap.end - gap.start >= SHORTEST_MS


def _join_alike(gaps: Iterable[tuple[str, Gap]]) -> list[_Told]:
    told: list[_Told] = []
    for surface, gap in gaps:
        same = next((one for one in told if surface not in one.surfaces and _is_alike(one.gap, gap)), None)
        if same is None:
            told.append(_Told([surface], gap))
        else:
            same.surfaces.append(surface)
    return told


def _is_alike(one: Gap, other: Gap) -> bool:
    is_near = abs(one.start - other.start) <= ALIKE_MS and abs(one.end - other.end) <= ALIKE_MS
    return one.cause == other.cause and is_near


def _make_bar(coverage: Coverage, surface: str, state: CardState) -> SurfaceBar:
    covered, span = coverage.surfaces[surface], coverage.until - coverage.since

    def part(kind: PartKind, start: int, end: int, words: str = "") -> BarPart:
        x, width = (start - coverage.since) * WIDTH / span, (end - start) * WIDTH / span
        return BarPart(kind, round(x, 1), round(width, 1), words)

    starts = [one.start for one in covered.stretches] + [one.start for one in covered.gaps]
    begin = min(starts, default=coverage.until)
    before = [part("before", coverage.since, begin)] if begin > coverage.since else []
    read = [part("read", *stretch) for stretch in covered.stretches]
    gaps = [
        part("rest", gap.start, gap.end, gettext("night rest"))
        if is_rest(coverage, surface, gap)
        else part("gap", gap.start, gap.end, _format_gap(coverage, gap, state))
        for gap in covered.gaps
    ]
    words = gettext("%(surface)s: read during %(span)s of the last 24 hours") % {
        "surface": formatting.format_surface_title(surface),
        "span": formatting.format_span(sum(end - start for start, end in covered.stretches)),
    }
    return SurfaceBar([*before, *read, *gaps], words)


def _format_told(coverage: Coverage, told: _Told, state: CardState) -> str:
    names = pgettext("names in a row", ", ").join(formatting.format_surface_title(surface) for surface in told.surfaces)
    text = gettext("%(surfaces)s · %(gap)s") % {"surfaces": names, "gap": _format_gap(coverage, told.gap, state)}
    late = count_late_items(coverage.authorized, told.surfaces, told.gap.start, told.gap.end)
    return f"{text} {_format_late(late)}" if late.items and told.gap.end < coverage.until else text


def _format_late(late: LateItems) -> str:
    sentence = ngettext(
        "%(n)s item from this time came in afterwards, %(m)s unread.",
        "%(n)s items from this time came in afterwards, %(m)s unread.",
        late.items,
    )
    return sentence % {"n": late.items, "m": late.unread}


def _format_gap(coverage: Coverage, gap: Gap, state: CardState) -> str:
    """Return from when to when, and why, as far as the hub knows."""
    is_older, goes_on = gap.start <= coverage.since, gap.end >= coverage.until
    sentence = {
        (False, False): gettext("%(start)s – %(end)s: %(why)s"),
        (False, True): gettext("since %(start)s: %(why)s"),
        (True, False): gettext("until %(end)s: %(why)s"),
        (True, True): gettext("for more than a day: %(why)s"),
    }[is_older, goes_on]
    return sentence % {
        "start": formatting.format_moment(gap.start, coverage.until),
        "end": formatting.format_moment(gap.end, coverage.until),
        "why": _find_cause(coverage, gap, state),
    }


def _find_cause(coverage: Coverage, gap: Gap, state: CardState) -> str:
    if gap.cause == "page_changed":
        return gettext("the page changed and could not be read.")
    if gap.end >= coverage.until and state.kind in _STOPPED:
        return gettext("%(state)s.") % {"state": state.words}
    if gap.start < get_hub_start() <= gap.end:
        return gettext("IM Hub was not running.")
    return gettext("nobody looked. Its computer was off or offline, or the account was paused or not logged in.")
