"""Frames that the application writes to a socket of `serve` at once, encoded once for all who get them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State

from sync.served_socket import FRAMES, WRITE

EVENTS_PATH: Final = "/ws/im"


class EncodedFrames:
    """The texts that were sent last, as the bytes of their frames: events go to many sockets one after the other."""

    def __init__(self) -> None:
        self._of: Sequence[str] = ()
        self._encoded = b""

    def encode(self, texts: Sequence[str]) -> bytes:
        """Return a frame for each text. `texts` must not change afterwards."""
        if texts is not self._of:
            self._encoded = b"".join(Frame(Opcode.TEXT, text.encode()).serialize(mask=False) for text in texts)
            self._of = texts
        return self._encoded


_encoded: Final = EncodedFrames()


class EventWrites(WebSocketsSansIOProtocol):
    """Offers the application to write at once (`imhub.frames` among the extensions of its scope).

    A socket of events is not compressed: a frame of one kilobyte costs more to compress for each of its clients than to
    send.
    """

    def handle_connect(self, event: Request) -> None:
        """Answer the handshake."""
        if event.path.partition("?")[0].rstrip("/") == EVENTS_PATH:
            self.conn.available_extensions = ()
        super().handle_connect(event)

    async def run_asgi(self) -> None:
        """Run the application for this socket."""
        self.scope["extensions"][FRAMES] = {WRITE: self.write_frames}
        await super().run_asgi()

    def write_frames(self, texts: Sequence[str]) -> bool:
        """Write a frame for each text. False: not now; `send` them then."""
        is_open = self.handshake_complete and not self.close_sent and self.conn.state is State.OPEN
        if not is_open or not self.writable.is_set() or self.transport.is_closing():
            return False
        if self.conn.extensions:  # each such socket has a compression of its own, as a worker's has
            for text in texts:
                self.conn.send_text(text.encode())
            self.transport.write(b"".join(self.conn.data_to_send()))
        else:
            self.transport.write(_encoded.encode(texts))
        return True
