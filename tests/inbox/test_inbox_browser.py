"""The inbox in a real browser: what is shown, what the keys do, and what it never does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.inbox.live_place import SIDEWAYS, box_of, open_page, sign_in
from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

AXE = Path(__file__).resolve().parents[1] / "vendor/axe.min.js"
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SIZES = [(1440, 900), (1366, 768), (1024, 768), (390, 844), (360, 740)]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = Installation(tmp_path_factory.mktemp("inbox"))
    place.manage("shell", "-v0", "-c", "from tests.inbox.inbox_data import seed; seed()")
    place.start_hub()
    yield place.url
    place.stop()


@pytest.fixture(scope="module")
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = sign_in(browser, address, viewport=DESKTOP)
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    with open_page(context, complaints) as page:
        yield page


def row(page: Page, name: str) -> Any:
    return page.locator(".row", has_text=name)


def tab_count(page: Page, name: str) -> int:
    found = re.search(r"\d+", page.locator(".tabs a", has_text=name).inner_text())
    return int(found[0]) if found else 0


def test_who_waited_longest_stands_first_and_reading_makes_nobody_disappear(
    page: Page, address: str, complaints: list[str]
) -> None:
    page.goto("/?account=roses")
    expect(page.locator(".row").first).to_contain_text("李一")
    expect(page.locator("#connection")).to_contain_text("Live")
    unread = tab_count(page, "Unread")
    row(page, "李一").click()
    expect(page).to_have_url(re.compile(r"/c/c1\?account=roses$"))
    expect(page.locator("#messages .bubble")).to_have_text(["李一说的第 1 句", "李一说的第 2 句"])
    expect(page.locator("#line")).to_have_text("2 unread")
    expect(page.locator(".tabs a", has_text="Unread")).to_have_text(f"Unread {unread - 2}")
    expect(row(page, "李一")).to_be_visible()
    expect(row(page, "李一").locator(".pill")).to_have_count(0)
    expect(page.locator("#line")).to_have_text("2 unread")
    expect(page).to_have_title(re.compile(r"^\("))
    assert complaints == []


def test_keys_mark_unread_remove_and_undo(page: Page, complaints: list[str]) -> None:
    page.goto("/?account=roses&kind=direct_message")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#thread h2")).to_have_text("周二")
    expect(row(page, "周二").locator(".pill")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("Marked as unread.")
    expect(row(page, "周二").locator(".pill")).to_be_visible()
    page.keyboard.press("Backspace")
    expect(page.locator(".toast")).to_contain_text("Removed from this inbox. Nothing changed on Douyin.")
    expect(row(page, "周二")).to_have_count(0)
    expect(page.locator("#thread h2")).to_have_text("张三")
    page.keyboard.press("z")
    expect(row(page, "周二")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("jkeu")
    expect(page.locator("#q")).to_have_value("jkeu")
    assert complaints == []


def test_what_people_write_does_nothing(page: Page) -> None:
    page.goto("/c/c4?account=roses")
    expect(page.locator("#thread h2")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.locator("#messages")).to_contain_text("<img src=x onerror=")
    row(page, "王五").click()
    expect(page.locator("#thread h2")).to_have_text("王五")
    row(page, "四<img").click()
    expect(page.locator("#thread h2")).to_contain_text("<script>")
    expect(page.locator("main img, main script")).to_have_count(0)
    assert "owned" not in page.title().replace("='owned'", "")


def test_rows_stay_where_they_are_while_a_hand_is_on_them(page: Page, context: BrowserContext, address: str) -> None:
    page.goto("/?tab=unread&account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    held = row(page, "王五")
    held.hover()
    top = held.bounding_box()
    colleague = context.request
    token = page.locator("body").get_attribute("data-csrf") or ""
    answer = colleague.delete("/api/im/conversations/c9/read", headers={"X-CSRFToken": token})
    assert answer.status == 200
    expect(page.locator("#news")).to_have_text("1 wrote")
    assert held.bounding_box() == top
    expect(row(page, "更早的人")).to_have_count(0)
    page.keyboard.press(".")
    expect(row(page, "更早的人")).to_be_visible()


def test_older_messages_come_without_moving_what_is_read(page: Page) -> None:
    page.goto("/c/c7?tab=all&account=roses")
    bubble = page.locator(".bubble", has_text=re.compile("^旧话 71$"))
    expect(page.locator(".bubble", has_text="旧话 120")).to_be_visible()
    page.locator("#messages").evaluate("(box) => { box.scrollTop = 300; }")
    top = box_of(bubble)["y"]
    expect(page.locator(".bubble", has_text=re.compile("^旧话 21$"))).to_have_count(1)
    assert abs(box_of(bubble)["y"] - top) <= 1
    page.locator("#q").fill("旧话")  # another list beside the same thread
    expect(page.locator(".row mark")).to_have_count(1)
    expect(page.locator(".bubble", has_text=re.compile("^旧话 21$"))).to_have_count(1)
    assert abs(box_of(bubble)["y"] - top) <= 1
    page.keyboard.press("Escape")  # clears the search and leaves the thread
    expect(page.locator("#q")).to_have_value("")
    expect(page.locator(".row mark")).to_have_count(0)
    expect(page.locator(".bubble", has_text=re.compile("^旧话 21$"))).to_have_count(1)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_scrolls_sideways_and_nothing_serious_bars_the_way(
    browser: Browser, address: str, language: str
) -> None:
    context = sign_in(browser, address, locale=language)
    page = context.new_page()
    for path in ("/", "/c/c4", "/d/k1", "/accounts", "/accounts/add", "/me"):
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
        page.goto(path)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(SIDEWAYS) == [], (path, width)
            if width in (1440, 390):
                assert findings(page) == [], (path, width)
    context.close()


AT_REST = "async () => { await Promise.allSettled(document.getAnimations().map((one) => one.finished)); }"
"""Until nothing moves or fades any more: a drawer that is half gone has little contrast."""


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical. Its script comes from the test, past the page's policy."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(AT_REST)
    results = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}"
        for one in results["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def test_on_a_phone_a_thread_takes_the_screen_and_back_leads_to_the_list(page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto("/?account=roses")
    expect(page.locator("#main")).to_be_hidden()
    row(page, "赵六").click()
    expect(page.locator("#messages")).to_contain_text("赵六说的第 2 句")
    expect(page.locator("#list")).to_be_hidden()
    page.go_back()
    expect(row(page, "赵六")).to_be_visible()
    expect(page.locator("#main")).to_be_hidden()
