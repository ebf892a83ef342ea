"""Accounts out of memory, for tests."""

from __future__ import annotations

import asyncio

from sync.core.heads.evicted_view import EvictedView
from sync.hub import Hub
from sync.storage.database import in_database


async def put_out(hub: Hub, account_id: str) -> EvictedView:
    """Put the body of the account out, and return its head.

    An account that changes at that moment keeps its body, so this tries again: the hub itself may have something to say
    of it, for example that its worker is not there.
    """
    async with asyncio.timeout(30):
        while True:
            await in_database(hub.bodies.put_out_account, account_id)
            head = hub.store.get_view(account_id)
            if isinstance(head, EvictedView) and not head.is_resident:
                return head
            await asyncio.sleep(0.01)
