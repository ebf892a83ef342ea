"""The way from browsers to the platform, for one account: it sees whether two computers have it open at once."""

from __future__ import annotations

import socket
import threading
from collections import defaultdict
from contextlib import suppress
from typing import Final

from tests.e2e.relay import Relay
from tests.servers import POLL_S

NOTICED_WITHIN_S: Final = 1.0
"""The relay is one process with many threads: so long it may take until it sees the end of what has ended."""


class SiteRelay(Relay):
    """A computer is known by the address that it comes from. `sources`: how many connections each had.

    `overlaps`: connections that came while another computer had some open.
    """

    def __init__(self, port: int) -> None:
        super().__init__(port, host="0.0.0.0")  # noqa: S104
        self._held: defaultdict[str, set[socket.socket]] = defaultdict(set)
        self._lock = threading.Lock()
        self.sources: defaultdict[str, int] = defaultdict(int)
        self.overlaps: list[tuple[str, str]] = []

    def _pass_on(self, ours: socket.socket) -> None:
        source = ours.getpeername()[0]
        with self._lock:
            self.sources[source] += 1
            self._held[source].add(ours)
            others = {name: set(held) for name, held in self._held.items() if name != source and held}
        for other, held in others.items():
            if not self._end_soon(other, held):
                self.overlaps.append((other, source))
        try:
            super()._pass_on(ours)
        finally:
            with self._lock:
                self._held[source].discard(ours)

    def _end_soon(self, source: str, held: set[socket.socket]) -> bool:
        """Return whether all that another computer had open has come to its end."""
        pause = threading.Event()
        for _ in range(int(NOTICED_WITHIN_S / POLL_S)):
            with self._lock:
                still = held & self._held[source]
            if all(_has_ended(one) for one in still):
                return True
            pause.wait(POLL_S)
        return False


def _has_ended(one: socket.socket) -> bool:
    """Return whether nothing more comes from the other side."""
    with suppress(BlockingIOError):
        try:
            return not one.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError as error:
            if isinstance(error, BlockingIOError):
                raise
            return True
    return False
