"""The hub killed at random moments while a worker syncs. What was acknowledged is compared with what is there."""

import random
import time

import pytest

from tests.e2e.processes import Installation, Process, eventually
from tests.e2e.steady_worker import SteadyWorker

pytestmark = pytest.mark.e2e


def wait_for_the_moment(worker: SteadyWorker, after_s: float) -> None:
    """At least so long, and until something new was acknowledged."""
    before, moment = len(worker.acknowledged), time.monotonic() + after_s
    eventually(lambda: time.monotonic() > moment and len(worker.acknowledged) > before, "another answer", 60)


def kill_and_compare(place: Installation, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    token = place.manage("workertoken", "w1")
    place.manage("addaccount", "a", "--platform", "douyin", "--name", "A", "--worker", "w1", "--operator", "ann")
    reader = place.manage("apitoken", "ann")
    hub: Process = place.start_hub()
    with SteadyWorker(place, token) as worker:
        for _ in range(kills):
            wait_for_the_moment(worker, rng.uniform(0.2, 1.5))
            hub.kill()
            hub = place.start_hub()
    held = {row["msg_id"] for row in place.walk("/api/im/messages?account_id=a&count=200", "messages", reader)}
    lost = worker.acknowledged - held
    print(f"seed {seed}: {kills} kills, {worker.sent} sent, {len(worker.acknowledged)} acknowledged, {len(lost)} lost")
    assert not lost
    assert worker.acknowledged


@pytest.mark.parametrize(("database", "kills"), [("SQLite", 3), ("PostgreSQL", 2)], indirect=["database"])
def test_nothing_acknowledged_is_lost_by_kills_at_random_moments(place: Installation, kills: int) -> None:
    kill_and_compare(place, kills, seed=random.randrange(10**6))


@pytest.mark.soak
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"], indirect=True)
def test_nothing_acknowledged_is_lost_by_many_kills(place: Installation) -> None:
    kill_and_compare(place, kills=50, seed=random.randrange(10**6))
