"""The hub's own row in the database, by which other processes see that it runs."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from sync.models import HubInstance
from sync.protocol.times import Clock
from sync.storage.database import is_shared
from sync.storage.locks.directory_lock import holder_name

DEAD_MS: Final = 15_000
"""A hub whose row was not written for so long is taken for one that was killed."""


class HubRow:
    """Writes the row of one hub. Everything here needs database access. `clock` and `started_at`: ms UTC."""

    def __init__(self, clock: Clock, started_at: int) -> None:
        self._clock = clock
        self._started_at = started_at
        self._id = uuid4().hex

    def replace_others(self) -> None:
        """Write the row, and delete those of hubs that were killed: all others, unless several share the database."""
        dead = HubInstance.objects.filter(seen_at__lt=self._clock() - DEAD_MS) if is_shared() else HubInstance.objects
        dead.all().delete()
        self.write_seen()

    def write_seen(self) -> None:
        """Write that the hub runs now."""
        # One statement: in a transaction of several the writer would wait for what Python does in between.
        now = self._clock()
        if not HubInstance.objects.filter(pk=self._id).update(seen_at=now):
            HubInstance.objects.create(pk=self._id, name=holder_name(), started_at=self._started_at, seen_at=now)

    def remove(self) -> None:
        """Remove the row: the hub ends."""
        HubInstance.objects.filter(pk=self._id).delete()
