"""What belongs to one hub, or to one import, at a time: a data directory, and a database."""

from __future__ import annotations

from filelock import FileLock

from sync.storage.locks.database_lock import DatabaseLock, take_database_lock
from sync.storage.locks.directory_lock import take_directory_lock


class HubLocks:
    """Both locks, held until `release` or the end of the process."""

    def __init__(self, directory: FileLock, database: DatabaseLock) -> None:
        self._directory = directory
        self._database = database

    def check(self) -> None:
        """Make sure that the database is still held: its server may have ended the session.

        Raises Held if somebody else took it meanwhile, Unusable while it cannot be asked.
        """
        self._database.check()

    def release(self) -> None:
        """Let go of both."""
        self._database.release()
        self._directory.release()


def take_locks(what: str = "") -> HubLocks:
    """Take the data directory and the database. `what`: e.g. "an import, ", for others to read.

    Raises Held, Unusable.
    """
    directory = take_directory_lock(what)
    try:
        return HubLocks(directory, take_database_lock(what))
    except BaseException:
        directory.release()
        raise
