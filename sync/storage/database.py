"""Database work of the event loop: in threads of its own, so that no slow request holds it up."""

from collections.abc import Callable
from typing import Any, TypeVar

from channels.db import database_sync_to_async

T = TypeVar("T")


async def in_database(work: Callable[..., T], *args: Any) -> T:
    """Run `work` in a thread, with a database connection that is closed properly afterwards."""
    result: T = await database_sync_to_async(work, thread_sensitive=False)(*args)
    return result
