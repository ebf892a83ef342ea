"""The page that stays open where private messages arrive by themselves: one of each account.

It is loaded again only if something says that listening misses messages, if nothing can be heard live, or after hours.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog
from playwright.async_api import Page

from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.im_listener import SETTLED_S, ImListener, listen
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.messages import (
    Source,
    list_unheard,
    load_messages,
    make_observation,
    read_memory,
)
from crawler.platforms.douyin.visit import raise_if_checked

log = structlog.get_logger(__name__)

_GATHER_S = 0.05
# What seems to be missing may be a mistake of ours: the page is not loaded again and again for it.
_REREAD_S = 20.0


class ResidentPage:
    """The open page of one account in one browser session.

    `take` gets what arrives between observations; without it the page is closed after each.
    """

    def __init__(self, state: DouyinState, take: Callable[[SurfaceObservation], None] | None = None) -> None:
        self._state, self._take = state, take
        self._stack = AsyncExitStack()
        self._page: Page | None = None
        self._listener: ImListener | None = None
        self._entry: EntryPage | None = None
        self._memory: ParseHealth | None = None
        self._loaded_at = 0.0
        self._is_busy = False
        self._timer: asyncio.TimerHandle | None = None
        self._unheard: set[str] = set()

    async def observe(self, session: BrowserSession) -> SurfaceObservation:
        """Look whether all is heard, load the page again if not, and return what came.

        Raises PageChanged, Retryable, LoginLost; the page is closed then.
        """
        start = self._state.clock()
        self._is_busy = True
        try:
            reason = await self._reason_to_load()
            if reason is not None:
                await self._load(session, reason)
            return self._observation(start)
        except BaseException:
            await self.close()
            raise
        finally:
            self._is_busy = False
            if self._take is None:
                await self.close()

    async def close(self) -> None:
        """Close the page. The next observation opens another one."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        stack, self._stack = self._stack, AsyncExitStack()
        self._page = self._listener = None
        await stack.aclose()

    async def _reason_to_load(self) -> str | None:
        """Return why the page must be loaded again, or None."""
        page, listener, loop = self._page, self._listener, asyncio.get_running_loop()
        if page is None or listener is None or page.is_closed():
            return "no page"
        if listener.failure is not None:
            raise listener.failure
        await raise_if_checked(page)
        age_s = loop.time() - self._loaded_at
        if age_s >= self._state.config.reload_s:
            return "old"
        if self._memory is not None and self._entry is not None:
            self._memory = await read_memory(self._state, page, self._entry)
            return None
        if age_s >= SETTLED_S and not listener.is_live:
            return "nothing is heard live"
        if age_s < self._state.pace.settle(_REREAD_S):
            return None
        if listener.lost or self._state.inbox.has_gaps:
            return "messages are missing"
        return "the page shows more" if await self._shows_more(page) else None

    async def _shows_more(self, page: Page) -> bool:
        """Return whether the page shows a message that was not heard. Each is a reason to load once only."""
        unheard = await list_unheard(self._state, page) - self._unheard
        self._unheard |= unheard
        return bool(unheard)

    async def _load(self, session: BrowserSession, reason: str) -> None:
        log.info("loading the page of messages", account=self._state.account_id, reason=reason)
        await self.close()
        state = self._state
        page = await self._stack.enter_async_context(session.page())
        state.inbox.begin()
        listener = ImListener(state.inbox, state.clock, self._hear)
        await self._stack.enter_async_context(listen(page, listener))
        self._entry, self._memory = await load_messages(state, page, listener)
        self._page, self._listener = page, listener
        self._loaded_at = asyncio.get_running_loop().time()

    def _observation(self, start: int) -> SurfaceObservation:
        listener, entry, state = self._listener, self._entry, self._state
        if listener is None or entry is None:
            raise RuntimeError("the page is not loaded")
        health = self._memory or state.inbox.health
        listed = listener.listed if self._memory is None else self._memory.items
        canary = state.canary("messages", listed, health.canary)
        whole = self._memory is None and listener.is_whole and not listener.lost and not state.inbox.has_gaps
        return make_observation(state, entry, self._source(listener), start, canary, whole=whole)

    def _source(self, listener: ImListener) -> Source:
        if self._memory is not None:
            return "page memory"
        return "websocket" if listener.is_live else "responses"

    def _hear(self) -> None:
        """Give out what arrived in this moment, unless an observation does so soon."""
        if self._timer is None and self._take is not None and not self._is_busy:
            self._timer = asyncio.get_running_loop().call_later(_GATHER_S, self._give)

    def _give(self) -> None:
        self._timer = None
        if self._take is None or self._is_busy or self._listener is None:
            return
        observation = self._observation(self._state.clock())
        if any(observation.items.values()):
            self._take(observation)
