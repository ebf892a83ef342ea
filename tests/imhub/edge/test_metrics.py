"""What the edge counts, as Prometheus reads it."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from im_api.push.feed import PushFeed
from imhub.edge.door import Door
from imhub.edge.lanes import Full
from imhub.edge.metrics import EdgeCollector
from imhub.edge.threads import Gate


def read(collector: EdgeCollector) -> list[str]:
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode().splitlines()


async def test_lanes_connections_and_closed_clients_are_told() -> None:
    gate, feed = Gate(16, 60), PushFeed()
    collector = EdgeCollector(gate, feed)
    assert not any(line.startswith("imhub_connections") for line in read(collector))
    collector.door = Door(in_all=2, of_one_address=1)
    assert [collector.door.enter((address, 1)) for address in ("1.1.1.1", "1.1.1.1", "2.2.2.2", "3.3.3.3")] == [
        True, False, True, False,
    ]  # fmt: skip
    lane = gate.lanes["waits"]
    lane._most_waiting = 0
    for _ in range(2):
        await lane.enter("1.1.1.1")
    with pytest.raises(Full):
        await lane.enter("1.1.1.1")
    feed.closed[4002] += 1
    lines = read(collector)
    for line in (
        'imhub_lane_running{lane="waits"} 2.0',
        'imhub_lane_waiting{lane="waits"} 0.0',
        'imhub_lane_refused_total{lane="waits"} 1.0',
        'imhub_clients_closed_total{code="4002"} 1.0',
        "imhub_connections 2.0",
        "imhub_connections_most 2.0",
        "imhub_connections_refused_total 2.0",
    ):
        assert line in lines
