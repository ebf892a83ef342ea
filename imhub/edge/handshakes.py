"""Handshakes of websockets whose credential memory does not know: they take turns, and an address may fail so often."""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from typing import Any

from django.db import DatabaseError, InterfaceError

from im_api.callers import read_caller
from imhub.edge.client_address import get_source
from imhub.edge.lanes import Full, Lane
from imhub.edge.startup_gate import Application, Receive, Scope, Send
from imhub.edge.threads import Gate, Unknown
from sync.directory import hash_token
from sync.hub import get_hub
from sync.worker.consumer import bearer_token

Message = MutableMapping[str, Any]


class Handshakes:
    """ASGI application in front of the websockets.

    Whom memory does not know waits in the strangers' lane. An address that sent too many credentials which nobody
    knows gets HTTP 429, and everybody 503 while the database is away.
    """

    def __init__(self, inner: Application, gate: Gate) -> None:
        self._inner = inner
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_known_socket(scope):
            await self._inner(scope, receive, send)
            return
        source, lane = get_source(scope.get("client")), self._gate.lanes["strangers"]
        try:
            self._gate.check(source)
            await lane.enter(source)
        except Unknown as unknown:
            await receive()
            await refuse(scope, send, 429, math.ceil(unknown.wait_s))
        except Full:
            await receive()
            await refuse(scope, send, 503, 1)
        else:
            await self._ask(scope, receive, send, Turn(lane))

    async def _ask(self, scope: Scope, receive: Receive, send: Send, turn: Turn) -> None:
        async def send_first(message: Message) -> None:
            if turn.lasts and message["type"] != "websocket.accept":
                self._gate.unknown.charge(get_source(scope.get("client")))
            turn.end()
            await send(message)

        try:
            await self._inner(scope, receive, send_first)
        except (DatabaseError, InterfaceError):
            if not turn.lasts:
                raise
            await refuse(scope, send, 503, 1)
        finally:
            turn.end()


class Turn:
    """A turn in a lane, which ends once."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.lasts = True

    def end(self) -> None:
        if self.lasts:
            self.lasts = False
            self._lane.leave()


def is_known_socket(scope: Scope) -> bool:
    """Return whether no database is needed for a handshake: its credential is in memory, or there is none."""
    token = bearer_token(scope["headers"])
    if token is not None:
        return get_hub().directory.worker_by_token_hash(hash_token(token)) is not None
    caller = read_caller(scope["headers"])
    return caller.known or caller.is_anonymous


async def refuse(scope: Scope, send: Send, status: int, retry_after_s: int) -> None:
    """Answer a handshake with an HTTP status, or 403 where the server can say nothing else."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    headers = [(b"retry-after", str(retry_after_s).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": b""})
