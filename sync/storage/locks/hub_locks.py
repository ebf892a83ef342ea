"""What belongs to one hub, or to one import, at a time: a data directory, and a database.

Hubs that share a database hold both together, and keep everybody else away.
"""

from __future__ import annotations

from sync.storage.locks.database_lock import DatabaseLock, take_database_lock
from sync.storage.locks.directory_lock import DirectoryLock, share_directory, take_directory_lock


class HubLocks:
    """Both locks, held until `release` or the end of the process."""

    def __init__(self, directory: DirectoryLock, database: DatabaseLock) -> None:
        self._directory = directory
        self._database = database

    @property
    def does_chores(self) -> bool:
        """Return whether this is the hub that does what one alone must do."""
        return self._database.does_chores

    def check(self) -> None:
        """Make sure that the database is still held: its server may have ended the session.

        Raises Held if somebody else took it meanwhile, Unusable while it cannot be asked.
        """
        self._database.check()

    def release(self) -> None:
        """Let go of both."""
        self._database.release()
        self._directory.release()


def take_locks(what: str = "", *, shared: bool = False) -> HubLocks:
    """Take the data directory and the database. `what`: e.g. "an import, ", for others to read.

    `shared`: together with other hubs of the same database. Raises Held, Unusable.
    """
    directory: DirectoryLock = share_directory() if shared else take_directory_lock(what)
    try:
        return HubLocks(directory, take_database_lock(what, shared=shared))
    except BaseException:
        directory.release()
        raise
