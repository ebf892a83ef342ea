"""The list under a hand: long, picked, swiped, searched, and never moving by itself."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browsers import stop_clock
from tests.inbox.list_data import PEOPLE
from tests.inbox.live_place import SIDEWAYS, Place, box_of, open_page, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

MANY = "/?account=many&sort=waiting"
ARRIVALS = 60
# Scroll to the end of what is loaded; true once that shows further rows.
FURTHER_DOWN = """() => { const box = document.getElementById('rows');
    const last = () => Math.max(...[...box.querySelectorAll('.row')].map((row) => +row.ariaPosInSet));
    box.shown ??= last();
    box.scrollTop = box.scrollHeight;
    if (last() === box.shown) return false;
    box.shown = last();
    return true; }"""
MORE_BELOW = """() => { const box = document.getElementById('rows');
    return box.scrollTop + box.clientHeight < box.scrollHeight - 100; }"""
# The pages in the rail whose number lies over their icon.
COVERED_ICONS = """() => [...document.querySelectorAll('.rail .place:has(.count)')].filter((place) => {
    const [icon, count] = ['.icon', '.count'].map((part) => place.querySelector(part).getBoundingClientRect());
    return icon.width && count.left < icon.right && icon.left < count.right
        && count.top < icon.bottom && icon.top < count.bottom;
}).map((place) => place.title)"""
# Keep the text of each row that is marked for a moment.
WATCH_FOUND = """() => { window.foundRows = []; const look = () => {
        for (const row of document.querySelectorAll('#rows .row.found')) foundRows.push(row.textContent); };
    new MutationObserver(look).observe(document.getElementById('list'),
        { childList: true, subtree: true, attributes: true, attributeFilter: ['class'] }); }"""
WATCH_ROWS = """(name) => { window.cameBack = 0; let gone = false;
    const isThere = () => [...document.querySelectorAll('#rows .row')].some((row) => row.textContent.includes(name));
    const look = () => { if (!isThere()) gone = true; else if (gone) window.cameBack += 1;
        if (!document.getElementById('news')?.hidden) window.cameBack += 1; };
    new MutationObserver(look)
        .observe(document.getElementById('list'), { childList: true, subtree: true }); }"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("list"), "tests.inbox.list_data", "seed_list")
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


def row(page: Page, name: str) -> Locator:
    return page.locator(".row", has_text=name)


def wait_until_found(page: Page, text: str) -> None:
    """Until a row with that text has been marked since WATCH_FOUND."""
    page.wait_for_function("(text) => foundRows.some((row) => row.includes(text))", arg=text, timeout=30_000)


def test_of_a_long_list_only_what_is_in_sight_is_in_the_page(page: Page) -> None:
    page.goto(MANY)
    expect(row(page, "客人 001")).to_be_visible()
    deadline = time.monotonic() + 90  # each page of rows takes its time on a busy machine
    while not row(page, f"客人 {PEOPLE}").count():
        page.wait_for_function(FURTHER_DOWN, timeout=max(1, 1_000 * (deadline - time.monotonic())))
        assert page.locator(".row").count() < 80
    last = row(page, f"客人 {PEOPLE}")
    expect(last).to_have_attribute("aria-setsize", str(PEOPLE))
    expect(last).to_have_attribute("aria-posinset", str(PEOPLE))
    last.click()
    expect(page.locator("#thread h2")).to_have_text(f"客人 {PEOPLE}")
    page.keyboard.press("k")
    expect(page.locator("#thread h2")).to_have_text(f"客人 {PEOPLE - 1}")
    page.locator("#rows").evaluate("(box) => { box.scrollTop = 0; }")
    expect(row(page, "客人 001")).to_be_visible()


def test_rows_that_could_not_be_had_come_by_themselves(page: Page) -> None:
    """Who is at the end of what is loaded cannot scroll further to ask for more."""
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.route("**/*cursor=*", lambda route: route.abort(), times=1)
    page.goto(MANY)
    expect(page.locator("#connection")).to_contain_text("Live")
    deadline = time.monotonic() + 30
    while not failed:
        # More than once: what the page reads as it begins puts its rows anew.
        page.locator("#rows").evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
        page.wait_for_timeout(50)
        assert time.monotonic() < deadline, page.locator("#rows").evaluate("(box) => [box.scrollTop, box.scrollHeight]")
    page.wait_for_function(MORE_BELOW, timeout=30_000)


def test_counts_of_three_digits_have_room_in_a_narrow_list(page: Page) -> None:
    page.goto("/?account=many&kind=comment")
    expect(page.locator("#kinds")).to_contain_text(re.compile(r"All \d{3}\s+Messages \d{3}\s+Comments\s+Notices"))
    for width in (1440, 1366, 1024, 360):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate(SIDEWAYS) == [], width
        assert page.evaluate(COVERED_ICONS) == [], width


def test_keys_walk_beyond_what_was_loaded_at_first(page: Page) -> None:
    page.goto(MANY)
    expect(page.locator("#connection")).to_contain_text("Live")
    for _ in range(70):
        page.keyboard.press("j")
    expect(page.locator("#thread h2")).to_have_text("客人 070")
    expect(row(page, "客人 070")).to_be_in_viewport()


def test_sixty_arrivals_move_no_row_under_the_hand(page: Page, place: Place) -> None:
    page.goto("/?account=dress&tab=all")
    held = page.locator(".row").first
    expect(page.locator("#connection")).to_contain_text("Live")
    held.hover()
    top = box_of(held)
    for number in range(ARRIVALS):
        page.mouse.move(top["x"] + 40 + number % 2, top["y"] + 40)  # what lies still for a minute is no hand
        place.worker.say("dress", 500 + number, f"第 {number} 句", 500 + number, f"新客 {number}")
        assert held.bounding_box() == top
    expect(page.locator("#news")).to_have_text(f"{ARRIVALS} wrote")
    assert held.bounding_box() == top
    page.evaluate(WATCH_FOUND)
    page.locator("#news").click()
    wait_until_found(page, f"新客 {ARRIVALS - 1}")
    expect(page.locator(".row").first).to_contain_text(f"新客 {ARRIVALS - 1}")
    page.locator("#rows").evaluate("(box) => { box.scrollTop = 1; }")
    expect(page.locator("#news")).to_have_text(re.compile(r"^[45]\d wrote$"))


def test_whoever_writes_again_is_counted_and_found_wherever_the_order_puts_them(page: Page, place: Place) -> None:
    page.clock.install()
    page.goto("/?account=many&tab=all")
    expect(page.locator("#connection")).to_contain_text("Live")
    first = page.locator(".row").first
    name = first.inner_text().splitlines()[0]
    first.hover()
    place.worker.say("many", 9901, "再问一句", conversation=1377, name="客人 377")
    expect(page.locator("#news")).to_have_text("1 wrote")
    expect(first).to_contain_text(name)
    page.evaluate(WATCH_FOUND)
    page.locator("#news").click()
    wait_until_found(page, "再问一句")
    expect(first).to_contain_text("再问一句")
    expect(page.locator("#news")).to_be_hidden()
    first.hover()
    place.worker.say("many", 9902, "我也是", conversation=1370, name="客人 370")
    expect(page.locator("#news")).to_be_visible()
    stop_clock(page)
    page.mouse.move(900, 500)
    page.clock.fast_forward(9_000)
    expect(first).to_contain_text("再问一句")
    page.clock.resume()
    page.clock.fast_forward(2_000)
    expect(first).to_contain_text("我也是")
    expect(page.locator("#news")).to_be_hidden()


def test_whoever_comes_to_the_end_of_a_long_queue_is_led_to(page: Page, place: Place) -> None:
    """By who waits longest, new people stand where nothing is loaded yet."""
    page.goto(MANY)
    expect(page.locator("#connection")).to_contain_text("Live")
    place.worker.say("many", 9903, "排在最后", conversation=9903, name="刚来的人")
    expect(page.locator("#news")).to_have_text("1 wrote")
    page.route("**/*cursor=*", lambda route: route.abort(), times=1)
    with page.expect_event("requestfailed"):
        page.locator("#news").click()
    expect(page.locator("#news")).to_have_text("1 wrote")  # it can be asked again
    page.evaluate(WATCH_FOUND)
    page.locator("#news").click()
    wait_until_found(page, "刚来的人")
    expect(row(page, "刚来的人")).to_be_in_viewport()
    expect(page.locator("#news")).to_be_hidden()


def test_many_are_handled_at_once_and_come_back_at_once(page: Page) -> None:
    page.goto(MANY)
    expect(page.locator("#connection")).to_contain_text("Live")
    row(page, "客人 010").click()
    expect(page.locator("#thread h2")).to_have_text("客人 010")
    for key in ("x", "Shift+J", "Shift+J"):
        page.keyboard.press(key)
    expect(page.locator('.row[aria-checked="true"]')).to_have_count(3)
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("3 threads changed.")
    for name in ("客人 010", "客人 011", "客人 012"):
        expect(row(page, name)).to_have_count(0)
    page.keyboard.press("z")
    for name in ("客人 010", "客人 011", "客人 012"):
        expect(row(page, name)).to_be_visible()


def test_rows_are_picked_in_the_place_of_their_pictures(page: Page) -> None:
    page.goto(MANY)
    expect(page.locator("#connection")).to_contain_text("Live")
    row(page, "客人 020").hover()
    expect(row(page, "客人 020").locator(".box")).to_be_visible()
    top = row(page, "客人 021").bounding_box()
    row(page, "客人 020").locator(".box").click()
    row(page, "客人 022").locator(".box").click(modifiers=["Shift"])
    bar = page.locator("#bulk")
    expect(bar).to_contain_text("3 picked")
    assert row(page, "客人 021").bounding_box() == top
    expect(page).to_have_url(re.compile(r"account=many&sort=waiting$"))
    bar.get_by_role("button", name="Pin").click()
    expect(page.locator(".toast")).to_contain_text("3 threads changed.")
    expect(bar).to_be_hidden()
    page.get_by_role("button", name="Undo").click()
    row(page, "客人 020").hover()
    row(page, "客人 020").locator(".box").click()
    expect(bar).to_contain_text("1 picked")
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()


def test_a_row_has_a_menu(page: Page) -> None:
    page.goto(MANY)
    row(page, "客人 005").click(button="right")
    page.get_by_role("menuitem", name="Pin").click()
    expect(page.locator(".toast")).to_contain_text("Pinned.")
    page.reload()
    expect(page.locator(".row").first).to_contain_text("客人 005")
    page.goto("/?account=many&pinned=true")
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".chip", has_text="Pinned")).to_be_visible()
    row(page, "客人 005").click(button="right")
    page.get_by_role("menuitem", name="No longer pin").click()
    expect(row(page, "客人 005")).to_have_class(re.compile("leaving"))
    page.reload()
    expect(page.locator(".row")).to_have_count(0)


def test_rows_are_compact_where_somebody_wants_it(page: Page) -> None:
    page.goto(MANY)
    expect(page.locator(".row").first).to_have_css("height", "80px")
    page.keyboard.press("d")
    expect(page.locator(".row").first).to_have_css("height", "60px")
    expect(page.locator(".row .clock").first).to_be_in_viewport()
    expect(page.locator(".row time").first).to_be_hidden()
    page.reload()
    expect(page.locator(".row").first).to_have_css("height", "60px")
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator(".row").first).to_have_css("height", "80px")


def test_filters_stand_below_the_search_and_go_one_by_one(page: Page) -> None:
    page.goto("/?account=many&group=批发&people=new&tab=all")
    expect(page.locator(".chip")).to_have_text(["大店", "批发", "New people"])
    page.locator(".chip", has_text="批发").click()
    expect(page).to_have_url(re.compile(r"/\?tab=all&account=many&people=new$"))
    page.locator("#rail .account", has_text="山野茶舍").click(modifiers=["Control"])
    expect(page.locator(".chip")).to_have_text(["大店", "山野茶舍", "New people"])


def test_search_finds_accounts_and_people_first(page: Page) -> None:
    page.goto("/?tab=all&q=客人 33")
    expect(page.locator(".found a")).to_have_text([f"大 客人 33{n}" for n in (9, 8, 7, 6, 5)])
    expect(page.locator(".row")).to_have_count(10)
    page.goto("/?tab=all&q=大店")
    expect(page.locator(".found a").first).to_contain_text("大店")
    page.goto("/?tab=all&q=没有这样的词")
    expect(page.locator("#rows")).to_contain_text("Nothing found for “没有这样的词”.")


def test_a_colleague_in_a_thread_stands_in_its_row(page: Page, place: Place, browser: Browser) -> None:
    page.goto("/?tab=all&account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    colleague = sign_in(browser, place.address, "mei")
    hers = colleague.new_page()
    hers.goto("/c/c2?tab=all&account=roses")
    expect(row(page, "周二").locator(".viewers")).to_have_text("M")
    hers.close()
    expect(row(page, "周二").locator(".viewers")).to_be_hidden()
    colleague.close()


def test_all_in_a_view_is_read_up_to_the_newest_that_was_shown(page: Page, place: Place) -> None:
    page.goto("/?tab=unread&account=many")
    expect(page.locator("#connection")).to_contain_text("Live")
    unread = page.locator(".tabs a", has_text="Unread")
    count = int(re.findall(r"\d+", unread.inner_text())[0])
    page.keyboard.press("Shift+A")
    asks = page.locator("#mark-all")
    expect(asks).to_contain_text("Unread · 大店")
    expect(asks).to_contain_text(f"Mark the {count} items in this view as read?")
    place.worker.say("many", 9000, "刚刚才到", 9000, "后来的人")
    asks.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".toast")).to_have_text(f"{count} marked as read.")
    expect(page.locator(".row")).to_have_count(1)
    expect(row(page, "后来的人")).to_be_visible()


def test_all_who_wait_are_read_and_nobody_else(page: Page, place: Place) -> None:
    """A thread that was handled unread is in another view, and stays unread."""
    for number, name in ((71, "处理过的人"), (72, "还在等的人")):
        place.worker.say("food", 9000 + number, "在吗", conversation=number, name=name)
    page.goto("/?account=food")
    row(page, "处理过的人").click(button="right")
    page.get_by_role("menuitem", name="Handled").click()
    expect(row(page, "处理过的人")).to_have_count(0)
    waiting = page.locator(".row .pill").count()
    page.keyboard.press("Shift+A")
    asks = page.locator("#mark-all")
    expect(asks).to_contain_text("Needs reply · 探店小李")
    expect(asks).to_contain_text(f"Mark the {waiting} item")
    asks.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".row .pill")).to_have_count(0)
    expect(row(page, "还在等的人")).to_be_visible()
    page.goto("/?account=food&tab=unread")
    expect(page.locator(".row .who")).to_have_text(["处理过的人"])


def test_a_muted_thread_keeps_its_place_and_counts_no_more(page: Page, place: Place) -> None:
    place.worker.say("food", 9201, "先别响", 73, "要静音的人")
    page.goto("/?tab=all&account=food")
    expect(row(page, "要静音的人")).to_be_visible()
    waiting = page.locator(".tabs a", has_text="Needs reply")
    count = int(re.findall(r"\d+", waiting.inner_text())[0])
    unread = int(page.locator("#account-food").get_attribute("data-unread") or 0)
    row(page, "要静音的人").click(button="right")
    page.get_by_role("menuitem", name="Mute").click()
    expect(page.locator(".toast")).to_contain_text("Muted.")
    expect(row(page, "要静音的人").get_by_role("img", name="Muted")).to_be_visible()
    expect(waiting).to_have_text(f"Needs reply {count - 1}" if count > 1 else "Needs reply")
    expect(page.locator("#account-food")).to_have_attribute("data-unread", str(unread - 1))
    page.get_by_role("button", name="Undo").click()
    expect(waiting).to_have_text(f"Needs reply {count}")


def test_what_is_done_with_the_token_of_an_earlier_session_is_saved_all_the_same(page: Page) -> None:
    page.goto(MANY)
    page.evaluate("document.body.dataset.csrf = 'x'.repeat(64)")  # as after a sign-in in another window
    row(page, "客人 007").click(button="right")
    with page.expect_response(lambda answer: "/pin" in answer.url and answer.ok):
        page.get_by_role("menuitem", name="Pin").click()
    expect(page.locator(".toast")).to_contain_text("Pinned.")
    page.get_by_role("button", name="Undo").click()
    expect(row(page, "客人 007").get_by_role("img", name="Pinned")).to_have_count(0)


def test_an_answer_on_the_phone_takes_a_thread_out_and_what_is_opened_stays(page: Page, place: Place) -> None:
    place.worker.say("food", 9301, "几点开门", 74, "会被回复的人")
    page.goto("/?account=food")
    row(page, "会被回复的人").click()
    expect(row(page, "会被回复的人").locator(".pill")).to_have_count(0)
    expect(row(page, "会被回复的人")).to_be_visible()
    page.goto("/?account=food")
    expect(page.locator("#connection")).to_contain_text("Live")
    place.worker.answer("food", 9302, "十点", 74)
    expect(row(page, "会被回复的人")).to_have_count(0)


def test_what_was_handled_stays_away_while_the_hub_is_slow_to_hear_of_it(page: Page, place: Place) -> None:
    """The next thread opens at once, and what is read for it knows nothing of the write yet."""
    place.worker.say("food", 9401, "慢慢来", 75, "慢网络里的人")
    page.goto("/?account=food")
    page.route("**/done", slow_down)
    row(page, "慢网络里的人").click()
    expect(page.locator("#thread h2")).to_contain_text("慢网络里的人")
    page.evaluate(WATCH_ROWS, "慢网络里的人")
    with page.expect_response(lambda response: response.url.endswith("/done")):
        page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Marked as handled.")
    expect(page.locator("#thread h2", has_text="慢网络里的人")).to_have_count(0)
    expect(page.locator("#news")).to_be_hidden()
    assert page.evaluate("window.cameBack") == 0


def slow_down(route: Route) -> None:
    time.sleep(1)  # the network, not the test
    route.continue_()


def swipe(page: Page, target: Locator, by: int) -> None:
    stop_clock(page)  # a finger that stays for half a second presses; no row moves meanwhile
    box = target.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    points: list[tuple[str, Any]] = [("touchStart", x), *(("touchMove", x + by * n / 8) for n in range(1, 9))]
    for kind, at in points:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at, "y": y}]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.clock.resume()


def test_on_a_phone_a_swipe_handles_or_marks_unread(browser: Browser, place: Place) -> None:
    context = sign_in(browser, place.address, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.clock.install()
    page.goto("/?account=many")
    expect(row(page, "客人 020")).to_have_count(1)
    first = page.locator(".row").first
    name = first.locator(".who").inner_text()
    swipe(page, first, -160)
    expect(page.locator(".toast")).to_contain_text("Marked as handled. It returns when they write again.")
    expect(row(page, name)).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row(page, name)).to_be_visible()
    swipe(page, row(page, name), 160)
    expect(page.locator(".toast")).to_contain_text("Marked as unread.")
    expect(row(page, name).locator(".pill")).to_be_visible()
    context.close()


def test_a_search_shows_its_line_while_somebody_types_and_opens_at_it(page: Page) -> None:
    page.goto("/?tab=all")
    field = page.locator("#q")
    field.press_sequentially("第 333 个")
    hit = row(page, "客人 333")
    expect(hit.locator("mark")).to_have_text("第 333 个")
    expect(page.locator(".row")).to_have_count(1)
    expect(field).to_be_focused()
    assert field.input_value() == "第 333 个"
    hit.click()
    expect(page.locator("#messages .message.found")).to_contain_text("第 333 个问题")
    page.locator("#q").fill("")
    expect(row(page, "客人 333")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("[?&]q="))


def test_an_input_method_is_left_alone_while_it_composes(page: Page) -> None:
    page.clock.install()
    page.goto("/?tab=all")
    compose = """(text) => { const field = document.getElementById('q'); field.value = text;
        field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
        field.dispatchEvent(new InputEvent('input', { bubbles: true, isComposing: true })); }"""
    page.locator("#q").focus()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(compose, "di")
    page.clock.fast_forward(600)
    assert not [url for url in asked if "q=" in url]
    page.locator("#q").evaluate("""(field) => { field.value = '第 7 个';
        field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true })); }""")
    page.clock.fast_forward(600)
    expect(row(page, "客人 007").locator("mark")).to_have_text("第 7 个")


def test_accounts_that_do_not_fit_the_field_above_them_stay_hidden(page: Page, place: Place) -> None:
    """The field stands there with more than a dozen accounts; the rail is made new with every answer."""
    page.goto("/?tab=all&account=food")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<input id=rail-filter>')")
    page.locator("#rail-filter").fill("大店")
    expect(page.locator("#rail .account:visible")).to_have_count(1)
    place.worker.say("food", 9501, "有人吗", 75, "刚来的人")
    expect(row(page, "刚来的人")).to_be_visible()
    expect(page.locator("#rail .account:visible")).to_have_count(1)
    page.locator("#rail-filter").fill("")
    expect(page.locator("#rail .account:visible")).to_have_count(6)
