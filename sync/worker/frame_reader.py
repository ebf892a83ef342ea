"""Reads workers' frames: small ones where they come in, large ones in a thread, so that the event loop goes on."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from sync.protocol.frames import Decoded, decode_from_worker
from sync.protocol.messages import DataSync

SMALL_CHARS: Final = 48 * 1024
"""The most that the event loop reads of one frame in one turn."""
MAX_BAD_FRAMES: Final = 100
BAD_FRAMES_MS: Final = 10_000
BUSY_PAUSE_S: Final = 0.1
LONGEST_PAUSE_S: Final = 1.0
"""As long as a worker that is told `busy` is asked to wait by itself."""
EASING: Final = 0.75
"""With each frame that is taken: where one in two is, pauses grow nevertheless."""


class ReadFrame(NamedTuple):
    """A frame that was read. `size`: bytes; `digest`: of a snapshot's items and of what stands beside them."""

    decoded: Decoded
    size: int
    digest: bytes = b""


class FrameTooLarge(Exception):
    """Raised for a frame above the limit, which is then not decoded. `size`: its bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"a frame of {size} bytes")
        self.size = size


def read_frame(text: str, max_bytes: int) -> ReadFrame:
    """Return the frame. Raises FrameTooLarge, FrameError."""
    size = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
    if size > max_bytes:
        raise FrameTooLarge(size)
    decoded = decode_from_worker(text)
    message = decoded.message
    return ReadFrame(decoded, size, _digest(message) if isinstance(message, DataSync) else b"")


class BadFrames:
    """Counts the frames of one connection that could not be read: those of the last BAD_FRAMES_MS."""

    def __init__(self) -> None:
        self._times: deque[int] = deque()

    def add(self, now: int) -> bool:
        """Count one of `now`, ms UTC. Return whether they are too many."""
        self._times.append(now)
        while now - self._times[0] > BAD_FRAMES_MS:
            self._times.popleft()
        return len(self._times) >= MAX_BAD_FRAMES


class BusyPause:
    """The pause before the next frame of a worker that was told `busy`: the longer, the more of its frames were.

    Every frame is read before it can be refused, so one that goes on sending would take the others' time with it.
    """

    def __init__(self) -> None:
        self._seconds = BUSY_PAUSE_S

    def after(self, *, was_busy: bool) -> float:
        """Return how long to wait after this frame, in seconds. `was_busy`: it was refused so."""
        if not was_busy:
            self._seconds = max(BUSY_PAUSE_S, self._seconds * EASING)
            return 0.0
        pause = self._seconds
        self._seconds = min(LONGEST_PAUSE_S, 2 * pause)
        return pause


class FrameReader:
    """Reads one large frame at a time, in the order in which they came.

    A connection that waits for its frame sends no other one, so connections take turns by themselves. `close` ends the
    thread.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "frames")

    async def read(self, text: str, max_bytes: int) -> ReadFrame:
        """Return the frame. Raises FrameTooLarge, FrameError."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, read_frame, text, max_bytes)

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


async def read_here(text: str, max_bytes: int) -> ReadFrame:
    """Return the frame, read where it came in. As `FrameReader.read`, without a thread."""
    return read_frame(text, max_bytes)


def digest_of_parts(digests: Iterable[bytes]) -> bytes:
    """Return the digest of a snapshot whose parts, in order, have these."""
    return blake2b(b"".join(digests), digest_size=16).digest()


def _digest(sync: DataSync) -> bytes:
    snapshot = sync.snapshot
    digest = blake2b(digest_size=16)
    beside: Mapping[str, object] = {
        "partial": snapshot.partial,
        "removed": snapshot.removed,
        "cleared": snapshot.cleared,
    }
    digest.update(msgspec.json.encode(beside))
    for name, raw in snapshot.data.items():
        digest.update(name.encode())
        digest.update(raw)
    return digest.digest()
