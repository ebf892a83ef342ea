"""A guard for work that takes too long for the event loop."""

from __future__ import annotations

import asyncio

from django.core.exceptions import SynchronousOnlyOperation


def require_thread(reason: str) -> None:
    """On the event loop raises SynchronousOnlyOperation, so that the same request is answered in a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise SynchronousOnlyOperation(reason)
