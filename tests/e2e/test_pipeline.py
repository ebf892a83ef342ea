"""The whole path, for real: pages in Chromium, a worker, a hub, an IM client; again after a `kill -9` of the hub."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demo.wire.notices import NOTICE_AFTER_S
from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation, eventually

pytestmark = [pytest.mark.e2e, pytest.mark.browser]

COUNTS = {"alpha": (5, 10, 29, 10), "beta": (3, 4, 6, 9)}
OPERATORS = (
    Operator("ann", dict.fromkeys(COUNTS, "read")),
    Operator("mei", dict.fromkeys(COUNTS, "operate")),
    Operator("boss", {}, is_staff=True),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("pipeline"))
    yield installation
    installation.stop()


@pytest.fixture(scope="module")
def crawled(place: Installation) -> Cast:
    """Two accounts at once, crawled by one worker; ann may read both, mei may act for both."""
    place.start_demo("--scenario", "contract", "--fans-interval", "0", "--phone-delay", "0.2")
    cast = make_cast(place, *OPERATORS, configs={name: place.demo_config(name) for name in COUNTS})
    token = cast.tokens["ann"]
    place.start_hub()
    worker = place.start_worker(cast.worker_token)

    def all_there() -> bool:
        assert worker.alive, worker.tail()
        return all(counts(place, token, name) == COUNTS[name] for name in COUNTS)

    eventually(all_there, f"everything crawled\n{worker.tail()}", 150)
    return cast


def counts(place: Installation, token: str, name: str) -> tuple[int, ...]:
    return tuple(
        len(place.walk(f"/api/im/{route}?account_id={name}&count=200", key, token))
        for route, key in (
            ("contents", "contents"),
            ("discussions", "discussions"),
            ("conversations", "conversations"),
            ("messages", "messages"),
        )
    )


def test_what_chromium_saw_is_what_a_client_reads(crawled: Cast) -> None:
    place, token = crawled.place, crawled.tokens["ann"]
    for name in COUNTS:
        check_works(place, token, name)
        check_messages(place, token, name)
        check_comments(place, token, name)
        check_details(place, token, name)
        check_links(place, token, name)
    check_orphans(place, crawled.tokens["boss"])
    check_users(place, token)
    check_feed(place, token)


def check_works(place: Installation, token: str, name: str) -> None:
    truth = {work["aweme_id"]: work for work in place.truth(name)["works"]}
    works = place.walk(f"/api/im/contents?account_id={name}", "contents", token)
    assert {work["platform_content_id"] for work in works} == set(truth)
    for work in works:
        told = truth[work["platform_content_id"]]
        assert work["title"] == told["title"]
        assert work["publish_time"] == told["created_s"] * 1000
        assert work["content_type"] == {"video": "video", "album": "image"}[told["kind"]]
        assert (work["stats"]["views"], work["stats"]["likes"]) == (told["plays"], told["likes"])


def check_messages(place: Installation, token: str, name: str) -> None:
    """Every message stands in its conversation, with its words, its time and its direction."""
    account, people = place.truth(name), place.people()
    told = {
        message["server_id"]: (conversation, message)
        for conversation in account["conversations"]
        for message in conversation["messages"]
    }
    seen = set()
    for conversation in place.walk(f"/api/im/conversations?account_id={name}", "conversations", token):
        path = f"/api/im/conversations/{conversation['conversation_id']}/messages?count=50"
        for message in place.walk(path, "messages", token):
            platform_id = message["msg_id"].removeprefix(f"msg_{name}_")
            group, original = told[platform_id]
            own = original["sender_uid"] == account["owner"]["uid"]
            assert message["content"] == original["text"]
            assert abs(message["create_time"] - original["created_ms"]) < 1000
            assert message["direction"] == ("outbound" if own else "inbound")
            assert message["conversation_id"] == conversation["conversation_id"]
            assert conversation["participant"]["user_name"] == people[group["partner_uid"]]["nickname"]
            seen.add(platform_id)
    assert seen == set(told)


def check_comments(place: Installation, token: str, name: str) -> None:
    people = place.people()
    works = {work["aweme_id"] for work in place.truth(name)["works"]}
    truth = {comment["cid"]: comment for comment in place.truth(name)["comments"]}
    comments = place.walk(f"/api/im/discussions?account_id={name}", "discussions", token)
    assert {comment["platform_discussion_id"] for comment in comments} == set(truth)
    for comment in comments:
        told = truth[comment["platform_discussion_id"]]
        assert comment["content"] == told["text"]
        late = 0 if told["aweme_id"] in works else NOTICE_AFTER_S  # known from its notice alone
        assert comment["created_at"] == (told["created_s"] + late) * 1000
        assert comment["content_id"] == f"cont_{name}_{told['aweme_id']}"
        assert (comment["parent_comment_id"] is None) == (told["parent_cid"] is None)
        assert comment["author"]["author_name"] == people[told["author_uid"]]["nickname"]


def check_details(place: Installation, token: str, name: str) -> None:
    """Every id that a list returns opens in its detail route."""
    for route, key, id_key in (
        ("conversations", "conversations", "conversation_id"),
        ("messages", "messages", "msg_id"),
        ("contents", "contents", "content_id"),
        ("discussions", "discussions", "discussion_id"),
    ):
        for row in place.walk(f"/api/im/{route}?account_id={name}&count=200", key, token):
            assert place.get(f"/api/im/{route}/{row[id_key]}", token)["data"] == row


def check_links(place: Installation, token: str, name: str) -> None:
    """`open_url` leads to the page of the person, and of the work, on the account's own site."""
    site = place.demo_config(name)["www_url"]
    for conversation in place.walk(f"/api/im/conversations?account_id={name}", "conversations", token):
        assert conversation["open_url"] == f"{site}/user/{conversation['participant']['user_id']}"
        assert f"<h1>{conversation['participant']['user_name']}</h1>" in read_page(conversation["open_url"])
    works = {work["content_id"]: work for work in place.walk(f"/api/im/contents?account_id={name}", "contents", token)}
    for comment in place.walk(f"/api/im/discussions?account_id={name}", "discussions", token):
        assert comment["open_url"].startswith(f"{site}/")
        if comment["content_id"] in works:
            assert works[comment["content_id"]]["title"] in read_page(comment["open_url"])


def read_page(address: str) -> str:
    with urlopen(address, timeout=10) as response:
        return unescape(response.read().decode())


def check_orphans(place: Installation, staff: str) -> None:
    data = place.get("/api/v1/status", staff)["data"]
    assert data["dataStore"]["orphanComments"] == 7
    assert data["dataStore"]["orphanMessages"] == 0
    assert data["workers"]["online"] == 1


def check_users(place: Installation, token: str) -> None:
    def at_work() -> dict[str, dict[str, Any]] | None:
        """A page that came late is read again, and shows until then."""
        users = {user["user_id"]: user for user in place.get("/api/im/accounts", token)["data"]["users"]}
        return users if {users[name]["worker_status"] for name in COUNTS} == {"crawling"} else None

    users = eventually(at_work, "both accounts are read", 60)
    for name in COUNTS:
        owner = place.truth(name)["owner"]
        user = users[name]
        assert (user["user_name"], user["platform_user_id"]) == (owner["nickname"], owner["short_id"])
        assert (user["login_status"], user["worker_status"]) == ("logged_in", "crawling")
        assert {"messages", "comments", "contents"} <= set(user["seen_at"])


def check_feed(place: Installation, token: str) -> None:
    """The fan who writes to both shops is two conversations, one in each."""
    rows = place.walk("/api/im/unified-messages?account_id=all&types=direct_message", "messages", token)
    own: dict[str, set[Any]] = {name: set() for name in COUNTS}
    for row in rows:
        own[row["account_id"]].add(row["conversation_id"])
        assert row["content"].startswith(row["account_id"])
    assert not own["alpha"] & own["beta"]
    assert len(rows) == sum(len(group["messages"]) for name in COUNTS for group in place.truth(name)["conversations"])


def test_open_windows_hear_of_a_fan_and_forget_when_one_reads_and_handles_it(crawled: Cast, browser: Browser) -> None:
    """Neither window is loaded anew: what comes stands there, is counted, and is counted no longer."""
    place, news = crawled.place, "今晚还发货吗，急着要"
    context = browser.new_context(base_url=crawled.url, locale="zh-CN", viewport={"width": 1440, "height": 900})
    windows = [context.new_page(), context.new_page()]
    sign_in_as(windows[0], "mei")
    for window in windows:
        window.goto("/")
        window.evaluate("window.sameDocument = true")
    waited = counted_in(windows[0], "待回复")
    place.inject("alpha", news)
    for window in windows:
        expect(window.locator("#options .row", has_text=news)).to_be_visible(timeout=60_000)
        expect(window).to_have_title(titled(waited + 1))
    unread = [window.locator("#account-alpha").get_attribute("data-unread") for window in windows]
    assert unread[0] == unread[1]
    assert int(unread[0] or 0) >= 1

    windows[0].locator("#options .row", has_text=news).click()
    expect(windows[0].locator("#messages")).to_contain_text(news)
    for window in windows:
        expect(window.locator("#options .row", has_text=news).locator(".pill")).to_have_count(0)
        expect(window.locator("#account-alpha")).to_have_attribute("data-unread", str(int(unread[0] or 0) - 1))
        assert counted_in(window, "待回复") == waited + 1

    windows[0].keyboard.press("e")
    expect(windows[0].locator(".toast")).to_contain_text("已标为处理完。")
    for window in windows:
        expect(window.locator("#options .row", has_text=news)).to_have_count(0)
        expect(tab_of(window, "待回复")).to_have_text(f"待回复 {waited}" if waited else "待回复")
        expect(window).to_have_title(titled(waited or counted_in(window, "未读")))
        assert window.evaluate("window.sameDocument")
    context.close()


def sign_in_as(page: Page, name: str) -> None:
    page.goto("/login/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(f"password-of-{name}")
    page.locator("[name=password]").press("Enter")
    page.locator("#rows").wait_for()


def tab_of(page: Page, name: str) -> Locator:
    return page.locator(".tabs a", has_text=name)


def counted_in(page: Page, tab: str) -> int:
    found = re.search(r"\d+", tab_of(page, tab).inner_text())
    return int(found[0]) if found else 0


def titled(count: int) -> str:
    """The title counts who waits, or what is unread where nobody waits."""
    return f"({count}) 收件箱 · IM Hub" if count else "收件箱 · IM Hub"


def test_the_worker_registers_again_after_the_hub_was_killed_and_news_flow(crawled: Cast) -> None:
    place, token = crawled.place, crawled.tokens["ann"]
    _, hub, worker = place.processes
    news = "在吗，刚看到你们的杯子"

    def texts() -> set[str]:
        return {row["content"] for row in place.walk("/api/im/messages?account_id=beta&count=200", "messages", token)}

    before = texts()
    hub.kill()
    place.inject("beta", news)
    place.start_hub()
    eventually(lambda: news in texts(), f"news after the restart\n{worker.tail()}", 60)
    assert texts() == before | {news}
    assert worker.alive
