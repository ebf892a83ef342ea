"""What the edge counts, as Prometheus reads it."""

from __future__ import annotations

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.registry import Collector

from im_api.inline import Memo
from im_api.push.feed import PushFeed
from imhub.edge.door import Door
from imhub.edge.lanes import Full
from imhub.edge.metrics import EdgeCollector, MemoCollector
from imhub.edge.threads import Gate


def read(collector: Collector) -> list[str]:
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


def test_the_memo_tells_what_it_holds_and_does() -> None:
    memo = Memo(4096)
    memo.not_modified = 7
    lines = read(MemoCollector(memo))
    for line in (
        "imhub_memo_limit_bytes 4096.0",
        "imhub_memo_entries 0.0",
        "imhub_memo_not_modified_total 7.0",
        "imhub_memo_hits_total 0.0",
    ):
        assert line in lines
    names = {line.split()[2].removesuffix("_total") for line in lines if line.startswith("# TYPE")}
    assert {f"imhub_memo_{name}".removesuffix("_limit") for name in memo.count()._fields} <= names | {"imhub_memo"}
