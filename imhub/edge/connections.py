"""Uvicorn's connections, which end although the peer says only half of what it has to, or takes nothing.

Uvicorn closes such a connection by closing its transport, which waits for as long as something is to be written: for
ever, if nobody takes it. And it waits for the rest of a request's head without a limit.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

HEAD_WITHIN_S: Final = 15.0
FLUSHED_WITHIN_S: Final = 1.0


class HttpConnection(HttpToolsProtocol):
    """Aborts where the head of a request does not come in time.

    That is within HEAD_WITHIN_S of the connection, or of the head's own beginning.
    """

    _head_timer: asyncio.TimerHandle | None = None
    _head_is_open = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is there
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """Nearly every head comes whole, and costs no timer."""
        super().data_received(data)
        if self._head_is_open and self._head_timer is None:
            self._expect_head()

    def on_message_begin(self) -> None:
        self._head_is_open = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._head_is_open = False
        self._expect_nothing()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def _expect_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.abort)

    def _expect_nothing(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


class WebSocketConnection(WebSocketsSansIOProtocol):
    """Aborts where the peer does not take what is still to be written.

    That is at once after an unanswered ping, and FLUSHED_WITHIN_S after the application has ended.
    """

    _flush_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Uvicorn does not send the answer that websockets has for a head it cannot read, such as one too large."""
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            self.close_sent = True
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self._abort_unless_flushed()

    def on_task_complete(self, task: asyncio.Task[Any]) -> None:
        super().on_task_complete(task)
        if not self.disconnected:
            self._flush_timer = self.loop.call_later(FLUSHED_WITHIN_S, self._abort_unless_flushed)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        super().connection_lost(exc)

    def _abort_unless_flushed(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
