"""Sets how fast we go: like a person, unless the account's `config` says otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from random import SystemRandom
from typing import Final

CLICK_MS: Final = 20_000
"""A click waits so long for what it is for to stand still. A computer with much to do draws a frame in seconds, and
what was read of a surface before is lost with the click."""

_random = SystemRandom()


class Pace:
    """Pauses with jitter.

    `factor` 1 is a person's, 0.05 is for a site of our own; `patience` and `page_s`: see Config.
    """

    def __init__(self, factor: float, patience: float, page_s: float) -> None:
        self._factor, self._patience, self._page_s = factor, patience, page_s

    async def pause(self, seconds: float, since: float | None = None) -> None:
        """Wait as long as a person who takes `seconds`, from `since` on: by the loop's clock, None for now."""
        passed = 0.0 if since is None else asyncio.get_running_loop().time() - since
        await asyncio.sleep(max(0.0, seconds * self._factor * _random.uniform(0.7, 1.5) - passed))

    async def draw(self) -> None:
        """Let the page draw what we scrolled to or clicked."""
        await asyncio.sleep(max(0.06, 0.8 * self._factor * _random.uniform(0.7, 1.5)))

    def settle(self, seconds: float) -> float:
        """Return the seconds to wait for something that may never come. Even a fast site needs a moment."""
        return seconds * max(self._factor, self._patience)

    def page(self, seconds: float = 0.0) -> float:
        """Return the seconds to wait for what a page draws when it opens."""
        return max(self._page_s, self.settle(seconds))


async def until(condition: Callable[[], Awaitable[bool]], timeout_s: float, step_s: float = 0.1) -> bool:
    """Ask `condition` until it is true, at least once, and return whether it became true within `timeout_s`."""
    deadline = asyncio.get_running_loop().time() + timeout_s
    while not await condition():
        if asyncio.get_running_loop().time() >= deadline:
            return False
        await asyncio.sleep(step_s)
    return True
