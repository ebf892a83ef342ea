"""Processes that tests start: Python programs as they are, in sessions of their own."""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from functools import cache
from pathlib import Path
from queue import Empty, Queue
from threading import Lock, Thread
from typing import IO, Protocol

import psutil

ROOT = Path(__file__).resolve().parents[1]
# What of Python's own environment a child out of the nursery obeys.
OBEYED = {"PYTHONUNBUFFERED"}


class Child(Protocol):
    """What of subprocess.Popen is used here."""

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self, timeout: float | None = None) -> int: ...


class Preloaded:
    """A child of the nursery. `report`: the file in which the nursery writes what becomes of it."""

    def __init__(self, arguments: Sequence[str], report: int) -> None:
        self._arguments = arguments
        self._code: int | None = None
        self._report = os.fdopen(report, "rb", buffering=0)
        self._said = b""
        while b"\n" not in self._said:
            self._read()
        first, _, self._said = self._said.partition(b"\n")
        self.pid = int(first)

    def poll(self) -> int | None:
        """Return its exit code, or None while it runs."""
        if self._code is None and select.select([self._report], [], [], 0)[0]:
            self._take_code()
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self._arguments), timeout or 0)
            self._take_code()
        assert self._code is not None
        return self._code

    def _take_code(self) -> None:
        while not self._said.endswith(b"\n"):
            self._read()
        self._code = int(self._said)
        self._report.close()

    def _read(self) -> None:
        """Read on. Small writes into a pipe come whole."""
        more = self._report.read(64)
        if not more:
            raise ChildProcessError(f"{' '.join(self._arguments)}: the nursery has ended")
        self._said += more


class Nursery:
    """Starts Python programs from a process that has imported what they import: see tests/preloaded.py."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._ask, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.preloaded", str(number)],
                cwd=ROOT,
                env=plain_environment(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
            )
        atexit.register(self._end)

    def start(self, arguments: Sequence[str], env: Mapping[str, str], stdout: int, stderr: int) -> Preloaded:
        """Start `python ARGUMENTS` at the root of the tree."""
        request = json.dumps({"arguments": list(arguments), "environment": dict(env)}).encode()
        report, theirs = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._ask, [request], [stdout, stderr, theirs])
        finally:
            os.close(theirs)
        return Preloaded(arguments, report)

    def _end(self) -> None:
        self._ask.close()
        self._process.wait(10)


@cache
def _nursery() -> Nursery:
    """Return that of this process. The first who needs it starts it."""
    return Nursery()


def has_ended(process: psutil.Process) -> bool:
    """Return whether `process` runs no more, whether somebody waited for its end or not."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two questions
        return True


def list_below(pid: int) -> list[psutil.Process]:
    """Return the processes that `pid` started, and those that they started; none if it has ended."""
    try:
        return list(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def plain_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return `env` without what says something to the product."""
    return {name: value for name, value in env.items() if not name.startswith(("IMHUB_", "DJANGO_"))}


def can_preload(arguments: Sequence[str], env: Mapping[str, str]) -> bool:
    """Return whether the nursery would start what `python ARGUMENTS` starts."""
    odd = {name for name, value in env.items() if name.startswith("PYTHON") and os.environ.get(name) != value} - OBEYED
    plain = arguments[0] in ("-m", "-c") or not arguments[0].startswith("-")
    return sys.platform == "linux" and plain and not odd


def start_python(arguments: Sequence[str], env: Mapping[str, str], stdout: int, stderr: int) -> Child:
    """Start `python ARGUMENTS` at the root of the tree, in a session of its own."""
    if can_preload(arguments, env):
        return _nursery().start(arguments, env, stdout, stderr)
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )


def run_python(*arguments: str, env: Mapping[str, str], within_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `python ARGUMENTS` at the root of the tree to its end, however that is. Raises subprocess.TimeoutExpired."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        child = start_python(arguments, env, stdout.fileno(), stderr.fileno())
        try:
            code = child.wait(within_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(30)
            raise
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(list(arguments), code, stdout.read(), stderr.read())


class Process:
    """One child. `kill` is kill -9; `stop` is what Ctrl-C or an init system does.

    `speaks`: its stdout is for `read_lines`, and not in the log.
    """

    def __init__(
        self, name: str, arguments: list[str], env: dict[str, str], log: Path, *, speaks: bool = False
    ) -> None:
        self.name = name
        self.log = log
        self._stdout: IO[bytes] | None = None
        with ExitStack() as files:
            stream = files.enter_context(log.open("ab"))
            stdout = stream
            if speaks:
                ours, theirs = os.pipe()
                self._stdout = os.fdopen(ours, "rb")
                stdout = files.enter_context(os.fdopen(theirs, "wb"))
            self._child = start_python(arguments, env, stdout.fileno(), stream.fileno())

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def children(self) -> list[psutil.Process]:
        found: list[psutil.Process] = psutil.Process(self.pid).children()
        return found

    def send_signal(self, number: int) -> None:
        if self.alive:
            os.kill(self.pid, number)

    def wait(self, within_s: float) -> int:
        """Return its exit code. Raises subprocess.TimeoutExpired."""
        return self._child.wait(within_s)

    def kill(self) -> None:
        """With all that it started, whatever session that is in."""
        started = list_below(self.pid) if self.alive else []
        self._signal_group(signal.SIGKILL)
        for child in started:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self._child.wait(30)

    def stop(self) -> int:
        """Return the exit code. Killed after a minute."""
        if self.alive:
            self.send_signal(signal.SIGTERM)
        try:
            code = self._child.wait(60)
        except subprocess.TimeoutExpired:
            code = -signal.SIGKILL
        self._signal_group(signal.SIGKILL)
        self._child.wait(30)
        return code

    def _signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)

    def tail(self) -> str:
        return self.log.read_text("utf-8", "replace")[-4000:]

    def read_lines(self, count: int, within_s: float) -> list[str]:
        """Return the next lines on its stdout, each with its end."""
        lines: Queue[str] = Queue()
        stdout = self._stdout
        assert stdout is not None

        def pass_on() -> None:
            for line in stdout:
                lines.put(line.decode())

        Thread(target=pass_on, daemon=True).start()
        deadline = time.monotonic() + within_s
        try:
            return [lines.get(timeout=max(0.1, deadline - time.monotonic())) for _ in range(count)]
        except Empty:
            raise AssertionError(f"{count} lines did not come within {within_s} s: {self.tail()}") from None
