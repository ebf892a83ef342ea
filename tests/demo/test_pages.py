"""The pages in a real Chromium: what a crawler finds there is where the platform has it."""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from demo.options import Options
from demo.site import Site
from tests.browsers import hold_time
from tests.demo.running import running_site

pytestmark = pytest.mark.browser

ROWS = '[data-e2e="conversation-item"]'
MESSAGES = ".messageMessageBoxmessageBox"
DEADLINE_S = 60.0
CHAT = "/www/chat"

# From a row's own `__reactFiber$…`, `memoizedProps` up `.return` and down `.child`, at most 20 levels.
FIND = """([selector, key]) => [...document.querySelectorAll(selector)].map((row) => {
    const own = Object.keys(row).find((name) => name.startsWith("__reactFiber$"));
    const has = (props) => [props, ...Object.values(props ?? {})].find((o) => o && typeof o === "object" && key in o);
    for (const direction of ["return", "child"]) {
        let fiber = row[own];
        for (let level = 0; fiber && level < 20; level += 1, fiber = fiber[direction]) {
            const found = has(fiber.memoizedProps);
            if (found) return JSON.parse(JSON.stringify(found));
        }
    }
    return null;
})"""


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Site, str]]:
    with running_site(Options(scenario="demo", fans_interval_s=0, phone_delay_s=0.2)) as started:
        yield started


@pytest.fixture
def site(running: tuple[Site, str]) -> Site:
    return running[0]


@pytest.fixture
def base(running: tuple[Site, str]) -> str:
    return f"{running[1]}/for/tea"


@pytest.fixture(scope="module")
def context(browser: Browser, running: tuple[Site, str]) -> Iterator[BrowserContext]:
    """Contexts of a browser in which tea is logged in."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Asia/Shanghai")
    page = made.new_page()
    page.goto(f"{running[1]}/for/tea/creator/")
    page.wait_for_url("**/creator-micro/home")
    page.goto("about:blank")  # it stays open, which keeps the process of the pages that come
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """Errors of its scripts fail the test."""
    errors: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    made.close()
    until_nobody_listens(site)
    site.set_switches("*", {"objects_renamed": False, "endless_pages": False, "login_flash": False})
    assert errors == []


def until_nobody_listens(site: Site) -> None:
    """The site hears a moment later that a page has gone: whoever waits for a listener is to get the next page's."""
    deadline = time.monotonic() + DEADLINE_S
    while site.listeners["tea"]:
        assert time.monotonic() < deadline, "a page that is closed still listens"
        time.sleep(0.01)


def objects(page: Page, selector: str, key: str) -> list[Any]:
    found: list[Any] = page.evaluate(FIND, [selector, key])
    return found


def captured(page: Page, path: str) -> list[Response]:
    """The answers to the page's own requests to `path`, as they begin: who waits for a body there hears the next."""
    answers: list[Response] = []

    def hear(response: Response) -> None:
        if path in response.url and response.status == 200:
            answers.append(response)

    page.on("response", hear)
    return answers


def items(answers: list[Response], key: str) -> list[Any]:
    """What stands under `key` in their bodies, one after the other."""
    return [item for answer in answers for item in answer.json()[key]]


def eventually(page: Page, condition: Callable[[], bool]) -> None:
    """Handlers run while the page is spoken to."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")


def scroll_to_end(page: Page, end: str, text: str) -> None:
    expect(page.locator(end)).to_be_attached()

    def is_there() -> bool:
        page.evaluate("(s) => document.querySelector(s).scrollIntoView()", end)
        return text in page.inner_text(end)

    eventually(page, is_there)


def test_a_person_logs_in_with_the_phone_page(browser: Browser, running: tuple[Site, str]) -> None:
    with browser.new_context() as desk, browser.new_context() as hand:
        page, phone = desk.new_page(), hand.new_page()
        page.goto(f"{running[1]}/creator/")
        expect(page.get_by_text("扫码登录")).to_be_visible()
        code = page.locator("#animate_qrcode_container img")
        expect(code).to_have_attribute("src", re.compile(r"^data:image/png;base64,"))
        phone.goto(page.get_attribute("#phone", "href") or "")
        expect(page.get_by_text("需在手机上进行确认")).to_be_visible()
        phone.get_by_text("阿木手作陶").click()
        phone.get_by_role("button", name="确认登录").click()
        page.wait_for_url("**/creator-micro/home")
        expect(page.locator('[class*="unique_id"]')).to_have_text("抖音号：amu_taoyi")


def test_codes_rotate(browser: Browser) -> None:
    with running_site(Options(scenario="contract", qr_lifetime_s=0.5)) as (_, origin), browser.new_context() as other:
        page = other.new_page()
        page.goto(f"{origin}/creator/")
        code = page.locator("#animate_qrcode_container img")
        first = code.get_attribute("src") or ""
        expect(code).not_to_have_attribute("src", first)


def test_the_profile_is_where_it_should_be(page: Page, base: str) -> None:
    page.goto(f"{base}/creator/creator-micro/home")
    expect(page.locator('[class*="unique_id"]')).to_have_text("抖音号：shanyecha88")
    expect(page.locator('[class*="name-"]').first).to_have_text("山野茶舍")
    assert "douyinpic.com" in (page.locator('[class*="avatar"] img').first.get_attribute("src") or "")
    expect(page.locator('#guide_home_fans [class*="number"]')).to_have_text(re.compile(r"\d"))
    expect(page.locator("#header-avatar")).to_be_visible()
    expect(page.get_by_text(re.compile("扫码登录|我是创作者"))).to_have_count(0)


def test_the_home_page_may_flash_the_login_words_first(page: Page, base: str, site: Site) -> None:
    site.set_switches("tea", {"login_flash": True})
    hold_time(page)
    page.goto(f"{base}/creator/creator-micro/home")
    expect(page.get_by_text("扫码登录")).to_be_visible()
    page.clock.resume()
    expect(page.locator('[class*="unique_id"]')).to_be_visible()
    expect(page.get_by_text("扫码登录")).to_have_count(0)


def test_works_load_to_the_end_while_the_window_scrolls(page: Page, base: str, site: Site) -> None:
    answers = captured(page, "/pc/work_list")
    page.goto(f"{base}/creator/creator-micro/content/manage")
    scroll_to_end(page, "#end", "没有更多作品")
    listed = [w.aweme_id for w in site.world.accounts["tea"].list_works() if w.in_list]
    eventually(page, lambda: len(answers) == 2)
    assert [w["aweme_id"] for w in items(answers, "aweme_list")] == listed


def test_an_endless_list_gives_up_asking(page: Page, base: str, site: Site) -> None:
    site.set_switches("tea", {"endless_pages": True})
    answers = captured(page, "/pc/work_list")
    page.goto(f"{base}/creator/creator-micro/content/manage")

    def has_given_up() -> bool:
        page.evaluate("document.querySelector('#end').scrollIntoView()")
        return len(answers) == 5

    eventually(page, has_given_up)
    assert [len(items([answer], "aweme_list")) for answer in answers] == [12, 5, 0, 0, 0]
    expect(page.get_by_text("没有更多作品")).to_have_count(0)


def test_comments_and_replies_of_a_chosen_work(page: Page, base: str, site: Site) -> None:
    tea = site.world.accounts["tea"]
    work = max((w for w in tea.works if w.in_picker), key=lambda w: tea.count_comments(w.aweme_id))
    level1, level2 = captured(page, "/web/comment/list/select"), captured(page, "/web/comment/list/reply")
    page.goto(f"{base}/creator/creator-micro/interactive/comment")
    page.get_by_text("选择作品").click()
    offered: list[str] = []

    def is_offered() -> bool:
        offered[:] = [p["item_id_plain"] for p in objects(page, '[class*="container-"]', "item_id_plain")]
        return work.aweme_id in offered

    eventually(page, is_offered)
    page.locator('[class*="container-"]').nth(offered.index(work.aweme_id)).click()
    scroll_to_end(page, "#end", "没有更多评论")
    more = page.get_by_text(re.compile(r"^查看\d+条回复$"))
    while more.count():
        with page.expect_response(re.compile("comment/list/reply")):
            more.first.click()
        eventually(page, lambda: page.locator(".level2").count() == len(items(level2, "comments")))
    there = {c.cid for c in tea.comments if c.aweme_id == work.aweme_id}
    eventually(page, lambda: {c["cid"] for c in items(level1 + level2, "comments")} == there)


def test_the_list_of_conversations_keeps_few_rows_and_reaches_all(page: Page, base: str, site: Site) -> None:
    page.goto(base + CHAT)
    expect(page.locator(ROWS).first).to_be_visible()
    conversations = site.world.accounts["tea"].list_conversations()
    known = {c.id for c in conversations if c.kind != "stranger" and not c.is_folded}
    page.wait_for_function("(count) => conversationStore.conversationMap.size === count", arg=len(conversations))
    found: set[str] = set()
    for step in range(len(known)):
        page.evaluate("(y) => document.querySelector('#grid').scrollTop = y", step * 300)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        drawn = objects(page, ROWS, "firstPageParticipant")
        assert len(drawn) <= 24
        found |= {c["id"] for c in drawn}
        if found >= known:
            break
    assert found >= known


def test_loading_the_list_marks_nothing_read_and_opening_a_row_does(page: Page, base: str, site: Site) -> None:
    site.counts["tea"].clear()
    page.goto(base + CHAT)
    conversation = next(c for c in site.world.accounts["tea"].list_conversations() if len(c.messages) > 25)
    name = site.world.person(conversation.partner_uid).nickname
    expect(page.locator(ROWS).filter(has_text=name)).to_be_visible()
    assert site.counts["tea"] == {"pages": 1}
    with page.expect_response(re.compile("mark_read")):
        page.locator(ROWS).filter(has_text=name).click()
    expect(page.locator(".RightPanelHeadertitle")).to_have_text(name)
    newest_first = [m.server_id for m in reversed(conversation.messages)]
    expect(page.locator(MESSAGES)).to_have_count(min(50, len(newest_first)))
    assert [m["serverId"] for m in objects(page, MESSAGES, "serverId")] == newest_first[:50]
    assert site.counts["tea"]["mark_read"] == 1


def test_strangers_stand_behind_a_row_of_their_own(page: Page, base: str) -> None:
    page.goto(base + CHAT)
    page.locator(".conversationStrangerBoxwrapper").click()
    expect(page.locator(".conversationStrangerBoxwrapper")).to_have_count(0)
    assert all(c["isStranger"] for c in objects(page, ROWS, "firstPageParticipant"))
    page.locator(".conversationStrangerConversationListicon").click()
    page.locator(".conversationFoldBoxwrapper").click()
    expect(page.locator(ROWS)).to_have_count(1)
    expect(page.locator(".ConversationItemTagNextToTitlemuteIcon")).to_be_visible()
    [folded] = objects(page, ROWS, "firstPageParticipant")
    assert (folded["isFolded"], folded["isMuted"], folded["isStranger"]) == (True, True, False)


def test_the_page_of_messages_may_stand_in_a_micro_app(page: Page, base: str, site: Site) -> None:
    site.set_switches("tea", {"micro_app": True})
    try:
        page.goto(base + CHAT)
        page.locator(ROWS).first.click()
        expect(page.locator(MESSAGES).first).to_be_visible()
        assert page.evaluate("document.querySelectorAll('[data-e2e]').length") == 0
        assert page.evaluate("[window.conversationStore, frames['pc-im'].conversationStore].map((one) => !!one)") == [
            False,
            True,
        ]
    finally:
        site.set_switches("tea", {"micro_app": False})


def test_after_a_change_of_the_page_the_objects_are_not_found(page: Page, base: str, site: Site) -> None:
    site.set_switches("tea", {"objects_renamed": True})
    page.goto(base + CHAT)
    page.locator(ROWS).first.click()
    expect(page.locator(MESSAGES).first).to_be_visible()
    assert set(objects(page, ROWS, "firstPageParticipant")) == {None}
    assert set(objects(page, MESSAGES, "serverId")) == {None}


def test_the_bell_asks_for_the_notices(page: Page, base: str, site: Site) -> None:
    answers = captured(page, "/web/notice/?")
    page.goto(f"{base}/www/")
    page.get_by_role("button", name="通知").click()
    scroll_to_end(page, "#notice-end", "没有更多")
    assert page.evaluate("'conversationStore' in window || 'userInfoStore' in window") is False
    there = [n.nid for n in site.world.accounts["tea"].list_notices()]
    eventually(page, lambda: [n["nid_str"] for n in items(answers, "notice_list_v2")] == there)


def test_a_pushed_comment_is_a_toast_and_a_question_for_its_notice(page: Page, base: str, site: Site) -> None:
    with page.expect_websocket() as socket:
        page.goto(f"{base}/www/")
    assert "/ws/v2?" in socket.value.url
    eventually(page, lambda: bool(site.listeners["tea"]))
    with page.expect_response(re.compile("notice/detail")) as asked:
        happened = let_happen(page, base, kind="comment", text="刚刚的评论", nickname="晚风")
    assert asked.value.json()["notice_list_v2"][0]["nid_str"] == happened["nid"]
    expect(page.locator("#pushListBoxId")).to_contain_text("晚风评论了你的作品 刚刚 查看")


def let_happen(page: Page, base: str, **event: str) -> Any:
    """On tea, through the control room: the site has a loop of its own."""
    answer = page.request.post(base.replace("/for/tea", "/control/event"), data={"account": "tea", **event})
    assert answer.ok
    return answer.json()


def test_a_pushed_message_moves_its_conversation_up(page: Page, base: str, site: Site) -> None:
    page.goto(base + CHAT)
    expect(page.locator(ROWS).first).to_be_visible()
    eventually(page, lambda: bool(site.listeners["tea"]))
    tea = site.world.accounts["tea"]
    oldest = next(c for c in reversed(tea.list_conversations()) if c.kind == "friend")
    let_happen(page, base, kind="message", text="我又来了", conversation_id=oldest.id)
    expect(page.locator(ROWS).first).to_contain_text("我又来了")
    expect(page.locator(ROWS).first).to_contain_text(site.world.person(oldest.partner_uid).nickname)


def test_a_row_that_is_pressed_is_clicked_though_a_message_arrives_before_the_release(
    page: Page, base: str, site: Site
) -> None:
    page.goto(base + CHAT)
    row = page.locator(ROWS).nth(3)
    title = row.locator(".conversationConversationItemtitle")
    expect(title).not_to_be_empty()
    eventually(page, lambda: bool(site.listeners["tea"]))
    oldest = next(c for c in reversed(site.world.accounts["tea"].list_conversations()) if c.kind == "friend")
    row.hover()
    page.mouse.down()
    name = title.inner_text()
    let_happen(page, base, kind="message", text="我还在", conversation_id=oldest.id)
    told = "id => conversationStore.conversationMap.get(id).lastMessage.content.includes('我还在')"
    page.wait_for_function(told, arg=oldest.id)
    page.mouse.up()
    expect(page.locator(".RightPanelHeadertitle")).to_have_text(name)
    expect(page.locator(ROWS).first).to_contain_text("我还在")


def test_a_comment_is_answered_on_the_page(page: Page, base: str, site: Site) -> None:
    tea = site.world.accounts["tea"]
    page.goto(f"{base}/creator/creator-micro/interactive/comment")
    page.get_by_text("选择作品").click()
    page.locator('[class*="container-"]').first.click()
    page.get_by_text("回复", exact=True).first.click()
    page.locator('div[contenteditable="true"][placeholder^="回复 "]').fill("谢谢您的评论")
    with page.expect_response(re.compile(r"comment/reply/$")) as sent:
        page.locator("button.douyin-creator-interactive-button:enabled", has_text="发送").click()
    reply = tea.get_comment(sent.value.json()["comment_info"]["comment_id"])
    assert reply is not None
    assert reply.text == "谢谢您的评论"
