"""A PostgreSQL server of our own: a socket in a short path, no port, gone with the process that started it.

The server of the system, if there is one, is never touched.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

import bootstrap
from tests import shell

USER = "imhub"
# What is not durable is faster, and enough for all but those who kill or restart something.
HASTY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
START_S = 60


class NoServer(Exception):
    """PostgreSQL is not installed here."""


class Server:
    """`durable`: an answered commit survives a power cut, as in production. Call `start` and `remove`.

    Raises NoServer.
    """

    def __init__(self, *, durable: bool) -> None:
        self._options = () if durable else HASTY
        self._programs = find_programs()
        # Not below pytest's own directory, which the server's user may not enter; a socket's path is short.
        self.place = Path(tempfile.mkdtemp(prefix="imhub-pg-", dir="/tmp"))
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.place, "postgres", "postgres")
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")

    @property
    def _data(self) -> str:
        return str(self.place / "data")

    def url(self, database: str) -> str:
        """An address for IMHUB_DATABASE_URL."""
        return f"postgres://{USER}@{quote(str(self.place), safe='')}/{database}"

    def create_database(self, name: str) -> str:
        """Its address."""
        self.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Returns when it takes connections."""
        settings = ("listen_addresses=", f"unix_socket_directories={self.place}", "max_connections=100")
        options = [word for option in (*settings, *self._options) for word in ("-c", option)]
        with (self.place / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("postgres", "-D", self._data, *options),
                cwd="/",
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
        """Breaks off all sessions, as a restart of the system's server does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            self._process = None

    def remove(self) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self.place, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(self._command(program, *arguments), cwd="/", capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def _command(self, program: str, *arguments: str) -> Sequence[str]:
        """As a user that PostgreSQL accepts, and so that it ends with this process, however that ends."""
        user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.geteuid() == 0 else []
        drop = ["setpriv", *user, "--pdeathsig=INT"] if shutil.which("setpriv") else []
        return [*drop, str(self._programs / program), *arguments]


def find_programs() -> Path:
    found = bootstrap.find_postgres()
    if found is None:
        raise NoServer("there is no PostgreSQL server here (Debian's package postgresql)")
    return found


@contextmanager
def running_server() -> Iterator[Server]:
    """A durable one of the caller's own. Where it is not installed the test is skipped; on CI it fails."""
    try:
        server = Server(durable=True)
    except NoServer as missing:
        if shell.on_ci():
            raise
        pytest.skip(str(missing))
    try:
        server.start()
        yield server
    finally:
        server.remove()
