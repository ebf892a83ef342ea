"""The inbox without a mouse, with an input method, and enlarged to twice its size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browsers import press_in_a_row, press_into_a_page
from tests.inbox.inbox_data import PASSWORD
from tests.inbox.live_place import SIDEWAYS, Place, open_page, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

MOST_TABS = 80
MARK = "(element) => { const style = getComputedStyle(element); return [style.outlineStyle, style.outlineWidth]; }"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("keyboard"))
    place.worker.say("roses", 501, "这件尺码偏大吗", conversation=2, name="周二")
    yield place
    place.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, place: Place) -> Iterator[BrowserContext]:
    context = sign_in(browser, place.address, viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    with open_page(signed_in) as page:
        yield page


def tab_to(page: Page, target: Locator) -> None:
    """By Tab alone; where it ends can be seen."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if target.evaluate("(element) => element === document.activeElement"):
            style, width = target.evaluate(MARK)
            assert style != "none"
            assert float(width.removesuffix("px")) >= 2
            return
    raise AssertionError(f"Tab never reaches {target}")


def row(page: Page, name: str) -> Locator:
    return page.locator(".row", has_text=name)


# -- no mouse


def test_a_day_of_work_without_a_mouse(browser: Browser, place: Place) -> None:
    context = browser.new_context(base_url=place.address, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/login/")
    tab_to(page, page.get_by_label("Name"))
    page.keyboard.type("owner")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#connection")).to_contain_text("Live")

    page.keyboard.press("n")
    expect(page.locator("#thread h2")).to_contain_text("李一")
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_be_focused()
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Marked as handled.")
    expect(row(page, "李一")).to_have_count(0)
    expect(page.locator("#thread h2")).not_to_contain_text("李一")
    page.keyboard.press("z")
    expect(row(page, "李一")).to_be_visible()

    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("尺码")
    press_into_a_page(page, "Enter")
    expect(page.locator(".row .who")).to_have_text(["周二"])
    page.keyboard.press("Escape")
    expect(page.locator("#q")).to_have_value("")
    expect(row(page, "张三")).to_be_visible()

    tab_to(page, page.locator("#kinds a", has_text="Comments"))
    page.keyboard.press("Enter")
    expect(page.locator(".row .who")).to_have_text(["评论的人"])
    tab_to(page, page.locator("#kinds a", has_text="All"))
    page.keyboard.press("Enter")
    expect(row(page, "张三")).to_be_visible()
    filters = page.locator("summary[aria-label=Filter]")
    tab_to(page, filters)
    page.keyboard.press("Enter")
    tab_to(page, page.locator("#list-head .sheet a", has_text="New people"))
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_text(["New people"])
    tab_to(page, page.locator(".chip"))
    page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_count(0)

    expect(page.locator(".row .pill").first).to_be_visible()
    page.keyboard.press("Shift+A")
    expect(page.locator("#mark-all")).to_contain_text("Needs reply")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("marked as read.")
    expect(page.locator(".row .pill")).to_have_count(0)

    tab_to(page, page.locator("#rail .me a"))
    press_into_a_page(page, "Enter")
    tab_to(page, page.get_by_role("button", name="Dark"))
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    tab_to(page, page.get_by_role("button", name="中文"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("我和这台设备")
    context.close()


# -- an input method


def test_no_key_acts_while_an_input_method_composes(page: Page) -> None:
    page.goto("/?account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.evaluate("""() => {
        const press = (how) => document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...how }));
        for (const key of ['j', 'e', 'n', '/', '?', 'g'])
            for (const how of [{ isComposing: true }, { keyCode: 229 }]) press({ key, ...how });
    }""")
    expect(page.locator("#thread")).to_have_count(0)
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator(".row[aria-selected=true]")).to_have_count(0)
    page.keyboard.press("j")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(1)


def test_what_an_input_method_composes_goes_into_the_field_and_nowhere_else(page: Page) -> None:
    page.goto("/?account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.keyboard.press("/")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "chima", "selectionStart": 5, "selectionEnd": 5})
    expect(page.locator("#q")).to_have_value("chima")
    session.send("Input.insertText", {"text": "尺码"})
    page.keyboard.type("e")
    expect(page.locator("#q")).to_have_value("尺码e")
    expect(page.locator("#thread")).to_have_count(0)
    expect(page.locator(".toast")).to_have_count(0)


def test_letters_may_be_switched_off(page: Page) -> None:
    page.goto("/me")
    page.get_by_label("Single letters act in the inbox").uncheck()
    page.goto("/?account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    for key in ("n", "j", "?", "/"):
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".row[aria-selected=true]")).to_have_count(1)
    expect(page.locator(".row").first).to_have_attribute("aria-selected", "true")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#q")).not_to_be_focused()


# -- twice the size


@pytest.mark.parametrize(("width", "height"), [(720, 450), (640, 360)])
def test_twice_the_size_everything_is_still_there(browser: Browser, place: Place, width: int, height: int) -> None:
    size: Any = {"width": width, "height": height}
    context = sign_in(browser, place.address, viewport=size, device_scale_factor=2)
    page = context.new_page()
    for path, controls in (
        ("/?tab=all", ["#q", ".tabs a >> nth=0", ".row >> nth=0", ".bottom a >> nth=3"]),
        ("/c/c1", [".back", '#thread header [data-action="done"]', ".answer :is(a, button) >> nth=0"]),
        ("/d/k1", [".back", '#thread header [data-action="done"]']),
        ("/works?tab=all", ["#q", ".tabs a >> nth=0", ".bottom a >> nth=1"]),
        ("/accounts", ["#accounts h1", ".card >> nth=0"]),
        ("/me", ["h1"]),
    ):
        page.goto(path)
        assert page.evaluate(SIDEWAYS) == [], path
        for control in controls:
            expect(page.locator(control)).to_be_in_viewport()
    page.goto("/c/c7?tab=all")
    messages = page.locator("#messages").bounding_box()
    assert messages is not None
    assert messages["height"] >= 96, "what is said is to be read, also on half a screen"
    context.clear_cookies()
    page.goto("/login/")
    assert page.evaluate(SIDEWAYS) == []
    expect(page.get_by_label("Password")).to_be_in_viewport()
    context.close()


def test_keys_work_on_every_page(page: Page) -> None:
    page.clock.install()
    page.goto("/accounts")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.goto("/me")
    press_in_a_row(page, "g", "c")
    expect(page).to_have_url(re.compile("/works$"))
    page.goto("/accounts")
    page.keyboard.press("n")
    expect(page.locator("#thread h2")).to_be_visible()
