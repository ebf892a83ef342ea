"""What the hubs of one database tell each other for a short while: sealed rows, since some are keys (a login code).

A fact has a kind and a key; a later one replaces it. Nothing here is ordered with the changes of accounts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

import structlog
from django.db import transaction

from sync.models import HubFact
from sync.protocol.times import Clock
from sync.sealing import SealBroken, seal, unseal
from sync.storage.database import in_database
from sync.storage.database_errors import find_trouble

log = structlog.get_logger(__name__)

KEPT_MS: Final = 11 * 60_000
"""Longer than any code or link is good for."""
UNSEEN_WITHIN: Final = 1_000
"""A row may be committed after one with a greater number, but not after so many."""
AGAIN_S: Final = 1.0
CUT_OFF_S: Final = 6.0
"""Twice as long as it takes until every hub posts something."""

Take = Callable[[str, Any], None]
"""(key, value) -> nothing. The value is None when the fact is over."""


class FactBoard:
    """Lives on the event loop. `posted` is called when others should look. `clock`: ms UTC."""

    def __init__(self, clock: Clock, posted: Callable[[], None]) -> None:
        self.hub = uuid4().hex
        self._clock = clock
        self._posted = posted
        self._takers: dict[str, Take] = {}
        self._to_write: dict[tuple[str, str], Any] = {}
        self._has_any = asyncio.Event()
        self._written_at = time.monotonic()
        self._seen: set[int] = set()

    def subscribe(self, kind: str, take: Take) -> None:
        """Have `take` called with every fact of this kind that another hub posts."""
        self._takers[kind] = take

    def post(self, kind: str, key: str, value: Any) -> None:
        """Tell the other hubs. It never waits. `value`: what JSON can hold; None: the fact is over."""
        self._to_write.pop((kind, key), None)
        self._to_write[kind, key] = value
        self._has_any.set()

    @property
    def is_cut_off(self) -> bool:
        """Return whether nothing could be posted for so long that others must take this hub for gone."""
        return time.monotonic() - self._written_at > CUT_OFF_S

    async def run(self) -> None:
        """Write what is posted for as long as the hub runs."""
        while True:
            await self._has_any.wait()
            self._has_any.clear()
            facts, self._to_write = self._to_write, {}
            began = time.monotonic()
            try:
                await in_database(self.write, facts)
            except Exception as error:
                if find_trouble(error) is None:  # one of them cannot be stored: tried again it would hold up all others
                    log.exception("other hubs could not be told", kinds=sorted({kind for kind, _ in facts}))
                else:
                    self._to_write = facts | self._to_write  # what was posted since is newer
                    self._has_any.set()
                await asyncio.sleep(AGAIN_S)
            else:
                self._written_at = began
                self._posted()

    @transaction.atomic
    def write(self, facts: dict[tuple[str, str], Any]) -> None:
        """Write facts by (kind, key). Durable when it returns. Call it in a thread with a database."""
        now = self._clock()
        HubFact.objects.filter(at__lt=now - KEPT_MS).delete()
        for kind, key in facts:
            HubFact.objects.filter(kind=kind, key=key).delete()
        HubFact.objects.bulk_create(
            HubFact(kind=kind, key=key, hub=self.hub, at=now, sealed=seal(value))
            for (kind, key), value in facts.items()
        )

    async def look(self) -> None:
        """Hand over what others posted since the last look; at the first, all that is still kept."""
        for kind, key, value in await in_database(self._read):
            take = self._takers.get(kind)
            if take is not None:
                try:
                    take(key, value)
                except Exception:  # of another version, perhaps: the others are heard all the same
                    log.exception("what another hub said was not understood", kind=kind)

    def _read(self) -> list[tuple[str, str, Any]]:
        upto = max(self._seen, default=0)
        later = HubFact.objects.filter(pk__gt=upto - UNSEEN_WITHIN).exclude(hub=self.hub).order_by("pk")
        found = []
        for row in later:
            if row.pk in self._seen:
                continue
            self._seen.add(row.pk)
            try:
                found.append((row.kind, row.key, unseal(row.sealed)))
            except SealBroken:
                log.warning("what another hub said was sealed with another key", kind=row.kind)
        if len(self._seen) > 2 * UNSEEN_WITHIN:
            upto = max(self._seen)
            self._seen = {one for one in self._seen if one > upto - UNSEEN_WITHIN}
        return found
