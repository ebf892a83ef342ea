"""Says of every error before the key is pressed that nothing was pressed, and whether the browser was lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import NotPressed

_ANSWERS_S: Final = 2.0


@asynccontextmanager
async def before_press(page: Page) -> AsyncIterator[None]:
    """Raise an error of the browser in here as NotPressed, with the code `browser`.

    A page that is lost looks as if another conversation, or no editor, were there: then the code is `browser` too.
    """
    try:
        yield
    except BrowserError as error:
        raise NotPressed("browser") from error
    except NotPressed as error:
        if error.code != "stopped" and not await is_alive(page):
            raise NotPressed("browser") from error
        raise


async def is_alive(page: Page) -> bool:
    """Ask the page whether it still works. Takes at most 2 s."""
    if page.is_closed():
        return False
    try:
        async with asyncio.timeout(_ANSWERS_S):
            await page.evaluate("1")
    except (BrowserError, TimeoutError):
        return False
    return True
