"""Keeps several processes of one command running: one that ends is started again, and all end with this one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Final

import structlog

from imhub.launcher import ends_with_parent

log = structlog.get_logger(__name__)

TICK_S: Final = 0.05
STEADY_S: Final = 10.0
"""A process that ran for so long has started well."""
LONGEST_PAUSE_S: Final = 30.0
STOP_S: Final = ends_with_parent.GRACE_S + 2


class NoneStarts(Exception):
    """Raised when no process ever started well, and the last of them has ended. Its own lines say why."""


class _Place:
    """One of the processes, and the next after it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0
        self.next_at = 0.0
        self.failures = 0


class HubProcesses:
    """`arguments`: of `manage.py`. They log where this process does. `steady_s`, `pause_s`: seconds; the pause doubles
    with each start that fails.
    """

    def __init__(
        self,
        manage_py: Path,
        arguments: Sequence[str],
        count: int,
        *,
        steady_s: float = STEADY_S,
        pause_s: float = 1.0,
    ) -> None:
        self._command = [sys.executable, ends_with_parent.__file__, str(manage_py), *arguments]
        self._places = [_Place() for _ in range(count)]
        self._steady_s = steady_s
        self._pause_s = pause_s
        self._was_steady = False
        self._stopping = False

    def run(self) -> None:
        """Keep them running until a signal to end. Raises NoneStarts."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while not self._stopping:
                for place in self._places:
                    self._look_after(place)
                if not self._was_steady and all(place.process is None for place in self._places):
                    raise NoneStarts
                time.sleep(TICK_S)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _look_after(self, place: _Place) -> None:
        now = time.monotonic()
        if place.process is None:
            if now >= place.next_at:
                place.process = subprocess.Popen(  # noqa: S603  # our own words
                    self._command, stdin=subprocess.PIPE, start_new_session=True
                )
                place.started_at = now
            return
        is_steady = now - place.started_at >= self._steady_s
        self._was_steady |= is_steady
        code = place.process.poll()
        if code is None:
            return
        _close(place.process)
        place.process = None
        place.failures = 0 if is_steady else place.failures + 1
        place.next_at = now + min(self._pause_s * 2**place.failures, LONGEST_PAUSE_S)
        log.error("a hub process ended, and is started again", code=code, seconds=round(place.next_at - now, 1))

    def _end_all(self) -> None:
        """All at once: each has its own connections to end."""
        running = [place.process for place in self._places if place.process is not None]
        for process in running:
            _close(process)
        deadline = time.monotonic() + STOP_S
        for process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _close(process: subprocess.Popen[bytes]) -> None:
    """Close its stdin, by which it ends in order."""
    if process.stdin is not None:
        process.stdin.close()
