"""Runs one Chromium per worker, with an isolated context per account. A lost one is replaced, with its driver.

Playwright's driver is a process of its own between this one and Chromium. When it ends, the calls that wait for it
fail, but Playwright goes on calling the browser connected. So a browser that makes no context is lost, whatever
Playwright says.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self, cast

import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Playwright, StorageState, async_playwright
from playwright.async_api import Error as PlaywrightError

from crawler.browsers.chromium import find_chromium, launch_arguments, may_sandbox
from crawler.browsers.session import ChromiumSession
from crawler.errors import Retryable, cut_words
from crawler.uplink.backoff import Backoff

log = structlog.get_logger(__name__)

_LAUNCH_TIMEOUT_MS: Final = 60_000
_CLOSE_TIMEOUT_S: Final = 10
_CONTEXT_TIMEOUT_S: Final = 60


class BrowserLost(Retryable):
    """The browser or its driver ended, or did not start. Another one is started at the next session."""


class SessionRefused(Retryable):
    """The browser makes contexts, but none of this account's stored session."""


class Browser:
    """A Chromium that is started at the first session, and again when it is gone.

    `executable` is a path (None: Playwright's own, else the system's); `hidden`: it has no window. `launches` counts
    the starts, `leaked` the pages that sessions left open.
    """

    def __init__(self, *, executable: str | None = None, hidden: bool = True, backoff: Backoff | None = None) -> None:
        self._executable = executable
        self._hidden = hidden
        self._backoff = backoff or Backoff(1, 30)
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None
        self._is_lost = False
        self.launches = 0
        self.leaked = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def check(self) -> None:
        """Raise NoChromium if there is no browser to start."""
        async with async_playwright() as playwright:
            find_chromium(playwright, self._executable, hidden=self._hidden)

    async def close(self) -> None:
        """End Chromium and its driver. Takes at most 10 s each."""
        chromium, playwright = self._chromium, self._playwright
        self._chromium = self._playwright = None
        for part in (chromium.close if chromium else None, playwright.stop if playwright else None):
            if part is not None:
                with suppress(Exception):
                    async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                        await part()

    @asynccontextmanager
    async def session(
        self, account_id: str, storage_state: Mapping[str, Any] | None = None
    ) -> AsyncIterator[ChromiumSession]:
        """Open the isolated context of one account, made of `storage_state`.

        Raises BrowserLost, SessionRefused, NoChromium.
        """
        chromium = await self._get_chromium()
        context = await self._make_context(chromium, storage_state)
        async with AsyncExitStack() as stack:
            session = ChromiumSession(account_id, context)
            stack.push_async_callback(self._end, session)
            yield session

    async def _make_context(self, chromium: Chromium, storage_state: Mapping[str, Any] | None) -> BrowserContext:
        try:
            async with asyncio.timeout(_CONTEXT_TIMEOUT_S):
                return await _new_context(chromium, storage_state)
        except (PlaywrightError, TimeoutError) as error:
            if storage_state is not None and await self._makes_contexts(chromium):
                raise SessionRefused("the browser does not take the stored session") from error
            if chromium is self._chromium:  # another account may have replaced it meanwhile
                self._is_lost = True
            raise BrowserLost("the browser made no context") from error

    async def _makes_contexts(self, chromium: Chromium) -> bool:
        """Return whether the browser works, so that a failure is the fault of one account's session alone."""
        try:
            async with asyncio.timeout(_CONTEXT_TIMEOUT_S):
                await (await _new_context(chromium, None)).close()
        except (PlaywrightError, TimeoutError):
            return False
        return True

    async def _end(self, session: ChromiumSession) -> None:
        await session.close()
        self.leaked += session.leaked

    async def _get_chromium(self) -> Chromium:
        async with self._starting:
            if self._chromium is None or self._is_lost or not self._chromium.is_connected():
                self._chromium = await self._start()
                self._is_lost = False
            return self._chromium

    async def _start(self) -> Chromium:
        if self.launches:
            wait_s = self._backoff.next_s()
            log.warning("the browser is gone, starting another one", wait_s=round(wait_s, 1))
            await self.close()
            await asyncio.sleep(wait_s)
        self.launches += 1
        try:
            # The driver may have ended with the browser, so start both anew.
            self._playwright = await async_playwright().start()
            executable = find_chromium(self._playwright, self._executable, hidden=self._hidden)
            chromium = await self._launch(self._playwright, executable, sandbox=may_sandbox())
        except PlaywrightError as error:
            raise BrowserLost(f"the browser did not start: {cut_words(error)}") from error
        log.info("browser started", version=chromium.version, path=executable or "Playwright's")
        return chromium

    async def _launch(self, playwright: Playwright, executable: str | None, *, sandbox: bool) -> Chromium:
        try:
            return await playwright.chromium.launch(
                executable_path=executable,
                headless=self._hidden,
                args=launch_arguments(),
                chromium_sandbox=sandbox,
                timeout=_LAUNCH_TIMEOUT_MS,
                # The worker ends the browser itself, in its own order.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as error:
            if not sandbox or "sandbox" not in str(error).lower():
                raise
            log.warning("this system does not let the browser use its sandbox: starting it without")
            return await self._launch(playwright, executable, sandbox=False)


async def _new_context(chromium: Chromium, storage_state: Mapping[str, Any] | None) -> BrowserContext:
    return await chromium.new_context(
        storage_state=cast(StorageState | None, storage_state),
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        viewport={"width": 1440, "height": 900},
        # Playwright does not show the answers that a service worker gives.
        service_workers="block",
        accept_downloads=False,
    )
