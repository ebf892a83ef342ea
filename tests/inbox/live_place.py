"""A hub with a worker and a wire to it, and a browser in which somebody is signed in."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.inbox.inbox_data import cookie_of
from tests.inbox.live_hub import NAMES, Reporter, Wire
from tests.servers import Installation

SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(
    '#banner, #list-head, .tabs, #kinds, #kinds a, .foot, .thread > header, .work > header, .answer, #messages, ' +
    '#comments, #rows, .bottom, .rail')]
    .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth)
    .map((one) => `${one.id || one.className || one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)"""
"""What scrolls sideways, though it must not."""


class Place:
    """A hub, its worker, and the wire between them and the browser. `module` and `seed`: who writes what is there."""

    WORKER: type[Reporter] = Reporter

    def __init__(self, directory: Path, module: str = "tests.inbox.live_hub", seed: str = "seed_live") -> None:
        self.installation = Installation(directory)
        said = self.installation.manage("shell", "-v0", "-c", f"from {module} import {seed}; {seed}()")
        self.token = said.rpartition("token=")[2]
        self.start()
        self.wire = Wire(self.installation.port)
        self.address = f"http://127.0.0.1:{self.wire.port}"

    def start(self) -> None:
        self.hub = self.installation.start_hub()
        self.worker = self.WORKER(self.installation.port, self.token)

    def close(self) -> None:
        self.wire.close()
        self.installation.stop()

    def all_fine(self) -> None:
        for account_id in NAMES:
            self.worker.report(account_id)
            self.worker.look(account_id)


def box_of(element: Locator) -> FloatRect:
    """Return where `element` stands, which must be shown. px."""
    box = element.bounding_box()
    assert box is not None
    return box


def sign_in(browser: Browser, address: str, name: str = "owner", **options: Any) -> BrowserContext:
    """Return a context in which `name` has been signed in: it has the cookie. How one gets it is tested elsewhere.

    An empty page of it stays open, which keeps the process of its pages.
    """
    context = browser.new_context(base_url=address, **options)
    context.new_page()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie_of(name), "url": address}])
    return context


@contextmanager
def open_page(context: BrowserContext, complaints: list[str] | None = None) -> Iterator[Page]:
    """A page that leaves nothing in the device for the next one. `complaints`: gets what its console calls an error."""
    page = context.new_page()
    if complaints is not None:
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    page.evaluate("localStorage.clear()")
    page.close()


def wait_for_silence(page: Page) -> None:
    """Until the page has asked for nothing for a second: under load a row is seen before what else it brought."""
    deadline = time.monotonic() + 20
    with suppress(PlaywrightTimeoutError):
        while time.monotonic() < deadline:
            with page.expect_request(re.compile(""), timeout=1_000):
                pass
