from typing import Any

import httpx
import pytest

from im_api import queries
from sync.hub import Hub, set_hub
from tests.im_api.conftest import Connect, check_refusal, get


@pytest.mark.parametrize("path", ["/api/im/nothing", "/api/nothing", "/api/", "/api/v2/status", "/api/im/messages%0A"])
async def test_an_unknown_route_answers_in_the_envelope(alice: httpx.AsyncClient, path: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"):
        check_refusal(await alice.request(method, path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/api/im/conversations"),
        ("PATCH", "/api/im/messages/msg_acc-a_m1"),
        ("POST", "/api/im/unified-messages"),
        ("GET", "/api/im/conversations/conv_acc-a_mia/read"),
        ("POST", "/api/v1/status"),
        ("OPTIONS", "/api/im/conversations"),
    ],
)
async def test_a_wrong_method_is_405(olivia: httpx.AsyncClient, method: str, path: str) -> None:
    response = await olivia.request(method, path)
    assert check_refusal(response, 405) == f'Method "{method}" not allowed.'
    assert "Allow" in response.headers


async def test_an_error_of_ours_says_nothing_of_itself(
    alice: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(queries, "list_accounts", fail)
    response = await alice.get("/api/im/accounts")
    assert check_refusal(response, 500) == "Internal error"
    assert "secret detail" in caplog.text


async def test_while_the_hub_loads_clients_are_told_to_come_back(hub: Hub, connect: Connect) -> None:
    set_hub(None)
    response = await connect("alice").get("/api/im/accounts")
    assert check_refusal(response, 503) == "The hub is still loading"
    assert response.headers["Retry-After"] == "1"
    assert (await connect("alice").get("/api/im/health")).status_code == 200


async def test_a_foreign_host_is_refused_in_the_envelope(alice: httpx.AsyncClient) -> None:
    response = await alice.get("/api/im/accounts", headers={"Host": "evil.test"})
    message = "This hub does not answer to that host name (IMHUB_ALLOWED_HOSTS)"
    assert check_refusal(response, 400) == message


async def test_a_broken_query_is_refused_in_the_envelope(application: Any, hub: Hub) -> None:
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/api/im/accounts", "query_string": b"q=\xff", "headers": []}
    await application(scope, receive, send)
    assert sent[0]["status"] == 400
    assert sent[1]["body"] == b'{"data":null,"status_code":400,"status_msg":"Bad request"}'


async def test_too_many_parameters_are_refused(alice: httpx.AsyncClient) -> None:
    response = await alice.get("/api/im/accounts?" + "&".join(f"p{number}=1" for number in range(2000)))
    assert check_refusal(response, 400) == "Too many parameters: 1000 at most"


@pytest.mark.parametrize("path", ["/accounts", "/conversations", "/messages", "/unified-messages/stats", "/health"])
async def test_a_slash_at_the_end_changes_nothing(alice: httpx.AsyncClient, path: str) -> None:
    params = {"account_id": "acc-a"}
    plain = await alice.get(f"/api/im{path}", params=params)
    slashed = await alice.get(f"/api/im{path}/", params=params)
    assert (plain.status_code, slashed.status_code) == (200, 200)
    if path != "/health":
        assert plain.content == slashed.content


async def test_the_root_lists_the_routes(alice: httpx.AsyncClient) -> None:
    routes = {route["path"]: route["methods"] for route in (await get(alice, "/"))["routes"]}
    assert routes["/api/im/conversations"] == "GET, POST"
    assert routes["/api/im/unified-messages/stats"] == "GET"


@pytest.mark.parametrize("accept", ["application/xml", "text/plain", "*/*", "", "application/json;q=0.1"])
async def test_whatever_a_client_accepts_it_gets_json(alice: httpx.AsyncClient, accept: str) -> None:
    response = await alice.get("/api/im/accounts", headers={"Accept": accept})
    assert (response.status_code, response.headers["Content-Type"]) == (200, "application/json")


async def test_an_unknown_format_is_an_unknown_parameter(alice: httpx.AsyncClient) -> None:
    assert (await alice.get("/api/im/accounts?format=yaml")).headers["Content-Type"] == "application/json"
