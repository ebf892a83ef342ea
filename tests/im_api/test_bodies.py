"""The body of a write: what is understood, and what the client is told when it is not."""

from typing import Any, Literal

import pytest
from django.test import Client
from django.urls import re_path
from msgspec import Struct
from rest_framework.request import Request

from im_api.views.base import Answered, ApiViewSet

PATH = "/api/im/orders"
DEEP = 200_000


class Buyer(Struct):
    name: str


class Order(Struct):
    status: Literal["open", "paid"]
    items: list[str] = []
    buyer: Buyer | None = None


class OrderViewSet(ApiViewSet):
    """A route that takes a body, with no hub behind it."""

    authentication_classes = ()
    permission_classes = ()

    def save(self, request: Request) -> Answered:
        return self.answer(self.body(Order))


class Urls:
    handler400 = "im_api.error_responses.bad_request"
    handler500 = "im_api.error_responses.server_error"
    urlpatterns = (re_path(r"^api/im/orders\Z", OrderViewSet.as_view({"put": "save"})),)


@pytest.fixture(autouse=True)
def route(settings: Any) -> None:
    settings.ROOT_URLCONF = Urls


def put(body: bytes | str, content_type: str = "application/json") -> Any:
    return Client().put(PATH, body, content_type=content_type)


def refused(body: bytes | str, status: int = 400, content_type: str = "application/json") -> str:
    response = put(body, content_type)
    answer = response.json()
    assert response.status_code == status
    assert answer == {"data": None, "status_code": status, "status_msg": answer["status_msg"]}
    assert response.headers["Content-Type"] == "application/json"
    return str(answer["status_msg"])


def test_a_body_arrives_as_what_the_view_wants() -> None:
    response = put('{"status": "paid", "items": ["茶"], "buyer": {"name": "橘子"}, "unknown": [1, {}]}')
    assert response.status_code == 200
    assert response.json()["data"] == {"status": "paid", "items": ["茶"], "buyer": {"name": "橘子"}}


def test_half_a_surrogate_pair_is_one_character_that_is_not_known() -> None:
    response = put(r'{"status": "open", "items": ["\ud83d", "\ud83d\ude00 \\ud83d", "\u0000"]}')
    assert response.status_code == 200
    assert response.json()["data"]["items"] == ["\ufffd", "😀 \\ud83d", "\0"]


def test_a_content_type_may_have_parameters() -> None:
    assert put('{"status": "open"}', "application/json; charset=utf-8").status_code == 200


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"status": "lost"}', "status: Invalid enum value 'lost'"),
        ('{"status": "open", "items": ["a", 2]}', "items[1]: Expected `str`, got `int`"),
        ('{"status": "open", "buyer": {"name": null}}', "buyer.name: Expected `str`, got `null`"),
        ("{}", "body: Object missing required field `status`"),
        ('["open"]', "body: Expected `object`, got `array`"),
        ('{"status" "open"}', "The body is not JSON: expected ':' (byte 10)"),
        ('{"status": "open"', "The body is not JSON: Input data was truncated"),
        ('{"status": "open"} {}', "The body is not JSON: trailing characters (byte 20)"),
        ("status=open", "The body is not JSON: invalid character (byte 0)"),
        (b'{"status": "open", "x": "\xff"}', "The body is not UTF-8: invalid start byte (byte 25)"),
        (b"\x00\x01\x02", "The body is not JSON: invalid character (byte 0)"),
        ('{"status": "open"}'.encode("utf-16"), "The body is not UTF-8: invalid start byte (byte 0)"),
    ],
)
def test_a_fault_is_told_with_its_place(body: bytes | str, message: str) -> None:
    assert refused(body) == message


@pytest.mark.parametrize(
    ("before", "message"),
    [
        ("", "body: Expected `object`, got `array`"),
        ('{"status": "open", "items": [', "items[0]: Expected `str`, got `array`"),
        ('{"status": "open", "unknown": ', "The body is nested too deeply"),
    ],
)
def test_depth_is_bounded(before: str, message: str) -> None:
    assert refused(before + "[" * DEEP) == message
    assert refused(before + "[" * DEEP + "]" * DEEP) == message


def test_a_long_value_is_not_repeated_whole() -> None:
    assert len(refused(f'{{"status": "{"x" * 100_000}"}}')) < 300


@pytest.mark.parametrize("content_type", ["application/json", ""])
def test_a_write_that_needs_a_body_says_so(content_type: str) -> None:
    assert refused(b"", content_type=content_type) == "A JSON body is needed, with Content-Type: application/json"


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "nonsense"]
)
def test_another_content_type_is_415(content_type: str) -> None:
    message = f'Unsupported media type "{content_type}" in request.'
    assert refused('{"status": "open"}', 415, content_type) == message
