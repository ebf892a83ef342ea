"""Runs several processes under one parent: they end together, in order, and none outlives the parent."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from imhub.launcher import ends_with_parent
from sync.storage.private_file import write_private

STOP_S = ends_with_parent.GRACE_S
TICK_S = 0.05
TAIL_LINES = 20


class PortTaken(Exception):
    """The port is taken; the message names it."""


class ChildEnded(Exception):
    """A process that should go on has ended; the message names it."""


class Interrupted(Exception):
    """Ctrl-C, or a signal to end."""


def listen(host: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """Return a bound socket. `shares_port`: together with other processes that say the same.

    Raises PortTaken, also for an address that is not this machine's.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    if sys.platform != "win32":  # there it would share a port that is in use
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shares_port:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        raise PortTaken(f"port {port} on {host} cannot be used: {error.strerror or error}") from error
    return listener


def check_free(host: str, port: int) -> None:
    """Raise PortTaken if nobody could listen there."""
    listen(host, port).close()


class Children:
    """Processes of this project's `manage.py`. All that they print goes into the file `log`, which begins anew."""

    def __init__(self, manage_py: Path, log: Path) -> None:
        self._manage_py = manage_py
        self._log = log
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._interrupted = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Children:
        write_private(self._log, b"")
        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        self._handlers = {number: signal.signal(number, self._interrupt) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True

    def start(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a process in a session of its own: Ctrl-C in a terminal reaches the parent only, which stops them in
        order.
        """
        with self._log.open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603  # our own words
                [sys.executable, ends_with_parent.__file__, str(self._manage_py), *arguments],
                env={**os.environ, **environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=os.name == "posix",
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )

    def wait(self, until: Callable[[], bool] = lambda: False, timeout_s: float = float("inf")) -> bool:
        """Wait until `until` is true, and return whether it became true in time. Raises Interrupted, ChildEnded."""
        deadline = time.monotonic() + timeout_s
        while not until():
            self._check()
            if time.monotonic() >= deadline:
                return False
            time.sleep(TICK_S)
        return True

    def _check(self) -> None:
        if self._interrupted:
            raise Interrupted
        for name, process in self._running.items():
            code = process.poll()
            if code is not None:
                raise ChildEnded(f"the {name} ended (exit code {code}). The end of {self._log}:\n{self._tail()}")

    def _tail(self) -> str:
        lines = self._log.read_text("utf-8", "replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:]) or "(it is empty)"

    def stop(self) -> None:
        """End all processes, the last one started first. One that has not ended after STOP_S is killed."""
        deadline = time.monotonic() + STOP_S
        left = len(self._running)
        for process in reversed(self._running.values()):
            assert process.stdin is not None
            process.stdin.close()
            left -= 1
            # Leave some time for the processes that are ended after this one.
            _end(process, deadline - time.monotonic() - left)
        self._running.clear()


def _end(process: subprocess.Popen[bytes], timeout_s: float) -> None:
    try:
        process.wait(max(timeout_s, 0.5))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def answers(host: str, port: int, path: str) -> bool:
    """Return whether GET `path` is answered with 200 within a second."""
    connection = http.client.HTTPConnection(host, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def reachable(host: str) -> str:
    """Return the address at which this machine reaches what listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host.strip("[]"), host.strip("[]"))  # noqa: S104  # compared, not bound
