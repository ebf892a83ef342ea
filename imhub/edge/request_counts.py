"""Counts requests and how long the hub takes for them, by route. It costs a request 1.5 µs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterator, MutableMapping
from time import perf_counter
from typing import Any, Final

from django.urls import Resolver404, resolve
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from im_api.route_table import PREFIX, get_routes
from im_api.views.metrics import buckets
from imhub.edge.startup_gate import Application, Receive, Scope, Send
from sync.histogram import Histogram

BOUNDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
UNKNOWN: Final = "unknown"
_ITEMS: Final = f"/{PREFIX}/"
_WHOLE: Final = ("admin", "static")
"""Parts of the site that are counted as one route each."""


class RouteCounts:
    """The requests of one route and method: seconds to the head of each answer, and how many had which status."""

    __slots__ = ("seconds", "statuses")

    def __init__(self) -> None:
        self.seconds = Histogram(BOUNDS)
        self.statuses: Counter[int] = Counter()


class RequestCounts(Collector):
    """All requests since the start of the process. Written on the event loop, read by a scrape in any thread."""

    def __init__(self) -> None:
        self.total = 0
        # By what a request line says. Fixed addresses only: ids would fill the memory.
        self._by_path: dict[tuple[str, str], RouteCounts] = {}
        self._routes: defaultdict[tuple[str, str], RouteCounts] = defaultdict(RouteCounts)

    def note(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count an answer whose head was sent `seconds` after its request came."""
        counts = self._by_path.get((method, path)) or self._find(method, path)
        counts.seconds.observe(seconds)
        counts.statuses[status] += 1
        self.total += 1

    def _find(self, method: str, path: str) -> RouteCounts:
        name = name_route(path)
        counts = self._routes[method if method in METHODS else "other", name]
        if name == path and method in METHODS:
            self._by_path[method, path] = counts
        return counts

    def collect(self) -> Iterator[Metric]:
        """Yield two families: the number of requests by status, and their times."""
        requests = CounterMetricFamily("imhub_http_requests", "Requests answered", labels=["method", "route", "status"])
        seconds = HistogramMetricFamily(
            "imhub_http_request_seconds", "From a request to the head of its answer", labels=["method", "route"]
        )
        for (method, route), counts in sorted(self._routes.items()):
            for status, count in sorted(counts.statuses.items()):
                requests.add_metric([method, route, str(status)], count)
            seconds.add_metric([method, route], buckets(counts.seconds), counts.seconds.sum)
        yield requests
        yield seconds


class CountedRequests:
    """ASGI application that counts what `inner` answers."""

    def __init__(self, inner: Application, counts: RequestCounts) -> None:
        self._inner = inner
        self._counts = counts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        came = perf_counter()

        def count_and_send(message: MutableMapping[str, Any]) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                self._counts.note(scope["method"], scope["path"], message["status"], perf_counter() - came)
            return send(message)

        await self._inner(scope, receive, count_and_send)


# -- the names of routes: a bounded number, whatever is asked for


def name_route(path: str) -> str:
    """Return the route of a path: of the API as its table has it (`/api/im/conversations/{id}`), else the page's name.

    UNKNOWN: there is none.
    """
    path = path.rstrip("/")
    if path in _FIXED:
        return path
    if path.startswith(_ITEMS):
        return _name_item(path[len(_ITEMS) :])
    part = path[1:].partition("/")[0]
    return f"/{part}/" if part in _WHOLE else _name_page(path)


def _name_item(path: str) -> str:
    """Ids may contain slashes: what stands after the last one is an action, if there is such."""
    resource, _, rest = path.partition("/")
    action = rest.rpartition("/")[2] if "/" in rest else ""
    return _BY_ACTION.get((resource, action)) or _BY_ACTION.get((resource, ""), UNKNOWN)


def _name_page(path: str) -> str:
    """Pages take milliseconds: Django's resolver may look them up."""
    try:
        name = resolve(path or "/").url_name
    except Resolver404:
        return UNKNOWN
    return f"page {name}" if name else UNKNOWN


def _list_items() -> Iterator[tuple[tuple[str, str], str]]:
    for route in get_routes():
        if "{" in route.path:
            path = route.path.removeprefix(f"{PREFIX}/")
            yield (path.partition("/")[0], path.rpartition("}")[2].rpartition("/")[2]), f"/{route.path}"


_FIXED: Final = frozenset({"/api/schema", "/api/docs", *(f"/{r.path}" for r in get_routes() if "{" not in r.path)})
_BY_ACTION: Final = dict(_list_items())
