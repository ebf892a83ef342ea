"""Declarations -> the document: which routes there are, what each is, what they share."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import msgspec
from django.conf import settings

from im_api.about import hub_version
from im_api.openapi import examples
from im_api.openapi.components import (
    PARAMETERS,
    error_reference,
    header_references,
    make_components,
    reference,
)
from im_api.openapi.describe import Operation, SuccessfulAnswer
from im_api.openapi.parameters import describe_query
from im_api.openapi.routes import OPERATIONS
from im_api.route_table import METHODS, Route, get_routes
from im_api.shapes.common import ACCOUNT_ID
from im_api.views.base import IsOwner

VERSION: Final = "3.1.1"
ABOUT: Final = Path(__file__).with_name("about.md")
PUSH_CLIENT: Final = Path(__file__).with_name("push_client.py")
TAGS: Final = {
    "accounts": "Accounts",
    "conversations": "Conversations",
    "messages": "Messages",
    "contents": "Works",
    "discussions": "Comments",
    "notifications": "Notices",
    "unified-messages": "Feed",
    "threads": "Inbox",
    "people": "Inbox",
    "saved-replies": "Inbox",
}
ABOUT_THE_HUB: Final = "Hub"
EXAMPLES: Final = {
    "conversations": examples.CONVERSATION.conversation_id,
    "messages": examples.MESSAGE.msg_id,
    "contents": examples.WORK_ITEM.content_id,
    "discussions": examples.DISCUSSION.discussion_id,
    "notifications": examples.NOTIFICATION.notification_id,
    "unified-messages": examples.ROW.msg_id,
    "people": examples.NOTE.user_id,
    "saved-replies": examples.SAVED_REPLY.id,
}

_SAFE: Final = ("GET", "HEAD")
_ALWAYS: Final = ("Cache-Control", "Vary")
_VERSIONS: Final = ("IMHub-Version", "IMHub-Seq")


def make_document() -> dict[str, Any]:
    """Return the whole OpenAPI document. Raises LookupError for a route that is not declared."""
    paths: dict[str, dict[str, Any]] = {}
    for route in get_routes():
        path = f"/{route.path}"
        for method in METHODS:
            if method in route.actions:
                paths.setdefault(path, {})[method] = _describe(method.upper(), path, route)
    names = dict.fromkeys(operation["tags"][0] for path in paths.values() for operation in path.values())
    return {
        "openapi": VERSION,
        "info": {"title": "IM Hub", "version": hub_version(), "description": read_about()},
        **({"servers": [{"url": settings.PUBLIC_URL}]} if settings.PUBLIC_URL else {}),
        "paths": paths,
        "components": _components(),
        "tags": [{"name": name} for name in names],
    }


def read_about() -> str:
    """Return what stands above the routes, with the example of a client of the push socket."""
    return f"{ABOUT.read_text(encoding='utf-8')}\n```python\n{read_push_client()}\n```\n"


def read_push_client() -> str:
    """Return the source of the example, without its own docstring."""
    return PUSH_CLIENT.read_text(encoding="utf-8").partition("# --\n")[2].rstrip()


def _components() -> dict[str, Any]:
    answers = [answer.type for operation in OPERATIONS.values() for answer in operation.answers]
    bodies = [form for operation in OPERATIONS.values() for form in operation.body_forms]
    return make_components(answers, bodies)


def key_of(method: str, path: str) -> str:
    """Under which `OPERATIONS` lists an operation. `path`: the whole one."""
    return f"{method} {path.removeprefix('/api/im/')}"


def _describe(method: str, path: str, route: Route) -> dict[str, Any]:
    declared = OPERATIONS.get(key_of(method, path))
    if declared is None:
        raise LookupError(f"{key_of(method, path)!r} is not declared in im_api/openapi/routes/")
    return OperationDescription(declared, method, path, route).operation()


class OperationDescription:
    """One operation: what is declared, and what follows from the view."""

    def __init__(self, declared: Operation, method: str, path: str, route: Route) -> None:
        self._declared = declared
        self._method = method
        self._path = path
        self._resource = path.removeprefix("/api/im/").partition("/")[0]
        view = route.view
        self._open = not view.permission_classes
        self._for_owner = IsOwner in view.permission_classes
        self._answers = declared.answers

    def operation(self) -> dict[str, Any]:
        return {
            "operationId": "_".join([self._method.lower(), *re.findall(r"\w+", self._path.removeprefix("/api/im/"))]),
            "summary": self._declared.summary,
            **({"description": self._declared.description} if self._declared.description else {}),
            "tags": [TAGS.get(self._resource, ABOUT_THE_HUB)],
            "parameters": [*self._path_parameters(), *self._other_parameters()],
            **self._body(),
            "security": self._security(),
            "responses": {str(status): answer for status, answer in sorted(self._responses().items())},
        }

    # -- what is asked

    def _path_parameters(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "in": "path", "required": True, "schema": self._path_schema(name)}
            for name in re.findall(r"{(\w+)}", self._path)
        ]

    def _path_schema(self, name: str) -> dict[str, Any]:
        is_account = name == "account_id" or self._resource == "accounts"
        example = examples.ACCOUNT if is_account else EXAMPLES.get(self._resource)
        limits = {"pattern": f"^{ACCOUNT_ID}$"} if is_account else {"minLength": 1}
        return {"type": "string", **limits, **({"examples": [example]} if example else {})}

    def _other_parameters(self) -> list[dict[str, Any]]:
        if not self._answers:
            return []
        names = [name for name, here in zip(PARAMETERS, (self._tagged, self._versions != "none"), strict=True) if here]
        return [*describe_query(self._declared.query), *({"$ref": f"#/components/parameters/{name}"} for name in names)]

    def _body(self) -> dict[str, Any]:
        forms = [reference(form) for form in self._declared.body_forms]
        if not forms or not self._answers:
            return {}
        schema = forms[0] if len(forms) == 1 else {"oneOf": forms}
        # Beside the reference, not around both: generators of clients understand that.
        media = {"schema": {**schema, **self._declared.body_rules}}
        media["example"] = msgspec.to_builtins(self._declared.body_example)
        return {"requestBody": {"required": True, "content": {"application/json": media}}}

    def _security(self) -> list[dict[str, list[str]]]:
        if self._open:
            return []
        session = ("session",) if self._method in _SAFE else ("session", "csrf")
        return [{"token": []}, {name: [] for name in session}]

    # -- what is answered

    @property
    def _tagged(self) -> bool:
        return self._method in _SAFE and any(answer.media_type == "application/json" for answer in self._answers)

    @property
    def _versions(self) -> str:
        return self._answers[0].versions if self._answers else "none"

    def _responses(self) -> dict[int, dict[str, Any]]:
        responses = {answer.status: self._success(answer) for answer in self._answers}
        if self._tagged:
            responses[304] = {"description": "You have it already", "headers": self._headers(self._answers[0])}
        return responses | {status: error_reference(status) for status in self._errors()}

    def _success(self, answer: SuccessfulAnswer) -> dict[str, Any]:
        content = _content(answer.media_type, answer.type, answer.example)
        description = "Created" if answer.status == 201 else "Success"
        return {"description": description, "headers": self._headers(answer), "content": content}

    def _headers(self, answer: SuccessfulAnswer) -> dict[str, Any]:
        needed = [*(["ETag"] if self._tagged else []), *_ALWAYS, *(_VERSIONS if answer.versions == "one" else [])]
        return header_references(needed, _VERSIONS if answer.versions == "some" else [])

    def _errors(self) -> set[int]:
        errors = {400, 500, 503, *self._declared.errors}
        errors |= set() if self._open else {401}
        errors |= {403} if self._for_owner or self._method not in _SAFE else set()
        names_account = any(parameter["name"] == "account_id" for parameter in describe_query(self._declared.query))
        errors |= {404} if "{" in self._path or names_account else set()
        return errors | ({413, 415} if self._declared.body_forms else set())


def _content(media_type: str, shape: type, example: Any) -> dict[str, Any]:
    return {media_type: {"schema": reference(shape), "example": msgspec.to_builtins(example)}}
