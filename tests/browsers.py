"""The browser of the tests: where it comes from, and how it starts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from crawler.browsers.chromium import find_chromium, launch_arguments

EXECUTABLE = os.environ.get("IMHUB_CHROMIUM") or None
"""The path that whoever runs the tests has chosen; None: what a worker would start."""


TOGETHER = ("--renderer-process-limit=1", "--in-process-gpu")
"""The pages of a context share a process while one of them is open: to start one takes a third of what a page takes."""

expect.set_options(timeout=30_000)  # on a busy machine a page takes its time; what is there is seen at once


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright, EXECUTABLE), args=[*launch_arguments(), *TOGETHER]
        )
        try:
            yield browser
        finally:
            browser.close()


def hold_time(page: Page) -> None:
    """Let the page's clock stand until `page.clock.resume()`: what shows for a moment stays until somebody looks."""
    page.clock.install()
    stop_clock(page)


def stop_clock(page: Page) -> None:
    """Let the page's clock, which is installed, stand at the moment that it shows, or just after it."""
    for ahead_s in (0.1, 0.2, 1, 10):
        # Playwright takes a number as seconds here. A busy machine is later than that, or another page of the context.
        with suppress(Error):
            page.clock.pause_at(page.evaluate("Date.now()") / 1_000 + ahead_s)
            return
    raise AssertionError("the page's clock does not stand")


def press_in_a_row(page: Page, *keys: str) -> None:
    """Press keys that belong together only if one follows the other soon: the page's clock, which is installed, stands
    between them."""
    stop_clock(page)
    for key in keys:
        page.keyboard.press(key)
    page.clock.resume()


def press_into_a_page(page: Page, key: str) -> None:
    """Press a key that opens another document, and wait for its scripts: they hear keys later than one sees it."""
    with page.expect_event("load"):
        page.keyboard.press(key)


@asynccontextmanager
async def running_async_browser() -> AsyncIterator[AsyncBrowser]:
    """The same, for tests on an event loop of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright, EXECUTABLE), args=[*launch_arguments(), *TOGETHER]
        )
        try:
            yield browser
        finally:
            await browser.close()
