"""Query strings: each parameter is declared once, and is read as the document says."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import httpx
import pytest
from msgspec import field

from im_api.errors import BadRequest
from im_api.openapi.parameters import describe_query
from im_api.params import Count, Search, Time, read_query
from im_api.queries import AccountFilter, CommentFilter, FeedFilter, MessageFilter
from im_api.queries.threads import RowFilter
from im_api.shapes.query_strings import (
    TAKE_ALL,
    AccountsQuery,
    CommentFilterQuery,
    FeedQuery,
    MessagesQuery,
    PageQuery,
    QueryString,
    ThreadsQuery,
)
from tests.im_api.conftest import get, refused, send
from tests.openapi import document

SECONDS = "must be a time in milliseconds, 13 digits today"


class ExampleQuery(PageQuery, frozen=True, kw_only=True):
    """One parameter of each kind."""

    account_id: str
    name: str | None = None
    is_read: bool | None = None
    direction: Literal["up", "down"] | None = None
    kinds: frozenset[Literal["tea", "cake"]] | None = field(name="types", default=None)
    since: Time = field(name="since_time", default=None)
    limit: Count = 7
    q: Search = None


def read(**given: str) -> ExampleQuery:
    return read_query({"account_id": "a"} | given, ExampleQuery)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"account_id": ""}, "account_id is required"),
        ({"is_read": "True"}, "is_read must be true or false"),
        ({"is_read": "1"}, "is_read must be true or false"),
        ({"is_read": ""}, "is_read must be true or false"),
        ({"direction": "left"}, "direction must be one of up, down"),
        ({"direction": ""}, "direction must be one of up, down"),
        ({"direction": "Up"}, "direction must be one of up, down"),
        ({"types": "tea,pie"}, "types must be one of tea, cake"),
        ({"types": "tea,"}, "types must be one of tea, cake"),
        ({"types": ""}, "types must be one of tea, cake"),
        ({"since_time": ""}, "since_time must be a time in integer milliseconds"),
        ({"since_time": "-1"}, "since_time must be a time in integer milliseconds"),
        ({"since_time": "1.5"}, "since_time must be a time in integer milliseconds"),
        ({"since_time": "²"}, "since_time must be a time in integer milliseconds"),
        ({"since_time": "1" * 16}, "since_time must be a time in integer milliseconds"),
        ({"since_time": "1761800000"}, f"since_time {SECONDS}: 1761800000 looks like seconds"),
        ({"since_time": "1"}, f"since_time {SECONDS}: 1 looks like seconds"),
        ({"since_time": "99999999999"}, f"since_time {SECONDS}: 99999999999 looks like seconds"),
        ({"limit": ""}, "limit must be a positive integer"),
        ({"limit": "000"}, "limit must be a positive integer"),
        ({"count": "-1"}, "count must be a positive integer"),
        ({"q": "茶" * 201}, "q must have at most 200 characters"),
    ],
)
def test_a_wrong_value_is_named(given: dict[str, str], complaint: str) -> None:
    with pytest.raises(BadRequest) as raised:
        read(**given)
    assert str(raised.value) == complaint


def test_a_required_parameter_may_not_be_missing() -> None:
    with pytest.raises(BadRequest, match="account_id is required"):
        read_query({}, ExampleQuery)


@pytest.mark.parametrize(
    ("given", "name", "value"),
    [
        ({}, "name", None),
        ({"name": ""}, "name", None),
        ({"name": "ben"}, "name", "ben"),
        ({"q": ""}, "q", None),
        ({"q": "茶" * 200}, "q", "茶" * 200),
        ({"is_read": "true"}, "is_read", True),
        ({"is_read": "false"}, "is_read", False),
        ({"direction": "down"}, "direction", "down"),
        ({"types": "cake, tea,tea"}, "kinds", {"cake", "tea"}),
        ({"kinds": "pie"}, "kinds", None),
        ({"since_time": "0"}, "since", 0),
        ({"since_time": "100000000000"}, "since", 10**11),
        ({"since_time": "9" * 15}, "since", 999_999_999_999_999),
        ({}, "limit", 7),
        ({"limit": "0012"}, "limit", 12),
        ({"limit": "9" * 40}, "limit", 200),
        ({"count": "201"}, "count", 200),
        ({"cursor": ""}, "cursor", None),
        ({"surprise": "1"}, "count", 20),
    ],
)
def test_a_value_is_read_as_its_type_says(given: dict[str, str], name: str, value: Any) -> None:
    assert getattr(read(**given), name) == value


class UnreadableQuery(QueryString, frozen=True, kw_only=True):
    size: Annotated[float | None, "no reader"] = None


def test_a_type_that_nothing_reads_is_noticed_whatever_is_asked() -> None:
    with pytest.raises(TypeError, match="size"):
        read_query({}, UnreadableQuery)


# -- filters


def test_filters_are_made_of_query_strings() -> None:
    messages = read_query({"message_type": "image", "until_time": "1761800000005", "is_read": "false"}, MessagesQuery)
    assert messages.as_filter(MessageFilter) == MessageFilter(type="image", until=1_761_800_000_005, is_read=False)
    feed = read_query({"account_id": "all", "types": "comment", "since_time": "1761800000003"}, FeedQuery)
    assert feed.as_filter(FeedFilter) == FeedFilter(kinds=frozenset({"comment"}), since=1_761_800_000_003)
    threads = read_query({"account_id": "all", "kind": "comment", "needs_reply": "true"}, ThreadsQuery)
    assert threads.as_filter(RowFilter) == RowFilter(kinds=frozenset({"comment"}), needs_reply=True)
    accounts = read_query({"status": "banned", "platform": "douyin"}, AccountsQuery)
    assert accounts.as_filter(AccountFilter) == AccountFilter(status="banned", platform="douyin")
    comments = read_query({"content_id": "c", "is_new": "true"}, CommentFilterQuery)
    assert comments.as_filter(CommentFilter) == CommentFilter(content_id="c", is_new=True)


# -- as described


def test_a_query_string_is_described_as_it_is_declared() -> None:
    described = {parameter["name"]: parameter for parameter in describe_query(MessagesQuery)}
    assert list(described)[:3] == ["account_id", "conversation_id", "sender_id"]
    assert list(described)[-3:] == ["q", "count", "cursor"]
    assert described["since_time"] == {
        "name": "since_time",
        "in": "query",
        "description": "Not before this time. Milliseconds UTC; seconds are refused.",
        "schema": {"type": "integer", "format": "int64", "minimum": 10**11, "maximum": 999_999_999_999_999},
    }
    kinds = {parameter["name"]: parameter for parameter in describe_query(FeedQuery)}["types"]
    assert (kinds["style"], kinds["explode"], kinds["schema"]["type"]) == ("form", False, "array")


PLACES = {"conversations": "conv_acc-a_mia", "discussions": "comm_acc-a_nothing"}
WRONG = {"boolean": "1", "integer": "x", "array": "surprise"}


def _parameters() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield each parameter of each list, with the address of the list."""
    for path, operations in document()["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter.get("in") == "query":
                address = path.removeprefix("/api/im")
                yield address.replace("{id}", PLACES.get(address.split("/")[1], "x")), parameter["name"], parameter


def _wrong_value(schema: dict[str, Any]) -> str | None:
    return "surprise" if "enum" in schema else WRONG.get(schema["type"])


def _takes_all(parameter: dict[str, Any]) -> bool:
    return "all" in parameter["schema"].get("examples", ())


TYPED = [(path, name, parameter) for path, name, parameter in _parameters() if _wrong_value(parameter["schema"])]
REQUIRED = [(path, name) for path, name, parameter in _parameters() if parameter.get("required")]
SEARCHED = [(path, name) for path, name, _ in _parameters() if name == "q"]


def test_the_document_has_parameters_of_all_kinds() -> None:
    kinds = {parameter["schema"]["type"] for _, _, parameter in TYPED}
    assert kinds == {"boolean", "integer", "array", "string"}
    assert (len(TYPED), len(REQUIRED), len(SEARCHED)) == (55, 7, 8)


@pytest.mark.parametrize(("path", "name", "parameter"), TYPED)
async def test_a_wrong_value_of_a_described_parameter_is_refused(
    alice: httpx.AsyncClient, path: str, name: str, parameter: dict[str, Any]
) -> None:
    wrong = _wrong_value(parameter["schema"])
    message = await refused(alice, path, 400, **{"account_id": "acc-a", name: wrong})
    assert message.startswith(f"{name} must be ")
    for allowed in parameter["schema"].get("items", parameter["schema"]).get("enum", ()):
        assert allowed in message


ONE = [(path, name) for path, name, parameter in _parameters() if name == "account_id" and not _takes_all(parameter)]
SEVERAL = sorted({path for path, name, parameter in _parameters() if name == "account_id" and _takes_all(parameter)})


@pytest.mark.parametrize(("path", "name"), ONE)
async def test_all_where_one_account_is_meant_names_the_routes_that_take_it(
    alice: httpx.AsyncClient, path: str, name: str
) -> None:
    message = await refused(alice, path, 400, **{name: "all"})
    assert message == f"account_id must be one account here: all is for {', '.join(TAKE_ALL)}"


async def test_the_routes_that_are_named_for_all_take_it(operator: httpx.AsyncClient) -> None:
    assert sorted([*SEVERAL, "/unified-messages/read-many"]) == sorted(TAKE_ALL)
    for path in SEVERAL:
        await get(operator, path, account_id="all")
    body = {"account_id": "all", "before": 0}
    assert await send(operator, "PUT", "/unified-messages/read-many", body) == {"marked_count": 0, "complete": True}


@pytest.mark.parametrize(("path", "name"), REQUIRED)
async def test_a_described_parameter_that_is_required_may_not_be_missing(
    alice: httpx.AsyncClient, path: str, name: str
) -> None:
    assert await refused(alice, path, 400) == f"{name} is required"


@pytest.mark.parametrize(("path", "name"), SEARCHED)
async def test_a_described_search_has_a_length(alice: httpx.AsyncClient, path: str, name: str) -> None:
    message = await refused(alice, path, 400, **{"account_id": "acc-a", name: "茶" * 201})
    assert message == f"{name} must have at most 200 characters"


async def test_an_unknown_parameter_is_ignored(alice: httpx.AsyncClient) -> None:
    plain = await get(alice, "/messages", account_id="acc-a")
    assert await get(alice, "/messages", account_id="acc-a", since="x", type="x", kinds="x") == plain
