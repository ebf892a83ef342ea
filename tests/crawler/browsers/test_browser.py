"""The browser's life, with a real Chromium and a real site."""

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import psutil
import pytest
import pytest_asyncio
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from crawler.browsers.browser import Browser, BrowserLost, SessionRefused
from crawler.browsers.chromium import NoChromium
from crawler.browsers.session import ChromiumSession, normalise_state
from crawler.uplink.backoff import Backoff
from tests.browsers import EXECUTABLE
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HOME = f"""<!doctype html><title>home</title>
<style>@font-face {{ font-family: F; src: url(/font.woff2) }} p {{ font-family: F }}</style>
<p>text</p><img id=far src=/picture.png><video src=/film.mp4 preload=auto></video>
<img id=code src="data:image/png;base64,{base64.b64encode(PIXEL).decode()}"><script src=/script.js></script>"""


class Site:
    """A site on a free port. `asked`: the paths that were asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.url = ""

    def answer(self, socket: ServerConnection, request: Request) -> Response:
        self.asked.append(request.path)
        kind, body = {
            "/": ("text/html", HOME.encode()),
            "/script.js": ("text/javascript", b"window.ready = true"),
            "/picture.png": ("image/png", PIXEL),
        }.get(request.path, ("text/plain", b"?"))
        headers = Headers([("Content-Type", kind), ("Content-Length", str(len(body))), ("Connection", "close")])
        return Response(200, "OK", headers, body)


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    site = Site()

    async def nobody(socket: ServerConnection) -> None: ...

    async with serve(nobody, "127.0.0.1", 0, process_request=site.answer) as server:
        site.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        yield site


@pytest.fixture(scope="module")
def strangers() -> set[psutil.Process]:
    """Browsers of other tests of this process."""
    return chromium_processes()


@pytest.fixture(scope="module")
def other_drivers() -> set[psutil.Process]:
    """The driver of the browser that tests of this process share."""
    return driver_processes()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(strangers: set[psutil.Process], other_drivers: set[psutil.Process]) -> AsyncIterator[Browser]:
    """For all: what a session leaves behind would show in the next one."""
    async with Browser(executable=EXECUTABLE, backoff=Backoff(0.01, 0.05)) as browser:
        yield browser


def chromium_processes() -> set[psutil.Process]:
    return {child for child in psutil.Process().children(recursive=True) if is_chromium(child)}


def is_chromium(process: psutil.Process) -> bool:
    """The browser itself, none of its helpers. What ended a moment ago has no command line any more."""
    try:
        return "chrom" in process.name() and "--type=" not in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def driver_processes() -> set[psutil.Process]:
    """Playwright's node processes."""
    return {child for child in psutil.Process().children() if is_driver(child)}


def is_driver(process: psutil.Process) -> bool:
    try:
        return "run-driver" in process.cmdline()
    except psutil.NoSuchProcess:  # it ended a moment ago
        return False


async def until_lost(session: ChromiumSession) -> None:
    async with asyncio.timeout(60):
        while await session.is_alive():  # noqa: ASYNC110 - there is no event to wait for
            await asyncio.sleep(0.01)


async def test_pictures_films_and_fonts_are_not_loaded_but_code_is(browser: Browser, site: Site) -> None:
    async with browser.session("a") as session, session.page() as page:
        await page.goto(site.url, wait_until="load")
        assert await page.evaluate("window.ready")
        assert await page.evaluate("document.querySelector('#code').naturalWidth") == 1
        assert await page.evaluate("document.querySelector('#far').naturalWidth") == 0
        assert await page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") == "Asia/Shanghai"
        assert await page.evaluate("navigator.language") == "zh-CN"
    assert set(site.asked) - {"/favicon.ico"} == {"/", "/script.js"}


async def test_accounts_do_not_see_each_other_s_session(browser: Browser, site: Site) -> None:
    async with browser.session("alice") as alice, browser.session("bob") as bob:
        async with alice.page() as page:
            await page.goto(site.url)
            await page.evaluate("document.cookie = 'who=alice'; localStorage.who = 'alice'")
        async with bob.page() as page:
            await page.goto(site.url)
            assert await page.evaluate("[document.cookie, localStorage.who ?? null]") == ["", None]


async def test_a_session_continues_from_its_storage_state(browser: Browser, site: Site) -> None:
    async with browser.session("a") as session:
        async with session.page() as page:
            await page.goto(site.url)
            await page.evaluate("document.cookie = 'sessionid=s1; max-age=9999'; localStorage.kept = 'value'")
            await page.evaluate(
                "new Promise(done => { const open = indexedDB.open('d', 1);"
                "open.onupgradeneeded = () => open.result.createObjectStore('s');"
                "open.onsuccess = () => { const t = open.result.transaction('s', 'readwrite');"
                "t.objectStore('s').put('deep', 'k'); t.oncomplete = () => { open.result.close(); done() } } })"
            )
        state = await session.storage_state(["d"])
        assert await session.storage_state(["d", "another"]) == state
        without = await session.storage_state()
    async with browser.session("a", state) as session:
        async with session.page() as page:
            await page.goto(site.url)
            assert await page.evaluate("[document.cookie, localStorage.kept]") == ["sessionid=s1", "value"]
            deep = await page.evaluate(
                "new Promise((done, fail) => { const open = indexedDB.open('d', 1);"
                "open.onupgradeneeded = () => fail(new Error('the database was not kept'));"
                "open.onsuccess = () => { const get = open.result.transaction('s').objectStore('s').get('k');"
                "get.onsuccess = () => done(get.result) } })"
            )
            assert deep == "deep"
        assert normalise_state(await session.storage_state(["d"])) == normalise_state(state)
    assert [entry.get("indexedDB") for entry in without["origins"]] == [None]
    assert without["cookies"] == state["cookies"]


async def test_pages_are_closed_on_every_path(browser: Browser, site: Site) -> None:
    async with browser.session("a") as session:
        lent: list[Page] = []

        async def fail() -> None:
            async with session.page() as page:
                lent.append(page)
                await page.goto(site.url)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert lent[0].is_closed()

        async def look() -> None:
            async with session.page():
                await asyncio.Event().wait()

        task = asyncio.create_task(look())
        await until(lambda: session.open_pages == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (session.open_pages, session.leaked) == (0, 0)


async def test_windows_that_a_page_opened_are_closed_with_it(browser: Browser, site: Site) -> None:
    async with browser.session("a") as session:
        async with session.page() as page:
            await page.goto(site.url)
            async with page.expect_popup() as opened:
                await page.evaluate("window.open('/')")
            popup = await opened.value
        assert popup.is_closed()
        assert session.leaked == 0


async def test_a_page_that_nobody_gave_back_is_counted_and_closed(browser: Browser, site: Site) -> None:
    before = browser.leaked
    async with browser.session("a") as session:
        stray = await session._context.new_page()
        async with session.page() as page:
            await page.goto(site.url)
        assert session.leaked == 1
        assert stray.is_closed()
    assert browser.leaked == before + 1


async def test_after_a_crash_another_browser_goes_on_with_the_session(
    browser: Browser, site: Site, strangers: set[psutil.Process]
) -> None:
    state: dict[str, Any] = {
        "cookies": [
            {"name": "sessionid", "value": "s1", "domain": "127.0.0.1", "path": "/", "expires": -1,
             "httpOnly": False, "secure": False, "sameSite": "Lax"}
        ],
        "origins": [],
    }  # fmt: skip

    async with browser.session("a"):
        launches, leaked = browser.launches, browser.leaked

    async def look_while_it_crashes() -> None:
        async with browser.session("a", state) as session, session.page() as page:
            for process in chromium_processes() - strangers:
                process.kill()
            await until_lost(session)
            await page.goto(site.url)

    with pytest.raises(PlaywrightError):
        await look_while_it_crashes()
    assert browser.leaked == leaked
    async with browser.session("a", state) as session, session.page() as page:
        await page.goto(site.url)
        assert await page.evaluate("document.cookie") == "sessionid=s1"
    assert browser.launches == launches + 1


async def test_a_driver_that_was_killed_is_started_again_with_its_browser(
    browser: Browser, site: Site, strangers: set[psutil.Process], other_drivers: set[psutil.Process]
) -> None:
    async with browser.session("a") as session, browser.session("b") as other, session.page() as page:
        launches = browser.launches
        killed = driver_processes() - other_drivers
        assert killed
        before = chromium_processes() - strangers
        for process in killed:
            process.kill()
        await until_lost(session)
        await until_lost(other)
        with pytest.raises(PlaywrightError):
            await page.goto(site.url)
    with pytest.raises(BrowserLost):
        async with browser.session("a"):
            pass
    async with browser.session("a") as session, session.page() as page, browser.session("b"):
        await page.goto(site.url)
        assert await page.title() == "home"
    assert browser.launches == launches + 1
    assert len(driver_processes() - other_drivers) == 1
    await until(lambda: not any(process.is_running() for process in before), "the old browser ended")


async def test_a_stored_session_that_the_browser_does_not_take_costs_no_other_account_anything(
    browser: Browser, site: Site
) -> None:
    async with browser.session("a") as session, session.page() as page:
        launches = browser.launches
        bad = {"cookies": [{"name": "sessionid", "value": "s1", "domain": "", "path": ""}], "origins": []}
        with pytest.raises(SessionRefused):
            async with browser.session("b", bad):
                pass
        await page.goto(site.url)
        assert await session.is_alive()
    assert browser.launches == launches


async def test_nothing_is_left_running(site: Site) -> None:
    others = chromium_processes()
    async with Browser(executable=EXECUTABLE) as browser, browser.session("a"):
        running = chromium_processes() - others
        assert running
    await until(lambda: not any(process.is_running() for process in running))


async def test_a_named_browser_that_is_not_there_is_said() -> None:
    async with Browser(executable="/nowhere/chromium") as browser:
        with pytest.raises(NoChromium, match="/nowhere/chromium"):
            async with browser.session("a"):
                pass


async def test_a_browser_that_does_not_start_is_tried_again_later(tmp_path: Any) -> None:
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    async with Browser(executable=str(broken), backoff=Backoff(0.01, 0.01)) as browser:
        for _ in range(2):
            with pytest.raises(BrowserLost):
                async with browser.session("a"):
                    pass
        assert browser.launches == 2


async def test_what_the_open_pages_of_a_context_take_is_measured(browser: Browser, site: Site) -> None:
    async with browser.session("a") as session, session.page() as page:
        await page.goto(site.url)
        before = await session.measure()
        await page.evaluate("() => { for (const end = performance.now() + 60; performance.now() < end;); }")
        after = await session.measure()
    assert before.pages == 1
    assert before.memory_mb > 0
    assert after.worked_s > before.worked_s
