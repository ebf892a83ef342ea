"""Ends a worker in order at the first SIGTERM or SIGINT, and at once at the second."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

import structlog

log = structlog.get_logger(__name__)

_NAMES = (signal.SIGTERM, signal.SIGINT)


def call_at_first_signal(stop: Callable[[], None]) -> None:
    """Call `stop` on this event loop at the first signal; the second one does what it does to any process."""
    loop = asyncio.get_running_loop()

    def signalled(number: int) -> None:
        log.info("stopping", signal=signal.Signals(number).name)
        for name in _NAMES:
            with suppress(NotImplementedError):
                loop.remove_signal_handler(name)
            signal.signal(name, signal.SIG_DFL)
        stop()

    for name in _NAMES:
        try:
            loop.add_signal_handler(name, signalled, name)
        except NotImplementedError:  # Windows
            signal.signal(name, lambda number, _frame: loop.call_soon_threadsafe(signalled, number))
