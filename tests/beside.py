"""Runs commands beside another one. Standard library only: bootstrap.py uses it."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

Started = Callable[[subprocess.Popen[bytes]], object]
Run = Callable[[Sequence[str], IO[bytes], Started], int]
# In place of an exit code.
NOT_ENDED = 1


class Beside:
    """Commands that run one after the other in a thread, while the caller runs another.

    `codes` says how each has ended. They end early if the caller leaves with an error. `run` runs one of them with its
    output in a file, tells of the process, and returns its exit code; `logs` is the directory of these files.
    """

    def __init__(self, commands: Mapping[str, Sequence[str]], run: Run, logs: Path) -> None:
        self.commands = commands
        self.codes = dict.fromkeys(commands, NOT_ENDED)
        self._run_one = run
        self._logs = logs
        self._thread = threading.Thread(target=self._run)
        self._started: list[subprocess.Popen[bytes]] = []
        self._is_left = False

    def __enter__(self) -> Beside:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_left = kind is not None
        while self._is_left and self._thread.is_alive():
            for child in self._started:
                child.terminate()
            self._thread.join(1)
        self._thread.join()

    def _run(self) -> None:
        for name, command in self.commands.items():
            if not self._is_left:
                # A command that is ended by a signal has not ended well.
                with self._get_log(name).open("wb") as log, suppress(SystemExit):
                    self.codes[name] = self._run_one(command, log, self._started.append)

    def _get_log(self, name: str) -> Path:
        return self._logs / f"{name}.log"

    def list_output(self) -> list[str]:
        """Return what each has printed, below its name."""
        return [
            line
            for name in self.commands
            for line in (f"== {name}", self._get_log(name).read_text("utf-8", "replace").rstrip())
        ]
