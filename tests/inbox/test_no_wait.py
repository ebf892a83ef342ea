"""A row and a thread that do not wait, though nobody answered, say why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from im_api.models import Grant
from tests.sync.histories import NOW, a_conversation, a_message, write_history
from tests.sync.threaded_hub import running_hub

CLOSING, FANS = "no reply needed: closing words", "no reply needed: between fans"


def a_comment(number: int, author: str, **fields: Any) -> dict[str, Any]:
    facts = {"id": f"d{number}", "commentId": f"d{number}", "authorId": author, "authorName": author}
    return facts | {"content": "多大的", "createdAt": NOW - 60_000 + number} | fields


@pytest.fixture
def browser(transactional_db: None) -> Iterator[Client]:
    write_history(
        "roses",
        {
            "conversations": [a_conversation(1, userName="Ann"), a_conversation(2, userName="Bob")],
            "messages": [
                a_message(1, 1, direction="outbound"),
                a_message(2, 1, content="谢谢"),
                a_message(3, 2, content="多少钱"),
            ],
            "comments": [
                a_comment(1, "Carl"),
                a_comment(2, "me", parentCommentId="d1", isAuthorReply=True),
                a_comment(3, "Dora", parentCommentId="d1", replyToUserId="Carl"),
            ],
        },
    )
    user = get_user_model().objects.create_user("mei", password="a long enough one")
    Grant.objects.create(user=user, account_id="roses", level="read")
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    with running_hub():
        yield client


def head_of(client: Client, path: str) -> str:
    head = re.search(r'<div class="who">\s*<h2>(.*?)</div>', client.get(path).content.decode(), flags=re.S)
    assert head is not None
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", head[1])))


def rows_of(client: Client) -> dict[str, str]:
    """The title of each row, by its id."""
    tags = re.findall(r'<a\s+class="row.*?>', client.get("/?tab=all").content.decode(), flags=re.S)
    return {value_of(tag, "data-thread"): value_of(tag, "title") for tag in tags}


def value_of(tag: str, attribute: str) -> str:
    """Empty if the tag has none."""
    found = re.search(rf'\s{attribute}="(.*?)"', tag)
    return found[1] if found is not None else ""


def test_a_row_says_why_it_does_not_wait(browser: Client) -> None:
    assert rows_of(browser) == {"c1": CLOSING, "c2": "", "d1": FANS}


def test_the_head_of_a_thread_says_why_it_does_not_wait(browser: Client) -> None:
    assert CLOSING in head_of(browser, "/c/c1")
    assert FANS in head_of(browser, "/d/d1")
    assert "no reply needed" not in head_of(browser, "/c/c2")


def test_it_is_said_in_chinese_too(browser: Client) -> None:
    client = Client(headers={"Accept-Language": "zh-hans"})
    client.cookies = browser.cookies
    assert "不用回复：结束语" in head_of(client, "/c/c1")
    assert "不用回复：粉丝之间的对话" in head_of(client, "/d/d1")
