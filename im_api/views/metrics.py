"""`/metrics` for Prometheus: what the hub holds and receives, and what this process counts, read at each scrape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from django.http import HttpResponse
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from im_api import queries
from im_api.access import now_ms
from im_api.queries.health.coverage_totals import CoverageTotals
from im_api.queries.status import Histogram, HubOverview, list_uses
from im_api.views.base import ApiViewSet, IsOwner

UNREAD = ("direct_messages", "comments", "discussions", "notifications")

PROCESS: Final = CollectorRegistry()
"""What this process counts. The wiring adds its collectors when it is made."""

ProcessCollector(registry=PROCESS)
GCCollector(registry=PROCESS)


class MetricsViewSet(ApiViewSet):
    permission_classes = (IsAuthenticated, IsOwner)

    def scrape(self, request: Request) -> HttpResponse:
        hub = CollectorRegistry()
        hub.register(HubCollector(queries.get_hub_overview(now_ms())))
        text = generate_latest(hub) + generate_latest(PROCESS)
        return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


class HubCollector(Collector):
    """One reading of the hub as metrics."""

    def __init__(self, overview: HubOverview) -> None:
        self._overview = overview

    def collect(self) -> Iterator[Metric]:
        yield from self._held()
        yield from self._bodies()
        yield from self._received()
        yield from self._working()
        workers = self._overview.workers
        yield gauge("imhub_workers", "Workers that are known", len(workers))
        yield gauge("imhub_workers_online", "Workers that are connected", sum(w.online for w in workers))
        yield from self._uses()
        yield gauge("imhub_clients", "Push sockets of clients that are open", self._overview.clients)
        yield gauge("imhub_uptime_seconds", "Since the start of the hub", self._overview.uptime_ms / 1000)
        yield gauge("imhub_memory_bytes", "Resident memory of the hub", self._overview.memory_bytes)

    def _uses(self) -> Iterator[Metric]:
        shown = list_uses(self._overview)
        memory = {account_id: use.memory_mb * 2**20 for account_id, use in shown.items()}
        yield gauges("imhub_account_page_bytes", "Memory of the scripts of its open pages", "account", memory)
        share = {account_id: use.cpu_percent / 100 for account_id, use in shown.items()}
        yield gauges("imhub_account_page_cpu", "Share of a processor that its open pages take", "account", share)
        leaked = {account_id: float(use.leaked) for account_id, use in shown.items()}
        yield gauges("imhub_account_pages_leaked", "Pages that were left open by mistake", "account", leaked)

    def _held(self) -> Iterator[Metric]:
        totals = self._overview.totals
        yield gauge("imhub_accounts", "Accounts", self._overview.accounts)
        items: dict[str, float] = {name: getattr(totals, name) for name in queries.COLLECTIONS}
        yield gauges("imhub_items", "Items held", "collection", items)
        unread = {kind: getattr(totals, f"unread_{kind}") for kind in UNREAD}
        yield gauges("imhub_unread", "Unread items", "kind", unread)
        yield gauge("imhub_needs_reply", "Threads in which somebody waits for an answer", totals.needs_reply)

    def _bodies(self) -> Iterator[Metric]:
        bodies = self._overview.bodies
        yield gauge("imhub_accounts_resident", "Accounts that are in memory as a whole", bodies.resident)
        yield gauge("imhub_accounts_evicted", "Accounts of which memory holds the head alone", bodies.evicted)
        yield gauge("imhub_account_bytes", "Bytes of all accounts in memory, by estimate", bodies.bytes)
        yield gauge("imhub_account_limit_bytes", "What they may be; 0: no limit", bodies.limit)
        yield CounterMetricFamily("imhub_body_reads", "Accounts that were read again at need", bodies.reads)
        yield CounterMetricFamily("imhub_body_read_seconds", "The time that took", bodies.read_seconds)

    def _received(self) -> Iterator[Metric]:
        overview = self._overview
        yield CounterMetricFamily("imhub_snapshots_received", "Snapshots and deltas received", overview.received)
        yield CounterMetricFamily("imhub_snapshots_changed", "Of them changed something", overview.changed)
        yield CounterMetricFamily("imhub_snapshots_failed", "Of them refused", overview.failed)
        yield counters("imhub_snapshots_refused", "The same by the reason", "code", overview.refused)
        size = sum(account.bytes for account in overview.received_by_account)
        yield CounterMetricFamily("imhub_received_bytes", "Bytes of them", size)
        yield histogram("imhub_sync_seconds", "From arrival to durable, readable and answered", overview.sync_seconds)
        if overview.last_receive_at is not None:
            last = overview.last_receive_at / 1000
            yield gauge("imhub_last_receive_timestamp_seconds", "When the last one came", last)

    def _working(self) -> Iterator[Metric]:
        overview = self._overview
        yield gauge("imhub_writer_queue_jobs", "Changes that wait for the writer", overview.queued_jobs)
        yield gauge("imhub_writer_queue_bytes", "Bytes of them", overview.queued_bytes)
        yield gauge("imhub_tasks", "Tasks of the event loop", overview.tasks)
        yield histogram(
            "imhub_loop_lateness_seconds", "How late the event loop comes to what is due", overview.lateness
        )


class CoverageCollector(Collector):
    """Tells how much of the last day was observed, by account, surface and state; of a bounded number of accounts."""

    def __init__(self, totals: CoverageTotals) -> None:
        self._totals = totals

    def collect(self) -> Iterator[Metric]:
        text = "Seconds of the last 24 hours, by what was observed"
        family = GaugeMetricFamily("imhub_coverage_seconds", text, labels=["account", "surface", "state"])
        for label, seconds in self._totals.seconds.items():
            family.add_metric(list(label), seconds)
        yield family
        yield gauge("imhub_coverage_accounts_left_out", "Accounts without these figures", self._totals.left_out)


# -- families of one label at most


def gauge(name: str, text: str, value: float) -> Metric:
    """Return a gauge without labels."""
    return GaugeMetricFamily(name, text, value=value)


def gauges(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """Return a gauge for each value of the label."""
    family = GaugeMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def counters(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    """Return a counter for each value of the label. Its name gets `_total`."""
    family = CounterMetricFamily(name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def histogram(name: str, text: str, values: Histogram) -> Metric:
    """Return a histogram without labels."""
    return HistogramMetricFamily(name, text, buckets=buckets(values), sum_value=values.sum)


def buckets(values: Histogram) -> list[tuple[str, float]]:
    """Return the buckets as the library wants them: each with its bound, the last one with all values."""
    bounds = [*map(floatToGoString, values.bounds), "+Inf"]
    return list(zip(bounds, map(float, values.cumulative()), strict=True))
