"""The lock of a database, which belongs to one hub, or to one import, at a time.

It ends with its process, however that ends: on PostgreSQL it is an advisory lock of a session of its own, beside an
SQLite database a locked file. A database in memory is its process's own anyway.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from django.db import connection
from filelock import FileLock

from sync.storage.errors import Unusable
from sync.storage.integrity import database_name
from sync.storage.locks.chores_lease import ChoresLease
from sync.storage.locks.directory_lock import Held, holder_name, take_file

if TYPE_CHECKING:
    import psycopg

log = structlog.get_logger(__name__)

# Advisory locks are numbers, for each database; these are "IM" and "Hub".
KEY: Final = (0x494D, 0x487562)
CONNECT_S: Final = 5
MAX_NAME_BYTES: Final = 63
# A machine that is gone says no goodbye. Without these the server would believe in it for two hours.
_KEEPALIVES: Final = "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
# The server lets go of the lock of a session that ended a moment later than its process is gone.
_WAIT: Final = "-c lock_timeout=1000"
_HOLDER: Final = """
    SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND (classid, objid, objsubid) = (%s, %s, 2)
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class DatabaseLock(Protocol):
    """The lock while it is held."""

    @property
    def does_chores(self) -> bool:
        """Return whether it is this hub that does what one alone must do."""
        ...

    def check(self) -> None:
        """Make sure that it is still held, and take it again if it was lost. Raises Held, Unusable."""

    def release(self) -> None:
        """Let go of it."""


def take_database_lock(what: str = "", *, shared: bool = False) -> DatabaseLock:
    """Take the database until the lock is released. `what`: e.g. "an import, ", for others to read.

    `shared`: other hubs may have it too, and one of them does the chores. Raises Held, Unusable.
    """
    if connection.vendor == "postgresql":
        return _SharedSession(what) if shared else _SessionLock(what)
    return _FileLock(what)


class _FileLock:
    does_chores: bool = True

    def __init__(self, what: str) -> None:
        self._file: FileLock | None = None
        name = str(connection.settings_dict["NAME"])
        if not _is_in_memory(name):
            # Two names of one file are one database.
            database = Path(name).resolve()
            self._file = take_file(_beside(database, "lock"), _beside(database, "holder"), what, database_name())

    def check(self) -> None:
        """Nothing takes it away."""

    def release(self) -> None:
        if self._file is not None:
            self._file.release()


class _SessionLock:
    """The library for PostgreSQL is loaded here, where there is one: that takes a tenth of a start."""

    _lock = "SELECT pg_advisory_lock(%s, %s)"

    def __init__(self, what: str) -> None:
        self._name = what + holder_name()
        self._session = self._take()

    @property
    def does_chores(self) -> bool:
        return True

    def check(self) -> None:
        import psycopg

        try:
            self._session.execute("SELECT 1")
        except psycopg.Error:
            self._session.close()
            self._session = self._take()
            log.warning("the lock on the database was lost with its session, and is taken again")

    def release(self) -> None:
        import psycopg

        with suppress(psycopg.Error):  # then it ends with its session
            self._session.execute("SELECT pg_advisory_unlock_all()")  # a busy server ends the session only later
        self._session.close()

    def _take(self) -> psycopg.Connection[Any]:
        import psycopg

        try:
            session = _connect(self._name)
            try:
                session.execute(self._lock, KEY)
            except psycopg.errors.LockNotAvailable:
                holder = session.execute(_HOLDER, KEY).fetchone()
                session.close()
            else:
                return session
        except psycopg.Error as error:
            raise Unusable(f"{database_name()} cannot be locked: {' '.join(str(error).split())}") from error
        raise Held(database_name(), (holder and holder[0]) or "an unknown process")


class _SharedSession(_SessionLock):
    """Excludes an import and a hub that does not share. A lease decides who does the chores."""

    _lock = "SELECT pg_advisory_lock_shared(%s, %s)"

    def __init__(self, what: str) -> None:
        self._chores = ChoresLease()
        self._checking = Lock()
        super().__init__(what)
        self._ask_for_chores()

    @property
    def does_chores(self) -> bool:
        return self._chores.is_held

    def check(self) -> None:
        with self._checking:
            super().check()
            self._ask_for_chores()

    def release(self) -> None:
        import psycopg

        with suppress(psycopg.Error):  # then it ends by itself
            self._chores.give_back(self._session)
        super().release()

    def _ask_for_chores(self) -> None:
        import psycopg

        with suppress(psycopg.Error):  # the next check takes the session anew
            self._chores.ask(self._session)


def _connect(name: str) -> psycopg.Connection[Any]:
    """Open a session that belongs to nobody else: those of a pool come and go."""
    import psycopg

    parameters = connection.get_connection_params()
    parameters |= {
        "application_name": name.encode()[:MAX_NAME_BYTES].decode(errors="ignore"),
        "connect_timeout": CONNECT_S,
        "options": f"{parameters.get('options', '')} {_KEEPALIVES} {_WAIT}".strip(),
    }
    return psycopg.connect(**parameters, autocommit=True)


def _is_in_memory(name: str) -> bool:
    return name == ":memory:" or "mode=memory" in name


def _beside(database: Path, what: str) -> Path:
    return database.with_name(f"{database.name}.hub-{what}")
