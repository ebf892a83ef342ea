"""A demo site in a process of its own, and a browser session of one of its accounts."""

import asyncio
import json
import os
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, BrowserContext, Page

from crawler.platforms.base import QrCode
from crawler.platforms.douyin import Douyin
from crawler.recording.recorder import Recordings
from demo.switches import NO_FAULTS
from imhub.launcher.processes import answers
from sync.protocol.messages import AssignedAccount
from tests.processes import Process
from tests.servers import eventually, free_ports

STARTS_S = 60.0


class Site:
    """`cookies`: of the sessions that are open there, by account."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.cookies: dict[str, Any] = {}

    def account(self, key: str) -> dict[str, Any]:
        """The ground truth."""
        found: dict[str, Any] = self._call("state")["accounts"][key]
        return found

    def people(self) -> dict[str, Any]:
        found: dict[str, Any] = self._call("state")["people"]
        return found

    def switch(self, key: str, **values: Any) -> None:
        self._call("switches", {"account": key, **values})
        if values.get("expired_session"):
            self.cookies.pop(key, None)

    def happen(self, key: str, kind: str, **values: Any) -> dict[str, Any]:
        return self._call("event", {"account": key, "kind": kind, **values})

    def sent(self, key: str) -> list[dict[str, Any]]:
        """What its pages sent, and what of it arrived."""
        found: Any = self._call(f"ledger?account={key}")
        return list(found)

    def requests(self) -> Counter[str]:
        """What browsers asked for since the start, by method and path."""
        return Counter(self._call("requests"))

    def reset(self) -> None:
        """No faults."""
        self.switch("*", **msgspec.to_builtins(NO_FAULTS))

    def _call(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.origin}/control/{path}", method="POST" if body else "GET")
        if body:
            request.add_header("content-type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def a_site(place: Path, *arguments: str) -> Iterator[Site]:
    """`place`: a directory for its log."""
    [port] = free_ports(1)
    command = ["-m", "demo", "--port", str(port), "--fans-interval", "0", "--phone-delay", "0.3", *arguments]
    process = Process("demo site", command, dict(os.environ), place / "site.log")
    try:
        site = Site(f"http://127.0.0.1:{port}")
        eventually(lambda: answers("127.0.0.1", port, "/control/state"), "the demo site answers", STARTS_S)
        yield site
    finally:
        process.stop()


class AContext:
    """The smallest BrowserSession. `kept`: an empty page that stays open, which keeps the process of its pages."""

    def __init__(self, context: BrowserContext, kept: Page) -> None:
        self.context = context
        self._kept = kept

    @property
    def pages(self) -> list[Page]:
        """Those that were opened since."""
        return [page for page in self.context.pages if page is not self._kept]

    @property
    def open_pages(self) -> int:
        return len(self.pages)

    @asynccontextmanager
    async def page(self, *, for_person: bool = False) -> AsyncIterator[Page]:
        page = await self.context.new_page()
        try:
            yield page
        finally:
            await page.close()


@asynccontextmanager
async def a_session(browser: Browser, timezone_id: str = "America/New_York") -> AsyncIterator[AContext]:
    """Shares nothing with the browser's others. In a zone of its own on purpose: no time may depend on it."""
    context = await browser.new_context(timezone_id=timezone_id, viewport={"width": 1440, "height": 900})
    yield AContext(context, await context.new_page())
    await context.close()


def an_adapter(
    site: Site, key: str, number: str | None = None, recordings: Recordings | None = None, **config: Any
) -> Douyin:
    base = f"{site.origin}/for/{key}"
    addresses = {"creator_url": f"{base}/creator", "www_url": f"{base}/www", "im_url": f"{base}/im"}
    account = AssignedAccount(
        account_id=f"acc-{key}",
        platform="douyin",
        name=key,
        platform_user_id=number,
        lease_epoch=1,
        config={"pace": 0.05, "read_notices": True, **addresses, **config},
    )
    return Douyin(account, {}, lambda: int(time.time() * 1000), recordings)


class NotedDialog:
    """Keeps what a login shows. `type_code` gives what a person types."""

    def __init__(self, type_code: Callable[[], str] = lambda: "") -> None:
        self.shown: list[QrCode] = []
        self.scans = 0
        self.hints: list[str | None] = []
        self._type_code = type_code

    async def show_qr(self, qr: QrCode) -> None:
        self.shown.append(qr)

    async def show_scanned(self) -> None:
        self.scans += 1

    async def ask_code(self, hint: str | None) -> str:
        self.hints.append(hint)
        return self._type_code()


async def log_in(adapter: Douyin, session: AContext) -> list[QrCode]:
    """-> the codes that were shown; the demo's phone confirms by itself."""
    dialog = NotedDialog()
    async with asyncio.timeout(60):
        await adapter.log_in(session, dialog)
    return dialog.shown


async def an_owner(site: Site, session: AContext, key: str = "alpha", **config: Any) -> Douyin:
    """Logged in: by a code the first time, later with the cookies that came of it."""
    adapter = an_adapter(site, key, **config)
    if key not in site.cookies:
        await log_in(adapter, session)
        site.cookies[key] = await session.context.cookies()
    await session.context.add_cookies(site.cookies[key])
    return adapter
