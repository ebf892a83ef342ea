"""The parts that all routes share: the schemas of all shapes, errors, headers, credentials."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import msgspec
from django.conf import settings

from im_api.openapi.describe import without_suffix
from im_api.openapi.words import meaning
from im_api.shapes import Failure
from im_api.shapes.common import ACCOUNT_ID, ConflictFailure

Schema = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_JSON: Final = "application/json"
_MAYBE: Final = "-if-any"

ERRORS: Final[dict[int, tuple[str, str]]] = {
    400: ("A parameter, the body or a header is not what it may be", "count must be a positive integer"),
    401: ("No credentials, or wrong ones", "Authentication credentials were not provided."),
    403: ("You may not do this: no grant for it, or the CSRF token is missing", "Only the owner may do this"),
    404: ("It does not exist, or is not granted to you", "Conversation not found"),
    409: ("Not as things are now; the message says what stands in the way", "The account is paused"),
    413: ("The body is too large", "The body is too large"),
    415: ("The body is not JSON", 'Unsupported media type "text/plain" in request.'),
    429: ("Not so often; `Retry-After` says when again", "Too many wrong codes; try again later"),
    500: ("An error of the hub itself; its log says more", "Internal error"),
    503: ("The hub is loading, is busy, or does not know the wanted version yet", "The hub is still loading"),
}
_ERROR_HEADERS: Final = {401: (["WWW-Authenticate"], []), 429: (["Retry-After"], []), 503: ([], ["Retry-After"])}

HEADERS: Final = {
    "ETag": "Of this body. Send it as `If-None-Match`: 304 if nothing changed.",
    "IMHub-Version": "`<account>=<version>, …`: what the answer is made of. Absent above 100 accounts.",
    "IMHub-Seq": "`<account>=<seq>, …`: the last event that the answer includes. Absent above 100 accounts.",
    "Cache-Control": "`private, no-cache`: ask again each time, with the ETag. `no-store` where a login code is in it.",
    "Vary": "The headers of the request that the answer depends on.",
    "Retry-After": "In so many seconds.",
    "WWW-Authenticate": "`Token`.",
}
_PAIR: Final = f"{ACCOUNT_ID}=[0-9]{{1,18}}"
_PATTERNS: Final = {
    "ETag": '^"[0-9a-f]{32}"$',
    "IMHub-Version": f"^{_PAIR}(, {_PAIR})*$",
    "IMHub-Seq": f"^{_PAIR}(, {_PAIR})*$",
    "Retry-After": "^[0-9]+$",
}

PARAMETERS: Final = {
    "If-None-Match": {
        "description": "The ETag of what you have.",
        "schema": {"type": "string", "examples": ['"0c1f5d3f6f2b4b0c9a37d1a6c0f2e4d8"']},
    },
    "IMHub-Min-Version": {
        "description": "The `IMHub-Version` of your own last write: the hub waits for it up to 500 ms, else 503.",
        "schema": {"type": "string", "format": "versions", "examples": ["xiaoman=1"]},
    },
}


def make_components(answers: Iterable[type], bodies: Iterable[type]) -> Schema:
    return {
        "schemas": {
            **{name: _closed(schema) for name, schema in _schemas([*answers, Failure, ConflictFailure]).items()},
            **_schemas(bodies),
        },
        "responses": {_name_of(status): _error(status) for status in ERRORS},
        "headers": {name + suffix: _header(name, needed=not suffix) for name in HEADERS for suffix in ("", _MAYBE)},
        "parameters": {name: {"name": name, "in": "header", **rest} for name, rest in PARAMETERS.items()},
        "securitySchemes": _credentials(),
    }


def reference(shape: type) -> Schema:
    """A Struct's component; other types as they are."""
    (schema,), _ = msgspec.json.schema_components([shape], ref_template=_REF)
    plain: Schema = _plain(schema)
    return plain


def error_reference(status: int) -> Schema:
    return {"$ref": f"#/components/responses/{_name_of(status)}"}


def header_references(needed: Iterable[str], possible: Iterable[str] = ()) -> Schema:
    """`needed` ones are in every such answer."""
    always = {name: {"$ref": f"#/components/headers/{name}"} for name in needed}
    return always | {name: {"$ref": f"#/components/headers/{name}{_MAYBE}"} for name in possible}


# -- schemas


def _schemas(shapes: Iterable[type]) -> dict[str, Schema]:
    structs = [shape for shape in shapes if issubclass(shape, msgspec.Struct)]
    _, found = msgspec.json.schema_components(structs, ref_template=_REF)
    return {without_suffix(name): _plain(schema) for name, schema in sorted(found.items())}


def _plain(schema: Any) -> Any:
    """As people write schemas: `type: [string, null]`, a type beside every enumeration, names without `Shape`."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: _plain(value) for key, value in schema.items() if key != "title" or not isinstance(value, str)}
    if "$ref" in result:
        result["$ref"] = without_suffix(result["$ref"])
    if "properties" in result:
        result["properties"] = {key: _explained(key, value) for key, value in result["properties"].items()}
    return _typed(_merged(result))


def _merged(schema: Schema) -> Schema:
    match schema.get("anyOf"):
        case [{"type": str() as kind} as value, {"type": "null"}]:
            rest = {key: part for key, part in schema.items() if key != "anyOf"}
            names = {"enum": [*value["enum"], None]} if "enum" in value else {}
            return {**value, "type": [kind, "null"], **names, **rest}
    return schema


def _typed(schema: Schema) -> Schema:
    if schema.get("type") == "integer":
        return {**schema, "format": "int64"}
    if "enum" in schema and "type" not in schema:
        kinds = {
            "null" if value is None else "integer" if isinstance(value, int) else "string" for value in schema["enum"]
        }
        return {"type": sorted(kinds, reverse=True) if len(kinds) > 1 else kinds.pop(), **schema}
    return schema


def _explained(key: str, schema: Schema) -> Schema:
    text = meaning(key)
    return schema if text is None or "$ref" in schema else {"description": text, **schema}


def _closed(schema: Schema) -> Schema:
    """An answer has all of its keys, always, and no others."""
    if "properties" not in schema:
        return schema
    properties = {
        key: {word: part for word, part in value.items() if word != "default"}
        for key, value in schema["properties"].items()
    }
    return {**schema, "properties": properties, "required": list(properties), "additionalProperties": False}


# -- errors, headers, credentials


def _name_of(status: int) -> str:
    return HTTPStatus(status).name.title().replace("_", "")


def _error(status: int) -> Schema:
    description, message = ERRORS[status]
    headers = header_references(*_ERROR_HEADERS.get(status, ((), ())))
    example = {"data": None, "status_code": status, "status_msg": message}
    # One schema for all that carry words only: generated clients then have one type for nearly whatever goes wrong.
    schema = reference(ConflictFailure if status == HTTPStatus.CONFLICT else Failure)
    response = {"description": description, "content": {_JSON: {"schema": schema, "example": example}}}
    return {**response, "headers": headers} if headers else response


def _header(name: str, *, needed: bool) -> Schema:
    schema = {"type": "string"} | ({"pattern": _PATTERNS[name]} if name in _PATTERNS else {})
    return {"description": HEADERS[name], "required": needed, "schema": schema}


def _credentials() -> Schema:
    return {
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token <key>`; `manage.py apitoken USERNAME` makes one.",
        },
        "session": {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME},
        "csrf": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": f"For writes with a session: the cookie `{settings.CSRF_COOKIE_NAME}`.",
        },
    }
