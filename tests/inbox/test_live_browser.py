"""A page that stays open: what it says of accounts and of its own connection, and what it never claims."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, Route, expect

from tests.browsers import hold_time, stop_clock
from tests.inbox.inbox_data import PASSWORD
from tests.inbox.live_page import (
    AGAIN,
    LOST,
    NOTIFICATION,
    QUIET,
    TONES,
    WATCH,
    live,
    look_now,
    state,
    wait_for_notices,
    wait_for_route,
    wait_until_said,
)
from tests.inbox.live_place import Place, box_of, sign_in, wait_for_silence

pytestmark = [pytest.mark.e2e, pytest.mark.browser]


@pytest.fixture(scope="module")
def whole_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    place = Place(tmp_path_factory.mktemp("live"))
    yield place
    place.close()


@pytest.fixture
def place(whole_place: Place) -> Place:
    whole_place.wire.mend()
    whole_place.all_fine()
    return whole_place


@pytest.fixture(scope="module")
def signed_in(browser: Browser, whole_place: Place) -> Iterator[BrowserContext]:
    context = sign_in(browser, whole_place.address)
    yield context
    context.close()


@pytest.fixture
def page(signed_in: BrowserContext) -> Iterator[Page]:
    page = signed_in.new_page()
    yield page
    page.close()


# -- accounts


def test_with_one_of_five_accounts_stale_quiet_is_never_claimed(place: Place, page: Page) -> None:
    live(page, QUIET)
    expect(page.locator(".empty")).to_contain_text("All done. All 5 accounts are updating, last look")
    page.clock.install()
    page.reload()
    expect(page.locator("#connection")).to_contain_text("Live")
    wait_for_silence(page)  # an answer from before would set the page's clock after it was put forward
    place.wire.cut()
    page.clock.fast_forward(95_000)
    expect(page.locator(".empty")).to_contain_text("No new messages seen, but 5 accounts are not updating.")
    expect(state(page, "tea")).to_have_text("no update for 1 min")
    place.wire.mend()
    look_now(page)
    expect(page.locator(".empty")).to_contain_text("All done.")
    place.worker.look("tea", "comments", seconds_ago=3_600)
    look_now(page)
    expect(page.locator(".empty")).to_contain_text("No new messages seen, but 1 account is not updating.")
    live(page, f"{QUIET}&account=dress")
    page.clock.fast_forward(11_000)
    expect(state(page, "tea")).to_have_text(re.compile(r"no update for \d+ min"))
    expect(page.locator(".empty")).to_contain_text("All done. The account is updating, last look")
    place.worker.look("tea", "comments")


def test_an_account_whose_messages_cannot_be_read_is_not_fresh(place: Place, page: Page) -> None:
    live(page)
    expect(state(page, "tea")).to_have_text(re.compile("^seen "))
    place.worker.look("tea", canary="page_changed")
    place.worker.look("tea", "comments")
    look_now(page)
    expect(state(page, "tea")).to_have_text("The messages page changed")
    expect(page.locator("#banner")).to_contain_text("The messages of “山野茶舍” cannot be read for now:")
    page.goto("/accounts")
    expect(page.locator("#card-tea .looked")).to_contain_text(re.compile(r"Messages\b.*\bcannot be read", re.DOTALL))


def test_ages_grow_without_a_reload_and_a_push_makes_them_young(place: Place, page: Page) -> None:
    page.clock.install()
    live(page)
    page.evaluate("window.same = true")
    place.worker.look("food")
    look_now(page)
    expect(state(page, "food")).to_have_text(re.compile(r"seen (just now|\d s ago)"))
    wait_for_silence(page)  # as above
    place.wire.cut()
    page.clock.fast_forward(40_000)
    expect(state(page, "food")).to_have_text(re.compile(r"seen 4\d s ago"))
    place.worker.look("food")
    place.wire.mend()
    look_now(page)
    expect(state(page, "food")).to_have_text(re.compile(r"seen (just now|\d s ago)"))
    assert page.evaluate("window.same")


def test_what_the_hub_pushes_is_not_followed_by_reading_the_page_again(place: Place, page: Page) -> None:
    pushed = page.context.new_page()
    with pushed.expect_websocket() as opened:
        live(pushed, "/?account=roses")
    place.worker.look("roses")
    place.worker.say("roses", 931, "只读一次")
    expect(pushed.locator(".row", has_text="只读一次")).to_be_visible()
    wait_for_silence(pushed)
    asked: list[str] = []
    pushed.on("request", lambda request: asked.append(request.headers.get("imhub-part", request.url)))
    for _ in range(3):  # an account that grows old meanwhile is a reason to read the page, but not each time
        asked.clear()
        for _ in range(2):
            with opened.value.expect_event("framereceived", lambda frame: '"fresh"' in frame, timeout=60_000):
                pass
        if set(asked) == {"rail"}:
            break
    expect(state(pushed, "roses")).to_have_text(re.compile(r"^seen \d+ (s|min) ago$"))
    assert set(asked) == {"rail"}
    pushed.close()


def test_what_no_event_tells_of_is_seen_with_the_next_freshness(place: Place, page: Page) -> None:
    live(page)
    expect(state(page, "tea")).to_have_text(re.compile("^seen "))
    place.worker.look("tea", canary="page_changed")
    expect(state(page, "tea")).to_have_text("The messages page changed")
    expect(page.locator("#banner")).to_contain_text("The messages of “山野茶舍” cannot be read for now:")


def test_a_banner_tells_the_worst_and_comes_back_when_something_changes(place: Place, page: Page) -> None:
    live(page)
    expect(page.locator("#banner")).to_be_hidden()
    place.worker.look("tea", canary="page_changed")
    look_now(page)
    expect(page.locator("#banner strong")).to_have_text("The messages of “山野茶舍” cannot be read for now:")
    place.worker.look("tea")
    place.worker.report("food", "expired")
    look_now(page)
    banner = page.locator("#banner")
    expect(banner).to_contain_text(
        re.compile(r"“探店小李” needs a new login. Nothing new has come in from it since (yesterday )?\d\d:\d\d.")
    )
    assert box_of(banner)["height"] == 44
    expect(banner.get_by_role("link")).to_have_attribute("href", "/accounts#card-food")
    banner.get_by_role("button", name="Hide until something changes").click()
    expect(banner).to_be_hidden()
    page.reload()
    expect(banner).to_be_hidden()
    place.worker.report("craft", "expired")
    look_now(page)
    expect(banner).to_contain_text("2 accounts need you")
    expect(page.locator("#rail .place", has_text="Accounts")).to_contain_text("2 to do")
    expect(page.locator("#connection")).to_contain_text("2 need you")
    page.set_viewport_size({"width": 1024, "height": 768})
    assert box_of(banner)["height"] == 44


def test_a_page_that_was_asked_for_before_does_not_bring_a_dismissed_banner_back(place: Place, page: Page) -> None:
    place.worker.report("food", "expired")
    live(page)
    banner = page.locator("#banner")
    expect(banner).to_contain_text("“探店小李” needs a new login.")

    read_as_a_whole: list[Route] = []
    dismissed: list[Route] = []

    def dismiss_meanwhile(route: Route) -> None:
        # A frame of freshness may have the rail read at the same address: that read sets no title.
        if read_as_a_whole or route.request.headers.get("imhub-part") == "rail":
            route.fallback()
            return
        read_as_a_whole.append(route)
        asked_before = route.fetch()
        page.evaluate("""() => {
            const banner = document.getElementById('banner');
            banner.querySelector('.dismiss').click();
            document.title = 'not read yet';
            window.cameBack = false;
            const look = () => { window.cameBack ||= !banner.hidden; };
            new MutationObserver(look).observe(banner, {attributes: true}); }""")
        dismissed.append(route)
        route.fulfill(response=asked_before)

    page.route("**/?count=*", dismiss_meanwhile)
    look_now(page)
    wait_for_route(page, dismissed)
    expect(page).not_to_have_title("not read yet")
    expect(banner).to_be_hidden()
    assert page.evaluate("window.cameBack") is False


def test_what_is_heard_while_another_page_opens_is_read_after_it(place: Place, page: Page) -> None:
    """The page was being read at an address that was left meanwhile: that answer is shown nowhere, and news is."""
    with page.expect_websocket() as socket:
        live(page, "/?account=roses")
    held: list[Route] = []
    late: list[APIResponse] = []

    def hold_the_page(route: Route) -> None:
        # While the first one is fetched the page may ask once more, and have the rail alone read at the same address.
        if held or route.request.headers.get("imhub-part") == "rail":
            route.fallback()
            return
        held.append(route)
        late.append(route.fetch())

    page.route("**/?*account=roses*", hold_the_page)
    look_now(page)
    wait_for_route(page, late)
    page.locator(".tabs a", has_text="All").click()
    expect(page.locator(".tabs a", has_text="All")).to_have_attribute("aria-current", "page")
    with socket.value.expect_event("framereceived", lambda frame: "现在还在吗" in frame):
        place.worker.say("roses", 941, "现在还在吗", conversation=3, name="张三")
    page.evaluate("new Promise((done) => setTimeout(done, 300))")  # longer than events are gathered
    [route], [answer] = held, late
    route.fulfill(response=answer)
    expect(page.locator("#rows")).to_contain_text("现在还在吗")


def test_an_account_that_is_back_says_what_the_gap_brought(place: Place, page: Page) -> None:
    place.worker.report("roses", "expired")
    live(page)
    place.worker.report("roses")
    place.worker.say("roses", 901, "在吗")
    place.worker.look("roses")
    look_now(page)
    expect(page.locator(".toast")).to_have_text("“小满花店” is back. 1 item from the gap was fetched, 1 unread.")


# -- the connection


def test_a_cut_of_two_seconds_is_silent(place: Place, page: Page) -> None:
    """The seconds are the page's own, which are put forward: a busy machine makes none of them longer."""
    page.clock.install()
    with page.expect_websocket() as socket:
        live(page)
    page.evaluate(WATCH)
    stop_clock(page)
    try:
        with socket.value.expect_event("close"):
            place.wire.cut()
        page.clock.run_for(2_000)
        place.wire.mend()
        place.worker.say("roses", 902, "还在吗")
        look_now(page)
        deadline = time.monotonic() + 60
        while not page.locator(".row", has_text="还在吗").count():
            assert time.monotonic() < deadline
            page.clock.run_for(5)
            page.wait_for_timeout(50)
        assert page.evaluate("[...said]") == ["Live"]
    finally:
        page.clock.resume()  # it is one clock for all pages of a browser's session


def test_a_cut_of_forty_seconds_is_told_and_so_is_its_end(place: Place, signed_in: BrowserContext, page: Page) -> None:
    page.add_init_script(f"{NOTIFICATION}; {TONES}")
    hold_time(page)  # a second after it was opened it is marked as read, which is to be in the cut
    live(page, "/c/c5?account=roses")
    place.wire.cut()
    page.clock.resume()
    expect(page.locator("#notice")).to_be_hidden()
    page.clock.fast_forward(3_500)
    expect(page.locator("#connection")).to_contain_text(LOST)
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("icon-lost.svg"))
    expect(page.locator("#notice")).to_be_hidden()
    page.keyboard.press("e")
    expect(page.locator("#held")).to_have_text("2 changes are saved when the connection is back")
    page.clock.fast_forward(35_000)
    expect(page.locator("#notice")).to_contain_text(LOST)
    for number in (903, 904, 905):
        place.worker.say("roses", number, f"断线时说的 {number}", conversation=2, name="周二")
    page.evaluate(WATCH)
    place.wire.mend()
    look_now(page)
    wait_until_said(page, AGAIN)
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator("#held")).to_be_hidden()
    page.clock.fast_forward(3_500)
    expect(page.locator("#connection")).to_contain_text("Live")
    expect(page.locator("link[rel=icon]")).not_to_have_attribute("href", re.compile("icon-lost.svg"))
    wait_for_notices(page, 1)
    page.wait_for_function("() => tones > 1", timeout=60_000)
    assert page.evaluate("raised") == [["3 new messages while you were away", ""]]
    assert page.evaluate("tones") == 2, "one sound of two tones"
    page.evaluate("localStorage.clear()")
    answer = signed_in.request.get("/api/im/conversations/c5")
    assert answer.json()["data"]["done_at"] is not None
    page.goto("/c/c2?account=roses&tab=all")
    expect(page.locator("#messages .bubble", has_text="断线时说的")).to_have_count(3)


def test_a_device_without_a_network_says_so(place: Place, signed_in: BrowserContext, page: Page) -> None:
    page.clock.install()
    live(page)
    place.wire.cut()
    signed_in.set_offline(True)
    try:
        page.clock.fast_forward(4_000)
        expect(page.locator("#connection")).to_have_text(
            "This device is offline. It updates by itself when the network is back."
        )
        page.evaluate(WATCH)
        place.wire.mend()
    finally:
        signed_in.set_offline(False)
    wait_until_said(page, AGAIN)


def test_an_open_page_outlives_a_restart_of_the_hub(place: Place, page: Page) -> None:
    live(page)
    page.evaluate("window.same = true")
    place.hub.kill()
    expect(page.locator("#connection")).to_contain_text(LOST)
    place.start()
    look_now(page)
    expect(page.locator("#connection")).to_contain_text("Live", timeout=60_000)
    place.worker.say("roses", 906, "重启之后")
    expect(page.locator(".row", has_text="重启之后")).to_be_visible()
    assert page.evaluate("window.same")


def test_a_failure_of_the_hub_keeps_what_was_read_and_has_a_number(place: Place, page: Page) -> None:
    live(page)
    page.route("**/?count=*", lambda route: route.fulfill(status=500, headers={"IMHub-Request": "5ee7ab1e"}, body=""))
    look_now(page)
    expect(page.locator("#connection")).to_have_text("That could not be read just now. Trying again in 10 seconds.")
    expect(page.locator(".row").first).to_be_visible()
    page.get_by_text("Details").click()
    expect(page.get_by_text("Number of the failed request: 5ee7ab1e")).to_be_visible()
    page.unroute_all()
    look_now(page)
    expect(page.locator("#connection")).to_contain_text("Live")
    expect(page.locator("#failed-request")).to_be_hidden()


def test_who_is_signed_out_elsewhere_signs_in_over_the_page(browser: Browser, place: Place) -> None:
    context = browser.new_context(base_url=place.address)
    page = context.new_page()
    page.goto("/login/")  # by the form: the session that all other tests share is not to end
    page.get_by_label("Name").fill("mei")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#rows")).to_be_visible()
    live(page, "/c/c3?account=roses")
    # It is marked as read a second later; an answer that was asked for before a write is shown no more.
    expect(page.locator("#thread")).to_have_attribute("data-unread", "0")
    page.locator("#q").fill("写到一半")
    expect(page).to_have_url(re.compile("[?&]q="))
    wait_for_silence(page)  # the search opens another address: what was asked for at the one before is shown no more
    page.evaluate("window.same = true")
    token = page.locator("body").get_attribute("data-csrf") or ""
    late: list[tuple[Route, APIResponse]] = []

    def hold_with_the_news(route: Route) -> None:
        if late:
            route.fallback()
            return
        answer = route.fetch()
        if "先等一下" in answer.text():
            late.append((route, answer))
        else:  # asked before
            route.fulfill(response=answer)

    page.route("**/c/c3?*", hold_with_the_news)
    place.worker.say("roses", 966, "先等一下", conversation=3, name="张三")
    wait_for_route(page, late)
    context.request.post("/logout/", headers={"X-CSRFToken": token, "Referer": place.address})
    dialog = page.get_by_role("dialog", name="You are signed out.")
    expect(dialog).to_be_visible()
    dialog.evaluate("(dialog) => dialog.addEventListener('close', () => { window.closed = true; })")
    [(route, answer)] = late  # asked while she was signed in
    route.fulfill(response=answer)
    expect(page.locator("#messages")).to_contain_text("先等一下")
    assert not page.evaluate("Boolean(window.closed)")
    page.keyboard.press("Escape")
    expect(page.locator("#notice")).to_contain_text("You are signed out.")
    page.locator("#messages").click()
    page.keyboard.press("u")
    expect(page.locator("#held")).to_have_text("1 change is saved when the connection is back")
    page.locator("#notice").get_by_role("button", name="Sign in").click()
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.get_by_role("alert")).to_contain_text("do not belong together")

    def let_the_page_be_read_first(route: Route) -> None:
        signed_in = route.fetch(max_redirects=0)
        look_now(page)
        page.wait_for_function("() => !document.getElementById('signed-out').open")
        route.fulfill(response=signed_in)

    page.route("**/login/", lambda r: let_the_page_be_read_first(r) if r.request.method == "POST" else r.fallback())
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#notice")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("Marked as unread.")
    expect(page.locator("#held")).to_be_hidden()
    expect(page.locator("#connection")).to_contain_text("Live")
    expect(page.locator("#q")).to_have_value("写到一半")
    expect(page.locator("#thread h2")).to_have_text("张三")
    place.worker.say("roses", 907, "又来了", conversation=3, name="张三")
    expect(page.locator("#messages")).to_contain_text("又来了")
    page.locator("#messages").click()
    page.keyboard.press("e")
    expect(page.locator(".toast")).to_contain_text("Marked as handled.")
    assert page.evaluate("window.same")
    context.close()


# -- notices


def test_one_window_of_several_raises_one_notice_and_none_for_what_is_open(
    place: Place, signed_in: BrowserContext
) -> None:
    signed_in.add_init_script(NOTIFICATION)
    first, second = signed_in.new_page(), signed_in.new_page()
    live(first, "/?account=roses")
    live(second, "/?account=roses")
    place.worker.say("roses", 908, "有货吗", conversation=6, name="赵六")
    for one in (first, second):
        wait_for_notices(one, 1)
    expect(second.locator(".row", has_text="有货吗")).to_be_visible()
    assert first.evaluate("raised") == [["赵六 · 小满花店", "New message"]]
    assert second.evaluate("raised") == [["赵六 · 小满花店", "New message"]]
    second.bring_to_front()
    second.locator(".row", has_text="赵六").click()
    expect(second.locator("#thread h2")).to_have_text("赵六")
    place.worker.say("roses", 909, "看着呢", conversation=6, name="赵六")
    expect(second.locator("#messages")).to_contain_text("看着呢")
    place.worker.say("roses", 910, "另一个人", conversation=5, name="王五")
    wait_for_notices(first, 2)
    assert [title for title, _ in first.evaluate("raised")] == ["赵六 · 小满花店", "王五 · 小满花店"]
    speaker = next(one for one in (first, second) if one.evaluate("window.last?.title === '王五 · 小满花店'"))
    speaker.evaluate("last.dispatchEvent(new Event('click'))")
    expect(speaker.locator("#thread h2")).to_have_text("王五")
    first.evaluate("localStorage.clear()")
    for one in (first, second):
        one.close()


def test_this_device_keeps_how_it_tells_of_arrivals(place: Place, page: Page) -> None:
    page.add_init_script(NOTIFICATION.replace("localStorage.notices = 'on';", "").replace("'granted'", "'default'"))
    page.add_init_script("Notification.requestPermission = async () => (Notification.permission = 'granted')")
    live(page, "/me")
    sound, notices = page.get_by_label("A soft sound"), page.get_by_label("Desktop notices")
    expect(sound).not_to_be_checked()
    expect(page.get_by_label("Show in them what was written")).to_be_disabled()
    sound.check()
    notices.check()
    page.get_by_label("Show in them what was written").check()
    page.get_by_role("button", name="By hand").click()
    page.get_by_label("Single letters act").uncheck()
    page.wait_for_function("() => localStorage.letters === 'off' && localStorage.notices === 'on'")
    kept = page.evaluate("['sound', 'notices', 'notice-text', 'reading', 'letters'].map((name) => localStorage[name])")
    assert kept == ["on", "on", "on", "hand", "off"]
    page.reload()
    expect(sound).to_be_checked()
    expect(page.get_by_role("button", name="By hand")).to_have_attribute("aria-pressed", "true")
    page.evaluate("localStorage.clear()")


def test_an_address_without_https_says_what_it_lacks(place: Place, page: Page) -> None:
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', { get: () => false })")
    live(page, "/me")
    expect(page.get_by_text("This address is not https, so the browser blocks desktop alerts")).to_be_visible()
    expect(page.get_by_label("Desktop notices")).to_be_disabled()
    expect(page.get_by_label("A soft sound")).to_be_enabled()


# -- the owner


def test_an_owner_adds_names_pauses_and_shares_an_account(browser: Browser, place: Place, page: Page) -> None:
    live(page, "/accounts")
    page.get_by_role("link", name="Add an account").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Name of the account")).to_be_focused()
    dialog.get_by_label("Short name for scripts").fill("两个字")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog.get_by_label("Name of the account")).to_be_focused()
    expect(dialog).to_contain_text("Nothing stands here yet.")
    expect(dialog).to_contain_text("Only letters, digits, _ . and -")
    dialog.get_by_label("Name of the account").fill("山里人家")
    dialog.get_by_label("Short name for scripts").fill("hills")
    dialog.get_by_role("button", name="Add").click()
    expect(dialog).to_be_hidden()
    card = page.locator("#card-hills")
    expect(card).to_contain_text("山里人家")
    card.get_by_label("More about 山里人家").click()
    card.get_by_role("link", name="Name, colour, group").click()
    dialog.get_by_label("What we call it").fill("小山")
    dialog.locator("input[value='#2F6B2F']").check()
    dialog.get_by_role("button", name="Save").click()
    expect(card.locator("h2")).to_have_text("小山")
    expect(card.locator(".square.tint-4")).to_have_count(1)
    card.get_by_role("button", name="Pause").click()
    expect(card).to_contain_text("Paused")
    card.get_by_role("button", name="Go on").click()
    expect(card).not_to_contain_text("Paused")
    context = sign_in(browser, place.address, "mei")
    operator = live(context.new_page(), "/accounts")
    expect(operator.locator(".card")).to_have_count(2)
    expect(operator.locator("#accounts button, #accounts details:not(.gaps), #accounts form")).to_have_count(0)
    card.get_by_label("More about 小山").click()
    card.get_by_role("link", name="Who sees it").click()
    dialog.get_by_label("mei").select_option("read")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(operator.locator("#card-hills")).to_contain_text("小山")
    assert context.request.get("/accounts/hills/edit").status == 403
    context.close()
