"""The words in which a route is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

import msgspec
from msgspec import Struct

from im_api.params import DEFAULT_COUNT, MAX_COUNT
from im_api.shapes.answers import enveloped, paged
from sync.protocol.platforms import DEFAULT_PLATFORM

Versions = Literal["one", "some", "none"]
Parameter = dict[str, Any]

MAX_TIME: Final = 10**15 - 1
ACCOUNT_ID: Final = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"


class SuccessfulAnswer(Struct, frozen=True, kw_only=True):
    """A successful answer. `versions`: of how many accounts its headers name the version."""

    type: Any
    example: Any
    versions: Versions = "one"
    status: int = 200
    media_type: str = "application/json"


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one route. No `answers`: it comes later. `errors`: statuses that not every route like it has.

    `body_rules`: what this route wants of the body beyond its type, as a JSON schema.
    """

    summary: str
    description: str = ""
    query: tuple[Parameter, ...] = ()
    body: type[Struct] | None = None
    body_example: Any = None
    body_rules: Mapping[str, Any] = {}
    answers: tuple[SuccessfulAnswer, ...] = ()
    errors: tuple[int, ...] = ()


def item(example: Struct, **settings: Any) -> SuccessfulAnswer:
    """`data` is the item."""
    shape = type(example)
    return SuccessfulAnswer(
        type=enveloped(without_suffix(shape.__name__), shape), example=_envelope(example), **settings
    )


def page(key: str, example: Struct, **settings: Any) -> SuccessfulAnswer:
    """`data` is a page of items under `key`."""
    shape = type(example)
    name = without_suffix(shape.__name__)
    data = {key: [example], "cursor": None, "has_more": False}
    return SuccessfulAnswer(type=enveloped(f"{name}Page", paged(name, key, shape)), example=_envelope(data), **settings)


def _envelope(data: Any) -> Any:
    return {"data": msgspec.to_builtins(data), "status_code": 0}


def without_suffix(name: str) -> str:
    """`Conversation` for `ConversationShape`."""
    return name.removesuffix("Shape")


# -- query parameters


def text(name: str, description: str, **schema: Any) -> Parameter:
    return _parameter(name, description, {"type": "string", **schema})


def flag(name: str, description: str) -> Parameter:
    return _parameter(name, description, {"type": "boolean"})


def choice(name: str, allowed: Any, description: str, **schema: Any) -> Parameter:
    """`allowed`: a Literal."""
    return _parameter(name, description, {"type": "string", "enum": list(get_args(allowed)), **schema})


def choices(name: str, allowed: Any, description: str) -> Parameter:
    """Several, separated by commas."""
    one = {"type": "string", "enum": list(get_args(allowed))}
    parameter = _parameter(name, description, {"type": "array", "items": one, "minItems": 1})
    return parameter | {"style": "form", "explode": False}


def time(name: str, description: str) -> Parameter:
    schema = {"type": "integer", "format": "int64", "minimum": 0, "maximum": MAX_TIME}
    return _parameter(name, f"{description} Milliseconds UTC.", schema)


def required(parameter: Parameter) -> Parameter:
    return parameter | {"required": True}


def paging(default: int = DEFAULT_COUNT) -> tuple[Parameter, ...]:
    count = {"type": "integer", "minimum": 1, "default": default}
    return (
        _parameter("count", f"How many items. Above {MAX_COUNT} is {MAX_COUNT}.", count),
        _parameter("cursor", CURSOR, {"type": "string", "format": "cursor"}),
    )


def _parameter(name: str, description: str, schema: dict[str, Any]) -> Parameter:
    return {"name": name, "in": "query", "description": description, "schema": schema}


CURSOR: Final = (
    "Where the page begins: the `cursor` of the page before, absent or `0` at the start. Opaque, and good for the same"
    " route and filters only. A plain integer is an offset."
)
ACCOUNT: Final = text("account_id", "The account.", pattern=f"^{ACCOUNT_ID}$", examples=["xiaoman"])
ACCOUNT_IF_ANY: Final = text("account_id", "The account.", pattern=f"^({ACCOUNT_ID})?$", examples=["xiaoman"])
ACCOUNT_OF_ITEM: Final = text(
    "account_id", "Needed only for an id that occurs in several accounts.", pattern=f"^({ACCOUNT_ID})?$"
)
ACCOUNTS: Final = text(
    "account_id",
    "One account, several separated by commas, or `all`.",
    pattern=f"^{ACCOUNT_ID}(,{ACCOUNT_ID})*$",
    examples=["all", "xiaoman,shanye"],
)
PLATFORM: Final = text("platform", "Only of this platform.", examples=[DEFAULT_PLATFORM])
