"""The lock of a data directory, which belongs to one hub, or to one import, at a time."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import IO, Protocol

from django.conf import settings
from filelock import FileLock, Timeout

from sync.storage.errors import Unusable


class Held(Exception):
    """Raised when somebody else has it. `what`: the data directory or the database. The message says who has it."""

    def __init__(self, what: str, holder: str) -> None:
        super().__init__(holder)
        self.what = what


class DirectoryLock(Protocol):
    """The lock while it is held."""

    def release(self) -> None:
        """Let go of it."""


def lock_file() -> Path:
    """Return the path of the lock."""
    return Path(settings.DATA_DIR) / "hub.lock"


def holder_file() -> Path:
    """Return the path of the file that names the holder. A locked file cannot be read everywhere."""
    return Path(settings.DATA_DIR) / "hub.holder"


def take_directory_lock(what: str = "") -> FileLock:
    """Take the data directory until the lock is released. `what`: e.g. "an import, ", for others to read.

    Raises Held, Unusable.
    """
    return take_file(lock_file(), holder_file(), what, str(settings.DATA_DIR))


def share_directory() -> DirectoryLock:
    """Hold the data directory together with other hubs of the same database, and with nobody else.

    Raises Held, Unusable.
    """
    return _SharedLock(lock_file())


class _SharedLock:
    """Holds the file that `take_directory_lock` locks. Whoever wants it alone is kept away, and keeps others away."""

    def __init__(self, file: Path) -> None:
        import fcntl  # where there is none, nobody shares a database

        try:
            self._stream: IO[str] = file.open("a")
        except OSError as error:
            raise Unusable(f"the lock {file} cannot be taken: {error.strerror}") from error
        try:
            fcntl.flock(self._stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            self._stream.close()
            raise Held(str(settings.DATA_DIR), _read_holder(holder_file())) from None

    def release(self) -> None:
        self._stream.close()


def take_file(file: Path, holder: Path, what: str, of: str) -> FileLock:
    """Lock `file`, and write into `holder` who did. `what` goes before the name; `of`: what it is the lock of.

    Raises Held, Unusable.
    """
    lock = FileLock(file, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Held(of, _read_holder(holder)) from None
    except OSError as error:
        raise Unusable(f"the lock {file} cannot be taken: {error.strerror}") from error
    try:
        holder.write_text(what + holder_name(), encoding="utf-8")
    except OSError as error:
        lock.release()
        raise Unusable(f"{holder} cannot be written: {error.strerror}") from error
    return lock


def holder_name() -> str:
    """Return how others shall name this process."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def _read_holder(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "an unknown process"
