"""A websocket that leaves nothing behind, however the server stops serving it."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from channels.generic.websocket import AsyncWebsocketConsumer

CLOSE_WITHIN_S: Final = 3.0


class ServedSocket(AsyncWebsocketConsumer):
    """Base of the sockets of workers and clients. A subclass says in `give_up` what belongs to it."""

    # Nothing is sent through a channel layer.
    channel_layer_alias = ""

    _serving: asyncio.Timeout

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A server that cancels, and a failure, end it without `disconnect`; nothing may stay behind then either."""
        try:
            async with asyncio.timeout(None) as self._serving:
                await super().__call__(scope, receive, send)
        except TimeoutError:
            if not self._serving.expired():
                raise
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Let go of all that belongs to the socket. It may be called more than once."""
        raise NotImplementedError

    def cut_off_soon(self) -> None:
        """Stop serving CLOSE_WITHIN_S from now: who does not read does not read a farewell either."""
        self._serving.reschedule(asyncio.get_running_loop().time() + CLOSE_WITHIN_S)
