"""The inbox in a real Chromium: an account of 10,000 threads and 100,000 messages, beside pages without any."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from bench.data import a_busy_account
from bench.hub import a_hub, write_accounts
from bench.results import Found, Table, median, percentile
from bench.sizes import Sizes
from crawler.browsers.chromium import find_chromium

ACCOUNT = "acc-inbox"
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
    Scrolled("the list", lambda page: page.goto("/?tab=all"), "#rows", 200),
    Scrolled("the longest conversation", lambda page: page.goto(f"/c/conv_{ACCOUNT}_0"), "#messages", -200),
)


def run(place: Path, sizes: Sizes) -> Found:
    opening = Table("Inbox: ms in a real Chromium, medians", ["what", "ms", "aim"])
    frames = Table("Inbox: frames while scrolling, ms", ["what", "p99", "longest", "aim"])
    longest = sizes.inbox_messages // 10
    account = a_busy_account(ACCOUNT, sizes.inbox_threads, sizes.inbox_messages, longest)
    with a_hub(place, [ACCOUNT], before=lambda: _fill(account)) as hub, _a_browser() as browser:
        context = browser.new_context(base_url=f"http://127.0.0.1:{hub.port}", viewport={"width": 1440, "height": 900})
        page = context.new_page()
        _sign_in(page)
        _measure_opening(context, opening, sizes)
        for scrolled in SCROLLED:
            frames.add(f"{scrolled.what}", *_measure_frames(page, scrolled, sizes.inbox_turns), "under 50")
    frames.notes.append(
        f"The account has {sizes.inbox_threads:,} threads; its longest conversation {longest:,} messages."
    )
    return Found([opening, frames])


def _fill(account: Any) -> None:
    user = get_user_model().objects.get(username="ann")
    user.set_password(PASSWORD)
    user.save()
    write_accounts({ACCOUNT: account})


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


def _measure_opening(context: BrowserContext, table: Table, sizes: Sizes) -> None:
    """Beside the page that shows one account and no thread."""
    plain, full = [], []
    opened = context.new_page()
    opened.add_init_script(PRESS_A_KEY)
    for _ in range(sizes.inbox_turns):
        opened.goto("/accounts", wait_until="load")
        plain.append(opened.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
        opened.goto("/?tab=all", wait_until="commit")
        full.append(opened.wait_for_function("() => window.interactiveAt").json_value())
    opened.close()
    table.add("the accounts page, loaded", median(plain), None)
    table.add(f"{sizes.inbox_threads:,} threads, until a key is heard", median(full), "under 1,000")


def _measure_frames(page: Page, scrolled: Scrolled, turns: int) -> tuple[float, float]:
    """Return the longest frame but one in a hundred, and the longest; the median of the turns."""
    longest, last = [], []
    for _ in range(turns):
        scrolled.show(page)
        page.locator(scrolled.selector).wait_for()
        frames: list[float] = page.evaluate(SCROLL, [scrolled.selector, scrolled.step, FRAMES])
        longest.append(max(frames))
        last.append(percentile(frames, 99))
    return median(last), median(longest)
