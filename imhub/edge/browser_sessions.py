"""Stores Django's sessions in the database under the hash of their key: what is stored there opens nothing.

The database is asked only for what can be a key of ours: a browser may send anything, also what a database refuses,
such as NUL.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

COLUMN = 40
SHORTEST = 8


def stored(session_key: str) -> str:
    """Return the hash under which a session is stored: 160 bits, as many as the column holds.

    The keys are random, so a plain hash is enough.
    """
    return hashlib.sha256(session_key.encode()).hexdigest()[:COLUMN]


class SessionStore(db.SessionStore):
    """Django's session store with hashed keys. Each method exists twice: for threads and for the event loop."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) >= SHORTEST and key.isascii() and key.isalnum()

    def _rows(self) -> Any:
        return Session.objects.filter(session_key=stored(self.session_key or ""), expire_date__gt=timezone.now())

    def _known(self, row: Session | None) -> Session | None:
        if row is None:
            self._session_key = None
        return row

    def _get_session_from_db(self) -> Session | None:
        return self._known(self._rows().first())

    async def _aget_session_from_db(self) -> Session | None:
        return self._known(await self._rows().afirst())

    def exists(self, session_key: str) -> bool:
        return super().exists(stored(session_key))

    async def aexists(self, session_key: str) -> bool:
        return await super().aexists(stored(session_key))

    def create_model_instance(self, data: Any) -> Any:
        row = super().create_model_instance(data)
        row.session_key = stored(row.session_key)
        return row

    async def acreate_model_instance(self, data: Any) -> Any:
        row = await super().acreate_model_instance(data)
        row.session_key = stored(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(stored(key))

    async def adelete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            await super().adelete(stored(key))
