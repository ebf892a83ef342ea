"""What a person searches for: rows show the line that says it, and open at it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from threading import Event

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from im_api.event_loop import check_client, client_left
from im_api.queries import cursors, threads
from im_api.queries.stretches import ABOVE, BELOW, PAGE
from im_api.queries.threads import RowCounts
from inbox.found_line import find_line
from inbox.pages import inbox_page
from sync.core import pace
from sync.core.account.inbox_rows import SearchHit
from sync.hub import Hub
from tests.sync.histories import NOW, a_conversation, a_message, write_history
from tests.sync.threaded_hub import running_hub

MANY = 120


@pytest.fixture
def browser(transactional_db: None) -> Client:
    client = Client()
    client.force_login(get_user_model().objects.create_superuser("owner", "o@example.com", "a long enough one"))
    return client


@pytest.fixture
def hub(browser: Client) -> Iterator[Hub]:
    """One account with a long conversation, whose eighth message asks for a size in full-width letters."""
    messages = [
        a_message(n, createdAt=NOW - (MANY - n) * 1000, content="有ＸＬ<b>的吗" if n == 8 else f"第{n}句")
        for n in range(1, MANY + 1)
    ]
    works = [{"id": "w1", "contentId": "w1", "title": "秋天的<b>裙子", "description": "尺码齐全", "createdAt": NOW}]
    write_history("roses", {"conversations": [a_conversation(1)], "messages": messages, "contents": works})
    with running_hub() as hub:
        yield hub


def test_the_row_shows_the_line_with_the_hit_marked_and_leads_to_it(browser: Client, hub: Hub) -> None:
    body = browser.get("/?tab=all&q=xl").content.decode()
    assert "有<mark>ＸＬ</mark>&lt;b&gt;的吗" in body
    message = message_of(hub, "有ＸＬ<b>的吗")
    assert f"at={message}" in unescape(body)
    opened = browser.get(f"/c/c1?tab=all&q=xl&at={message}").content.decode()
    assert f'<div class="message found" id="m-{message}">' in opened
    assert said_in(opened) == list(range(1, 8 + BELOW + 1))  # what stands around it


def test_the_row_shows_when_the_line_was_said_that_it_shows(browser: Client, hub: Hub) -> None:
    long_ago = a_message(900, 2, content="要一只玉镯", createdAt=NOW - 600 * 24 * 3_600_000)
    write_history("jade", {"conversations": [a_conversation(2)], "messages": [long_ago, a_message(901, 2)]})
    hub.store.publish([hub._change_log.load("jade", hub.store.new_view)])
    assert "<time>2025-01-29</time>" in browser.get("/?tab=all&q=玉镯").content.decode()


def said_in(page: str) -> list[int]:
    """Return the numbers of the messages that are shown; the eighth asks for a size."""
    said = re.findall(r'<div class="bubble"><bdi>(?:第(\d+)句|有ＸＬ)', page)
    return [int(number or 8) for number in said]


def link_in(page: str, name: str) -> str | None:
    found = re.search(rf'id="{name}"\s+href="([^"]+)"', page)
    return unescape(found[1]) if found else None


def test_a_plain_link_leads_on_from_the_hit_to_both_ends_and_each_message_is_met_once(
    browser: Client, hub: Hub
) -> None:
    opened = browser.get(f"/c/c1?tab=all&q=xl&at={message_of(hub, '第40句')}").content.decode()
    met, older, newer = said_in(opened), opened, opened
    assert met == list(range(40 - ABOVE, 40 + BELOW + 1))
    assert 'data-below="50"' in opened
    while (href := link_in(newer, "newer")) is not None:
        newer = browser.get(f"/c/c1{href}").content.decode()
        assert "tab=all" in href
        met += said_in(newer)
    while (href := link_in(older, "older")) is not None:
        older = browser.get(f"/c/c1{href}").content.decode()
        met = said_in(older) + met
    assert met == list(range(1, MANY + 1))
    newest = browser.get(f"/c/c1{link_in(opened, 'newest')}").content.decode()
    assert said_in(newest) == list(range(MANY - PAGE + 1, MANY + 1))
    assert link_in(newest, "newest") is None


def test_an_open_page_asks_again_for_the_part_that_it_shows(browser: Client, hub: Hub) -> None:
    first, last, at = (message_of(hub, f"第{number}句") for number in (30, 90, 40))
    again = browser.get(f"/c/c1?at={at}&first={first}&last={last}").content.decode()
    assert said_in(again) == list(range(30, 91))
    assert f'class="message found" id="m-{at}"' in again
    joined = browser.get(f"/c/c1?at={at}&joined=1").content.decode()
    assert said_in(joined) == list(range(MANY - PAGE + 1, MANY + 1))
    gone = browser.get(f"/c/c1?first=nothing&last={last}").content.decode()
    assert said_in(gone) == said_in(joined)
    assert browser.get("/c/c1?newer=5").status_code == 404


def test_a_hit_near_the_end_opens_with_all_that_came_since(browser: Client, hub: Hub) -> None:
    opened = browser.get(f"/c/c1?at={message_of(hub, '第75句')}").content.decode()
    assert said_in(opened) == list(range(75 - ABOVE, MANY + 1))


def message_of(hub: Hub, text: str) -> str:
    held = hub.store.get_view("roses").messages.values()
    return next(entry.item.id for entry in held if entry.item.content == text)


def test_without_a_hit_the_thread_opens_as_ever(browser: Client, hub: Hub) -> None:
    for at in ("", "&at=nothing", "&at="):
        opened = browser.get(f"/c/c1?tab=all{at}").content.decode()
        assert "message found" not in opened
        assert opened.count('class="message') == PAGE + 1  # their box is one of them


@pytest.mark.parametrize(
    ("hit", "shown"),
    [
        (
            SearchHit("messages", "m1", "从前有一个很长很长很长很长很长的故事，后来问尺码"),
            ("…长很长很长很长很长的故事，后来问", "尺码", ""),
        ),
        (SearchHit("messages", "m1", "尺码\n偏大", is_own=True), ("Me: ", "尺码", " 偏大")),
        (SearchHit("people", "u1", "爱问尺码"), ("Note: 爱问", "尺码", "")),
    ],
)
def test_the_hit_is_in_sight_and_whose_words_it_is_stands_before_it(
    hit: SearchHit, shown: tuple[str, str, str]
) -> None:
    line = find_line(hit, "尺码", "douyin")
    assert line is not None
    assert tuple(line) == shown


def test_a_row_that_is_named_so_keeps_its_last_words() -> None:
    assert find_line(SearchHit(None, None, None), "尺码", "douyin") is None
    assert find_line(None, "尺码", "douyin") is None


@pytest.mark.parametrize("q", ["裙子", "尺码"])
def test_a_work_is_found_by_its_title_and_its_description(browser: Client, hub: Hub, q: str) -> None:
    body = browser.get(f"/?tab=all&q={q}").content.decode()
    found = body.partition('<div class="found">')[2].partition("</div>")[0]
    assert "秋天的&lt;b&gt;裙子" in found
    href = next(part.partition('"')[0] for part in found.split('href="')[1:] if part.startswith("/works/"))
    assert browser.get(unescape(href)).status_code == 200
    for elsewhere in ("&kind=notification", "&kind=direct_message"):
        assert "/works/w1" not in browser.get(f"/?tab=all&q={q}{elsewhere}").content.decode()


def test_a_further_page_of_rows_is_read_without_the_counts_of_the_head(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def count(*args: object) -> RowCounts:
        asked.append(args)
        return RowCounts(0, 0)

    monkeypatch.setattr(inbox_page, "count_threads", count)
    rows = browser.get("/?tab=all&q=句", headers={"IMHub-Part": "rows"}).content.decode()
    assert "第120<mark>句</mark>" in rows
    assert asked == []
    browser.get("/?tab=all&q=句")
    assert len(asked) == 3  # of each kind


@pytest.mark.parametrize("path", ["/", "/api/im/threads", "/api/im/messages", "/api/im/unified-messages"])
def test_a_search_ends_soon_after_its_client_has_left(
    browser: Client, hub: Hub, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    left = Event()
    asked: list[bool] = []

    def leave_and_check() -> None:
        asked.append(left.is_set())
        left.set()
        check_client()

    monkeypatch.setattr(pace, "LOOKS", 0)
    for module in (cursors, threads):
        monkeypatch.setattr(module, "check_client", leave_and_check)
    token = client_left.set(left)
    try:
        answer = browser.get(path, {"q": "没有", "account_id" if path.startswith("/api/") else "account": "roses"})
    finally:
        client_left.reset(token)
    assert (answer.status_code, asked) == (503, [False])
