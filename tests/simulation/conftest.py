"""A simulation of a seed, with chance and measuring in its hands."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest
from django.utils import timezone

import crawler.uplink.backoff
import crawler.uplink.uplink
import sync.storage.change_log
import sync.writing.jobs
from crawler.heartbeat import ResourceMeter
from im_api import access
from im_api.access import Access
from sync.writing.jobs import LARGE
from tests.simulation.clock import START
from tests.simulation.hub import REFUSED
from tests.simulation.questions import STAFF
from tests.simulation.run import Simulation

Simulate = Callable[[int, int], Simulation]


class Tracebacks(logging.Handler):
    """The errors that were caught and logged, although no test expects them."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        words = record.getMessage()
        if (record.exc_info or "exc_info=" in words) and REFUSED not in f"{words} {record.exc_info}":
            self.seen.append(logging.Formatter().format(record))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, help="of the simulation that nobody chose a seed for")


@pytest.fixture
def given_seed(request: pytest.FixtureRequest) -> int | None:
    seed: int | None = request.config.getoption("--seed", default=None)
    return seed


@pytest.fixture
def simulate(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """(seed, steps) -> the simulation after so many steps, all of them checked."""
    monkeypatch.setattr(ResourceMeter, "read", lambda _meter: (0.0, 0.0))
    monkeypatch.setattr(sync.storage.change_log, "CHECKPOINT_FROM_BYTES", 4_000)
    monkeypatch.setattr(access, "_current", Access(users={STAFF.user_id: STAFF}))
    tracebacks = Tracebacks()
    monkeypatch.setattr(logging.root, "level", logging.ERROR)
    monkeypatch.setattr(logging.root, "handlers", [tracebacks])

    def run(seed: int, steps: int) -> Simulation:
        monkeypatch.setattr(crawler.uplink.backoff, "_random", Random(seed))
        monkeypatch.setattr(sync.writing.jobs, "LARGE", LARGE if seed % 2 else 2_000)
        monkeypatch.setattr(timezone, "now", lambda: _as_time(START))
        simulation = Simulation(seed)
        monkeypatch.setattr(timezone, "now", lambda: _as_time(simulation.loop.clock()))
        monkeypatch.setattr(crawler.uplink.uplink, "connect", simulation.network.connect)
        try:
            simulation.run(steps)
            assert tracebacks.seen == []
        except BaseException:
            print(f"seed {seed} failed in step {simulation.counts['steps']:,}")
            raise
        finally:
            simulation.close()
        print(simulation.report())
        return simulation

    return run


def _as_time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
