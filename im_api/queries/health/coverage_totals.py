"""Adds up for `/metrics` how many seconds of the last day were observed: once a minute, never at a scrape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from im_api.queries.health.day import is_rest, load_last_day
from im_api.queries.liveness import Coverage
from im_api.queries.scope import AuthorizedAccount
from sync.hub import get_hub
from sync.hub_errors import HubNotReady

EVERY_MS: Final = 60_000
MOST_ACCOUNTS: Final = 100
"""Each has up to 18 series. Paused ones have none."""

CoverageState = Literal["observed", "gap", "rest"]
STATES: Final[tuple[CoverageState, ...]] = ("observed", "gap", "rest")


class CoverageLabel(NamedTuple):
    """The labels of one number. `state`: observed; gap (somebody should have looked); rest (a night without looks)."""

    account_id: str
    surface: str
    state: CoverageState


class CoverageTotals:
    """Keeps the newest totals. `left_out`: accounts that are too many to be told one by one."""

    def __init__(self) -> None:
        self.seconds: Mapping[CoverageLabel, float] = {}
        self.left_out = 0
        self._read_at: int | None = None

    def refresh(self) -> None:
        """Read the totals anew if they are old. A chore of the hub, with database access."""
        try:
            hub = get_hub()
        except HubNotReady:
            return
        now = hub.clock()
        if self._read_at is not None and abs(now - self._read_at) < EVERY_MS:
            return
        active = sorted(one.id for one in hub.directory.accounts.values() if not one.paused)
        told = active[:MOST_ACCOUNTS]
        accounts = [AuthorizedAccount(hub.directory.accounts[one], hub.store.get_view(one), "owner") for one in told]
        days = load_last_day(accounts)
        self.seconds = {label: value for name, day in days.items() for label, value in _sum(name, day).items()}
        self.left_out, self._read_at = len(active) - len(told), now


def _sum(account_id: str, coverage: Coverage) -> Mapping[CoverageLabel, float]:
    found: Counter[CoverageLabel] = Counter()
    for surface, one in coverage.surfaces.items():
        for state in STATES:
            found[CoverageLabel(account_id, surface, state)] = 0
        found[CoverageLabel(account_id, surface, "observed")] = sum(each.end - each.start for each in one.stretches)
        for gap in one.gaps:
            missed: CoverageState = "rest" if is_rest(coverage, surface, gap) else "gap"
            found[CoverageLabel(account_id, surface, missed)] += gap.end - gap.start
    return {label: ms / 1000 for label, ms in found.items()}
