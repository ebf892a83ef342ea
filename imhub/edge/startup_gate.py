"""Starts the hub with the first scope of any kind and keeps everything but `/healthz` waiting until it is loaded.

Not every server knows the lifespan protocol, so nothing relies on it: it starts the hub sooner and stops it well.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import structlog

from sync.hub import Hub, set_hub
from sync.hub_errors import HubRefused
from sync.storage.errors import Unusable

log = structlog.get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class StartupGate:
    """Lets `inner` see a scope only when the hub is ready.

    `on_failure` gets the reason if the hub cannot start, `on_lost` if it must end.

    `prepare` runs in a thread while the hub loads: what would cost the first requests more than others.
    `settle` is called when it is loaded, before anybody is let in.
    """

    def __init__(
        self,
        inner: Application,
        make_hub: Callable[[], Hub],
        prepare: Callable[[], None] = lambda: None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._inner = inner
        self._make_hub = make_hub
        self._prepare = prepare
        self._settle = settle
        self._starting: asyncio.Task[Hub] | None = None
        self.on_failure: Callable[[str], None] = lambda _reason: None
        self.on_lost: Callable[[str], None] = lambda _reason: None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http" and scope["path"].rstrip("/") == "/healthz":
            await self._answer_health(scope["method"], send)
        elif await self._ready():
            await self._inner(scope, receive, send)
        else:
            await _refuse(scope, send)

    # -- the hub

    def _start(self) -> asyncio.Task[Hub]:
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._bring_up())
            self._starting.add_done_callback(self._report_failure)
        return self._starting

    async def _bring_up(self) -> Hub:
        hub = self._make_hub()
        hub.on_lost = self._report_loss
        hub.acquire()
        preparing = asyncio.create_task(asyncio.to_thread(self._prepare))
        await hub.start()
        await preparing
        self._settle()
        set_hub(hub)
        return hub

    def _report_failure(self, starting: asyncio.Task[Hub]) -> None:
        error = None if starting.cancelled() else starting.exception()
        if error is not None:
            expected = isinstance(error, HubRefused | Unusable)
            log.error("the hub cannot start", reason=str(error), exc_info=None if expected else error)
            self.on_failure(str(error))

    def _report_loss(self, reason: str) -> None:
        log.error("the hub ends", reason=reason)
        self.on_lost(reason)

    async def _ready(self) -> bool:
        starting = self._start()
        if not starting.done():
            await asyncio.wait([starting])
        return _succeeded(starting)

    # -- lifespan

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        starting = self._start()
        # After one turn of the loop the hub has the data directory, or was refused. It loads while the server listens.
        await asyncio.sleep(0)
        if starting.done() and not _succeeded(starting):
            await send({"type": "lifespan.startup.failed", "message": str(starting.exception())})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if await self._ready():
            set_hub(None)
            await starting.result().stop()
        await send({"type": "lifespan.shutdown.complete"})

    # -- health

    async def _answer_health(self, method: str, send: Send) -> None:
        starting = self._start()
        if method not in ("GET", "HEAD"):
            await respond(send, 405, b'{"status":"method not allowed"}')
        elif not starting.done():
            await respond(send, 503, b'{"status":"starting"}')
        elif _succeeded(starting):
            hub = starting.result()
            await respond(send, 200, _health(hub.health.reason, hub.redis_trouble))
        else:
            await respond(send, 503, b'{"status":"failed"}')


def _health(reason: str | None, redis: str | None) -> bytes:
    """A hub that cannot store goes on to answer from memory: 200, so that nobody takes it out of service for that."""
    if reason is None and redis is None:
        return b'{"status":"ok"}'
    wrong = {"reason": reason, "redis": redis}
    said = {"status": "degraded", **{name: words for name, words in wrong.items() if words is not None}}
    return json.dumps(said, separators=(",", ":")).encode()


def _succeeded(starting: asyncio.Task[Hub]) -> bool:
    return starting.done() and not starting.cancelled() and starting.exception() is None


async def refuse_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse with HTTP 403 before the socket opens."""
    await receive()
    await send({"type": "websocket.close"})


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1013})
        return
    body = b'{"data":null,"status_code":503,"status_msg":"The hub cannot start; its log says why"}'
    await respond(send, 503, body)


async def respond(send: Send, status: int, body: bytes, more: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """Send JSON that nobody caches. `more`: other headers, which may name another type."""
    headers = [*{b"content-type": b"application/json", b"cache-control": b"no-store", **dict(more)}.items()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
