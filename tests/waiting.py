"""Waits in tests of one event loop for what no event tells."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any


async def until(condition: Callable[[], Any], what: str = "the condition", timeout_s: float = 60) -> Any:
    """Return the value of `condition` once it is true. Polls, and fails after so many seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    while not (value := condition()):
        assert loop.time() < deadline, f"not within {timeout_s} s: {what}"
        await asyncio.sleep(0.005)
    return value
