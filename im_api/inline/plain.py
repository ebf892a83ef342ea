"""Reads without Django's chain: the handler of the view is asked itself, by somebody whose credential was checked.

Only what the chain and the framework would answer with 200 is answered here. Everything else is left to them: errors,
what needs a thread, and the first answer of each route. It shows the headers that middlewares and framework give.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import Any, Final, NamedTuple

from django.conf import settings
from django.http import QueryDict
from django.urls import Resolver404

from im_api.inline.answer import Answer, Headers
from im_api.inline.handler import KEPT_ROUTES, LONGEST_PATH, Scope, find_route
from im_api.inline.question import Question
from im_api.views.base import VERSION_HEADERS, Answered, ApiViewSet

_OWN: Final = frozenset(name.lower().encode() for name in ("Content-Length", "ETag", *VERSION_HEADERS))
"""Headers that each answer has for itself."""
_KEPT_HEADERS: Final = 512
_KEPT_QUERIES: Final = 256
_LONGEST_QUERY: Final = 512


class _Route(NamedTuple):
    """The view of a path, the name of its handler of GET, and the ids in the path."""

    view: Any
    action: str
    ids: dict[str, str]


class PlainReads:
    """Answers reads of accounts alone. Used on the event loop only."""

    def __init__(self) -> None:
        self._headers: dict[tuple[Any, str, bytes, str], Headers] = {}

    def learn(self, scope: Scope, question: Question, answer: Answer) -> None:
        """Keep the headers of Django's answer, for the next of this route and host, if the view alone says the same.

        It does not where the path means an item whose id ends like the route of an action (see `im_api.urls`).
        """
        route = _find_route(scope)
        answered = _ask(route, question) if route is not None else None
        if route is None or answered is None or answered.encode() != (answer.body, answer.etag):
            return
        if len(self._headers) >= _KEPT_HEADERS:
            self._headers.clear()
        shared = [header for header in answer.headers if header[0].lower() not in _OWN]
        self._headers[_key(route, question, scope)] = shared

    def answer(self, scope: Scope, question: Question) -> Answer | None:
        """Return the answer with status 200; None if Django has to be asked, which then says what is the matter."""
        route = _find_route(scope)
        headers = self._headers.get(_key(route, question, scope)) if route is not None else None
        if route is None or headers is None:
            return None
        answered = _ask(route, question)
        if answered is None:
            return None
        body, etag = answered.encode()
        own = [(name.encode(), value.encode("latin-1")) for name, value in answered.headers.items()]
        own += [(b"ETag", etag.encode()), (b"Content-Length", b"%d" % len(body))]
        return Answer(200, [*headers, *own], body, etag)


def _ask(route: _Route, question: Question) -> Answered | None:
    """Return what the view answers; None if it raises: Django asks again then, and has an answer or a thread for it."""
    with suppress(Exception):
        view: ApiViewSet = route.view()
        return view.ask_plainly(route.action, question.principal, _parse(question.query), **route.ids)
    return None


def _key(route: _Route, question: Question, scope: Scope) -> tuple[Any, str, bytes, str]:
    return route.view, route.action, question.key[1], scope.get("scheme", "http")


def _find_route(scope: Scope) -> _Route | None:
    """Return the route of a read of accounts alone. An id with a character that is encoded is left to the chain."""
    path = scope["path"]
    if scope.get("root_path") or b"%" in scope["raw_path"] or len(path) > LONGEST_PATH:
        return None
    try:
        return _find(settings.ROOT_URLCONF, path)
    except Resolver404:
        return None


@lru_cache(KEPT_ROUTES)
def _find(urlconf: str, path: str) -> _Route | None:
    match = find_route(urlconf, path)
    view = getattr(match.func, "cls", None)
    action = getattr(match.func, "actions", {}).get("get")
    if not getattr(view, "is_shared", False) or action is None:
        return None
    return _Route(view, action, match.kwargs)


def _parse(query: bytes) -> QueryDict:
    return _parse_short(query) if len(query) <= _LONGEST_QUERY else QueryDict(query.decode())


@lru_cache(_KEPT_QUERIES)
def _parse_short(query: bytes) -> QueryDict:
    return QueryDict(query.decode())
