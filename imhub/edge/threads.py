"""Requests that need a thread: a bounded number of each kind at once, so that none takes the others' turn.

Reads of the API come from memory and need none. All the rest is one of these kinds, each with a lane of its own:

pages        of people who are signed in, and their files
writes       of the API, which wait for the writer
searches     which read every row
waits        for a version that this hub does not have yet
sign-ins     each of which hashes a password
strangers    whom memory does not know: the database is asked who they are
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import MutableMapping
from contextlib import suppress
from threading import Event
from typing import Any, Final, Literal

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from im_api.callers import Caller, read_caller
from im_api.error_responses import API_PREFIX, failure_response
from im_api.event_loop import client_left
from imhub.edge.client_address import get_source
from imhub.edge.lanes import Allowance, Full, Lane
from imhub.edge.startup_gate import Application, Receive, Scope, Send

Message = MutableMapping[str, Any]
Kind = Literal["pages", "writes", "searches", "waits", "sign-ins", "strangers"]

SIXTEENTHS: Final[dict[Kind, int]] = {
    "pages": 4,
    "writes": 4,
    "searches": 2,
    "waits": 2,
    "sign-ins": 2,
    "strangers": 2,
}
"""The part of IMHUB_THREADS that each kind may have."""

WAITING: Final[dict[Kind, tuple[int, int]]] = {
    "pages": (512, 256),
    "writes": (512, 256),
    "searches": (16, 8),
    "waits": (32, 16),
    "sign-ins": (16, 8),
    "strangers": (64, 32),
}
"""How many may wait for their turn: in all, and from one address."""

SIGN_INS: Final = ("/login", "/admin/login")
TOO_MANY: Final = "Too many requests at once: try again in a moment"
TOO_MANY_UNKNOWN: Final = "Too many credentials from this address were not valid: try again later"
IN_CHINESE: Final = "请求太多，请稍后再试。"


class Unknown(Exception):
    """Raised when an address sent too many credentials that nobody knows. `wait_s`: seconds until it may again."""

    def __init__(self, wait_s: float) -> None:
        super().__init__()
        self.wait_s = wait_s


class Left(Exception):
    """Raised when the client left before its turn."""


class Gate:
    """The lanes of this process, and what each address is still allowed of unknown credentials."""

    def __init__(self, threads: int, unknown_a_minute: int) -> None:
        self.lanes = {kind: Lane(max(1, threads * part // 16), *WAITING[kind]) for kind, part in SIXTEENTHS.items()}
        self.unknown = Allowance(unknown_a_minute, unknown_a_minute)

    def check(self, source: str) -> None:
        """Raise Unknown for an address that has to wait."""
        if wait := self.unknown.wait_s(source):
            raise Unknown(wait)


class Client:
    """Watches whether the client is still there, once its request has come."""

    def __init__(self, receive: Receive) -> None:
        self.left = Event()
        self._leaving = asyncio.ensure_future(receive())
        self._leaving.add_done_callback(lambda _: self.left.set())

    def ends(self) -> None:
        """Stop watching."""
        self._leaving.cancel()

    async def enter(self, lane: Lane, source: str) -> None:
        """Enter the lane. Raises Left, Full."""
        entering = asyncio.ensure_future(lane.enter(source))
        await asyncio.wait({entering, self._leaving}, return_when=asyncio.FIRST_COMPLETED)
        if entering.done():
            return entering.result()
        entering.cancel()
        await asyncio.wait({entering})
        if not entering.cancelled() and entering.exception() is None:
            lane.leave()
        raise Left


class RequestThreads:
    """ASGI application in front of Django's, which uses a thread for each request. Wants the whole body at once.

    A client that leaves while it waits gives up its turn; what runs already is told by `client_left`. An answer is
    sent when the turn is over: who takes it slowly keeps no thread.
    """

    def __init__(self, inner: Application, gate: Gate) -> None:
        self._inner = inner
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await receive()
        client = Client(receive)
        try:
            messages = await self._answer(scope, body, client)
        except Full as full:
            messages = refusal(scope, 429 if full.by_source else 503, TOO_MANY, 1)
        except Unknown as unknown:
            messages = refusal(scope, 429, TOO_MANY_UNKNOWN, math.ceil(unknown.wait_s))
        except Left:
            return
        finally:
            client.ends()
        with suppress(OSError):
            for message in messages:
                await send(message)

    async def _answer(self, scope: Scope, body: Message, client: Client) -> list[Message]:
        source = get_source(scope.get("client"))
        is_known = await self._is_known(scope, source, client)
        lane = self.gate.lanes[choose(scope, is_known=is_known)]
        await client.enter(lane, source)
        try:
            return await self._run(scope, body, client)
        finally:
            lane.leave()

    async def _is_known(self, scope: Scope, source: str, client: Client) -> bool:
        """Ask the database for a credential that memory does not know. Raises Unknown, Full, Left."""
        caller = read_caller(scope["headers"])
        if caller.known or caller.is_anonymous or scope["path"].startswith(settings.STATIC_URL):
            return caller.known
        self.gate.check(source)
        lane = self.gate.lanes["strangers"]
        await client.enter(lane, source)
        try:
            self.gate.check(source)  # others of this address may have failed while this one waited
            if caller.known or await confirm(caller):
                return True
        finally:
            lane.leave()
        self.gate.unknown.charge(source)
        return False

    async def _run(self, scope: Scope, body: Message, client: Client) -> list[Message]:
        """Return what Django answers. It is not told that the client leaves: its thread would go on all the same."""
        messages: list[Message] = []
        given = False

        async def receive_once() -> Message:
            nonlocal given
            if given:
                await asyncio.Event().wait()
            given = True
            return body

        async def keep(message: Message) -> None:
            messages.append(message)

        token = client_left.set(client.left)
        try:
            await self._inner(scope, receive_once, keep)
        finally:
            client_left.reset(token)
        return messages


def choose(scope: Scope, *, is_known: bool) -> Kind:
    """Return the lane of a request."""
    if scope["method"] == "POST" and scope["path"].rstrip("/") in SIGN_INS:
        return "sign-ins"
    if not is_known:
        return "strangers"
    if any(name == b"imhub-min-version" for name, _ in scope["headers"]):
        return "waits"
    if scope["method"] not in ("GET", "HEAD"):
        return "writes"
    query = scope.get("query_string", b"")
    return "searches" if query.startswith(b"q=") or b"&q=" in query else "pages"


async def confirm(caller: Caller) -> bool:
    """Return whether the database knows the caller. One that is away knows nobody: the request will say so itself."""
    try:
        return await caller.confirm()
    except (DatabaseError, InterfaceError):
        return True


def refusal(scope: Scope, status: int, message: str, retry_after_s: int) -> list[Message]:
    """Return an answer that was made without a thread: the envelope below /api/, a sentence for people elsewhere."""
    if scope["path"].startswith(API_PREFIX):
        content, kind = failure_response(status, message).content, b"application/json"
    else:
        content, kind = f"{message}.\n{IN_CHINESE}\n".encode(), b"text/plain; charset=utf-8"
    headers = [
        (b"content-type", kind),
        (b"content-length", str(len(content)).encode()),
        (b"retry-after", str(retry_after_s).encode()),
        (b"cache-control", b"no-store"),
    ]
    return [
        {"type": "http.response.start", "status": status, "headers": headers},
        {"type": "http.response.body", "body": content},
    ]
