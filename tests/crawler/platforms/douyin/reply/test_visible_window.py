"""The mode `window` in a browser that can be seen, on a display that nobody looks at (Xvfb)."""

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from crawler.browsers.chromium import find_chromium, launch_arguments
from tests.crawler.platforms.douyin.reply.typist import TEXT, Granted, typing
from tests.crawler.platforms.douyin.site import Site, a_session
from tests.displays import running_display

pytestmark = [
    pytest.mark.browser,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="no Xvfb, and nothing that can be seen without it"),
]

DEADLINE_S = 60.0
log = logging.getLogger(__name__)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with running_display() as name:
        yield name


@pytest_asyncio.fixture(loop_scope="module")
async def visible(display: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright, None, hidden=False),
            args=launch_arguments(),
            headless=False,
            chromium_sandbox=False,
            env={**os.environ, "DISPLAY": display},
        )
        yield browser
        await browser.close()


@pytest.mark.usefixtures("answer_goes_before")
async def test_a_person_presses_enter_in_the_window_that_came_to_the_front(site: Site, visible: Browser) -> None:
    async with a_session(visible) as session, typing(site, session) as typist:
        truth, target = typist.talk(1)
        permission = Granted()
        task = asyncio.create_task(typist.send(target, permission=permission, mode="window"))
        async with asyncio.timeout(DEADLINE_S):
            while not permission.known or await typist.in_editor() != [TEXT]:
                await asyncio.wait([task], timeout=0.1)
                assert not task.done()
            assert await typist.page.evaluate("document.visibilityState") == "visible"
            before = asyncio.get_running_loop().time()
            await typist.page.keyboard.press("Enter")
            outcome = await task
        assert (outcome.state, outcome.evidence) == ("sent", "response")
        log.info("from the person's Enter to its end: %.2f s", asyncio.get_running_loop().time() - before)
        assert (site.sent("alpha")[-1]["conversation_id"], site.sent("alpha")[-1]["text"]) == (truth["id"], TEXT)
