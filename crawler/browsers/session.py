"""The browser context of one account. It has no profile on disk: it is made of a storage state and lives in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NamedTuple, cast
from weakref import WeakKeyDictionary

import msgspec
import structlog
from playwright.async_api import BrowserContext, CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from sync.protocol.text import well_formed_json

log = structlog.get_logger(__name__)

# The worker needs none of these. Data URIs, such as the code of a login page, do not come from the network.
_NOT_LOADED: Final = ("Image", "Media", "Font")
_CLOSE_TIMEOUT_S: Final = 5
MAX_STATE: Final = 512 * 1024


class ContextUse(NamedTuple):
    """The open pages of a context: the memory of their scripts in MiB, the seconds that they worked, their number, and
    how many were left open by mistake so far.
    """

    memory_mb: float
    worked_s: float
    pages: int
    leaked: int


class ChromiumSession:
    """The context of one account. It lends pages; `leaked` counts pages that were still open when nobody had one."""

    def __init__(self, account_id: str, context: BrowserContext) -> None:
        self._account_id = account_id
        self._context = context
        self._lent: set[Page] = set()
        self._opened_by: dict[Page, list[Page]] = {}
        self._meters: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
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
    async def page(self, *, for_person: bool = False) -> AsyncIterator[Page]:
        """Lend a page that loads no pictures, videos and fonts, unless it is `for_person`.

        It and the windows it opened are closed on every path.
        """
        page = await self._context.new_page()
        self._lent.add(page)
        popups = self._opened_by[page] = []
        page.on("popup", lambda popup: popups.append(popup))
        try:
            if not for_person:
                await _block_media(self._context, page)
            yield page
        finally:
            for one in [*popups, page]:
                await _close_page(one)
            self._lent.discard(page)
            del self._opened_by[page]
            await self._close_leaked()

    async def measure(self) -> ContextUse:
        """Return what the open pages take. Raises PlaywrightError, TimeoutError (after 5 s)."""
        memory = worked = 0.0
        pages = [page for page in self._context.pages if not page.is_closed()]
        async with asyncio.timeout(_CLOSE_TIMEOUT_S):
            for page in pages:
                metrics = await self._read_metrics(page)
                memory += metrics.get("JSHeapTotalSize", 0) / 2**20
                worked += metrics.get("TaskDuration", 0)
        return ContextUse(round(memory, 1), worked, len(pages), self.leaked)

    async def _read_metrics(self, page: Page) -> dict[str, float]:
        meter = self._meters.get(page)
        if meter is None:  # kept with the page: each one counts from when it was opened
            meter = await self._context.new_cdp_session(page)
            await meter.send("Performance.enable")
            self._meters[page] = meter
        told = await meter.send("Performance.getMetrics")
        return {metric["name"]: metric["value"] for metric in told["metrics"]}

    async def storage_state(self, databases: Sequence[str] = ()) -> dict[str, Any]:
        """Return cookies, local storage and `databases` of IndexedDB in Playwright's form. It is never logged."""
        state = await self._context.storage_state(indexed_db=bool(databases))
        kept, is_cut = cut_state(cast(dict[str, Any], well_formed_json(state)), databases)
        if is_cut:
            log.warning("the session is large: its databases are not kept", account=self._account_id)
        return kept

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


def cut_state(state: Mapping[str, Any], databases: Sequence[str]) -> tuple[dict[str, Any], bool]:
    """Return the part of a storage state that a login needs, and whether it was too large for its databases.

    That is its cookies as they are (`SameSite` decides which hosts get them), its local storage, and of IndexedDB the
    `databases`, unless all of it has more than MAX_STATE bytes.
    """
    kept = {**state, "origins": [_with_databases(origin, databases) for origin in state.get("origins", ())]}
    if not databases or len(msgspec.json.encode(kept)) <= MAX_STATE:
        return kept, False
    return {**state, "origins": [_with_databases(origin, ()) for origin in state.get("origins", ())]}, True


def _with_databases(origin: Mapping[str, Any], databases: Sequence[str]) -> dict[str, Any]:
    rest = {key: value for key, value in origin.items() if key != "indexedDB"}
    kept = [one for one in origin.get("indexedDB", ()) if one.get("name") in databases]
    return {**rest, "indexedDB": kept} if kept else rest


def normalise_state(state: Mapping[str, Any] | None) -> tuple[tuple[str, str, str, str], ...]:
    """Return what makes a session another one: its cookies as (domain, path, name, value), without their expiry."""
    cookies = (state or {}).get("cookies", ())
    return tuple(sorted((c.get("domain", ""), c.get("path", ""), c["name"], c.get("value", "")) for c in cookies))
