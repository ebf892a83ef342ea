"""Connections between workers and the hub, in memory. A frame is under way until it is delivered, or lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Literal, Protocol

import msgspec
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.frames import Close

Cut = Literal["both", "worker first", "hub first"]
NOTICED_S = 8.0
"""When a ping that is not answered ends a connection."""


class Session(Protocol):
    """The hub's end."""

    async def receive(self, text: str | None) -> None: ...
    def disconnected(self) -> None: ...


OpenSession = Callable[[str, Callable[[str], None], Callable[[int, str], None]], Session]
"""(token, send, close) -> the hub's end. Raises ConnectionRefusedError while no hub is there."""


class WorkerConnection:
    """One connection. As a worker's socket it has `send`, `recv` and `close`."""

    def __init__(self, token: str, open_connection: OpenSession) -> None:
        self.to_hub: deque[str | None] = deque()
        self.to_worker: deque[str | Close | None] = deque()
        self.sent: dict[str | None, list[str]] = {}
        """The frames that the worker sent, by the id of their requests."""
        self.on_answer: Callable[[WorkerConnection, str], None] = lambda _line, _frame: None
        self.worker_there = True
        self.hub_there = True
        self._at_hub: asyncio.Queue[str | None] = asyncio.Queue()
        self._at_worker: asyncio.Queue[str | Close | None] = asyncio.Queue()
        self.session = open_connection(token, self._send_to_worker, self._close_by_hub)
        self._serving = asyncio.get_running_loop().create_task(self._serve())

    # -- the worker's end

    async def send(self, text: str) -> None:
        if not self.worker_there:
            raise ConnectionClosedError(None, None)
        if self.hub_there:
            self.to_hub.append(text)
            self.sent.setdefault(msgspec.json.decode(text).get("requestId"), []).append(text)

    async def recv(self) -> str:
        item = await self._at_worker.get() if self.worker_there else None
        if isinstance(item, str):
            return item
        self.worker_there = False
        raise ConnectionClosedError(None, None) if item is None else ConnectionClosed(item, item, True)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        if self.worker_there:
            self._leave_worker()
            self.to_hub.append(None)

    # -- the hub's end

    async def _serve(self) -> None:
        """One frame after the other, as the consumer does."""
        while (text := await self._at_hub.get()) is not None:
            await self.session.receive(text)
        self.hub_there = False
        self.session.disconnected()

    def _send_to_worker(self, text: str) -> None:
        if self.hub_there:
            self.to_worker.append(text)

    def _close_by_hub(self, code: int, reason: str) -> None:
        if self.hub_there:
            self.to_worker.append(Close(code, reason))
            self._leave_hub()

    def _leave_hub(self) -> None:
        self.hub_there = False
        self.to_hub.clear()
        self._at_hub.put_nowait(None)

    def _leave_worker(self) -> None:
        self.worker_there = False
        self.to_worker.clear()
        self._at_worker.put_nowait(None)

    # -- what happens to it

    @property
    def over(self) -> bool:
        return not self.to_hub and not self.to_worker and not (self.worker_there and self.hub_there)

    def deliver_to_hub(self) -> None:
        self._at_hub.put_nowait(self.to_hub.popleft())

    def deliver_to_worker(self) -> None:
        frame = self.to_worker.popleft()
        self._at_worker.put_nowait(frame)
        if isinstance(frame, str):
            self.on_answer(self, frame)

    def cut(self, how: Cut) -> None:
        """`worker first`: what it sent may still arrive. `hub first`: the worker notices when no ping is answered."""
        if how != "worker first" and self.hub_there:
            self._leave_hub()
        if how == "hub first":
            asyncio.get_running_loop().call_later(NOTICED_S, self._notice)
        elif self.worker_there:
            self._leave_worker()
        if how == "worker first" and self.hub_there:
            self.to_hub.append(None)

    def _notice(self) -> None:
        if self.worker_there:
            self._leave_worker()

    def hub_died(self) -> None:
        """The system of a dead process closes its sockets, what was sent before arrives first."""
        self._serving.cancel()
        self.hub_there = False
        self.to_hub.clear()
        if self.worker_there:
            self.to_worker.append(None)


class Network:
    """All connections. `connect` stands in for that of the websockets library."""

    def __init__(self) -> None:
        self.lines: list[WorkerConnection] = []
        self.open_connection: OpenSession = _nobody
        self.on_answer: Callable[[WorkerConnection, str], None] = lambda _line, _frame: None
        """Called with each frame that a worker gets."""

    async def connect(self, _url: str, *, additional_headers: dict[str, str], **_options: Any) -> WorkerConnection:
        line = WorkerConnection(additional_headers["Authorization"].removeprefix("Bearer "), self.open_connection)
        line.on_answer = self.on_answer
        self.lines.append(line)
        return line

    def forget_old(self) -> None:
        self.lines = [line for line in self.lines if not line.over]

    def open_lines(self) -> list[WorkerConnection]:
        return [line for line in self.lines if line.worker_there and line.hub_there]

    def deliverable(self) -> Iterator[Callable[[], None]]:
        """One delivery for each direction of each line that has something under way."""
        for line in self.lines:
            if line.to_hub:
                yield line.deliver_to_hub
            if line.to_worker:
                yield line.deliver_to_worker

    def hub_died(self) -> None:
        self.open_connection = _nobody
        for line in self.lines:
            line.hub_died()


def _nobody(*_: object) -> Session:
    raise ConnectionRefusedError("no hub is there")
