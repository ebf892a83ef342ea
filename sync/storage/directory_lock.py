"""The lock of a data directory, which belongs to one hub, or to one import, at a time."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from django.conf import settings
from filelock import FileLock, Timeout

from sync.storage.errors import Unusable


class Held(Exception):
    """Raised when somebody else has the data directory. The message says who."""


def lock_file() -> Path:
    """Return the path of the lock."""
    return Path(settings.DATA_DIR) / "hub.lock"


def holder_file() -> Path:
    """Return the path of the file that names the holder. A locked file cannot be read everywhere."""
    return Path(settings.DATA_DIR) / "hub.holder"


def take_lock(what: str = "") -> FileLock:
    """Take the data directory until the lock is released. `what`: e.g. "an import, ", for others to read.

    Raises Held, Unusable.
    """
    lock = FileLock(lock_file(), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise Held(read_holder()) from None
    except OSError as error:
        raise Unusable(f"the lock {lock_file()} cannot be taken: {error.strerror}") from error
    try:
        holder_file().write_text(what + holder_name(), encoding="utf-8")
    except OSError as error:
        lock.release()
        raise Unusable(f"{holder_file()} cannot be written: {error.strerror}") from error
    return lock


def holder_name() -> str:
    """Return how others shall name this process."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def read_holder() -> str:
    """Return the name of the process that has the data directory."""
    try:
        return holder_file().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "an unknown process"
