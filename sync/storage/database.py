"""Database work of the event loop: in threads of its own, so that no slow request holds it up."""

from collections.abc import Callable
from typing import Any, TypeVar

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import connection

T = TypeVar("T")


def is_shared() -> bool:
    """Return whether other hubs may serve this database too: PostgreSQL orders their changes, Redis wakes them."""
    return bool(settings.REDIS_URL) and connection.vendor == "postgresql"


async def in_database(work: Callable[..., T], *args: Any) -> T:
    """Run `work` in a thread, with a database connection that is closed properly afterwards."""
    result: T = await database_sync_to_async(work, thread_sensitive=False)(*args)
    return result
