"""A websocket that leaves nothing behind, however the server stops serving it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from sync.outbox import Write

CLOSE_WITHIN_S: Final = 3.0
FRAMES: Final = "imhub.frames"
WRITE: Final = "write"
"""The extension of a scope in which a server offers to write frames at once, and the function in it."""


class ServedSocket(AsyncWebsocketConsumer):
    """Base of the sockets of workers and clients. A subclass says in `give_up` what belongs to it."""

    # Nothing is sent through a channel layer.
    channel_layer_alias = ""

    _serving: asyncio.Timeout

    @property
    def write(self) -> Write | None:
        """Return what writes frames at once, after the handshake; None where the server offers nothing of the kind."""
        offered: Write | None = self.scope.get("extensions", {}).get(FRAMES, {}).get(WRITE)
        return offered

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A server that cancels, and a failure, end it without `disconnect`; nothing may stay behind then either."""
        try:
            async with asyncio.timeout(None) as self._serving:
                await self._serve(scope, receive, send)
        except TimeoutError:
            if not self._serving.expired():
                raise
        finally:
            self.give_up()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        """Do what the base does for a socket without a channel layer, in this task and without a thread.

        The base has a thread look after database connections before each message: that takes as long as to write a
        change. Whoever asks the database here does it by `in_database`, which looks after its own.
        """
        self.scope, self.base_send = scope, send
        with suppress(StopConsumer):
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)
                await asyncio.sleep(0)  # a socket whose next frame is here already takes its turn like the others

    def give_up(self) -> None:
        """Let go of all that belongs to the socket. It may be called more than once."""
        raise NotImplementedError

    def cut_off_soon(self) -> None:
        """Stop serving CLOSE_WITHIN_S from now: who does not read does not read a farewell either."""
        self._serving.reschedule(asyncio.get_running_loop().time() + CLOSE_WITHIN_S)
