"""A browser with windows, whose pages stand behind others: nobody brings them to the front to be read."""

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page

from crawler.browsers.browser import Browser
from tests.displays import running_display

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb, and nothing that can be seen without it"),
]

DEADLINE_S = 60.0
FRAMES = "() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"


@pytest_asyncio.fixture
async def browser(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Browser]:
    with running_display() as name:
        monkeypatch.setenv("DISPLAY", name)
        async with Browser(hidden=False) as browser:
            yield browser


async def test_a_page_behind_another_tab_and_another_window_is_drawn_clicked_and_told_the_time(
    browser: Browser,
) -> None:
    async with (
        browser.session("acc-a") as ours,
        browser.session("acc-b") as others,
        ours.page() as covered,
        ours.page() as tab,
        others.page() as window,
        asyncio.timeout(DEADLINE_S),
    ):
        for page in (covered, tab, window):
            await page.set_content(
                "<button onclick='setTimeout(() => (this.textContent = \"done\"), 20)'>do it</button>"
            )
        for page in (tab, window):
            await page.bring_to_front()
        assert await is_at_work(covered)
        assert await is_at_work(tab)


async def is_at_work(page: Page) -> bool:
    """Whether the page takes itself for seen, draws, and does what it is clicked for, a moment later."""
    await page.evaluate(FRAMES)
    await page.get_by_role("button").click()
    await page.get_by_text("done").wait_for()
    return bool(await page.evaluate("document.visibilityState === 'visible' && document.hasFocus()"))
