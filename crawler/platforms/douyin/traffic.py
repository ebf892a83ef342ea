"""Hears what one page asks for and gets, and reads its answers beside it. The page is asked for nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from playwright.async_api import Page, Request, Response, WebSocket


class Traffic:
    """Base of those who hear one page. Each says what a request, an answer, a failure and a socket mean to it."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def on_request(self, request: Request) -> None:
        """Note what the page asks for. Called by Playwright."""

    def on_failed(self, request: Request) -> None:
        """Note that no answer came. Called by Playwright."""

    def on_response(self, response: Response) -> None:
        """Begin to read an answer. Called by Playwright."""

    def on_websocket(self, socket: WebSocket) -> None:
        """Note that the page opens a socket. Called by Playwright."""

    def read_aside(self, reading: Coroutine[Any, Any, None]) -> None:
        """Let an answer be read in a task of its own, which `stop` ends."""
        self._tasks.add(task := asyncio.get_running_loop().create_task(reading))
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel the reading of answers."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


T = TypeVar("T", bound=Traffic)


@asynccontextmanager
async def heard(page: Page, traffic: T) -> AsyncIterator[T]:
    """Let `traffic` hear the page. Enter it before what it is to hear: `goto`, or a key that is pressed."""
    page.on("request", traffic.on_request)
    page.on("requestfailed", traffic.on_failed)
    page.on("response", traffic.on_response)
    page.on("websocket", traffic.on_websocket)
    try:
        yield traffic
    finally:
        page.remove_listener("request", traffic.on_request)
        page.remove_listener("requestfailed", traffic.on_failed)
        page.remove_listener("response", traffic.on_response)
        page.remove_listener("websocket", traffic.on_websocket)
        await traffic.stop()
