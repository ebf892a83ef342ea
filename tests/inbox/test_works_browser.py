"""Comments by work in a real browser: what is shown, what keys do, and what it never does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browsers import hold_time, press_in_a_row
from tests.inbox.live_page import wait_for_route
from tests.inbox.live_place import SIDEWAYS, box_of, open_page, sign_in
from tests.inbox.test_inbox_browser import DESKTOP, PHONE, SIZES, findings
from tests.servers import Installation

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


# Count the comments in the page after each answer that was shown.
COUNT_TALKS = """() => {
  window.talkCounts = [];
  import("/static/inbox/page/page.js").then(({ on }) =>
    on("read", () => window.talkCounts.push(document.querySelectorAll(".talk").length)));
}"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = Installation(tmp_path_factory.mktemp("works"))
    place.manage("shell", "-v0", "-c", "from tests.inbox.works_data import seed; seed()")
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


def row(page: Page, title: str) -> Locator:
    return page.locator(".row", has_text=title)


def talk(page: Page, words: str) -> Locator:
    return page.locator(".talk", has_text=words)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_scrolls_sideways_and_nothing_serious_bars_the_way(
    browser: Browser, address: str, language: str
) -> None:
    context = sign_in(browser, address, locale=language)
    page = context.new_page()
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    for path in ("/works", "/works/w1?show=all"):
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
        page.goto(path)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            assert page.evaluate(SIDEWAYS) == [], (path, width)
            if width in (1440, 390):
                assert findings(page) == [], (path, width)
    context.close()


def test_keys_walk_handle_undo_and_change_the_work(page: Page, complaints: list[str]) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works?account=kids")
    row(page, "三岁前").click()
    expect(page.locator("#work h2")).to_contain_text("三岁前别给孩子")
    expect(page.locator(".numbers")).to_have_text("83k plays · 2,104 likes · 318 comments · 640 saved")
    page.keyboard.press("j")
    expect(page.locator(".talk[aria-current]")).to_contain_text("置顶的人")
    page.keyboard.press("j")
    expect(page.locator(".talk[aria-current]")).to_contain_text("老王在成都")
    page.keyboard.press("e")
    expect(page.locator(".talk[aria-current]")).to_contain_text("一只喵")
    expect(talk(page, "老王在成都")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Marked as handled.")
    page.keyboard.press("z")
    expect(talk(page, "老王在成都")).to_be_visible()
    page.keyboard.press("]")
    expect(page.locator("#work h2")).to_contain_text("<script>")
    page.keyboard.press("[")
    expect(page.locator("#work h2")).to_contain_text("三岁前")
    page.keyboard.press("Escape")
    expect(page.locator("#work")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/works\?account=kids$"))
    assert complaints == []


def test_keys_mark_unread_and_remove_and_undo_brings_back(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w1?show=all")
    expect(page.locator("#connection")).to_contain_text("Live")
    talk(page, "一只喵").click()
    page.keyboard.press("Backspace")
    expect(page.locator(".toast")).to_contain_text("Removed from this inbox. Nothing changed on Douyin.")
    expect(talk(page, "一只喵")).to_have_count(0)
    page.keyboard.press("z")
    expect(talk(page, "一只喵")).to_be_visible()
    read = talk(page, "话很长的人")
    read.click()
    page.keyboard.press("u")
    expect(read.locator(".new-dot")).to_have_count(0)
    expect(page.locator(".toast")).to_contain_text("Marked as read.")
    page.keyboard.press("u")
    expect(page.locator(".toast")).to_contain_text("Marked as unread.")
    expect(read.locator(".new-dot")).to_have_count(1)


def test_what_cannot_be_saved_stands_there_again(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w1?show=wait")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.route("**/api/im/discussions/**", lambda route: route.fulfill(status=500))
    talk(page, "老王在成都").click()
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Not saved, put back as it was.")
    expect(talk(page, "老王在成都")).to_be_visible()
    expect(talk(page, "老王在成都")).not_to_have_class(re.compile("leaving"))
    page.unroute("**/api/im/discussions/**")
    page.get_by_role("button", name="Try again").click()
    expect(talk(page, "老王在成都")).to_have_count(0)
    page.keyboard.press("z")
    expect(talk(page, "老王在成都")).to_be_visible()


def test_who_may_only_read_writes_nothing(browser: Browser, address: str) -> None:
    context = sign_in(browser, address, "ben")
    page = context.new_page()
    written: list[str] = []
    page.on("request", lambda request: written.append(request.url) if request.method != "GET" else None)
    page.goto("/works/w1?show=all")
    expect(page.locator("#connection")).to_contain_text("Live")
    talk(page, "老王在成都").click()
    for key in ("e", "u", "Backspace", "Shift+A"):
        page.keyboard.press(key)
    expect(talk(page, "老王在成都")).to_be_visible()
    expect(page.locator(".talk [data-does]")).to_have_count(0)
    expect(page.get_by_role("button", name="All read")).to_have_count(0)
    assert written == []
    context.close()


def test_replies_and_long_words_unfold(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w1?show=all")
    answered = talk(page, "答过的人").first
    expect(answered.locator(".comment.reply")).to_have_count(3)
    expect(answered).to_contain_text("Douyin shows 18 replies, 6 read so far.")
    answered.get_by_role("button", name="Show 3 more replies").click()
    expect(answered.locator(".comment.reply")).to_have_count(6)
    long = talk(page, "话很长的人")
    height = box_of(long)["height"]
    long.get_by_role("button", name="Show all").click()
    assert box_of(long)["height"] > height


def test_what_people_write_does_nothing(page: Page) -> None:
    page.goto("/works/w2?show=all")
    expect(page.locator("#work h2")).to_contain_text("<script>document.title='owned'</script>")
    expect(page.locator(".talk")).to_contain_text("<img src=x onerror=")
    expect(page.locator("main img, main script, #rows img, #rows script")).to_have_count(0)
    assert not page.title().startswith("owned")


def test_more_comments_come_as_one_scrolls(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w4?show=all")
    expect(page.locator(".talk").first).to_contain_text("长谈 119")
    box = page.locator("#comments")
    for count in (100, 120):
        box.evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
        expect(page.locator(".talk")).to_have_count(count)
    expect(page.locator(".talk").last).to_contain_text("长谈 0")
    expect(page.locator(".talk")).to_have_count(120)


def test_an_answer_that_was_asked_for_before_more_came_takes_nothing_away(page: Page) -> None:
    """A push makes the page be read anew; the answer may come after a further page of comments did."""
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w4?show=all")
    expect(page.locator("#connection")).to_contain_text("Live")
    held: list[Route] = []

    def hold(route: Route) -> None:
        # A frame of freshness may have the rail read at the same address.
        if route.request.headers.get("imhub-part") == "rail":
            route.fallback()
        else:
            held.append(route)

    page.route(lambda url: "shown=50" in url, hold)
    page.evaluate("import('/static/inbox/page/page.js').then((it) => void it.refresh())")
    page.locator("#comments").evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    expect(page.locator(".talk")).to_have_count(100)
    wait_for_route(page, held)
    assert len(held) == 1
    page.evaluate(COUNT_TALKS)
    held[0].continue_()
    page.wait_for_function("() => window.talkCounts.length")
    assert page.evaluate("Math.min(...window.talkCounts)") == 100
    expect(page.locator(".talk")).to_have_count(100)
    expect(page.locator("#more-comments")).to_have_count(1)


def test_what_was_seen_for_a_second_is_read_and_stays_under_needs_reply(page: Page) -> None:
    hold_time(page)
    page.goto("/works/w51")
    expect(talk(page, "好茶").locator(".new-dot")).to_have_count(1)
    page.clock.resume()
    expect(talk(page, "好茶").locator(".new-dot")).to_have_count(0)
    expect(page.locator(".work .tabs a", has_text="Unread")).to_have_text("Unread")
    expect(page.locator(".work .tabs a", has_text="Needs reply")).to_have_text("Needs reply 1")
    expect(row(page, "茶").locator(".pill")).to_have_count(0)


def test_a_new_comment_does_not_move_what_is_read(page: Page, context: BrowserContext) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w1?show=unread")
    expect(page.locator("#connection")).to_contain_text("Live")
    token = {"X-CSRFToken": page.locator("body").get_attribute("data-csrf") or ""}
    assert context.request.put("/api/im/discussions/k1/read", headers=token).status == 200
    page.reload()
    expect(page.locator("#connection")).to_contain_text("Live")
    held = talk(page, "一只喵")
    held.hover()
    top = box_of(held)["y"]
    assert context.request.delete("/api/im/discussions/k1/read", headers=token).status == 200
    expect(talk(page, "老王在成都")).to_have_count(1)
    assert abs(box_of(held)["y"] - top) <= 1
    expect(page.locator("#above")).to_have_text("↑ 1 new comment")


def test_on_a_phone_a_work_takes_the_screen_and_back_leads_to_the_list(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.set_viewport_size(PHONE)
    page.goto("/works?tab=all&account=kids")
    expect(page.locator("#main")).to_be_hidden()
    expect(page.locator("#bottom a[aria-current]")).to_contain_text("Comments")
    row(page, "很多人说话").click()
    expect(talk(page, "长谈 119")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    page.go_back()
    expect(row(page, "很多人说话")).to_be_visible()
    expect(page.locator("#main")).to_be_hidden()


def test_all_of_a_work_is_read_at_once(page: Page) -> None:
    page.add_init_script("localStorage.setItem('reading', 'hand')")
    page.goto("/works/w4?show=all&account=kids")
    page.get_by_role("button", name="All read").click()
    expect(page.locator(".toast")).to_contain_text("120 marked as read.")
    expect(page.locator(".new-dot")).to_have_count(0)
    expect(page.get_by_role("button", name="All read")).to_be_disabled()


def test_the_keys_lead_there_and_back(page: Page) -> None:
    page.clock.install()
    page.goto("/")
    press_in_a_row(page, "g", "c")
    expect(page).to_have_url(re.compile(r"/works$"))
    expect(page.locator("#rail a[aria-current]")).to_contain_text("Comments")
    press_in_a_row(page, "g", "i")
    expect(page).to_have_url(re.compile(r"/$"))
