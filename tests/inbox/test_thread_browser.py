"""An open thread in a real browser: what stands beside it, what is copied, what is written down."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsers import press_into_a_page
from tests.inbox.live_place import SIDEWAYS, Place, box_of, sign_in
from tests.inbox.thread_data import HIT, LONG

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

SCRIPT = "<img src=x onerror=\"document.title='owned'\">"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("thread"), "tests.inbox.thread_data", "seed_threads")
    yield place
    place.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, place: Place) -> Iterator[BrowserContext]:
    context = sign_in(browser, place.address, viewport={"width": 1440, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()


def copied(page: Page) -> str:
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_beside_a_thread_stand_the_person_what_they_said_elsewhere_and_who_handled_it(page: Page) -> None:
    page.goto("/c/conv_craft_fan?tab=all")
    beside = page.locator("#context")
    expect(beside).to_contain_text("林小满")
    expect(beside.locator(".work-card")).to_contain_text("羊毛毡第 12 天")
    expect(beside.locator(".work-card")).to_contain_text("教教我")
    expect(beside.locator(".talks a span")).to_have_text(["探店小李", "小满花店"])
    with page.expect_response(lambda answer: "/done" in answer.url):
        page.get_by_role("button", name="Handled").first.click()
    page.goto("/c/conv_craft_fan?tab=all")
    expect(beside).to_contain_text("owner marked it as handled")
    beside.locator(".work-card").click()
    expect(page.locator("#thread h2")).to_contain_text("林小满")
    expect(beside).to_contain_text("The work")


def test_a_note_is_the_teams(page: Page, place: Place, browser: Browser) -> None:
    page.goto("/c/conv_roses_fan?tab=all&account=roses")
    expect(page.locator("#connection")).to_contain_text("Live")
    colleague = sign_in(browser, place.address, "mei", viewport={"width": 1440, "height": 900})
    hers = colleague.new_page()
    hers.goto("/c/conv_roses_fan?tab=all&account=roses")
    expect(hers.locator("#connection")).to_contain_text("Live")
    page.get_by_role("button", name="Write a note").click()
    expect(page.locator("#note")).to_be_focused()
    page.keyboard.type(f"问过尺码 {SCRIPT}")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("Note saved.")
    expect(hers.locator("#note")).to_have_value(f"问过尺码 {SCRIPT}")
    expect(hers.locator("#note-by")).to_contain_text("owner")
    assert "owned" not in hers.title() + page.title()
    colleague.close()


def test_a_saved_reply_is_written_once_and_copied_with_both_names(page: Page) -> None:
    page.goto("/c/conv_roses_fan?tab=all&account=roses")
    page.locator("#saved summary").click()
    page.get_by_role("button", name="Edit saved replies").click()
    page.get_by_label("Title").fill("问候")
    page.get_by_label("Text", exact=True).fill("{昵称} 你好，这里是 {账号}")
    page.locator("#reply-form [name=account]").select_option(label="小满花店")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#reply-list li")).to_contain_text("问候")
    expect(page.locator("#reply-list li .meta")).to_contain_text("小满花店")
    page.evaluate("document.querySelector('#reply-form [value=roses]').remove()")  # as if it were taken from him since
    page.locator("#reply-list").get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Title")).to_have_value("")
    expect(page.locator("#reply-list li .meta")).to_contain_text("roses")
    page.locator("#replies").get_by_role("button", name="Close").click()
    page.locator("#saved summary").click()
    page.locator("#saved").get_by_role("button", name="问候").click()
    expect(page.locator(".toast")).to_contain_text("Copied.")
    assert copied(page) == "林小满 你好，这里是 小满花店"


def test_every_kind_of_message_shows_what_it_is(page: Page) -> None:
    page.goto("/c/conv_roses_fan?tab=all&account=roses")
    said = page.locator("#messages")
    expect(said.locator(".bubble").first).to_have_text("太好看了👍[没有的]")
    expect(said.locator(".expired")).to_contain_text("Picture expired")
    expect(said.locator(".tile").nth(0)).to_contain_text("12″")
    expect(said.locator(".notice", has_text="recalled a message")).to_contain_text("林小满 recalled a message")
    expect(said).to_contain_text("This is the first message that was read here.")


def test_the_link_of_a_thread_opens_it_for_a_colleague(page: Page) -> None:
    page.goto("/c/conv_roses_fan?tab=all&account=roses")
    page.locator("#thread header details summary").click()
    page.get_by_role("button", name="Copy the link").click()
    expect(page.locator(".toast")).to_contain_text("Copied.")
    page.goto(copied(page))
    expect(page.locator("#thread h2")).to_contain_text("林小满")


def test_below_the_design_size_it_is_a_drawer_and_on_a_phone_a_sheet(page: Page) -> None:
    for width, height in ((1280, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/c/conv_roses_fan?tab=all&account=roses")
        expect(page.locator("#context")).to_be_hidden()
        page.get_by_role("button", name="Write a note").click()
        expect(page.locator("#note")).to_be_focused()
        expect(page.locator("#context")).to_be_visible()
        page.locator("#context").get_by_role("button", name="Close").click()
        expect(page.locator("#context")).to_be_hidden()


def test_neither_the_drawer_nor_what_is_said_covers_anything(page: Page) -> None:
    for width, height in ((1366, 768), (1024, 768)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/c/conv_roses_fan?tab=all&account=roses")
        page.keyboard.press("i")
        expect(page.locator("#context .close")).to_be_visible()
        page.locator("#context").evaluate(
            "(drawer) => Promise.allSettled(drawer.getAnimations().map((one) => one.finished))"
        )
        for place in ("#thread > header", "#messages", "#thread .answer"):
            assert not overlap(page, "#context", place), (width, place)
        assert overlap(page, "#context", "#main")
        page.locator("#note").fill(f"宽 {width}")
        page.keyboard.press("Escape")
        expect(page.locator("#context")).to_be_hidden()
        expect(page.locator(".toast")).to_contain_text("Note saved.")
        assert not overlap(page, ".toast", "#thread .answer"), width


def overlap(page: Page, one: str, other: str) -> bool:
    a, b = (box_of(page.locator(selector)) for selector in (one, other))
    return (
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
    )


def test_who_reads_by_hand_marks_nothing_by_looking(page: Page, place: Place) -> None:
    page.goto("/me")
    page.evaluate("localStorage.reading = 'hand'")
    place.worker.say("tea", 40, "在吗", 11, "Fan 11")
    page.goto("/c/c11?tab=all&account=tea")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.locator("#messages").click()
    mark = page.locator("#thread > header > button", has_text="Mark as read")
    expect(mark).to_be_visible()
    page.wait_for_timeout(1_300)  # longer than it takes to have read
    expect(page.locator("#thread")).not_to_have_attribute("data-unread", "0")
    mark.click()
    expect(page.locator("#thread")).to_have_attribute("data-unread", "0")
    page.evaluate("localStorage.clear()")


SAID = "(column) => [...column.querySelectorAll('.bubble')].map((one) => one.textContent)"


IN_SIGHT = """(text) => {
    const box = document.getElementById("messages").getBoundingClientRect();
    const said = [...document.querySelectorAll(".bubble")].find((one) => one.textContent.includes(text));
    const place = said?.getBoundingClientRect();
    return place && box.top <= place.top && place.bottom <= box.bottom; }"""


def wait_until_in_sight(page: Page, text: str) -> None:
    page.wait_for_function(IN_SIGHT, arg=text, timeout=30_000)


def search_and_open(page: Page, text: str) -> None:
    """With the keys alone."""
    page.goto("/?tab=all")
    expect(page.locator("#connection")).to_contain_text("Live")
    page.keyboard.press("/")
    page.keyboard.type(text)
    expect(page.locator(".row mark")).to_have_text(text)
    press_into_a_page(page, "Enter")
    expect(page.locator("#q")).not_to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")


def test_a_hit_far_back_is_in_sight_and_the_way_down_to_the_newest_loses_nothing(page: Page, place: Place) -> None:
    search_and_open(page, "翡翠")
    expect(page.locator(".message.found")).to_have_text(re.compile("有没有翡翠的"))
    wait_until_in_sight(page, "翡翠")
    expect(page.locator("#newest")).to_have_text("↓ Newest")
    place.worker.say("dress", 90, "还在等您回复", "long", "老主顾")
    expect(page.locator("#newest")).to_have_text("↓ 1 new")
    wait_until_in_sight(page, "翡翠")
    expect(page.locator("#thread")).not_to_have_attribute("data-unread", "0")
    down = """async (column) => {
        const box = document.getElementById("messages");
        for (let turn = 0; document.getElementById("newer") && turn < 1_500; turn += 1) {
            box.scrollTop = box.scrollHeight;
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    }"""
    page.locator("#column").evaluate(down)
    expect(page.locator(".bubble", has_text="还在等您回复")).to_have_count(1)
    said = page.locator("#column").evaluate(SAID)
    assert said == [
        *said_before(said),
        "有没有翡翠的？",
        *(f"第 {n} 句" for n in range(HIT + 1, LONG + 1)),
        "还在等您回复",
    ]
    place.worker.say("dress", 91, "又来一条", "long", "老主顾")
    expect(page.locator(".bubble", has_text="又来一条")).to_have_count(1)
    page.locator("#messages").evaluate("(box) => { box.scrollTop = box.scrollHeight; }")
    expect(page.locator("#thread")).to_have_attribute("data-unread", "0")
    assert page.locator("#column").evaluate(SAID) == [*said, "又来一条"]


def said_before(said: list[str]) -> list[str]:
    """Return what stands above the hundredth message, which must be all down to it."""
    count = said.index("有没有翡翠的？")
    assert said[:count] == [f"第 {n} 句" for n in range(HIT - count, HIT)]
    return said[:count]


def test_the_newest_are_one_step_away_and_the_hit_one_step_back(page: Page) -> None:
    page.set_viewport_size({"width": 344, "height": 740})
    page.goto(f"/c/long?tab=all&at=long{HIT}")
    wait_until_in_sight(page, "翡翠")
    assert page.evaluate(SIDEWAYS) == []
    page.locator("#newest").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#newest")).to_have_count(0)
    wait_until_in_sight(page, f"第 {LONG} 句")
    page.go_back()
    expect(page.locator(".message.found")).to_have_text(re.compile("有没有翡翠的"))
    wait_until_in_sight(page, "翡翠")
    page.locator("#newer").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".bubble", has_text=f"第 {HIT + 100} 句")).to_have_count(1)
    expect(page.locator("#messages")).to_be_focused()


def test_a_reply_far_above_is_in_sight_under_the_comment_that_it_answers(page: Page) -> None:
    page.goto("/d/talk0?tab=all&at=talk20")
    expect(page.locator(".comment.found .said")).to_have_text("问琥珀")
    expect(page.locator("#top .said")).to_have_text("回 0")
    expect(page.locator(".comment.found")).to_be_in_viewport()
    box, place = box_of(page.locator("#messages")), box_of(page.locator(".comment.found"))
    assert box["y"] <= place["y"] <= box["y"] + box["height"]
    expect(page.locator("#newer")).to_have_text("Newer replies")
    page.locator("#newer").click()
    expect(page.locator(".comment .said", has_text=re.compile("^回 150$"))).to_have_count(1)
    expect(page.locator(".top")).to_have_count(1)
