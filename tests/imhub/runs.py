"""The commands that run for long, as real processes with a data directory and ports of their own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from imhub.launcher.processes import answers
from tests.migrated import copy_migrated

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """One command with a data directory and ports of its own."""

    def __init__(self, place: Path) -> None:
        self.hub_port, self.site_port = free_ports(2)
        self.env = {**os.environ, "IMHUB_DATA_DIR": str(place / "data")}
        self.env |= {"IMHUB_PORT": str(self.hub_port), "IMHUB_DEMO_PORT": str(self.site_port)}
        self.log = place / "log"
        self.started: list[subprocess.Popen[str]] = []

    def migrate(self) -> None:
        copy_migrated(Path(self.env["IMHUB_DATA_DIR"]))

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=60)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=self.env,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.started.append(process)
        return process

    def wait_for_hub(self) -> None:
        deadline = time.monotonic() + 60
        while not answers("127.0.0.1", self.hub_port, "/healthz"):
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def read_lines(process: subprocess.Popen[str], count: int, within_s: float) -> list[str]:
    lines: Queue[str] = Queue()
    stdout = process.stdout
    assert stdout is not None

    def pass_on() -> None:
        for line in stdout:
            lines.put(line)

    Thread(target=pass_on, daemon=True).start()
    deadline = time.monotonic() + within_s
    try:
        return [lines.get(timeout=max(0.1, deadline - time.monotonic())) for _ in range(count)]
    except Empty:
        raise AssertionError(f"{count} lines did not come within {within_s} s") from None
