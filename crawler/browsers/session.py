"""The browser context of one account. It has no profile on disk: it is made of a storage state and lives in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, cast

import structlog
from playwright.async_api import BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from sync.protocol.text import well_formed_json

log = structlog.get_logger(__name__)

# The worker needs none of these. Data URIs, such as the code of a login page, do not come from the network.
_NOT_LOADED: Final = ("Image", "Media", "Font")
_CLOSE_TIMEOUT_S: Final = 5


class ChromiumSession:
    """The context of one account. It lends pages; `leaked` counts pages that were still open when nobody had one."""

    def __init__(self, account_id: str, context: BrowserContext) -> None:
        self._account_id = account_id
        self._context = context
        self._lent: set[Page] = set()
        self._opened_by: dict[Page, list[Page]] = {}
        self.leaked = 0

    @property
    def open_pages(self) -> int:
        """Return the number of pages that are lent now."""
        return len(self._lent)

    async def is_alive(self) -> bool:
        """Ask the browser whether the context still works. Takes at most 5 s.

        `is_connected` alone does not tell: it stays true when the driver has ended.
        """
        try:
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._context.cookies("http://localhost/")
        except (PlaywrightError, TimeoutError):
            return False
        return True

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """Lend a page that loads no pictures, videos and fonts.

        It and the windows it opened are closed on every path.
        """
        page = await self._context.new_page()
        self._lent.add(page)
        popups = self._opened_by[page] = []
        page.on("popup", lambda popup: popups.append(popup))
        try:
            await _block_media(self._context, page)
            yield page
        finally:
            for one in [*popups, page]:
                await _close_page(one)
            self._lent.discard(page)
            del self._opened_by[page]
            await self._close_leaked()

    async def storage_state(self) -> dict[str, Any]:
        """Return cookies, local storage and IndexedDB in Playwright's form, well-formed. It is never logged."""
        state = await self._context.storage_state(indexed_db=True)
        return cast(dict[str, Any], well_formed_json(state))

    async def close(self) -> None:
        """Close the context and every page in it. Takes at most 5 s for each."""
        self._lent.clear()
        await self._close_leaked()
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                await self._context.close()

    async def _close_leaked(self) -> None:
        known = self._lent.union(*self._opened_by.values())
        strays = [page for page in self._context.pages if page not in known and not page.is_closed()]
        if strays and await self.is_alive():
            self.leaked += len(strays)
            log.warning("pages were left open", account=self._account_id, pages=len(strays), leaked=self.leaked)
            for page in strays:
                await _close_page(page)


async def _close_page(page: Page) -> None:
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            await page.close()


async def _block_media(context: BrowserContext, page: Page) -> None:
    """Refuse pictures, videos and fonts through DevTools: `route()` would turn off the cache for everything else."""
    devtools = await context.new_cdp_session(page)

    def refuse(event: Mapping[str, Any]) -> None:
        refusals.add(task := asyncio.ensure_future(_refuse(devtools, event["requestId"])))
        task.add_done_callback(refusals.discard)

    refusals: set[asyncio.Future[None]] = set()
    devtools.on("Fetch.requestPaused", refuse)
    await devtools.send("Fetch.enable", {"patterns": [{"resourceType": kind} for kind in _NOT_LOADED]})


async def _refuse(devtools: CDPSession, request_id: str) -> None:
    # The page may be gone by now, and with it the request.
    with suppress(PlaywrightError):
        await devtools.send("Fetch.failRequest", {"requestId": request_id, "errorReason": "BlockedByClient"})


def normalise_state(state: Mapping[str, Any] | None) -> tuple[tuple[str, str, str, str], ...]:
    """Return what makes a session another one: its cookies as (domain, path, name, value), without their expiry."""
    cookies = (state or {}).get("cookies", ())
    return tuple(sorted((c.get("domain", ""), c.get("path", ""), c["name"], c.get("value", "")) for c in cookies))
