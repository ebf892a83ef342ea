"""Which page of messages is opened after one that failed, and what one is called that shows nothing."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from crawler.errors import CheckAsked, CrawlError, Kicked, PageChanged, PageMoved, Retryable, SlowDown
from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.im_listener import ImListener
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


ASKED: Any = SimpleNamespace(method="POST", url="https://imapi.example/v2/message/get_message_by_init")


def refuse(listener: ImListener) -> None:
    listener.failure = SlowDown("HTTP 429")
    listener._landed("messages")


@pytest.mark.parametrize(
    ("lands", "error"),
    [
        pytest.param(refuse, SlowDown, id="a refusal"),
        pytest.param(lambda listener: listener.on_failed(ASKED), Retryable, id="a lost answer"),
        pytest.param(lambda listener: listener._landed("messages"), Retryable, id="a late answer"),
        pytest.param(lambda _: None, Retryable, id="nothing"),
    ],
)
async def test_a_page_that_shows_nothing_did_not_change_if_its_answer_lands_while_it_is_read(
    monkeypatch: pytest.MonkeyPatch, lands: Callable[[ImListener], None], error: type[CrawlError]
) -> None:
    listener, state = a_listener(monkeypatch, lands)
    listener.on_request(ASKED)
    await expect(error, state, listener)


async def test_a_page_that_lost_an_answer_before_it_was_read_did_not_change_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listener, state = a_listener(monkeypatch, lambda _: None)
    listener.on_request(ASKED)
    loaded = listener.wait_until_loaded

    async def lose(start_s: float, most_s: float, calm_s: float) -> bool:
        listener.on_failed(ASKED)
        return await loaded(start_s, most_s, calm_s)

    monkeypatch.setattr(listener, "wait_until_loaded", lose)
    await expect(Retryable, state, listener)


async def test_a_page_that_shows_nothing_and_asks_for_nothing_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    listener, state = a_listener(monkeypatch, lambda _: None)
    listener.lost = 1  # of the page before
    await expect(PageChanged, state, listener)


def a_listener(monkeypatch: pytest.MonkeyPatch, lands: Callable[[ImListener], None]) -> tuple[ImListener, DouyinState]:
    """Of a page that opens and shows no list. `lands`: what happens while its memory is read."""
    config = read_config({"page_s": 0.02, "answer_s": 0.02, "pace": 0, "patience": 0.001}, {})
    state = DouyinState("acc-1", None, config, lambda: NOW)
    listener = ImListener(state.inbox, lambda: NOW, lambda: None)

    async def open_it(_state: DouyinState, _page: Any, entry: Any) -> Any:
        return entry

    async def let_in(_page: Any, _pace: Any) -> None:
        pass

    async def show_none(_state: DouyinState, _page: Any, entry: Any) -> None:
        lands(listener)
        raise PageChanged(f"{entry.name} loads no messages and shows none")

    monkeypatch.setattr(messages, "_open", open_it)
    monkeypatch.setattr(messages, "raise_if_kept_out", let_in)
    monkeypatch.setattr(messages, "_read_list", show_none)
    return listener, state


async def expect(error: type[CrawlError], state: DouyinState, listener: ImListener) -> None:
    nothing: Any = None
    entry = state.pages.chats[0]
    with pytest.raises(CrawlError) as raised:
        await messages._hear_or_read(state, nothing, entry, listener)
    assert type(raised.value) is error
