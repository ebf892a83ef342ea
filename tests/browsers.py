"""The browser of the tests: where it comes from, and how it starts."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta

from playwright.async_api import Browser as AsyncBrowser
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, Page, sync_playwright

from crawler.browsers.chromium import find_chromium, launch_arguments

EXECUTABLE = os.environ.get("IMHUB_CHROMIUM") or None
"""The path that whoever runs the tests has chosen; None: what a worker would start."""


@contextmanager
def running_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(playwright, EXECUTABLE), args=launch_arguments()
        )
        try:
            yield browser
        finally:
            browser.close()


def hold_time(page: Page) -> None:
    """Let the page's clock stand until `page.clock.resume()`: what shows for a moment stays until somebody looks."""
    page.clock.install()
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))


@asynccontextmanager
async def running_async_browser() -> AsyncIterator[AsyncBrowser]:
    """The same, for tests on an event loop of their own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(playwright, EXECUTABLE), args=launch_arguments()
        )
        try:
            yield browser
        finally:
            await browser.close()
