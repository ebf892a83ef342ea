"""GET and HEAD below /api/ without threads: Django's own synchronous chain runs on the event loop.

Reads come from memory. What does need the database (an unknown credential, say) or a page for people goes through
Django's ordinary application and its threads: Django itself tells the two apart, by SynchronousOnlyOperation.
"""

from __future__ import annotations

import io
import sys
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SynchronousOnlyOperation
from django.core.handlers.asgi import ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch, get_resolver, set_script_prefix
from django.urls import get_script_prefix as get_current_prefix
from django.utils.module_loading import import_string

from im_api.error_responses import failure_response

Scope = MutableMapping[str, Any]


KEPT_ROUTES: Final = 2_048
LONGEST_PATH: Final = 256


class NeedsThread(BaseException):
    """Flies through every handler of exceptions in the chain: it is no error, and nobody may answer it."""


class InlineRequest(ASGIRequest):
    """A request that is being answered on the event loop. It has no body."""


class InlineHandler(BaseHandler):
    """The chain of middlewares and the view. Sends neither `request_started` nor `request_finished`, whose receivers
    look after database connections: there are none here."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)
        got_request_exception.connect(_leave_the_loop, dispatch_uid="im_api.inline")

    def load_middleware(self, is_async: bool = False) -> None:
        """Build the chain of `settings.API_MIDDLEWARE`, which may wrap requests and responses but hook no view."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        chain = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]  # unknown to the stubs
        for path in reversed(settings.API_MIDDLEWARE):
            chain = convert_exception_to_response(import_string(path)(chain))
        self._middleware_chain = chain

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view of a path as Django finds it. It is looked for once: that takes longer than the view."""
        path = request.path_info
        if len(path) > LONGEST_PATH:
            match = get_resolver(settings.ROOT_URLCONF).resolve(path)
        else:
            match = find_route(settings.ROOT_URLCONF, path)
        request.resolver_match = match
        return match

    def answer(self, scope: Scope) -> HttpResponseBase:
        """Raises NeedsThread."""
        try:
            if (prefix := get_script_prefix(scope)) != get_current_prefix():  # to set it costs more than to look
                set_script_prefix(prefix)
            request = InlineRequest(scope, io.BytesIO())
        except (UnicodeDecodeError, RequestDataTooBig):
            return failure_response(400, "Bad request")
        return self.get_response(request)


@lru_cache(KEPT_ROUTES)
def find_route(urlconf: str, path: str) -> ResolverMatch:
    """Return what Django finds under a path. Raises Resolver404."""
    return get_resolver(urlconf).resolve(path)


def _leave_the_loop(request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Called while an exception is handled, by Django, wherever in the chain it came from."""
    if isinstance(request, InlineRequest) and isinstance(sys.exc_info()[1], SynchronousOnlyOperation):
        raise NeedsThread
