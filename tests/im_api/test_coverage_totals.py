"""What `/metrics` tells of the last day: seconds observed and missed, of a bounded number of accounts."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from im_api.queries.health import coverage_totals
from im_api.queries.health.coverage_totals import CoverageTotals
from im_api.views.metrics import CoverageCollector
from sync.hub import Hub
from sync.models import Account, Observation
from tests.im_api.conftest import NOW, a_directory, an_account

HOUR = 3_600_000


def look(account_id: str, surface: str, start_h: float, end_h: float, canary: str = "ok") -> None:
    Observation.objects.create(
        account_id=account_id,
        surface=surface,
        entry="page",
        canary=canary,
        complete=True,
        start=NOW - int(start_h * HOUR),
        end=NOW - int(end_h * HOUR),
    )


@pytest.fixture
def day(db: None, bare_hub: Hub) -> Hub:
    """acc-a: messages were read for ten hours, missed for two, and read since; acc-b is paused."""
    bare_hub.directory = a_directory(an_account("acc-a"), an_account("acc-b", status="inactive"))
    for account_id in ("acc-a", "acc-b"):
        Account.objects.create(pk=account_id, name=account_id)
        look(account_id, "messages", 15, 5)
        look(account_id, "messages", 3, 0)
    look("acc-a", "comments", 30, 29)
    return bare_hub


def scrape(totals: CoverageTotals) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(CoverageCollector(totals))
    lines = [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_seconds_observed_and_missed_are_told_by_account_and_surface(day: Hub) -> None:
    totals = CoverageTotals()
    totals.refresh()
    assert scrape(totals) == {
        'imhub_coverage_seconds{account="acc-a",state="observed",surface="messages"}': 13 * 3600,
        'imhub_coverage_seconds{account="acc-a",state="gap",surface="messages"}': 2 * 3600,
        'imhub_coverage_seconds{account="acc-a",state="rest",surface="messages"}': 0,
        'imhub_coverage_seconds{account="acc-a",state="observed",surface="comments"}': 0,
        'imhub_coverage_seconds{account="acc-a",state="gap",surface="comments"}': 24 * 3600,
        'imhub_coverage_seconds{account="acc-a",state="rest",surface="comments"}': 0,
        "imhub_coverage_accounts_left_out": 0,
    }


def test_they_are_read_once_a_minute_and_of_so_many_accounts_only(day: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    totals = CoverageTotals()
    totals.refresh()
    Observation.objects.all().delete()
    totals.refresh()
    assert len(totals.seconds) == 6
    monkeypatch.setattr(coverage_totals, "MOST_ACCOUNTS", 0)
    monkeypatch.setattr(day, "clock", lambda: NOW + 60_000)
    totals.refresh()
    assert scrape(totals) == {"imhub_coverage_accounts_left_out": 1}


def test_a_hub_that_is_not_ready_has_no_figures() -> None:
    totals = CoverageTotals()
    totals.refresh()
    assert scrape(totals) == {"imhub_coverage_accounts_left_out": 0}
