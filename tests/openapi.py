"""Whether an answer is what the OpenAPI document says. Every answer of the API that a test receives is checked.

description().check("GET", "/api/im/accounts", 200, headers, body)
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import msgspec
import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.http import HttpRequest
from jsonschema_rs import Draft202012Validator

JSON: Final = "application/json"
NOT_DESCRIBED: Final = {"/api/schema", "/api/docs"}
WITHOUT_ROUTE: Final = {400, 401, 403, 404, 405, 413, 500, 503}
"""What an address without a route may answer, or a method that a route has not."""

COMMON: Final = {"cache-control", "vary"}
"""Headers that any answer may have."""

Checked = Callable[[Any], list[str]]


class NotAsDescribed(AssertionError):
    pass


class Said(NamedTuple):
    """What the document says of one answer. `headers`: name -> (needed, check); `content`: media type -> check."""

    headers: dict[str, tuple[bool, Checked]]
    content: dict[str, Checked]


class Description:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._routes = [(_regex(path), operations) for path, operations in document["paths"].items()]
        self._guarded = {name.lower() for name in document["components"]["headers"] if "-if-any" not in name}
        self._said: dict[tuple[int, int], Said] = {}
        self._checks: dict[bytes, Checked] = {}
        self._failure = Said({}, {JSON: self._compile({"$ref": "#/components/schemas/Failure"})})

    def check(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes, *, as_page: bool = False
    ) -> None:
        """`path`: without a query, for an id may have a question mark. `as_page`: the client asked for HTML.

        Raises NotAsDescribed with everything that is wrong.
        """
        plain = path.rstrip("/")
        if plain in NOT_DESCRIBED:
            return
        given = {name.lower(): value for name, value in headers.items()}
        wrong = self._wrong(method, plain, status, given, body, as_page=as_page)
        if wrong:
            raise NotAsDescribed(f"{method} {path} {status}: {'; '.join(wrong)}")

    def _wrong(
        self, method: str, path: str, status: int, headers: dict[str, str], body: bytes, *, as_page: bool
    ) -> list[str]:
        operations = self._operations("get" if method == "HEAD" else method.lower(), path)
        wrongs = [
            self._wrong_of(operation, method, status, headers, body, as_page=as_page)
            # An item whose id ends like a route of its own answers there only if it is found.
            for operation in (operations if status == 200 else operations[:1])
        ]
        return [] if [] in wrongs else wrongs[0]

    def _wrong_of(
        self,
        operation: dict[str, Any] | None,
        method: str,
        status: int,
        headers: dict[str, str],
        body: bytes,
        *,
        as_page: bool,
    ) -> list[str]:
        if operation is None:
            said = self._failure if status in WITHOUT_ROUTE else None
        else:
            said = self._of(operation, status)
        if said is None:
            return ["this status is not described"]
        if as_page and headers.get("content-type", "").startswith("text/html"):
            return []
        wrong = [] if operation is None else self._wrong_headers(said, headers)
        return wrong if method == "HEAD" else wrong + _wrong_body(said, status, headers, body)

    def _operations(self, method: str, path: str) -> list[dict[str, Any] | None]:
        """Return the operation of every route that fits, in their order; None for a method that a route has not."""
        return [operations.get(method) for regex, operations in self._routes if regex.fullmatch(path)] or [None]

    def _of(self, operation: dict[str, Any], status: int) -> Said | None:
        key = (id(operation), status)
        if key not in self._said:
            if str(status) not in operation["responses"]:
                return None
            self._said[key] = self._compile_response(self._resolve(operation["responses"][str(status)]))
        return self._said[key]

    def _compile_response(self, response: dict[str, Any]) -> Said:
        headers = {name: self._resolve(header) for name, header in response.get("headers", {}).items()}
        return Said(
            {name.lower(): (h["required"], self._compile(h["schema"])) for name, h in headers.items()},
            {kind: self._compile(media["schema"]) for kind, media in response.get("content", {}).items()},
        )

    def _compile(self, schema: dict[str, Any]) -> Checked:
        """Return the check of `schema`, made once: most answers have the same headers and the same failures."""
        key = msgspec.json.encode(schema)
        if key not in self._checks:
            self._checks[key] = self._make_check(schema)
        return self._checks[key]

    def _make_check(self, schema: dict[str, Any]) -> Checked:
        validator = Draft202012Validator({**schema, "components": self._document["components"]})

        def check(value: Any) -> list[str]:
            errors = validator.iter_errors(value)
            return [f"{'/'.join(map(str, error.instance_path)) or 'all'}: {error.message[:300]}" for error in errors]

        return check

    def _resolve(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self._document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            part = found
        return part

    def _wrong_headers(self, said: Said, headers: dict[str, str]) -> list[str]:
        missing = [f"no {name}" for name, (needed, _) in said.headers.items() if needed and name not in headers]
        unsaid = [f"{name} is not described" for name in self._guarded & headers.keys() - said.headers.keys() - COMMON]
        checked = (
            f"{name}: {wrong}"
            for name, (_, check) in said.headers.items()
            if name in headers
            for wrong in check(headers[name])
        )
        return [*missing, *unsaid, *checked]


def _wrong_body(said: Said, status: int, headers: dict[str, str], body: bytes) -> list[str]:
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if not said.content:
        return [f"{len(body)} bytes of a body"] if body or kind else []
    if kind not in said.content:
        return [f"content type {kind!r} is not described"]
    if kind != JSON:
        return []
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        return [str(error)]
    wrong = said.content[kind](value)
    return wrong or ([] if status < 400 or value["status_code"] == status else ["status_code is another one"])


def _regex(path: str) -> re.Pattern[str]:
    """Ids may contain slashes; the document lists actions on an item before the item, as the routes do."""
    parts = re.split(r"({\w+})", path)
    wild = {"{account_id}": "[^/]+"}
    return re.compile("".join(wild.get(p, r"[\s\S]+?") if p.startswith("{") else re.escape(p) for p in parts))


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document, made once. Nobody changes it."""
    from im_api.openapi.generate import make_document

    return make_document()


@cache
def description() -> Description:
    return Description(document())


# -- every answer of the process

PRODUCT: Final = {"imhub.urls", "tests.im_api.urls"}
_wrong: list[NotAsDescribed] = []


@contextmanager
def watched_answers() -> Iterator[None]:
    """Checks whatever Django answers, on whichever way it was asked. `complain` tells what was wrong."""
    respond: Any = BaseHandler.get_response
    respond_async: Any = BaseHandler.get_response_async

    def get_response(self: BaseHandler, request: HttpRequest) -> Any:
        response = respond(self, request)
        _look_at(request, response)
        return response

    async def get_response_async(self: BaseHandler, request: HttpRequest) -> Any:
        answer: Awaitable[Any] = respond_async(self, request)
        response = await answer
        _look_at(request, response)
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseHandler, "get_response", get_response)
        patch.setattr(BaseHandler, "get_response_async", get_response_async)
        yield


def complain() -> None:
    """Raises for what was not as described since the last call."""
    wrong = [str(error) for error in _wrong]
    _wrong.clear()
    if wrong:
        raise NotAsDescribed("\n".join(wrong))


def _path_of(request: HttpRequest) -> str:
    """The path with an encoded slash as it came: it is a part of an id."""
    raw: bytes = getattr(request, "scope", {}).get("raw_path") or b""
    parts = [unquote(part).replace("/", "%2F") for part in raw.decode("ascii").split("/")]
    return "/".join(parts) if raw else request.path_info


def _look_at(request: HttpRequest, response: Any) -> None:
    path = _path_of(request)
    if settings.ROOT_URLCONF not in PRODUCT or not (path.startswith("/api/") or path.rstrip("/") == "/metrics"):
        return
    as_page = "text/html" in request.META.get("HTTP_ACCEPT", "") or "format=api" in request.META.get("QUERY_STRING", "")
    said = (str(request.method), path, response.status_code, response.headers, response.content)
    try:
        description().check(*said, as_page=as_page)
    except NotAsDescribed as error:
        _wrong.append(error)
