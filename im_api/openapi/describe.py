"""The words in which a route is declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from im_api.shapes.answers import enveloped, paged
from im_api.shapes.query_strings import QueryString

Versions = Literal["one", "some", "none"]


class SuccessfulAnswer(Struct, frozen=True, kw_only=True):
    """A successful answer. `versions`: of how many accounts its headers name the version."""

    type: Any
    example: Any
    versions: Versions = "one"
    status: int = 200
    media_type: str = "application/json"


class Operation(Struct, frozen=True, kw_only=True):
    """One method of one route. No `answers`: it comes later. `errors`: statuses that not every route like it has.

    `body`: its type, or the forms of which it has one. `body_rules`: what this route wants of it beyond that, as words
    of a JSON schema.
    """

    summary: str
    description: str = ""
    query: type[QueryString] | None = None
    body: type[Struct] | tuple[type[Struct], ...] | None = None
    body_example: Any = None
    body_rules: Mapping[str, Any] = {}
    answers: tuple[SuccessfulAnswer, ...] = ()
    errors: tuple[int, ...] = ()

    @property
    def body_forms(self) -> tuple[type[Struct], ...]:
        """The types that the body may have; none: there is no body."""
        if self.body is None:
            return ()
        return self.body if isinstance(self.body, tuple) else (self.body,)


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
