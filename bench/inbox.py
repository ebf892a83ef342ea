"""The inbox in a real Chromium: an account of 10,000 threads and 100,000 messages, beside pages without any."""

import os
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.core.management import call_command
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.data import a_busy_account
from bench.http import a_server, write_account
from crawler.browsers.chromium import find_chromium

ACCOUNT = "acc-inbox"
TURNS = 5
FRAMES = 300
PASSWORD = "only-for-benchmarks"  # of a database that is gone when this ends

# A page is interactive as soon as a key moves in its list; until then it is a picture of itself.
PRESS_A_KEY = """
addEventListener("DOMContentLoaded", () => {
  const poll = setInterval(() => {
    if (document.querySelector("#options .row[aria-selected=true]")) {
      clearInterval(poll);
      window.interactiveAt = performance.now();
    } else {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true, cancelable: true }));
    }
  }, 5);
});
"""
SCROLL = """
([selector, step, count]) => new Promise((resolve) => {
  const box = document.querySelector(selector);
  const taken = [];
  let last = performance.now();
  const next = (now) => {
    taken.push(now - last);
    last = now;
    if (taken.length > count) return resolve(taken.slice(1));
    box.scrollTop += step;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
})
"""
PLAIN = """
document.body.innerHTML = '<div id="plain" style="height:600px;overflow:auto">' + '<p>行</p>'.repeat(5000) + '</div>';
"""


class Scrolled(NamedTuple):
    """A part of a page that is scrolled. `step`: px in each frame. `show`: brings the part into the page."""

    what: str
    show: Callable[[Page], object]
    selector: str
    step: int


SCROLLED = (
    Scrolled("a plain page", lambda page: page.evaluate(PLAIN), "#plain", 100),
    Scrolled("10,000 threads", lambda page: page.goto("/?tab=all"), "#rows", 200),
    Scrolled("a conversation of 10,000 messages", lambda page: page.goto(f"/c/conv_{ACCOUNT}_0"), "#messages", -200),
)


def run(place: Path) -> None:
    call_command("migrate", verbosity=0)
    call_command("addaccount", ACCOUNT, platform="douyin", name="Inbox", operator="ann", verbosity=0)
    user = get_user_model().objects.get(username="ann")
    user.set_password(PASSWORD)
    user.save()
    write_account(ACCOUNT, a_busy_account(ACCOUNT))
    with a_server(place) as port, _a_browser() as browser:
        context = browser.new_context(base_url=f"http://127.0.0.1:{port}", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        _sign_in(page)
        _tell_opening(context)
        for scrolled in SCROLLED:
            _tell_frames(page, scrolled)


@contextmanager
def _a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = find_chromium(playwright, os.environ.get("IMHUB_CHROMIUM"))
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


def _sign_in(page: Page) -> None:
    page.goto("/login/")
    page.locator("[name=username]").fill("ann")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.locator("#rows").wait_for()


def _tell_opening(context: BrowserContext) -> None:
    """Beside the page that shows one account and no thread."""
    plain, full = [], []
    opened = context.new_page()
    opened.add_init_script(PRESS_A_KEY)
    for _ in range(TURNS):
        opened.goto("/accounts", wait_until="load")
        plain.append(opened.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        opened.goto("/?tab=all", wait_until="commit")
        full.append(opened.wait_for_function("() => window.interactiveAt").json_value())
    opened.close()
    print(f"{'inbox: the accounts page, loaded':<52} {statistics.median(plain):10.0f} ms")
    ours = statistics.median(full)
    print(
        f"{'inbox: 10,000 threads, until a key is heard':<52} {ours:10.0f} ms median   aim: under 1,000 ms", flush=True
    )


def _tell_frames(page: Page, scrolled: Scrolled) -> None:
    """The longest frame of each turn, and the longest but one in a hundred."""
    longest, last = [], []
    for _ in range(TURNS):
        scrolled.show(page)
        page.locator(scrolled.selector).wait_for()
        frames: list[float] = page.evaluate(SCROLL, [scrolled.selector, scrolled.step, FRAMES])
        longest.append(max(frames))
        last.append(statistics.quantiles(frames, n=100)[98])
    what = f"inbox: frames while scrolling {scrolled.what}"
    aim = "" if scrolled is SCROLLED[0] else "aim: under 50 ms"
    print(
        f"{what:<62} {statistics.median(last):6.0f} ms p99 {statistics.median(longest):6.0f} ms longest  {aim}",
        flush=True,
    )
