"""A data directory belongs to one hub, or to one import, at a time."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from django.conf import settings
from filelock import FileLock, Timeout

from sync.storage.errors import Unusable


class Held(Exception):
    """Somebody has it. The message says who."""


def lock_file() -> Path:
    return Path(settings.DATA_DIR) / "hub.lock"


def holder_file() -> Path:
    """Beside the lock, because a locked file cannot be read everywhere."""
    return Path(settings.DATA_DIR) / "hub.holder"


def take_lock(what: str = "") -> FileLock:
    """The data directory is the caller's until the lock is released. `what`: e.g. "an import, ", for others to read.

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
    return f"process {os.getpid()} on {socket.gethostname()}"


def read_holder() -> str:
    try:
        return holder_file().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return "an unknown process"
