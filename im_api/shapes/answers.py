"""Answers that are no item, and what goes around those that are: the envelope, a page."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

Yes = Annotated[bool, Meta(extra_json_schema={"const": True})]


class HealthShape(Struct, frozen=True, kw_only=True):
    """`timestamp`: the hub's clock."""

    status: Literal["ok"] = "ok"
    version: str
    timestamp: int


class Version(Struct, frozen=True, kw_only=True):
    api_version: str
    compatibility: str
    supported_platforms: list[str]


class RouteRow(Struct, frozen=True, kw_only=True):
    """`methods`: separated by commas."""

    path: str
    methods: str


class Routes(Struct, frozen=True, kw_only=True):
    routes: list[RouteRow]


class Deleted(Struct, frozen=True, kw_only=True):
    deleted: Yes = True


class MarkedShape(Struct, frozen=True, kw_only=True):
    marked: Yes = True


class MarkedMany(Struct, frozen=True, kw_only=True):
    """`marked_count`: items that were unread before. `complete`: false if some could not be marked."""

    marked_count: int
    complete: bool


@cache
def enveloped(name: str, data: Any) -> type[Struct]:
    """The type of a successful answer with this `data`."""
    fields = [("data", data), ("status_code", Literal[0])]
    return msgspec.defstruct(f"{name}Answer", fields, frozen=True)


@cache
def paged(name: str, key: str, item: Any) -> type[Struct]:
    """The type of a page of items under `key`."""
    rows = list[item]
    fields = [(key, rows), ("cursor", str | None), ("has_more", bool)]
    return msgspec.defstruct(f"{name}Page", fields, frozen=True)
