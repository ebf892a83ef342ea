"""Refuses requests before any of Django sees them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from im_api.error_responses import failure_response, too_large
from imhub.edge.startup_gate import Application, Receive, Scope, Send, refuse_websocket, respond

log = structlog.get_logger(__name__)


class TooLarge(Exception):
    """The body is larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""


class LimitedBodies:
    """Answers 413 as soon as a body is too large. Django alone would first write all of it to a file."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        left = settings.DATA_UPLOAD_MAX_MEMORY_SIZE

        async def receive_limited() -> MutableMapping[str, Any]:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise TooLarge
            return message

        try:
            if _announced(scope) > left:
                raise TooLarge
            await self._inner(scope, receive_limited, send)
        except TooLarge:
            await respond(send, 413, failure_response(*too_large()).content)


def _announced(scope: Scope) -> int:
    """Return the bytes that the client announces, or 0."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


class AllowedHosts:
    """Refuses websockets that call the hub by a name which is not in `ALLOWED_HOSTS`, as Django does with pages."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS):
            await self._inner(scope, receive, send)
        else:
            log.warning("a websocket was refused: IMHUB_ALLOWED_HOSTS does not name its host", host=host[:255])
            await refuse_websocket(scope, receive, send)
