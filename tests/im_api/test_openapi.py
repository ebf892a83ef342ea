"""The description of the API: complete, true, readable offline; and what checks all other tests' answers against it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import yaml
from django.test import Client
from jsonschema_rs import Draft202012Validator
from pytest_django import Settings

from im_api.openapi.generate import key_of, make_document
from im_api.openapi.routes import OPERATIONS
from im_api.openapi.views import get_document
from im_api.route_table import METHODS, get_routes
from sync.hub import Hub
from tests.im_api.conftest import Connect, check_refusal
from tests.openapi import Description, NotAsDescribed, complain, description, document

DOCUMENT = document()
# The specification's own schema, https://github.com/OAI/OpenAPI-Specification/blob/main/schemas/v3.1/schema.json
OPENAPI_3_1 = Path(__file__).parents[1] / "data" / "openapi_3_1_schema.json"
ROUTES = {
    key_of(method.upper(), f"/{route.path}"): (route, method)
    for route in get_routes()
    for method in METHODS
    if method in route.actions
}


def operation(key: str) -> dict[str, Any]:
    method, path = key.split(" ")
    found: dict[str, Any] = DOCUMENT["paths"][path if path.startswith("/") else f"/api/im/{path}"][method.lower()]
    return found


# -- complete


def test_every_route_is_declared() -> None:
    """A new route needs an entry in im_api/openapi/routes/."""
    assert set(ROUTES) - set(OPERATIONS) == set()


def test_nothing_is_declared_that_is_no_route() -> None:
    assert set(OPERATIONS) - set(ROUTES) == set()


def test_the_document_is_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1.")
    Draft202012Validator(json.loads(OPENAPI_3_1.read_text())).validate(json.loads(json.dumps(DOCUMENT)))


@pytest.mark.parametrize("key", ROUTES)
def test_a_route_says_what_it_answers(key: str) -> None:
    statuses = set(operation(key)["responses"])
    assert statuses & {"200", "201"}
    assert {"400", "500", "503"} <= statuses


@pytest.mark.parametrize("key", ROUTES)
def test_who_may_ask_is_said(key: str) -> None:
    security, statuses = operation(key)["security"], set(operation(key)["responses"])
    if key in ("GET health", "GET version", "POST pair"):
        assert (security, "401" in statuses) == ([], False)
    elif key.startswith("GET "):
        assert (security, "401" in statuses) == ([{"token": []}, {"session": []}], True)
    else:
        assert security == [{"token": []}, {"session": [], "csrf": []}]
        assert {"401", "403"} <= statuses


def test_the_limits_of_parameters_are_said() -> None:
    parameters = {p.get("name", p.get("$ref")): p for p in operation("GET messages")["parameters"]}
    assert parameters["count"]["schema"] == {"type": "integer", "minimum": 1, "default": 50}
    assert parameters["direction"]["schema"]["enum"] == ["inbound", "outbound"]
    assert parameters["is_read"]["schema"] == {"type": "boolean"}
    assert "required" not in parameters["account_id"]
    assert "#/components/parameters/If-None-Match" in parameters
    assert operation("GET conversations")["parameters"][0]["required"] is True


def test_an_answer_has_all_of_its_keys_and_no_others() -> None:
    conversation = DOCUMENT["components"]["schemas"]["Conversation"]
    assert conversation["additionalProperties"] is False
    assert set(conversation["required"]) == set(conversation["properties"])
    assert conversation["properties"]["conversation_type"]["enum"][-1] is None


def _examples() -> Iterator[tuple[str, dict[str, Any]]]:
    for key in ROUTES:
        for status, response in operation(key)["responses"].items():
            for media in response.get("content", {}).values():
                yield f"{key} {status}", media
        for media in operation(key).get("requestBody", {}).get("content", {}).values():
            yield f"{key} body", media
    for name, response in DOCUMENT["components"]["responses"].items():
        yield name, response["content"]["application/json"]


@pytest.mark.parametrize(("name", "media"), list(_examples()))
def test_every_example_is_an_example_of_it(name: str, media: dict[str, Any]) -> None:
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(media["example"])


def test_behind_a_proxy_it_names_the_public_address(settings: Settings) -> None:
    assert "servers" not in DOCUMENT
    settings.PUBLIC_URL = "https://hub.example.com:8443"
    assert make_document()["servers"] == [{"url": "https://hub.example.com:8443"}]


# -- served


@pytest.mark.parametrize("path", ["/api/schema/", "/api/schema"])
async def test_the_document_is_open_and_comes_from_memory(hub: Hub, connect: Connect, path: str) -> None:
    first = await connect(None).get(path)
    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/json")
    assert first.json() == msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    again = await connect(None).get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    check_refusal(await connect(None).post(path), 405)


@pytest.mark.parametrize(
    ("query", "accept"), [("?format=yaml", "*/*"), ("", "application/yaml"), ("", "application/vnd.oai.openapi+yaml")]
)
async def test_the_document_comes_as_yaml_too(nobody: httpx.AsyncClient, query: str, accept: str) -> None:
    response = await nobody.get(f"/api/schema/{query}", headers={"Accept": accept})
    assert response.headers["Content-Type"] == "application/yaml"
    assert yaml.load(response.text, yaml.CSafeLoader) == (await nobody.get("/api/schema/")).json()


async def test_the_document_is_made_off_the_event_loop_and_then_read_on_it(hub: Hub, connect: Connect) -> None:
    get_document.cache_clear()
    assert (await connect(None).get("/api/schema/")).status_code == 200
    made = get_document(as_yaml=False)  # on the loop nothing but a made one may be had
    assert (await connect(None).get("/api/schema/")).content == made.body


async def test_whoever_looks_around_in_the_api_finds_the_page(alice: httpx.AsyncClient) -> None:
    page = await alice.get("/api/im/", headers={"Accept": "text/html"})
    assert '<a href="/api/docs">Documentation</a>' in page.text


def test_the_page_takes_nothing_from_elsewhere() -> None:
    response = Client().get("/api/docs/")
    assert response.status_code == 200
    assert "http://" not in response.content.decode()
    assert "https://" not in response.content.decode()
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


# -- what checks the answers of all tests

HEADERS = {
    "Content-Type": "application/json",
    "ETag": f'"{"0" * 32}"',
    "Vary": "Accept",
    "Cache-Control": "private, no-cache",
    "IMHub-Version": "xiaoman=3",
    "IMHub-Seq": "xiaoman=7",
}


@pytest.fixture
def answer() -> dict[str, Any]:
    example = operation("GET conversations/{id}")["responses"]["200"]["content"]["application/json"]["example"]
    return dict(msgspec.json.decode(msgspec.json.encode(example)))


def check(
    body: Any, status: int = 200, method: str = "GET", path: str = "/api/im/conversations/c/1/", **headers: str | None
) -> None:
    given = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
    description().check(method, path, status, {name: v for name, v in given.items() if v is not None}, raw)


def test_an_answer_as_described_passes(answer: dict[str, Any]) -> None:
    check(answer)
    check(b"", 304, Content_Type=None)
    check(b"", method="HEAD")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"surprise": 1}, "surprise"),
        ({"unread_count": "3"}, "unread_count"),
        ({"unread_count": None}, "unread_count"),
        ({"status": "asleep"}, "status"),
        ({"participant": {"user_id": "1"}}, "participant"),
        ({"update_time": 1.5}, "update_time"),
    ],
)
def test_another_body_is_noticed(answer: dict[str, Any], change: dict[str, Any], complaint: str) -> None:
    answer["data"] |= change
    with pytest.raises(NotAsDescribed, match=complaint):
        check(answer)


def test_a_missing_key_is_noticed(answer: dict[str, Any]) -> None:
    del answer["data"]["waiting_since"]
    with pytest.raises(NotAsDescribed, match="waiting_since"):
        check(answer)


@pytest.mark.parametrize(
    ("headers", "complaint"),
    [
        ({"ETag": None}, "no etag"),
        ({"ETag": "weak"}, "etag"),
        ({"IMHub_Version": None}, "no imhub-version"),
        ({"IMHub_Seq": "xiaoman"}, "imhub-seq"),
        ({"Retry_After": "1"}, "retry-after is not described"),
        ({"Content_Type": "text/plain"}, "content type 'text/plain' is not described"),
    ],
)
def test_other_headers_are_noticed(answer: dict[str, Any], headers: dict[str, Any], complaint: str) -> None:
    with pytest.raises(NotAsDescribed, match=complaint):
        check(answer, **headers)


PLAIN: dict[str, Any] = {"ETag": None, "IMHub_Version": None, "IMHub_Seq": None}


@pytest.mark.parametrize(
    ("status", "body", "complaint"),
    [
        (418, {"data": None, "status_code": 418, "status_msg": "tea"}, "this status is not described"),
        (501, {"data": None, "status_code": 501, "status_msg": "later"}, "this status is not described"),
        (404, {"data": None, "status_code": 400, "status_msg": "no"}, "status_code"),
        (404, {"data": {}, "status_code": 404, "status_msg": "no"}, "data"),
        (404, {"detail": "Not found."}, "detail"),
        (404, b"<h1>Not Found</h1>", "malformed"),
        (304, b"surprise", "of a body"),
    ],
)
def test_another_failure_is_noticed(status: int, body: Any, complaint: str) -> None:
    with pytest.raises(NotAsDescribed, match=complaint):
        check(body, status, **(PLAIN if status != 304 else {}))


def test_where_there_is_no_route_only_a_failure_may_be_answered() -> None:
    failure = {"data": None, "status_code": 404, "status_msg": "There is no such route"}
    check(failure, 404, path="/api/im/nothing", **PLAIN)
    check(failure | {"status_code": 405}, 405, method="PATCH", path="/api/im/conversations", **PLAIN)
    with pytest.raises(NotAsDescribed, match="not described"):
        check({"data": {}, "status_code": 0}, 200, path="/api/im/nothing", **PLAIN)
    with pytest.raises(NotAsDescribed, match="status_code"):
        check(failure, 405, method="PATCH", path="/api/im/conversations", **PLAIN)


async def test_answers_of_this_process_are_looked_at(alice: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the event loop, through a thread, and through Django's own test client."""
    stricter = msgspec.json.decode(msgspec.json.encode(DOCUMENT))
    stricter["components"]["schemas"]["User"]["properties"]["platform"] = {"const": "elsewhere"}
    monkeypatch.setattr("tests.openapi.description", lambda: Description(stricter))
    await alice.get("/api/im/accounts")
    with pytest.raises(NotAsDescribed, match="GET /api/im/accounts 200: data/users/0/platform"):
        complain()
    await alice.get("/api/im/accounts", headers={"Accept": "text/html"})
    complain()
