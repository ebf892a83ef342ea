"""The hub killed at random moments while a worker syncs and a client writes. What was acknowledged or answered is
compared with what is there."""

import random
import time

import pytest

from tests.e2e.cast import Operator, make_cast
from tests.e2e.steady_client import SteadyClient
from tests.e2e.steady_worker import SteadyWorker
from tests.processes import Process
from tests.servers import Installation, eventually
from tests.sync.storage.integrity import assert_sound

pytestmark = pytest.mark.e2e


def wait_for_the_moment(worker: SteadyWorker, client: SteadyClient, after_s: float) -> None:
    """At least so long, and until something new was acknowledged to each of them."""
    before, moment = (len(worker.acknowledged), len(client.answered)), time.monotonic() + after_s

    def went_on() -> bool:
        both = len(worker.acknowledged) > before[0] and len(client.answered) > before[1]
        return time.monotonic() > moment and both

    eventually(went_on, "another answer", 60)


def kill_and_compare(place: Installation, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    cast = make_cast(place, Operator("ann", {"a": "operate"}))
    operator = cast.tokens["ann"]
    hub: Process = place.start_hub()
    with SteadyWorker(place, cast.worker_token) as worker:
        client = SteadyClient(place, operator, lambda: set(worker.acknowledged), seed=seed)
        with client:
            for _ in range(kills):
                wait_for_the_moment(worker, client, rng.uniform(0.2, 1.5))
                hub.kill()
                check_database(place)
                hub = place.start_hub()
    rows = place.walk("/api/im/messages?account_id=a&count=200", "messages", operator)
    lost = worker.acknowledged - {row["msg_id"] for row in rows}
    unwritten = client.lost(rows)
    print(
        f"seed {seed}: {kills} kills; {worker.sent} snapshots sent, {len(worker.acknowledged)} acknowledged, "
        f"{len(lost)} lost; {len(client.sent)} writes sent, {len(client.answered)} answered, {len(unwritten)} lost"
    )
    assert not lost
    assert not unwritten
    assert not client.refused
    assert worker.acknowledged
    assert client.answered


def check_database(place: Installation) -> None:
    file = place.data_dir / "imhub.sqlite3"
    if file.exists():
        assert_sound(file)


@pytest.mark.parametrize(("database", "kills"), [("SQLite", 5), ("PostgreSQL", 2)], indirect=["database"])
def test_nothing_acknowledged_is_lost_by_kills_at_random_moments(place: Installation, kills: int) -> None:
    kill_and_compare(place, kills, seed=random.randrange(10**6))


@pytest.mark.soak
@pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"], indirect=True)
def test_nothing_acknowledged_is_lost_by_many_kills(place: Installation) -> None:
    kill_and_compare(place, kills=50, seed=random.randrange(10**6))
