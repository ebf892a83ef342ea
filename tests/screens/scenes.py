"""What is shown. A scene that is not there (yet) raises Missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from playwright.sync_api import Page, TimeoutError

from tests.inbox.live_place import Place

SHORT_MS: Final = 3_000
LOST_MS: Final = 15_000
ROSES: Final = "/?account=roses"
THREAD: Final = "/c/conv_roses_rich?account=roses"
LIVE: Final = (
    "() => document.getElementById('connection')?.dataset.state === 'live' || document.querySelector('.row, .empty')"
)


class Missing(Exception):
    """Why it cannot be shown."""


class Scene(NamedTuple):
    """`arrange` leads from the opened page to what is shown; `after` makes the place what it was."""

    name: str
    path: str
    arrange: Callable[[Page, Place], None] = lambda _page, _place: None
    after: Callable[[Place], None] = lambda _place: None
    signed_in: bool = True


@contextmanager
def _or_missing(what: str) -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise Missing(what) from None


def _click(*selectors: str) -> Callable[[Page, Place], None]:
    """The first of them that is in sight."""

    def click(page: Page, _place: Place) -> None:
        for selector in selectors:
            found = page.locator(selector).locator("visible=true").first
            if found.count():
                with _or_missing(f"{selector} cannot be clicked"):
                    found.click(timeout=SHORT_MS)
                return
        raise Missing(f"no {' or '.join(selectors)} in sight")

    return click


def _await(selector: str) -> Callable[[Page, Place], None]:
    def wait(page: Page, _place: Place) -> None:
        with _or_missing(f"no {selector}"):
            page.locator(selector).locator("visible=true").first.wait_for(timeout=SHORT_MS)

    return wait


def _then(*steps: Callable[[Page, Place], None]) -> Callable[[Page, Place], None]:
    def all_of_them(page: Page, place: Place) -> None:
        for step in steps:
            step(page, place)

    return all_of_them


def _key(key: str) -> Callable[[Page, Place], None]:
    return lambda page, _place: page.keyboard.press(key)


def _lose_the_hub(page: Page, place: Place) -> None:
    page.wait_for_function(LIVE)
    live = page.locator("#connection").inner_text()
    place.wire.cut()
    with _or_missing("the page never says that the hub is lost"):
        page.wait_for_function(
            "(live) => document.getElementById('connection').innerText.slice(0, 2) !== live.slice(0, 2)",
            arg=live,
            timeout=LOST_MS,
        )


def _arrivals(page: Page, place: Place) -> None:
    page.wait_for_function(LIVE)
    page.locator("#rows").evaluate("(box) => { box.scrollTop = 200; }")
    for number in range(3):
        place.worker.say("craft", 900 + number, "还有货吗？", conversation=800 + number, name=f"新客 {number}")
    _await("#news:not([hidden])")(page, place)


def _sign_out(page: Page, place: Place) -> None:
    page.wait_for_function(LIVE)
    page.context.clear_cookies()
    page.evaluate("dispatchEvent(new Event('online'))")
    _await("#signed-out, dialog[open]")(page, place)


def _row_menu(page: Page, place: Place) -> None:
    with _or_missing("no row to open a menu on"):
        page.locator(".row").first.click(button="right", timeout=SHORT_MS)
    _await("#row-menu")(page, place)


CALM: Final = (Scene("empty-all-fresh", "/?kind=notification&tab=unread&account=craft", _await(".empty")),)
"""Taken while every account is fresh."""
VIEWS: Final = (
    Scene("inbox", "/"),
    Scene("thread", THREAD),
    Scene("comment", "/d/comm_roses_r1?account=roses"),
    Scene("works", "/works"),
    Scene("work", "/works/cont_roses_w1?show=all"),
    Scene("accounts", "/accounts"),
    Scene("alerts", "/alerts"),
    Scene("me", "/me"),
    Scene("sign-in", "/login/", signed_in=False),
    Scene("admin", "/admin/"),
)
STATES: Final = (
    Scene("empty-not-fresh", "/?kind=notification&account=dress", _await(".empty")),
    Scene("no-results", "/?q=没有这样的词", _await(".empty")),
    Scene("first-day", "/?account=novel", _await(".empty")),
    Scene("arrivals", "/?tab=all", _arrivals),
    Scene("undo", ROSES, _then(_await(".row"), _click(".row"), _key("e"), _await(".toast"))),
    Scene("mark-all", ROSES, _then(_await(".row"), _key("Shift+A"), _await("#mark-all"))),
    Scene("keys", ROSES, _then(_await(".row"), _key("?"), _await("#keys"))),
    Scene("row-menu", ROSES, _row_menu),
    Scene("context", THREAD, _then(_await("#thread"), _click(".open-context"), _await("#context"))),
    Scene("picture", THREAD, _then(_await("#thread"), _click(".picture-of"), _await("dialog[open]"))),
    Scene("hub-lost", ROSES, _lose_the_hub, after=lambda place: place.wire.mend()),
    Scene("signed-out", ROSES, _sign_out),
)
