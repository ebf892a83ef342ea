"""When the page of messages is loaded again, and when not. Without a browser: the page is made up."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crawler.errors import CrawlError, LoginLost, Retryable
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin import resident
from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.im.news import parse_response
from crawler.platforms.douyin.im_listener import ImListener
from crawler.platforms.douyin.resident import ResidentPage
from crawler.platforms.douyin.state import DouyinState
from tests.crawler.builders import until
from tests.crawler.platforms.douyin.im.wire import NOW, a_body, a_frame, a_new_message, an_info, an_init

LONG_AGO = 1_000.0


class AnOpenPage:
    """Loads one conversation with two messages. `loads`: how often; `shown`: ids of messages behind its rows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = DouyinState("acc1", None, Config(), lambda: NOW)
        self.news: list[SurfaceObservation] = []
        self.resident = ResidentPage(self.state, self.news.append)
        self.loads = self.open_pages = 0
        self.shown: set[str] = set()
        self.is_live = True
        monkeypatch.setattr(resident, "load_messages", self._load)
        monkeypatch.setattr(resident, "list_unheard", self._list_unheard)
        monkeypatch.setattr(resident, "raise_if_checked", self._look_for_a_check)
        monkeypatch.setattr(ImListener, "is_live", property(lambda _: self.is_live))

    @asynccontextmanager
    async def page(self, *, for_person: bool = False) -> AsyncIterator[Any]:
        self.open_pages += 1
        yield self
        self.open_pages -= 1

    def on(self, *_: Any) -> None: ...
    def remove_listener(self, *_: Any) -> None: ...
    def is_closed(self) -> bool:
        return False

    async def _load(self, state: DouyinState, page: Any, listener: ImListener) -> tuple[Any, None]:
        self.loads += 1
        listener._take(parse_response(an_init((an_info(), [a_body(1), a_body(2)])), NOW))
        return state.pages.chats[0], None

    async def _look_for_a_check(self, *_: Any) -> None: ...

    async def _list_unheard(self, *_: Any) -> set[str]:
        return {id for id in self.shown if not self.state.inbox.knows(id)}

    async def look(self, age_s: float = 0.0) -> SurfaceObservation:
        """Look, when the page was loaded so many seconds ago."""
        self.resident._loaded_at -= age_s
        return await self.resident.observe(self)

    @property
    def listener(self) -> ImListener:
        assert self.resident._listener is not None
        return self.resident._listener


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> AnOpenPage:
    return AnOpenPage(monkeypatch)


async def test_a_page_that_hears_is_loaded_once_and_its_silence_means_nothing(page: AnOpenPage) -> None:
    first = await page.look()
    assert (first.entry, first.complete, len(first.items["messages"])) == ("www:/chat by websocket", True, 2)
    for _ in range(5):
        later = await page.look(LONG_AGO)
        assert (later.complete, later.canary, later.items) == (True, "ok", {"conversations": [], "messages": []})
    assert (page.loads, page.open_pages) == (1, 1)


async def test_without_a_socket_the_page_is_loaded_at_each_look(page: AnOpenPage) -> None:
    page.is_live = False
    await page.look()
    await page.look(1)  # It may still be opening.
    assert page.loads == 1
    assert (await page.look(5)).entry == "www:/chat by responses"
    assert (page.loads, page.open_pages) == (2, 1)


async def test_after_hours_the_page_is_loaded_again(page: AnOpenPage) -> None:
    await page.look()
    await page.look(Config().reload_s + 1)
    assert page.loads == 2


async def test_a_missing_message_is_a_reason_once_and_not_at_once(page: AnOpenPage) -> None:
    await page.look()
    page.listener._take_frame(a_frame(a_new_message(a_body(5), f16=4)))
    assert not (await page.look()).complete
    assert page.loads == 1
    assert (await page.look(LONG_AGO)).complete
    await page.look(LONG_AGO)
    assert page.loads == 2


async def test_a_message_that_the_page_shows_and_nobody_heard_is_a_reason_once(page: AnOpenPage) -> None:
    await page.look()
    page.shown = {"7600000000000000777"}
    for _ in range(3):
        await page.look(LONG_AGO)
    assert page.loads == 2


async def test_what_arrives_together_is_given_out_together(page: AnOpenPage) -> None:
    await page.look()
    for number in (3, 4):
        page.listener._take_frame(a_frame(a_new_message(a_body(number))))
    await until(lambda: page.news)
    assert [[message.id[-1] for message in one.items["messages"]] for one in page.news] == [["4", "5"]]


@pytest.mark.parametrize("error", [LoginLost("kicked"), Retryable("IM status_code 6")])
async def test_what_the_platform_refused_ends_the_page(page: AnOpenPage, error: CrawlError) -> None:
    await page.look()
    page.listener.failure = error
    with pytest.raises(type(error)):
        await page.look()
    assert page.open_pages == 0
    await page.look()
    assert (page.loads, page.open_pages) == (2, 1)


async def test_frames_that_nobody_understands_do_not_count_as_hearing() -> None:
    state = DouyinState("acc1", None, Config(), lambda: NOW)
    listener = ImListener(state.inbox, state.clock, lambda: None)
    sockets: Any = listener._sockets
    sockets["of the page"] = 0.0
    listener._take_frame(a_frame(a_new_message(a_body(1))))
    assert listener.is_live
    for _ in range(3):
        listener._take_frame(a_frame(b"\x1f\x8bnonsense"))
    assert not listener.is_live
