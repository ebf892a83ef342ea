"""Kills the browsers of a worker that cannot stop them itself: it hangs, or the system has stopped its process.

It is a process of its own, below the worker. The worker writes a line to it with the time until which the hub lets it
be at work, or `rest` when its browsers are closed. If that time passes, and CLOSE_S more, everything below the worker
is killed, the browser and its driver. It ends with the worker.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import IO, Any, Final, Self

import psutil

from crawler.uplink.hub_silence import steady_s
from sync.protocol.lease_times import CLOSE_S

log = logging.getLogger(__name__)

_ROOT: Final = Path(__file__).resolve().parents[2]
_REST: Final = "rest"
_APART_S: Final = 0.5
"""Times that differ by less are not written anew."""
_END_S: Final = 5.0
_NEW_GROUP_ON_WINDOWS: Final = 0x200
"""`subprocess.CREATE_NEW_PROCESS_GROUP`, which other systems do not have."""


class Watchdog:
    """Starts the process that watches this one, and tells it how long the browsers may live."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._told: float | None = None

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            with suppress(OSError):
                process.stdin.close()
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:  # the system has stopped it too
                process.kill()

    def tell(self, until: float | None) -> None:
        """Say until when the browsers may live, by `steady_s`; None: they are closed."""
        if until is not None and self._told is not None and abs(until - self._told) < _APART_S:
            return
        self._told = until
        if self._write():
            return
        log.warning("the watchdog was gone, it is started again")
        try:
            self._start()
        except OSError as error:  # no memory, no file handle: it is tried again with the next time
            log.error("the watchdog could not be started: %s", error)
            return
        self._write()

    def _start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 (our own module)
            [sys.executable, "-m", __name__, str(os.getpid())],
            stdin=subprocess.PIPE,
            text=True,
            cwd=_ROOT,
            **of_its_own_group(sys.platform),
        )

    def _write(self) -> bool:
        if self._process is None or self._process.stdin is None or self._process.poll() is not None:
            return self._process is None
        with suppress(OSError):
            self._process.stdin.write(f"{_REST if self._told is None else self._told}\n")
            self._process.stdin.flush()
            return True
        return False


def of_its_own_group(platform: str) -> dict[str, Any]:
    """Return what has `Popen` start a process that Ctrl-C does not reach: that is for the worker, which needs it until
    its end. `platform` is `sys.platform`.
    """
    if platform == "win32":
        return {"creationflags": _NEW_GROUP_ON_WINDOWS}
    return {"process_group": 0}


class _Watch:
    """The time that was told last, as the process sees it. A thread reads it, for Windows can wait for no pipe."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._until: float | None = None
        self._has_ended = False

    def read(self, lines: IO[str]) -> None:
        """Take one line after the other."""
        for line in lines:
            self._set(None if line.strip() == _REST else float(line) + CLOSE_S)
        with self._changed:
            self._has_ended = True
            self._changed.notify()

    def _set(self, until: float | None) -> None:
        with self._changed:
            self._until = until
            self._changed.notify()

    def wait_passed(self) -> bool:
        """Wait until the time has passed, and return True; False when the worker ended."""
        with self._changed:
            while not self._has_ended:
                left = None if self._until is None else self._until - steady_s()
                if left is not None and left <= 0:
                    self._until = None
                    return True
                self._changed.wait(min(left, 1.0) if left is not None else None)
        return False


def kill_below(pid: int) -> None:
    """Kill every process below `pid` but this one, and those that it runs below: on Windows the interpreter of a
    virtual environment starts another one, and takes it with it.
    """
    spared = {os.getpid()}
    with suppress(psutil.Error):
        spared |= {process.pid for process in psutil.Process().parents()}
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(pid).children(recursive=True):
            if process.pid not in spared:
                with suppress(psutil.Error):
                    process.kill()


def main(worker: int) -> None:
    """Watch the worker until it ends."""
    watch = _Watch()
    Thread(target=watch.read, args=(sys.stdin,), daemon=True).start()
    while watch.wait_passed():
        kill_below(worker)


if __name__ == "__main__":
    main(int(sys.argv[1]))
