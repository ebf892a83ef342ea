"""A hub with a worker and a wire to it, and a browser in which somebody is signed in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, FloatRect, Locator, expect, sync_playwright

from crawler.browsers.chromium import find_chromium
from tests.imhub.runs import Run
from tests.inbox.inbox_data import PASSWORD
from tests.inbox.live_hub import NAMES, Reporter, Wire

SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll(
    '#banner, #list-head, .tabs, .foot, .thread > header, .work > header, .answer, #messages, #comments, #rows, ' +
    '.bottom, .rail')]
    .filter((one) => one.clientWidth && one.scrollWidth > one.clientWidth)
    .map((one) => `${one.id || one.className || one.tagName} ${one.scrollWidth} > ${one.clientWidth}`)"""
"""What scrolls sideways, though it must not."""


class Place:
    """A hub, its worker, and the wire between them and the browser."""

    def __init__(self, run: Run, module: str = "tests.inbox.live_hub", seed: str = "seed_live") -> None:
        self.run = run
        run.migrate()
        done = run.manage("shell", "-c", f"from {module} import {seed}; {seed}()")
        assert done.returncode == 0, done.stderr
        self.token = done.stdout.rpartition("token=")[2].strip()
        self.start()
        self.wire = Wire(run.hub_port)
        self.address = f"http://127.0.0.1:{self.wire.port}"

    def start(self) -> None:
        self.hub = self.run.start("serve")
        self.run.wait_for_hub()
        self.worker = Reporter(self.run.hub_port, self.token)

    def kill(self) -> None:
        for child in psutil.Process(self.hub.pid).children(recursive=True):
            child.kill()
        self.hub.kill()
        self.hub.wait()

    def all_fine(self) -> None:
        for account_id in NAMES:
            self.worker.report(account_id)
            self.worker.look(account_id)


def box_of(element: Locator) -> FloatRect:
    """Return where `element` stands, which must be shown. px."""
    box = element.bounding_box()
    assert box is not None
    return box


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright, os.environ.get("IMHUB_CHROMIUM"))
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def sign_in(browser: Browser, place: Place, name: str = "owner", **options: Any) -> BrowserContext:
    context = browser.new_context(base_url=place.address, **options)
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#rows")).to_be_visible()
    page.close()
    return context
