"""Guards for work that takes too long for the event loop: it runs in a thread, and ends when its client has left."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from threading import Event
from typing import Final

from django.core.exceptions import SynchronousOnlyOperation

from im_api.errors import ClientLeft

client_left: Final[ContextVar[Event | None]] = ContextVar("client_left", default=None)
"""Set when the client of this request has gone; None: nobody watches it."""


YIELD_S: Final = 0.000_05
"""While a thread waits so long, the event loop takes its turn; without, it would wait 5 ms for the interpreter."""


def check_client() -> None:
    """Raise ClientLeft when nobody waits for the answer any more; else let the event loop take its turn.

    Call it now and then in work that takes long.
    """
    left = client_left.get()
    if left is not None and left.wait(YIELD_S):
        raise ClientLeft("The client has left")


def require_thread(reason: str) -> None:
    """On the event loop raises SynchronousOnlyOperation, so that the same request is answered in a thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise SynchronousOnlyOperation(reason)
