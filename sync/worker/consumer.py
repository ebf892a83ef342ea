"""The workers' socket: checks the token, then feeds and drains a WorkerConnection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog

from sync.directory import hash_token
from sync.models import Worker
from sync.outbox import Ended, Outbox
from sync.protocol.confidential import is_confidential
from sync.served_socket import ServedSocket
from sync.storage.database import in_database
from sync.worker.connection import REGISTER_S, WorkerConnection
from sync.worker.frame_reader import BusyPause
from sync.worker.ports import WorkerPorts

log = structlog.get_logger(__name__)

# Frames that may wait for a worker.
OUTBOX_FRAMES: Final = 16


class WorkerConsumer(ServedSocket):
    """`/ws/worker/`. Refuses the handshake with HTTP 403 unless the token is good.

    `get_ports`: those of the hub that runs now.
    """

    connection: WorkerConnection | None = None
    _farewell: tuple[int, str] = (1000, "")
    _sender: asyncio.Task[None] | None = None
    _deadline: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, get_ports: Callable[[], WorkerPorts], **options: Any) -> None:
        super().__init__(*args, **options)
        self._get_ports = get_ports
        self._busy_pause = BusyPause()

    async def connect(self) -> None:
        """Accept the socket of a worker whose token is good; it must register within REGISTER_S seconds."""
        ports = self._get_ports()
        token = bearer_token(self.scope["headers"])
        worker = await find_worker(ports, token) if token else None
        if worker is None or token is None:
            await self.close()
            return
        outbox = Outbox(OUTBOX_FRAMES * ports.limits.frame_bytes, self.write)
        self.connection = WorkerConnection(
            ports,
            worker,
            hash_token(token),
            outbox,
            self._close_later,
            confidential=is_confidential(self.scope.get("scheme", ""), (self.scope.get("client") or [""])[0]),
        )
        await self.accept()
        self._sender = asyncio.create_task(self._drain(outbox))
        self._deadline = asyncio.get_running_loop().call_later(REGISTER_S, self.connection.end_unless_registered)
        log.info("worker connected", worker=worker)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Hand a frame to the connection. A binary frame has no text. Who gets `busy` is not read for a moment."""
        if self.connection is not None:
            await self.connection.receive(text_data)
            if pause := self._busy_pause.after(was_busy=self.connection.take_busy()):
                await asyncio.sleep(pause)

    async def disconnect(self, code: int) -> None:
        """End what belongs to the socket."""
        if self.connection is not None:
            log.info("worker disconnected", code=code)
        self.give_up()

    def give_up(self) -> None:
        if self.connection is not None:
            self.connection.disconnected()
        for pending in (self._sender, self._deadline):
            if pending is not None:
                pending.cancel()

    def _close_later(self, code: int, reason: str) -> None:
        """Close when the worker has taken what was said before. One that does not read is cut off by the server."""
        self._farewell = (code, reason)
        self.cut_off_soon()

    async def _drain(self, outbox: Outbox) -> None:
        """Send what was said, in order, then the close."""
        with suppress(Ended):
            while True:
                await self.send(text_data=await outbox.next())
                outbox.sent()
        await self.close(code=self._farewell[0], reason=self._farewell[1])


def bearer_token(headers: list[tuple[bytes, bytes]]) -> str | None:
    """Return the token of an Authorization header, or None."""
    for name, value in headers:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip() if scheme.lower() == "bearer" and token.strip() else None
    return None


async def find_worker(ports: WorkerPorts, token: str) -> str | None:
    """Return the name of the worker whose token this is, or None.

    An unknown token always asks the database: the directory may be a moment behind.
    """
    digest = hash_token(token)
    known = ports.get_directory().worker_by_token_hash(digest)
    if known is not None:
        return known.name
    row = await in_database(Worker.objects.filter(token_hash=digest).first)
    if row is None:
        return None
    await ports.refresh_directory()
    return str(row.name)
