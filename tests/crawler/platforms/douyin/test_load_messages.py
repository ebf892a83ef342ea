"""Which page of messages is opened after one that failed."""

from typing import Any

import pytest

from crawler.errors import CheckAsked, CrawlError, Kicked, PageMoved, Retryable, SlowDown
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces import messages
from tests.crawler.builders import NOW

PAGES = ["www:/chat", "www:/"]


@pytest.mark.parametrize(
    ("error", "opened"),
    [
        (PageMoved("www:/chat is gone"), PAGES),
        (Retryable("www:/chat: HTTP 500"), PAGES),
        (SlowDown("www:/chat: HTTP 429"), PAGES[:1]),
        (CheckAsked("a check"), PAGES[:1]),
        (Kicked("the page offers to log in again"), PAGES[:1]),
    ],
)
async def test_another_page_is_tried_unless_the_account_is_to_be_left_alone(
    monkeypatch: pytest.MonkeyPatch, error: CrawlError, opened: list[str]
) -> None:
    tried = []

    async def fail(_state: DouyinState, _page: Any, entry: Any) -> None:
        tried.append(entry.name)
        raise error

    monkeypatch.setattr(messages, "_open", fail)
    nothing: Any = None
    with pytest.raises(type(error)):
        await messages.load_messages(DouyinState("acc-1", None, read_config({}, {}), lambda: NOW), nothing, nothing)
    assert tried == opened
