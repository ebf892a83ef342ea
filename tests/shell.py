"""Starts other programs and speaks to people. Standard library only: bootstrap.py uses it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


class Finished(NamedTuple):
    """The end of a quiet program: its exit code, and all that it printed."""

    code: int
    output: str


def run_child(
    command: Sequence[str],
    environment: Mapping[str, str],
    output: IO[bytes] | int | None = None,
    started: Callable[[subprocess.Popen[bytes]], object] = lambda _child: None,
) -> int:
    """Run `command` and return its exit code. `output`: a file for all that it prints, or DEVNULL for its stdout.

    A signal to end this process goes on to the child, which gets the time to end well.
    """
    errors = None if output is None or isinstance(output, int) else subprocess.STDOUT
    with subprocess.Popen(command, env=dict(environment), stdout=output, stderr=errors) as child, ending_with(child):
        started(child)
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached the child as well.
            child.wait()
            raise
    if code == -signal.SIGTERM:
        raise SystemExit(128 + signal.SIGTERM)
    return code if code >= 0 else 128 - code


def run_quietly(command: Sequence[str], environment: Mapping[str, str]) -> Finished:
    """Run `command` and print nothing of it. Return its exit code and what it printed."""
    with tempfile.TemporaryFile() as file:
        code = run_child(command, environment, file)
        file.seek(0)
        return Finished(code, file.read().decode("utf-8", "replace").rstrip())


@contextlib.contextmanager
def ending_with(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand a signal to end this process on to the child. Only the main thread hears signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def become(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Become `command`. Where a process cannot be replaced (Windows), wait for it and return its exit code."""
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(command[0], list(command), dict(environment))
    return run_child(command, environment)


def runs(command: Sequence[str]) -> bool:
    """Return whether `command` ends with exit code 0 within a minute."""
    try:
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def on_ci() -> bool:
    """Return whether this is a run on CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def read_text(file: Path) -> str | None:
    """Return the content of `file`, or None if it cannot be read."""
    try:
        return file.read_text()
    except OSError:
        return None


def say(*lines: str) -> None:
    """Print lines at once."""
    print(*lines, sep="\n", flush=True)


def fail(reason: str) -> NoReturn:
    """End with exit code 1 and the reason."""
    raise SystemExit(f"bootstrap: {reason}")
