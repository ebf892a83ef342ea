"""The frames that wait for one socket. A client that does not read fills its own outbox, and nobody else's."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

MAX_CHARS: Final = 4_000_000
STALLED_S: Final = 5.0
"""Nothing was taken for so long although something waits."""


class Overflow(Exception):
    """The client reads too slowly."""


class Outbox:
    """Texts in order. `put` never waits."""

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._chars = 0
        self._filled = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._ended = False
        self._taken_at = self._now()

    def put(self, text: str) -> None:
        """Raises Overflow; nothing more is taken then."""
        if self._chars + len(text) > MAX_CHARS and self._waiting:
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
        """Nobody waits for room any more."""
        self._ended = True
        self._mark_room()

    def _mark_room(self) -> None:
        if self._ended or self._chars <= MAX_CHARS // 2:
            self._has_room.set()
        else:
            self._has_room.clear()

    async def next(self) -> str:
        """The oldest. It still waits until `sent` is called."""
        while not self._waiting:
            self._filled.clear()
            await self._filled.wait()
        return self._waiting[0]

    def sent(self) -> None:
        self._chars -= len(self._waiting.popleft())
        self._taken_at = self._now()
        self._mark_room()

    @property
    def stalled(self) -> bool:
        return bool(self._waiting) and self._now() - self._taken_at > STALLED_S

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()
