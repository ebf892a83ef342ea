"""One thing at a time on an account: looks and replies take turns, and a reply goes before the next look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from crawler.errors import NotPressed
from crawler.platforms.base import Adapter, Permission, ReplyOutcome
from sync.protocol.reply_messages import ReplyRequest

_PATIENCE_S: Final = 15.0
_OPENS_S: Final = 30.0
"""So long a reply waits for a page that is being opened."""


class Turn:
    """The turns of one account, and the browser session in which a reply can be sent now.

    `why_not`: why none can be: `starting`, `logged_out`, `check`; empty while one can.
    """

    def __init__(self, adapter: Adapter, patience_s: float = _PATIENCE_S, opens_s: float = _OPENS_S) -> None:
        self._adapter, self._patience_s, self._opens_s = adapter, patience_s, opens_s
        self._session: Any = None
        self._looks = asyncio.Lock()
        self._replies = asyncio.Lock()
        self._is_woken = asyncio.Event()
        self._is_decided = asyncio.Event()
        """Whether a reply can be sent is known: the page is open, or it waits for a person."""
        self._under_way = 0
        self.why_not = "starting"

    def open(self, session: Any) -> None:
        """Let replies go through this session."""
        self._session, self.why_not = session, ""
        self._is_decided.set()

    def shut(self, why_not: str) -> None:
        """Let no reply begin."""
        self._session, self.why_not = None, why_not
        if why_not == "starting":
            self._is_decided.clear()
        else:
            self._is_decided.set()

    @property
    def is_replying(self) -> bool:
        """Return whether a reply is under way, or waits in a window for its person."""
        return self._under_way > 0

    async def pause(self, seconds: float) -> bool:
        """Wait for the next look, and return whether a reply ended meanwhile, so that its page is to be looked at."""
        try:
            await asyncio.wait_for(self._is_woken.wait(), seconds)
        except TimeoutError:
            return False
        self._is_woken.clear()
        return True

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Hold the turn for a look, after the reply that is being typed."""
        async with self._replies, self._looks:
            pass
        async with self._looks:
            yield

    async def reply(self, request: ReplyRequest, permission: Permission) -> ReplyOutcome:
        """Send a reply at its turn. Raises NotPressed, and as `Adapter.reply` does."""
        await self._wait_until_open()
        self._under_way += 1
        try:
            await self._wait_for_looks()
            if self._session is None:
                raise NotPressed(self.why_not)
            # While a window waits for its person, looks go on.
            if request.mode == "window":
                return await self._adapter.reply(self._session, request, permission)
            async with self._replies:
                return await self._adapter.reply(self._session, request, permission)
        finally:
            self._under_way -= 1
            self._is_woken.set()

    async def _wait_until_open(self) -> None:
        """Wait for a page that is being opened: a reply that is given back has lost an attempt. Raises NotPressed."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._opens_s):
                await self._is_decided.wait()
        if self._session is None:
            raise NotPressed(self.why_not)

    async def _wait_for_looks(self) -> None:
        """Wait for the look that is under way. One that takes long (all comments) goes on in a page of its own."""
        try:
            async with asyncio.timeout(self._patience_s):
                async with self._looks:
                    pass
        except TimeoutError:
            pass
