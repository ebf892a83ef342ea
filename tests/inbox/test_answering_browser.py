"""Answering in a real browser: what is written goes once, its state is told in words, and nobody answers unasked."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests.browsers import stop_clock
from tests.inbox.answering_data import AnsweringPlace
from tests.inbox.live_page import live, wait_for_route
from tests.inbox.live_place import SIDEWAYS, open_page, sign_in
from tests.inbox.thread_data import HIT

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

LONG_MS = 30_000
SAVE = """async (reply) => { await fetch('/api/im/saved-replies', {method: 'POST', body: JSON.stringify(reply), headers:
    {'Content-Type': 'application/json', 'X-CSRFToken': document.body.dataset.csrf}}); }"""
ROSES = "/c/conv_roses_fan?tab=all&account=roses"
CRAFT = "/c/conv_craft_fan?tab=all"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AnsweringPlace]:
    place = AnsweringPlace(tmp_path_factory.mktemp("answering"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def signed_in(browser: Browser, place: AnsweringPlace) -> Iterator[BrowserContext]:
    context = sign_in(browser, place.address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(LONG_MS)
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    with open_page(signed_in) as page:
        yield page


def write(page: Page, text: str) -> None:
    page.locator("#reply-text").fill(text)


def how(page: Page, text: str) -> Locator:
    """What is said of the reply of that text."""
    return page.locator(".written > .written-reply", has_text=text).locator(".how")


def test_a_reply_goes_with_the_keyboard_alone_and_says_how_far_it_is(page: Page, place: AnsweringPlace) -> None:
    live(page, ROSES)
    page.keyboard.press("r")
    field = page.locator("#reply-text")
    expect(field).to_be_focused()
    expect(page.locator(".composer label")).to_have_text("Reply as “小满花店”")
    page.keyboard.type("有的")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("三束")
    page.keyboard.press("Enter")
    expect(page.locator(".written-reply .bubble")).to_have_text("有的\n三束")
    expect(field).to_have_value("")
    expect(field).not_to_be_focused()
    expect(how(page, "三束")).to_have_text("can be taken back within 5 s")
    request = place.worker.take("有的\n三束")
    assert request["kind"] == "message"
    expect(how(page, "三束")).to_have_text("being typed", timeout=LONG_MS)
    place.worker.press(request)
    expect(how(page, "三束")).to_contain_text("Douyin has not confirmed it yet", timeout=LONG_MS)
    place.worker.end(request, "sent", confirmed_platform_id="n801", evidence="response")
    expect(how(page, "三束")).to_contain_text("sent ", timeout=LONG_MS)
    assert page.evaluate(SIDEWAYS) == []


def test_what_is_taken_back_stands_in_the_field_again_and_nothing_is_sent(page: Page, place: AnsweringPlace) -> None:
    live(page, CRAFT)
    write(page, "说错了")
    page.keyboard.press("Enter")
    page.locator(".written > .written-reply").get_by_role("button", name="Take back").click()
    expect(how(page, "说错了")).to_have_text("taken back, nothing was sent")
    expect(page.locator("#reply-text")).to_have_value("说错了")
    write(page, "")


def test_by_its_button_a_thread_is_handled_although_an_answer_is_on_its_way(page: Page) -> None:
    live(page, CRAFT)
    handled = page.locator("#thread [data-action=done]")
    expect(handled).to_be_enabled()
    handled.evaluate("(button) => { document.getElementById('thread').dataset.pending = 'queued'; button.click(); }")
    expect(page.locator("#toasts")).to_contain_text("Marked as handled")
    expect(handled).to_be_disabled()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(handled).to_be_enabled()


def test_e_goes_on_and_leaves_the_row_until_the_answer_has_arrived(page: Page, place: AnsweringPlace) -> None:
    live(page, "/?account=craft")
    row = page.locator("#row-conv_craft_fan")
    row.click()
    expect(page.locator("#thread")).to_have_attribute("data-id", "conv_craft_fan")
    write(page, "周六可以")
    page.keyboard.press("Enter")
    expect(page.locator(".written-reply", has_text="周六可以")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("#toasts")).to_contain_text("leaves Needs reply once it has arrived.")
    expect(page.locator("#thread")).not_to_have_attribute("data-id", "conv_craft_fan")
    expect(row).to_have_attribute("data-pending", re.compile("held|queued"))
    place.worker.send(820, "周六可以")
    expect(row).to_have_attribute("data-pending", "", timeout=LONG_MS)
    expect(row).to_have_attribute("data-waits", "true")  # its computer has not read the message yet
    row.hover(position={"x": 40, "y": 40})  # what lies still for a minute is no hand
    place.worker.show("craft", 820, "周六可以", "conv_craft_fan")
    expect(row).to_have_class(re.compile("leaving"), timeout=LONG_MS)  # the pointer is still on it
    page.goto(CRAFT)
    expect(page.locator(".message.own").last).to_contain_text("owner · sent")
    # What was taken back half a minute ago may still say so.
    expect(page.locator(".written > .written-reply", has_text="周六可以")).to_have_count(0)


def test_of_two_operators_one_goes_and_the_other_is_asked(page: Page, place: AnsweringPlace, browser: Browser) -> None:
    live(page, ROSES)
    mei = sign_in(browser, place.address, "mei")
    hers = live(mei.new_page(), ROSES)
    for one, text in ((page, "三十元"), (hers, "四十元")):
        write(one, text)
    expect(page.locator("#reply-typing")).to_have_text("mei is answering", timeout=LONG_MS)
    page.keyboard.press("Enter")
    expect(hers.locator("#reply-ask")).to_contain_text("owner has answered meanwhile: 三十元", timeout=LONG_MS)
    hers.keyboard.press("Enter")  # asks, and sends nothing
    expect(hers.get_by_role("button", name="Send all the same")).to_be_focused()
    expect(hers.locator("#reply-text")).to_have_value("四十元")
    place.worker.send(830, "三十元")
    hers.get_by_role("button", name="Send all the same").click()
    place.worker.send(831, "四十元")
    mei.close()


def test_an_answer_from_the_phone_is_asked_about_before_this_one_goes(page: Page, place: AnsweringPlace) -> None:
    live(page, ROSES)
    write(page, "半小时")
    place.worker.show("roses", 833, "手机上回了", "conv_roses_fan")
    expect(page.locator("#reply-ask")).to_contain_text("手机上回了", timeout=LONG_MS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send all the same")).to_be_focused()
    expect(page.locator("#reply-text")).to_have_value("半小时")
    expect(page.locator(".written-reply", has_text="半小时")).to_have_count(0)
    write(page, "")


def test_what_did_not_go_says_why_and_is_tried_again(page: Page, place: AnsweringPlace) -> None:
    live(page, ROSES)
    write(page, "再试")
    page.keyboard.press("Enter")
    place.worker.end(place.worker.take("再试"), "failed", reason={"code": "logged_out"})
    expect(how(page, "再试")).to_have_text("Not sent: the account needs a new login", timeout=LONG_MS)
    page.get_by_role("button", name="Try again").click()
    place.worker.send(835, "再试")
    expect(how(page, "再试")).to_contain_text("sent ", timeout=LONG_MS)


def test_whoever_went_on_is_told_that_it_did_not_arrive(page: Page, place: AnsweringPlace) -> None:
    live(page, ROSES)
    write(page, "还有吗")
    page.keyboard.press("Enter")
    request = place.worker.take("还有吗")
    live(page, CRAFT)
    place.worker.end(request, "failed", reason={"code": "wrong_target"})
    expect(page.locator(".toast")).to_contain_text("“还有吗” was not sent.", timeout=LONG_MS)
    page.locator(".toast").get_by_role("button", name="Look").click()
    expect(page.locator("#thread")).to_have_attribute("data-id", "conv_roses_fan")


def test_a_draft_is_kept_on_the_device_and_marked_in_the_list(page: Page, place: AnsweringPlace) -> None:
    live(page, CRAFT)
    page.keyboard.press("r")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.type("写了一半")
    page.keyboard.press("Escape")
    expect(page.locator("#messages")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator("#row-conv_craft_fan .draft-mark")).to_have_text("Draft")
    page.goto(CRAFT)
    expect(page.locator("#reply-text")).to_have_value("写了一半")
    expect(page.locator("#reply-text")).not_to_be_focused()


def test_a_lost_answer_sends_once(page: Page, place: AnsweringPlace) -> None:
    """The request arrives, its answer does not; the page asks again under the same name."""
    live(page, ROSES)
    asked: list[Route] = []
    lost: list[str] = []

    def lose(route: Route) -> None:
        asked.append(route)
        if len(asked) > 1:  # also while the first one is fetched
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    page.route("**/api/im/replies", lose)
    write(page, "只发一次")
    page.keyboard.press("Enter")
    expect(page.locator(".written > .written-reply", has_text="只发一次")).to_have_count(1, timeout=LONG_MS)
    expect(page.locator("#held")).to_be_hidden(timeout=LONG_MS)
    expect(page.locator(".written-reply", has_text="只发一次")).to_have_count(1)
    assert len(lost) == 1
    place.worker.send(840, "只发一次")
    page.unroute("**/api/im/replies")


def hold_replies(page: Page) -> list[Route]:
    """The requests to send a reply, which stay without an answer until a test gives one."""
    routes: list[Route] = []
    page.route("**/api/im/replies", lambda route: routes.append(route))
    return routes


def next_of(page: Page, routes: list[Route]) -> Route:
    wait_for_route(page, routes)
    return routes.pop()


def test_what_did_not_reach_the_hub_loses_no_word_and_goes_under_one_name(page: Page) -> None:
    routes = hold_replies(page)
    live(page, CRAFT)
    field = page.locator("#reply-text")
    write(page, "周五见")
    page.keyboard.press("Enter")
    route = next_of(page, routes)
    write(page, "带伞")
    route.fulfill(status=500, json={"status_msg": "fault"})
    expect(field).to_have_value("周五见\n带伞")
    write(page, "几点")
    page.keyboard.press("Enter")
    first = next_of(page, routes)
    first.fulfill(status=500, json={"status_msg": "fault"})
    expect(field).to_have_value("几点")
    field.focus()
    page.keyboard.press("Enter")
    second = next_of(page, routes)
    names = [(one.request.post_data_json or {})["client_id"] for one in (first, second)]
    assert names[0] == names[1]
    item = {"content": "五点", "answered_by": "lan"}
    second.fulfill(status=409, json={"status_msg": "", "data": {"code": "answered_meanwhile", "item": item}})
    expect(page.locator("#reply-ask")).to_contain_text("lan has answered meanwhile: 五点")
    field.focus()
    for _ in range(3):
        page.keyboard.down("Enter")  # held down: only the first one counts, and that asks
    page.keyboard.up("Enter")
    expect(page.get_by_role("button", name="Send all the same")).to_be_focused()
    assert routes == []
    write(page, "")


def test_two_windows_of_one_person_send_once(page: Page) -> None:
    routes = hold_replies(page)
    live(page, CRAFT)
    with open_page(page.context) as other:
        live(other, CRAFT)
        write(page, "只一次")
        expect(other.locator("#reply-text")).to_have_value("只一次")
        page.keyboard.press("Enter")
        next_of(page, routes).fulfill(status=201, json={"data": {"state": "held"}})
        expect(other.locator("#reply-text")).to_have_value("")
        # The hub shows no such reply by now: it may be a message already.
        expect(page.locator(".outgoing .written-reply")).to_have_count(0)


def test_what_is_sent_beside_an_old_message_can_be_taken_back_too(page: Page) -> None:
    routes = hold_replies(page)
    page.clock.install()
    live(page, f"/c/long?tab=all&at=long{HIT}")
    write(page, "这就找")
    stop_clock(page)
    page.keyboard.press("Enter")
    next_of(page, routes).fulfill(status=201, json={"data": {"state": "held"}})
    expect(page.locator(".toast")).to_contain_text("It can be taken back within 5 s")
    expect(page.locator(".toast").get_by_role("button", name="Take back")).to_be_visible()
    page.clock.resume()


def test_a_slash_finds_a_saved_reply_and_fills_in_the_name(page: Page) -> None:
    live(page, CRAFT)
    page.evaluate(SAVE, {"title": "周六", "text": "{昵称} 你好，周六可以", "shared": False})
    page.keyboard.press("r")
    page.locator("#reply-text").fill("")
    page.keyboard.type("/周")
    expect(page.locator("#reply-found [role=option]")).to_contain_text("林小满 你好，周六可以")
    page.keyboard.press("Enter")
    expect(page.locator("#reply-text")).to_have_value("林小满 你好，周六可以")
    expect(page.locator("#reply-found")).to_be_hidden()
    write(page, "")


def test_a_comment_is_answered_under_it_and_the_work_under_its_head(page: Page, place: AnsweringPlace) -> None:
    live(page, "/works/cont_craft_1?show=all")
    page.keyboard.press("j")
    page.keyboard.press("r")
    expect(page.locator("#talk-comm_craft_1 #reply-text")).to_be_focused()
    page.keyboard.type("多谢")
    page.keyboard.press("Enter")
    talk = page.locator("#talk-comm_craft_1")
    expect(talk.locator(".written > .written-reply")).to_contain_text("多谢")
    expect(talk).to_be_focused()
    request = place.worker.take("多谢")
    assert (request["kind"], request["target"]["comment_id"]) == ("comment", "1")
    place.worker.end(request, "failed", reason={"code": "target_not_found"})
    expect(talk.locator(".how")).to_have_text("Not sent: what is answered was not found there", timeout=LONG_MS)
    page.get_by_role("button", name="Comment on this work").click()
    expect(page.locator("#on-work #reply-text")).to_be_focused()
    page.keyboard.type("今天直播")
    page.keyboard.press("Escape")
    expect(page.locator("#reply-text")).to_have_count(0)
    page.get_by_role("button", name="Comment on this work").click()
    expect(page.locator("#on-work #reply-text")).to_have_value("今天直播")
    assert page.evaluate(SIDEWAYS) == []
