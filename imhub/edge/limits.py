"""Refuses requests before any of Django sees them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

import structlog
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from im_api.error_responses import failure_response, too_large
from imhub.edge.startup_gate import Application, Receive, Scope, Send, refuse_websocket, respond

log = structlog.get_logger(__name__)

BODIES_BYTES: Final = 64 * 1024**2
RETRY: Final = [(b"retry-after", b"1")]


class TooLarge(Exception):
    """The body is larger than `DATA_UPLOAD_MAX_MEMORY_SIZE`."""


class TooMany(Exception):
    """The bodies that are coming in, all together, are larger than BODIES_BYTES."""


class LimitedBodies:
    """Hands on requests with their whole body: nobody behind this waits for a client that sends slowly.

    Answers 413 as soon as a body is too large. Django alone would first write all of it to a file. And 503 when
    BODIES_BYTES are being held for all requests together.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytearray()
        try:
            if await self._read(scope, receive, body):
                await self._inner(scope, _whole_then(bytes(body), receive), send)
        except TooLarge:
            await respond(send, 413, failure_response(*too_large()).content)
        except TooMany:
            await respond(send, 503, failure_response(503, "Too much is being sent: try again").content, RETRY)
        finally:
            self.held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> bool:
        """Read the body into `body`. Return False if the client left before its end. Raises TooLarge, TooMany."""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if _announced(scope) > most:
            raise TooLarge
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            piece = message.get("body", b"")
            if len(body) + len(piece) > most:
                raise TooLarge
            if self.held + len(piece) > BODIES_BYTES:
                raise TooMany
            body += piece
            self.held += len(piece)
            if not message.get("more_body", False):
                return True


def _whole_then(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the whole body first, then what the client's connection says."""
    given = False

    async def receive_whole() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_whole


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
