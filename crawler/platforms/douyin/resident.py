"""The page that stays open where private messages arrive by themselves: one of each account.

It is loaded again only if something says that listening misses messages, if nothing can be heard live, or after hours.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import CheckAsked, CrawlError, LoginLost, SlowDown, cut_words
from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.im_listener import SETTLED_S, ImListener
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.history import HistoryPlan, read_history
from crawler.platforms.douyin.surfaces.messages import (
    Source,
    list_unheard,
    load_messages,
    make_observation,
    read_memory,
)
from crawler.platforms.douyin.traffic import heard
from crawler.platforms.douyin.visit import raise_if_checked

log = structlog.get_logger(__name__)

_GATHER_S = 0.05
# What seems to be missing may be a mistake of ours: the page is not loaded again and again for it.
_REREAD_S = 20.0
# A page whose list alone holds much would be loaded all the time.
_RESTS_S = 900.0
_ASKS_S = 0.3
_OLD, _FULL, _TALK = "old", "it holds much", "a conversation is open"
_CAN_WAIT = (None, _OLD, _FULL, _TALK)


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
        self._loading = asyncio.Lock()
        self._is_written_in = self._has_open_talk = False
        self._history = HistoryPlan(state)

    async def observe(self, session: BrowserSession) -> SurfaceObservation:
        """Look whether all is heard, load the page again if not, and return what came.

        Raises PageChanged, Retryable, LoginLost; the page is closed then.
        """
        start = self._state.clock()
        if self._is_written_in:
            return self._heard_meanwhile(start)
        self._is_busy = True
        try:
            async with self._loading:
                if self._is_written_in:  # It was lent while this look waited for it.
                    return self._heard_meanwhile(start)
                reason = await self._reason_to_load()
                if reason is not None:
                    await self._load(session, reason)
            if reason is None and self._source() == "websocket" and self._take is not None:
                await self._deepen(session)
            return self._observation(start)
        except BaseException:
            # Unless it was lent meanwhile, or is being loaded for that: whoever types in it finds out himself.
            if not self._is_written_in and not self._loading.locked():
                await self.close()
            raise
        finally:
            self._is_busy = False
            if self._take is None:
                await self.close()

    def _heard_meanwhile(self, start: int) -> SurfaceObservation:
        """Return what was heard; the page itself is somebody's now. Raises what the platform refused with."""
        if self._listener is not None and self._listener.failure is not None:
            raise self._listener.failure
        return self._observation(start)

    async def open(self, session: BrowserSession) -> None:
        """Load the page unless it is open. Raises PageChanged, Retryable, LoginLost, CheckAsked."""
        async with self._loading:
            if self._page is None or self._page.is_closed():
                await self._load(session, "a reply")

    @asynccontextmanager
    async def written_in(self, session: BrowserSession) -> AsyncIterator[Page]:
        """Lend the page to whoever writes in it. It stays as it is meanwhile, and what arrives is heard and given out.

        A conversation that is left open would be marked read at each message that comes: the next look loads the page
        again. Nobody who writes waits for what that look does anyway. Raises PageChanged, Retryable, LoginLost,
        CheckAsked.
        """
        async with self._loading:
            reason = await self._reason_to_load()
            if reason not in _CAN_WAIT:
                await self._load(session, reason or "")
            page = self._page
            if page is None:
                raise RuntimeError("the page is not loaded")
            self._is_written_in = self._has_open_talk = True
        try:
            yield page
        finally:
            self._is_written_in = False

    async def wait_until_heard(self) -> None:
        """Wait for what the page asks for when a conversation is opened: old messages, which are no news."""
        if self._listener is not None:
            pace = self._state.pace
            await self._listener.wait_until_calm(pace.settle(_ASKS_S), pace.page(_ASKS_S))

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
        if self._has_open_talk:
            return _TALK
        age_s = loop.time() - self._loaded_at
        if age_s >= self._state.config.reload_s:
            return _OLD
        if age_s >= _RESTS_S and listener.holds_much and not listener.is_asking:
            return _FULL
        if self._memory is not None and self._entry is not None:
            was_asking, lost = listener.is_asking, listener.lost
            self._memory = await read_memory(self._state, page, self._entry, listener, was_asking=was_asking, lost=lost)
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

    async def _deepen(self, session: BrowserSession) -> None:
        """Read the history of the conversation whose turn it is, if any. What arrives meanwhile is given out."""
        chat_id = self._history.next()
        if chat_id is None:
            return
        self._is_busy = False
        self._history.had(chat_id)
        try:
            await read_history(self._state, session, chat_id)
        except (LoginLost, CheckAsked, SlowDown):
            raise
        except (CrawlError, BrowserError) as error:
            # It is an extra: messages go on without it.
            log.warning("a history was not read", account=self._state.account_id, reason=cut_words(error))
        finally:
            self._is_busy = True

    async def _load(self, session: BrowserSession, reason: str) -> None:
        log.info("loading the page of messages", account=self._state.account_id, reason=reason)
        self._give_out()  # What was heard a moment ago does not wait for a page that may not open.
        await self.close()
        state = self._state
        page = await self._stack.enter_async_context(session.page())
        state.inbox.begin()
        state.tape.reload()
        listener = ImListener(state.inbox, state.clock, self._hear, state.tape)
        await self._stack.enter_async_context(heard(page, listener))
        self._entry, self._memory = await load_messages(state, page, listener)
        self._page, self._listener = page, listener
        self._has_open_talk = False
        self._loaded_at = asyncio.get_running_loop().time()

    def _observation(self, start: int) -> SurfaceObservation:
        listener, entry, state = self._listener, self._entry, self._state
        if listener is None or entry is None:
            raise RuntimeError("the page is not loaded")
        health = self._memory or state.inbox.health
        listed = listener.listed if self._memory is None else self._memory.items
        canary = state.canary("messages", listed, health.canary)
        whole = self._memory is None and listener.is_whole and not listener.lost and not state.inbox.has_gaps
        return make_observation(state, entry, self._source(), start, canary, whole=whole)

    def _source(self) -> Source:
        if self._memory is not None:
            return "page memory"
        return "websocket" if self._listener is not None and self._listener.is_live else "responses"

    def _hear(self) -> None:
        """Give out what arrived in this moment, unless an observation does so soon."""
        if self._timer is None and self._take is not None and not self._is_busy:
            self._timer = asyncio.get_running_loop().call_later(_GATHER_S, self._give)

    def _give(self) -> None:
        self._timer = None
        if not self._is_busy:
            self._give_out()

    def _give_out(self) -> None:
        if self._take is None or self._listener is None:
            return
        observation = self._observation(self._state.clock())
        if any(observation.items.values()):
            self._take(observation)
