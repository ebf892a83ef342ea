"""The frames that wait for one socket, of a client or a worker. Who does not read fills its own outbox only."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final

MAX_CHARS: Final = 4_000_000
STALLED_S: Final = 5.0
"""Nothing was taken for so long although something waits."""

Write = Callable[[Sequence[str]], bool]
"""Writes texts as frames at once. False: it cannot now. What it got must not change afterwards."""


class Overflow(Exception):
    """The peer reads too slowly."""


class Ended(Exception):
    """Nothing waits any more, and nothing more will come."""


class Outbox:
    """Texts in order. `put` never waits. `max_chars`: how much may wait, None for MAX_CHARS.

    `write`: sends a text at once where nothing waits before it, so that no task has to wake up for it.
    """

    def __init__(self, max_chars: int | None = None, write: Write | None = None) -> None:
        self._max_chars = max_chars
        self._write = write
        self._waiting: deque[str] = deque()
        self._chars = 0
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._ended = False
        self._taken_at = self._now()

    def put(self, text: str) -> None:
        """Raises Overflow; nothing more is taken then. After the end nothing is kept."""
        if self._ended:
            return
        if self._write is not None and not self._waiting and self._write([text]):
            return
        if self._chars + len(text) > self._limit and self._waiting:
            raise Overflow
        if not self._waiting:
            self._taken_at = self._now()
        self._waiting.append(text)
        self._chars += len(text)
        self._filled.set()
        self._mark_room()

    async def room(self) -> None:
        """Until it is at most half full, or has ended: for whoever has much to say, and can wait."""
        await self._has_room.wait()

    def end(self) -> None:
        """Take nothing more. Nobody waits for room any more; what waits may still be sent."""
        self._ended = True
        self._filled.set()
        self._mark_room()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing waits: then what comes next may also go another way."""
        return not self._waiting

    @property
    def _limit(self) -> int:
        return MAX_CHARS if self._max_chars is None else self._max_chars

    def _mark_room(self) -> None:
        if self._ended or self._chars <= self._limit // 2:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def next(self) -> str:
        """Return the oldest, which still waits until `sent` is called. Raises Ended."""
        while not self._waiting:
            if self._ended:
                raise Ended
            self._filled.clear()
            await self._filled.wait()
        return self._waiting[0]

    def sent(self) -> None:
        """Take the oldest out: the server has it."""
        self._chars -= len(self._waiting.popleft())
        self._taken_at = self._now()
        self._mark_room()

    @property
    def stalled(self) -> bool:
        """Return whether something has waited for STALLED_S, and nothing was taken."""
        return bool(self._waiting) and self._now() - self._taken_at > STALLED_S

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
