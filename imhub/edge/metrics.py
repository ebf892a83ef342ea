"""What the edge holds and turns away, and what the memo does, for `/metrics`."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from im_api.inline import Memo
from im_api.push.feed import PushFeed
from im_api.views.metrics import counters, gauge, gauges
from imhub.edge.door import Door
from imhub.edge.threads import Gate


class EdgeCollector(Collector):
    """Connections, the lanes of requests that need a thread, and the clients of the feed that were closed.

    `door`: set by the server that has one (`manage.py serve`).
    """

    door: Door | None = None

    def __init__(self, gate: Gate, feed: PushFeed) -> None:
        self._gate = gate
        self._feed = feed

    def collect(self) -> Iterator[Metric]:
        """Yield each family. Runs in the thread of the scrape."""
        lanes = self._gate.lanes
        running: dict[str, float] = {kind: lane.running for kind, lane in lanes.items()}
        waiting: dict[str, float] = {kind: lane.waiting for kind, lane in lanes.items()}
        refused: dict[str, float] = {kind: lane.refused for kind, lane in lanes.items()}
        yield gauges("imhub_lane_running", "Requests that have a thread", "lane", running)
        yield gauges("imhub_lane_waiting", "Requests that wait for their turn", "lane", waiting)
        yield counters("imhub_lane_refused", "Requests for which there was no room", "lane", refused)
        closed = {str(code): count for code, count in dict(self._feed.closed).items()}
        yield counters("imhub_clients_closed", "Push sockets that the hub closed (4002: did not read)", "code", closed)
        if self.door is not None:
            yield gauge("imhub_connections", "Connections that are open, of any kind", len(self.door))
            yield gauge("imhub_connections_most", "So many may be open", self.door.in_all)
            yield CounterMetricFamily("imhub_connections_refused", "Connections refused", self.door.refused)


class MemoCollector(Collector):
    """The memo of rendered answers: what it holds, and how often it had the answer."""

    def __init__(self, memo: Memo) -> None:
        self._memo = memo

    def collect(self) -> Iterator[Metric]:
        """Yield each family. Runs in the thread of the scrape."""
        counts = self._memo.count()
        yield gauge("imhub_memo_entries", "Answers that the memo holds", counts.entries)
        yield gauge("imhub_memo_bytes", "Bytes of them", counts.bytes)
        yield gauge("imhub_memo_limit_bytes", "Bytes that it may hold", counts.limit)
        for name, text, value in (
            ("hits", "Reads that the memo answered", counts.hits),
            ("misses", "Reads that it could not answer", counts.misses),
            ("kept", "Of these, answers that it kept", counts.kept),
            ("not_modified", "Reads answered 304", counts.not_modified),
            ("evicted", "Answers that left for want of room", counts.evicted),
            ("cleared", "Times that all left, because accounts, workers, users or grants changed", counts.cleared),
        ):
            yield CounterMetricFamily(f"imhub_memo_{name}", text, value)
