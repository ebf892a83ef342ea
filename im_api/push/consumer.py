"""The client socket: checks the credentials, then feeds and drains a ClientConnection."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import structlog

from im_api.push.connection import ClientConnection
from im_api.push.credentials import read_credential
from im_api.push.feed import PushFeed
from im_api.push.lookup import HubLookup
from sync.outbox import Ended, Outbox
from sync.served_socket import ServedSocket

log = structlog.get_logger(__name__)


class ClientConsumer(ServedSocket):
    """`/ws/im/`. Without good credentials the handshake is refused with HTTP 403."""

    connection: ClientConnection | None = None
    _sender: asyncio.Task[None] | None = None
    _closer: asyncio.Task[None] | None = None

    def __init__(self, feed: PushFeed, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._feed = feed

    def give_up(self) -> None:
        if self.connection is not None:
            self.connection.ended()
        for task in (self._sender, self._closer):
            if task is not None:
                task.cancel()

    async def connect(self) -> None:
        credential = read_credential(self.scope["headers"], secure=self.scope.get("scheme") == "wss")
        principal = await credential.confirm() if credential is not None else None
        if credential is None or principal is None:
            await self.close()
            return
        await self.accept()
        outbox = Outbox()
        self.connection = ClientConnection(
            self._feed, HubLookup(), credential, principal, outbox, self._close_later, self.write
        )
        self._sender = asyncio.create_task(self._drain(outbox))
        log.info("client connected", user=principal.username)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.connection is not None:
            await self.connection.receive(text_data)

    async def disconnect(self, code: int) -> None:
        if self.connection is not None:
            log.info("client disconnected", user=self.connection.user_name, code=code)

    async def _drain(self, outbox: Outbox) -> None:
        """A frame in a turn of the event loop: what is told first reaches everybody before anybody hears the rest."""
        with suppress(Ended):
            while True:
                await self.send(text_data=await outbox.next())
                outbox.sent()
                await asyncio.sleep(0)

    def _close_later(self, code: int, reason: str) -> None:
        self._feed.closed[code] += 1
        self._closer = asyncio.create_task(self._end(code, reason))

    async def _end(self, code: int, reason: str) -> None:
        """A client that does not read does not read the farewell either: the server is to cut it off."""
        if self._sender is not None:
            self._sender.cancel()
        log.info("client closed", user=self.connection.user_name if self.connection else "", code=code, reason=reason)
        self.cut_off_soon()
        await self.close(code=code, reason=reason)
