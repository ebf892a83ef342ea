"""The hold of a hub on its data directory and its database, and what follows from it."""

from __future__ import annotations

from contextlib import suppress

import structlog

from sync.hub_errors import HubRefused
from sync.storage.database import in_database
from sync.storage.errors import Unusable
from sync.storage.locks.directory_lock import Held
from sync.storage.locks.hub_locks import HubLocks, take_locks

log = structlog.get_logger(__name__)


class HubHold:
    """Holds the data directory and the database from `acquire` to `release`. `shared`: together with other hubs."""

    def __init__(self, *, shared: bool) -> None:
        self._shared = shared
        self._locks: HubLocks | None = None

    def acquire(self) -> None:
        """Take both. Raises HubRefused with the holder's name, and Unusable."""
        try:
            self._locks = take_locks(shared=self._shared)
        except Held as held:
            raise HubRefused(f"another hub, or an import, holds {held.what}: {held}") from None

    def release(self) -> None:
        """Let go of both."""
        if self._locks is not None:
            self._locks.release()

    async def find_loss(self) -> str | None:
        """Make sure of the database. Return why this hub must end if somebody else has it by now, else None."""
        try:
            if self._locks is not None:
                await in_database(self._locks.check)
        except Unusable as error:
            log.error("the lock on the database cannot be checked", reason=str(error))
        except Held as held:
            return f"another hub, or an import, took {held.what} while its server was away: {held}"
        return None

    @property
    def does_chores(self) -> bool:
        """Return whether this is the hub that does what one alone must do."""
        return self._locks is None or self._locks.does_chores

    def confirm_chores(self) -> bool:
        """Return whether this is that hub still, as the database says. Call it from a thread with database access."""
        if not self.does_chores or self._locks is None or not self._shared:
            return self.does_chores
        with suppress(Held, Unusable):  # the next look at the locks acts on it
            self._locks.check()
            return self.does_chores
        return False
