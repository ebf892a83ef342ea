"""Uvicorn's connections with the limits that it does not have.

Uvicorn takes a head of any size, waits for the rest of a request without a limit, lets a closed connection wait for
as long as something is to be written (for ever, if nobody takes it), and counts no connections.
"""

from __future__ import annotations

import asyncio
import http
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from im_api.inline import Asked
from imhub.edge.door import Door
from imhub.edge.event_writes import EventWrites
from imhub.edge.known_answers import KnownAnswers, own_headers

HEAD_WITHIN_S: Final = 15.0
BODY_WITHIN_S: Final = 20.0
TAKEN_WITHIN_S: Final = 30.0
FLUSHED_WITHIN_S: Final = 1.0
HEAD_BYTES: Final = 64 * 1024
HEADERS: Final = 200
PROGRESS_BYTES: Final = 1024
"""So much of a body has to come within BODY_WITHIN_S: a byte now and then is no progress."""


class ServerConfig(uvicorn.Config):
    """Uvicorn's configuration, and what all connections of the process share: the door, and the known answers."""

    def __init__(self, *args: Any, door: Door, known: KnownAnswers | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.door = door
        self.known = known


class HttpConnection(HttpToolsProtocol):
    """Refuses what is too large or too slow, and closes.

    - more connections than the door lets in: 503;
    - a head of more than HEAD_BYTES or HEADERS: 431, and 414 if the address alone is so long. The same holds for what
      comes between the parts of a body and after it;
    - a head that is not there HEAD_WITHIN_S after the connection or its own beginning: closed without a word;
    - a body of which less than PROGRESS_BYTES come within BODY_WITHIN_S: 408;
    - an answer of which nothing is taken within TAKEN_WITHIN_S: cut off.
    """

    config: ServerConfig

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._entered = False
        self._refused = False
        self._feeding = False
        self._head_is_open = False
        self._body_is_open = False
        self._aside = 0
        self._headers = 0
        self._body_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None
        self._body_timer: asyncio.TimerHandle | None = None
        self._taken_timer: asyncio.TimerHandle | None = None
        self._asked: Asked | None = None

    # -- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is there
        super().connection_made(transport)
        self._entered = self.config.door.enter(self.client)
        if self._entered:
            self._head_timer = self.loop.call_later(HEAD_WITHIN_S, transport.abort)
        else:
            self._refuse(503)

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self) -> None:
        """Uvicorn gives the transport to another protocol here, which is told of everything from now on."""
        if not self._refused:
            self._leave()
            super().handle_websocket_upgrade()

    def _leave(self) -> None:
        if self._entered:
            self._entered = False
            self.config.door.leave(self.client)
        for timer in (self._head_timer, self._body_timer, self._taken_timer):
            if timer is not None:
                timer.cancel()
        self._head_timer = self._body_timer = self._taken_timer = None

    def _refuse(self, status: int) -> None:
        """Say `status` and close; only close where it would stand in the place of another request's answer."""
        self._refused = True
        cycle = self.cycle
        is_idle = cycle is None or cycle.response_complete
        if is_idle or (status == 408 and not cycle.response_started and not self.pipeline):
            phrase = http.HTTPStatus(status).phrase
            retry = "retry-after: 5\r\n" if status == 503 else ""
            head = f"HTTP/1.1 {status} {phrase}\r\n{retry}content-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode("ascii"))
            self._watch_taking()
            self.transport.close()
        else:
            self.transport.abort()

    # -- what comes

    def data_received(self, data: bytes) -> None:
        """Nearly every request comes whole, and costs no timer."""
        if self._refused:
            return
        self._aside += len(data)
        self._feeding = True
        try:
            super().data_received(data)
        finally:
            self._feeding = False
        if self._refused or self.transport.is_closing():
            return
        if self._aside > HEAD_BYTES:
            self._refuse(431)
        elif self._head_is_open and self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_WITHIN_S, self.transport.abort)
        elif self._body_is_open and self._body_timer is None:
            self._expect_body()

    def _unset_keepalive_if_required(self) -> None:
        """Let only the beginning of a request end the wait for it: not empty lines, not the rest of a refused body."""
        if not self._feeding:
            super()._unset_keepalive_if_required()

    def on_message_begin(self) -> None:
        super()._unset_keepalive_if_required()
        self._head_is_open = True
        self._headers = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._refused:
            return
        super().on_url(url)
        if len(self.url) > HEAD_BYTES:
            self._refuse(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called for what follows a chunked body too."""
        self._headers += 1
        if self._refused:
            return
        super().on_header(name, value)
        if self._headers > HEADERS:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        self._head_is_open = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        if self._refused:
            return
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refuse(431)
            return
        self._aside = 0
        self._body_is_open = True
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._aside = 0
        self._body_bytes += len(body)
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._aside = 0
        self._body_is_open = False
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
        if not self._refused:
            super().on_message_complete()

    def _expect_body(self) -> None:
        self._body_timer = self.loop.call_later(BODY_WITHIN_S, self._check_body, self._body_bytes)

    def _check_body(self, before: int) -> None:
        """A body that we do not read, or did not ask for yet, is not late. After the answer it is not waited for."""
        self._body_timer = None
        if self.transport.is_closing() or self.cycle is None or self.cycle.response_complete:
            return
        ours = self.flow.read_paused or self.cycle.waiting_for_100_continue
        if ours or self._body_bytes - before >= PROGRESS_BYTES:
            self._expect_body()
        else:
            self._refuse(408)

    # -- what goes

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Write an answer that is known at once. Whoever asks ahead, or takes nothing, is left to uvicorn."""
        known, answer = self.config.known, None
        if known is not None and cycle.keep_alive and not self.pipeline and not self.flow.write_paused:
            answer, self._asked = known.recall(cycle.scope, self._asked)
        if answer is None:
            super()._start_asgi_task(cycle, app)
            return
        own = own_headers.encode(self.server_state.default_headers)
        self.transport.write(b"".join((STATUS_LINE[answer.status], own, answer.head, answer.body)))
        cycle.response_started = cycle.response_complete = True
        cycle.message_event.set()
        self.on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_taking()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch_taking()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_taking()

    def _watch_taking(self) -> None:
        """Begin to wait, or begin anew, for the peer to take some of what is to be written."""
        if self._taken_timer is not None:
            self._taken_timer.cancel()
            self._taken_timer = None
        if waiting := self.transport.get_write_buffer_size():
            self._taken_timer = self.loop.call_later(TAKEN_WITHIN_S, self._check_taken, waiting)

    def _check_taken(self, before: int) -> None:
        self._taken_timer = None
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_taking()


class WebSocketConnection(EventWrites):
    """Aborts where the peer does not take what is still to be written.

    That is at once after an unanswered ping, and FLUSHED_WITHIN_S after the application has ended.
    """

    config: ServerConfig
    _flush_timer: asyncio.TimerHandle | None = None
    _entered = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the place that the request had, which has just left."""
        super().connection_made(transport)
        self._entered = self.config.door.enter(self.client)

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
        if self._entered:
            self._entered = False
            self.config.door.leave(self.client)
        if self._flush_timer is not None:
            self._flush_timer.cancel()
            self._flush_timer = None
        super().connection_lost(exc)

    def _abort_unless_flushed(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()
