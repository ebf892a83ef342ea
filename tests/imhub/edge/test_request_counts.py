"""Requests and their times, by route."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from im_api.route_table import get_routes
from imhub.edge.request_counts import UNKNOWN, CountedRequests, RequestCounts, name_route

ROUTES = [f"/{route.path}" for route in get_routes()]
IDS = st.text("ab_/-é ", min_size=1).filter(lambda text: not text.endswith("/"))


async def ask(counts: RequestCounts, path: str, *, method: str = "GET", status: int = 200) -> list[Any]:
    """Return what the client gets."""

    async def inner(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await CountedRequests(inner, counts)({"type": "http", "method": method, "path": path}, None, send)  # type: ignore[arg-type]
    return sent


def look(counts: RequestCounts, name: str, **labels: str) -> float | None:
    registry = CollectorRegistry()
    registry.register(counts)
    return registry.get_sample_value(name, labels)


async def test_an_answer_is_counted_by_route_and_status_and_sent_on() -> None:
    counts = RequestCounts()
    for path in ("/api/im/conversations", "/api/im/conversations/", "/api/im/conversations"):
        sent = await ask(counts, path)
        assert [message.get("status", message.get("body")) for message in sent] == [200, b"hello"]
    await ask(counts, "/api/im/conversations", status=304)
    await ask(counts, "/api/im/conversations/conv_a_1")
    labels = {"method": "GET", "route": "/api/im/conversations"}
    assert look(counts, "imhub_http_requests_total", **labels, status="200") == 3
    assert look(counts, "imhub_http_requests_total", **labels, status="304") == 1
    assert look(counts, "imhub_http_request_seconds_count", **labels) == 4
    assert look(counts, "imhub_http_request_seconds_bucket", **labels, le="5.0") == 4
    one = {"method": "GET", "route": "/api/im/conversations/{id}"}
    assert look(counts, "imhub_http_requests_total", **one, status="200") == 1


async def test_whatever_strangers_ask_for_the_number_of_counters_is_bounded() -> None:
    counts = RequestCounts()
    for number in range(50):
        await ask(counts, f"/wp-admin/{number}", method=f"X{number}", status=404)
        await ask(counts, f"/api/im/messages/{number}", status=404)
        await ask(counts, f"/api/im/nothing{number}", status=404)
    families = {family.name: family for family in counts.collect()}
    assert len(families["imhub_http_requests"].samples) == 3
    assert look(counts, "imhub_http_requests_total", method="other", route=UNKNOWN, status="404") == 50


@pytest.mark.parametrize("route", ROUTES)
@given(item=IDS)
def test_a_path_has_the_name_of_its_route_whatever_its_id_is(route: str, item: str) -> None:
    path = route.replace("{id}", f"{item}0").replace("{account_id}", "acc")
    assert name_route(path) == name_route(f"{path}/") == route


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "page home"),
        ("/c/conv_a_1", "page conversation"),
        ("/login/", "page login"),
        ("/admin/sync/account/7/change/", "/admin/"),
        ("/static/inbox/page.js", "/static/"),
        ("/api/schema/", "/api/schema"),
        ("/api/v2/status", UNKNOWN),
        ("/nothing", UNKNOWN),
        ("", "page home"),
    ],
)
def test_the_other_parts_of_the_site_are_named(path: str, name: str) -> None:
    assert name_route(path) == name
