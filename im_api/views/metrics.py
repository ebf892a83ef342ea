"""`/metrics` for Prometheus: what the hub holds and receives, read at each scrape."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from im_api import queries
from im_api.access import now_ms
from im_api.queries.status import HubOverview
from im_api.views.base import ApiViewSet, IsOwner

UNREAD = ("direct_messages", "comments", "discussions", "notifications")


class MetricsViewSet(ApiViewSet):
    permission_classes = (IsAuthenticated, IsOwner)

    def scrape(self, request: Request) -> HttpResponse:
        registry = CollectorRegistry()
        registry.register(HubCollector(queries.get_hub_overview(now_ms())))
        return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class HubCollector(Collector):
    """One reading of the hub as metrics."""

    def __init__(self, overview: HubOverview) -> None:
        self._overview = overview

    def collect(self) -> Iterator[Metric]:
        yield from self._held()
        yield from self._received()
        workers = self._overview.workers
        yield _gauge("imhub_workers", "Workers that are known", len(workers))
        yield _gauge("imhub_workers_online", "Workers that are connected", sum(w.online for w in workers))
        yield _gauge("imhub_clients", "Push sockets of clients that are open", self._overview.clients)
        yield _gauge("imhub_tasks", "Tasks of the event loop", self._overview.tasks)
        yield _gauge("imhub_uptime_seconds", "Since the start of the hub", self._overview.uptime_ms / 1000)
        yield _gauge("imhub_memory_bytes", "Resident memory of the hub", self._overview.memory_bytes)

    def _held(self) -> Iterator[Metric]:
        totals = self._overview.totals
        yield _gauge("imhub_accounts", "Accounts", self._overview.accounts)
        items = GaugeMetricFamily("imhub_items", "Items held", labels=["collection"])
        for name in queries.COLLECTIONS:
            items.add_metric([name], getattr(totals, name))
        yield items
        unread = GaugeMetricFamily("imhub_unread", "Unread items", labels=["kind"])
        for kind in UNREAD:
            unread.add_metric([kind], getattr(totals, f"unread_{kind}"))
        yield unread
        yield _gauge("imhub_needs_reply", "Threads in which somebody waits for an answer", totals.needs_reply)

    def _received(self) -> Iterator[Metric]:
        overview = self._overview
        yield CounterMetricFamily("imhub_snapshots_received", "Snapshots and deltas received", overview.received)
        yield CounterMetricFamily("imhub_snapshots_failed", "Of them refused", overview.failed)
        size = sum(account.bytes for account in overview.received_by_account)
        yield CounterMetricFamily("imhub_received_bytes", "Bytes of them", size)
        if overview.last_receive_at is not None:
            last = overview.last_receive_at / 1000
            yield _gauge("imhub_last_receive_timestamp_seconds", "When the last one came", last)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
