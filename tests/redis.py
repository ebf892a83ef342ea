"""A Redis server of our own: a socket in a short path, no port, nothing on disk, gone with the process that started it.

The server of the system, if there is one, is never touched.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests import shell

START_S = 60


class NoServer(Exception):
    """Redis is not installed here."""


class Server:
    """Call `start` and `remove`. Raises NoServer."""

    def __init__(self) -> None:
        program = shutil.which("redis-server")
        if program is None:
            raise NoServer("there is no Redis server here (Debian's package redis-server)")
        self._program = program
        self.place = Path(tempfile.mkdtemp(prefix="imhub-redis-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """An address for IMHUB_REDIS_URL."""
        return f"unix://{self.place}/socket"

    def start(self) -> None:
        """Returns when it takes connections."""
        options = ("--port", "0", "--unixsocket", f"{self.place}/socket", "--save", "", "--appendonly", "no")
        # So that it ends with this process, however that ends.
        drop = ["setpriv", "--pdeathsig=TERM"] if shutil.which("setpriv") else []
        with (self.place / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*drop, self._program, *options],
                cwd=self.place,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who stop it when nobody uses it any more
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            hopeless = self._process.poll() is not None or time.monotonic() > deadline
            assert not hopeless, (self.place / "log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """As `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.place, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def running_server() -> Iterator[Server]:
    """One of the caller's own. Where it is not installed the test is skipped; on CI it fails."""
    try:
        server = Server()
    except NoServer as missing:
        if shell.on_ci():
            raise
        pytest.skip(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.remove()
