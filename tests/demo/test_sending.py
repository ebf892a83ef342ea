"""Messages and comments that are written by hand in a real Chromium, and what the pages show of what became of them."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from demo.ids import conversation_id
from demo.options import Options
from demo.site import Site
from demo.switches import NO_FAULTS, SendOutcome
from tests.demo.running import running_site
from tests.demo.test_pages import MESSAGES, ROWS, eventually, objects

pytestmark = pytest.mark.browser

EDITOR = '[data-e2e="msg-input"] [contenteditable="true"]'
RED = "svg.messageMsgInputpublishRedBtn"
SPIN = ".ContentSideSendStatussending"
RETRY = ".ContentSideSendStatusretry"
WATCH = """() => { window.shown = ""; new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) shown += node.textContent;
    }).observe(document.body, { childList: true, subtree: true }); }"""
QUICK = {"send_delay_s": 0.05, "outcome_times": 1}


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Site, str]]:
    with running_site(Options(scenario="contract", phone_delay_s=0.1)) as started:
        yield started


@pytest.fixture(scope="module")
def context(browser: Browser, running: tuple[Site, str]) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="Asia/Shanghai")
    made.new_page()
    log_in(made, running[1])
    yield made
    made.close()


def log_in(context: BrowserContext, origin: str) -> None:
    page = context.pages[0]
    page.goto(f"{origin}/for/alpha/creator/")
    page.wait_for_url("**/creator-micro/home")


@pytest.fixture
def site(running: tuple[Site, str]) -> Iterator[Site]:
    site = running[0]
    site.switches["alpha"] = NO_FAULTS
    site.set_switches("alpha", QUICK)
    site.ledger.sendings.clear()
    yield site
    site.switches["alpha"] = NO_FAULTS


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """Has no drafts."""
    page = context.pages[0]
    page.evaluate("localStorage.clear()")
    return page


@pytest.fixture
def base(running: tuple[Site, str]) -> str:
    return f"{running[1]}/for/alpha"


def open_talk(page: Page, base: str, fan: str) -> Locator:
    page.goto(f"{base}/www/chat")
    page.locator(ROWS).filter(has_text=fan).click()
    expect(page.locator(".RightPanelHeadertitle")).to_have_text(fan)
    return page.locator(EDITOR)


def say(page: Page, site: Site, text: str) -> None:
    """Type and send, where the editor has the keyboard."""
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    eventually(page, lambda: any(one.text == text for one in site.ledger.sendings))


def wait_until_shown(page: Page, expected: tuple[str, int]) -> None:
    eventually(page, lambda: newest(page) == expected)


def texts(site: Site) -> list[str]:
    return [one.text for one in site.ledger.list_arrived("alpha")]


def newest(page: Page) -> tuple[str, int]:
    """What stands beside the newest message, and what the page's memory says of it."""
    side = page.locator(MESSAGES).first.locator(".ContentSide")
    shown = "spinner" if side.locator(SPIN).count() else "mark" if side.locator(RETRY).count() else "clean"
    message: dict[str, Any] = objects(page, MESSAGES, "serverId")[0]
    return shown, message["flightStatus"]


@pytest.mark.parametrize("editor", ["editor-kit", "slate", "draft"])
def test_a_person_writes_in_every_editor(page: Page, base: str, site: Site, editor: str) -> None:
    site.set_switches("alpha", {"editor": editor, "draft": "没写完的"})
    box = open_talk(page, base, "粉丝03")
    expect(box).to_contain_text("没写完的")
    box.press("Control+A")
    box.press("Backspace")
    expect(page.locator(RED)).to_have_count(0)
    page.keyboard.type("您好，")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.insert_text("三")
    page.keyboard.press("Home")
    page.keyboard.type("x")
    expect(page.locator(RED)).to_have_count(1)
    expect(page.locator(ROWS).filter(has_text="粉丝03")).to_contain_text("[草稿] 您好，")
    page.keyboard.press("Enter")
    eventually(page, lambda: texts(site) == ["您好，\n第二行\nx三"])
    expect(page.locator(f"{SPIN}, {RETRY}, {RED}")).to_have_count(0)
    wait_until_shown(page, ("clean", 3))


@pytest.mark.parametrize("editor", ["editor-kit", "slate"])
def test_what_a_script_puts_into_the_editor_is_not_sent(page: Page, base: str, site: Site, editor: str) -> None:
    site.set_switches("alpha", {"editor": editor})
    box = open_talk(page, base, "粉丝03")
    box.evaluate("n => { n.innerText = '脚本写的'; n.dispatchEvent(new Event('input', {bubbles: true})); }")
    expect(page.locator(RED)).to_have_count(0)
    box.press("Enter")
    box.press("Control+A")
    box.press("Backspace")
    page.keyboard.insert_text("手写的")
    page.keyboard.press("Enter")
    eventually(page, lambda: texts(site) == ["手写的"])


SHOWN: dict[SendOutcome, tuple[str, int]] = {
    "ok": ("clean", 3),
    "self_visible": ("clean", -3),
    "in_review": ("clean", 3),
    "answer_lost": ("clean", 3),
    "retry_mark": ("mark", -2),
    "check_failed": ("mark", -2),
    "blocked": ("mark", -2),
    "stranger_limit": ("mark", -2),
    "too_fast": ("mark", -2),
    "check": ("spinner", 1),
}


def test_the_bubble_shows_what_became_of_a_message(page: Page, base: str, site: Site) -> None:
    box = open_talk(page, base, "粉丝01")
    box.click()
    for outcome, expected in SHOWN.items():
        site.set_switches("alpha", {"message_outcome": outcome, **QUICK})
        say(page, site, outcome)
        expect(page.locator(MESSAGES).first).to_contain_text(outcome)
        wait_until_shown(page, expected)
    assert [one.outcome for one in site.ledger.sendings] == list(SHOWN)
    assert texts(site) == ["ok", "answer_lost"]
    expect(page.locator("iframe.check")).to_be_visible()
    expect(page.get_by_text("消息已发出，但被对方拒收了")).to_have_count(1)


def test_a_message_without_any_answer_goes_on_spinning(page: Page, base: str, site: Site) -> None:
    site.set_switches("alpha", {"message_outcome": "never"})
    open_talk(page, base, "粉丝01").press_sequentially("有人吗")
    page.keyboard.press("Enter")
    eventually(page, lambda: len(site.ledger.sendings) == 1)
    wait_until_shown(page, ("spinner", 1))
    assert texts(site) == []


@pytest.mark.parametrize("outcome", ["reload_after", "reload_before"])
def test_the_page_loads_anew_in_the_middle(page: Page, base: str, site: Site, outcome: str) -> None:
    site.set_switches("alpha", {"message_outcome": outcome})
    open_talk(page, base, "粉丝01").press_sequentially(outcome)
    page.keyboard.press("Enter")
    expect(page.locator(".RightPanelEmptywrapper")).to_be_visible()
    assert (texts(site) == [outcome]) == (outcome == "reload_after")


def test_the_store_names_the_open_conversation_and_opens_another(page: Page, base: str, site: Site) -> None:
    open_talk(page, base, "粉丝02")
    first, third = (site.world.accounts["alpha"].conversations[place].id for place in (1, 2))
    assert page.evaluate("conversationStore.curConversationId") == first
    assert objects(page, '[data-e2e="msg-input"]', "toParticipantUserId")[0]["id"] == first
    page.evaluate("(id) => conversationStore.setCurConversation(id)", third)
    expect(page.locator(".RightPanelHeadertitle")).to_have_text("粉丝03")
    assert objects(page, '[data-e2e="msg-input"]', "toParticipantUserId")[0]["id"] == third


def test_a_namesake_can_stand_first(page: Page, base: str, site: Site) -> None:
    alpha = site.world.accounts["alpha"]
    older, newer = sorted((alpha.conversations[10], alpha.conversations[20]), key=lambda one: one.updated_ms)
    people = [site.world.people[one.partner_uid] for one in (older, newer)]
    names = [one.nickname for one in people]
    people[0].nickname = people[1].nickname = "同名"
    site.set_switches("alpha", {"namesake_first": True})
    page.goto(f"{base}/www/chat")
    expect(page.locator(ROWS).filter(has_text="同名")).to_have_count(2)
    shown = [one["id"] for one in objects(page, ROWS, "firstPageParticipant")]
    assert shown.index(older.id) == shown.index(newer.id) - 1
    people[0].nickname, people[1].nickname = names


def test_a_person_answers_in_the_drawer(page: Page, base: str, site: Site) -> None:
    page.goto(f"{base}/www/")
    page.locator('[data-e2e="im-entry"]').click()
    drawer = page.locator('[data-e2e="im-dialog"]')
    drawer.locator(ROWS).filter(has_text="粉丝04").click()
    expect(drawer.locator(".StackLayoutStackChatHeadertitle")).to_have_text("粉丝04")
    drawer.locator(EDITOR).press_sequentially("从抽屉里")
    page.keyboard.press("Enter")
    eventually(page, lambda: texts(site) == ["从抽屉里"])
    drawer.locator(".StackLayoutStackTitleBarbackBtn").click()
    expect(drawer.locator(ROWS).first).to_contain_text("从抽屉里")


def test_somebody_who_never_wrote_gets_one_message(page: Page, base: str, site: Site) -> None:
    stranger = site.world.people["200000000038"]
    page.goto(f"{base}/www/user/{stranger.sec_uid}")
    page.get_by_role("button", name="私信").click()
    expect(page.get_by_text("由于你的隐私设置")).to_be_visible()
    for text in ("您好", "在吗"):
        page.locator(EDITOR).click()
        say(page, site, text)
    expect(page.locator(RETRY)).to_have_count(1)
    expect(page.get_by_text("你只能发送 1 条文字消息")).to_be_visible()
    assert [(one.to_uid, one.arrived) for one in site.ledger.sendings] == [(stranger.uid, True), (stranger.uid, False)]
    owner = site.world.accounts["alpha"].owner.uid
    assert site.ledger.sendings[0].conversation_id == conversation_id(owner, stranger.uid)


def test_a_comment_is_answered_and_what_is_refused_says_why(page: Page, base: str, site: Site) -> None:
    page.goto(f"{base}/creator/creator-micro/interactive/comment")
    page.get_by_text("选择作品").click()
    page.locator('[class*="container-"]').first.click()
    page.get_by_text("回复", exact=True).first.click()
    box = page.locator('div[contenteditable="true"][placeholder^="回复 "]')
    box.evaluate("n => { n.textContent = '脚本写的'; n.dispatchEvent(new Event('input', {bubbles: true})); }")
    expect(page.locator("button:enabled", has_text="发送")).to_have_count(0)
    box.press("Control+A")
    page.evaluate(WATCH)
    for outcome, words in (("ok", "回复成功"), ("too_fast", "回复过于频繁"), ("answer_lost", "网络异常")):
        site.set_switches("alpha", {"comment_outcome": outcome, **QUICK})
        box.press_sequentially(outcome)
        page.locator("button:enabled", has_text="发送").click()
        page.wait_for_function("(words) => shown.includes(words)", arg=words)  # some stay for three seconds only
        box.press("Control+A")
    expect(page.get_by_text("网络异常")).to_be_visible()
    assert texts(site) == ["ok", "answer_lost"]
    expect(page.locator(".comment-content-text-JvmAKq", has_text="ok")).to_have_count(1)


def test_a_kick_leaves_the_card_to_log_in_again(
    page: Page, base: str, site: Site, context: BrowserContext, running: tuple[Site, str]
) -> None:
    site.set_switches("alpha", {"message_outcome": "kick"})
    open_talk(page, base, "粉丝01").press_sequentially("在的")
    page.keyboard.press("Enter")
    expect(page.get_by_text("一键登录")).to_be_visible()
    assert texts(site) == []
