"""When the page of messages is loaded again, and when not. Without a browser: the page is made up."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crawler.errors import CrawlError, LoginLost, NotPressed, Retryable
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin import resident
from crawler.platforms.douyin.config import Config
from crawler.platforms.douyin.im.news import parse_response
from crawler.platforms.douyin.im_listener import ImListener
from crawler.platforms.douyin.reply import replier
from crawler.platforms.douyin.reply.chat_page import ChatTarget
from crawler.platforms.douyin.resident import ResidentPage
from crawler.platforms.douyin.state import DouyinState
from sync.protocol.reply_messages import ReplyRequest, ReplyTarget
from tests.crawler.platforms.douyin.im.wire import CHAT, FAN_SEC, NOW, a_body, a_frame, a_new_message, an_info, an_init
from tests.waiting import until

LONG_AGO = 1_000.0


async def nothing() -> None: ...


class AnOpenPage:
    """Loads one conversation with two messages. `loads`: how often; `shown`: ids of messages behind its rows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state = DouyinState("acc1", None, Config(), lambda: NOW)
        self.news: list[SurfaceObservation] = []
        self.resident = ResidentPage(self.state, self.news.append)
        self.loads = self.open_pages = 0
        self.shown: set[str] = set()
        self.is_live = True
        self.look_for_a_check: Callable[[], Awaitable[None]] = nothing
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

    async def _look_for_a_check(self, *_: Any) -> None:
        await self.look_for_a_check()

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


@pytest.mark.parametrize("much", [{"answers": 1_000}, {"answer_bytes": 8 * 2**20}], ids=["many", "large"])
async def test_a_page_whose_answers_take_much_memory_is_loaded_again_but_not_soon(
    page: AnOpenPage, much: dict[str, int]
) -> None:
    await page.look()
    for name, value in much.items():
        setattr(page.listener, name, value)
    await page.look(600)
    assert page.loads == 1, "a long list would be loaded all the time"
    await page.look(300)
    assert (page.loads, page.listener.answers, page.listener.answer_bytes) == (2, 0, 0)
    await page.look(LONG_AGO)
    assert page.loads == 2


async def test_a_page_that_holds_much_is_not_loaded_under_messages_on_their_way_or_before_a_reply(
    page: AnOpenPage,
) -> None:
    await page.look()
    page.listener.answers = 1_000
    page.listener._flying.append("messages")
    await page.look(LONG_AGO)
    assert page.loads == 1
    page.listener._flying.clear()
    async with page.resident.written_in(page):
        await page.look()
        assert page.loads == 1
    await page.look()
    assert page.loads == 2


async def test_what_was_heard_a_moment_before_is_given_out_although_the_page_does_not_open_again(
    page: AnOpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise Retryable("it did not open")

    await page.look()
    page.listener.answers = 1_000
    page.listener._take_frame(a_frame(a_new_message(a_body(3))))
    monkeypatch.setattr(resident, "load_messages", fail)
    with pytest.raises(Retryable):
        await page.look(LONG_AGO)
    assert [message.id[-1] for one in page.news for message in one.items["messages"]] == ["4"]


async def test_a_look_that_is_given_up_leaves_the_page_to_whoever_waits_for_it(page: AnOpenPage) -> None:
    await page.look()
    lends, waits = asyncio.Event(), asyncio.Event()

    async def look_slowly(*_: Any) -> None:
        waits.set()
        await lends.wait()

    page.look_for_a_check = look_slowly
    lent = page.resident.written_in(page)
    entering = asyncio.create_task(lent.__aenter__())
    await waits.wait()
    looking = asyncio.create_task(page.look())
    await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    lends.set()
    await entering
    assert (page.loads, page.open_pages) == (1, 1)
    await lent.__aexit__(None, None, None)


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


async def test_a_page_that_was_lent_while_a_look_waited_for_it_is_not_loaded_under_whoever_writes(
    page: AnOpenPage,
) -> None:
    await page.look()
    lends, waits = asyncio.Event(), asyncio.Event()

    async def look_slowly(*_: Any) -> None:
        waits.set()
        await lends.wait()

    page.look_for_a_check = look_slowly
    async with asyncio.TaskGroup() as tasks:
        lent = page.resident.written_in(page)
        entering = tasks.create_task(lent.__aenter__())
        await waits.wait()
        looking = tasks.create_task(page.look())
        await asyncio.sleep(0)
        lends.set()
        await entering
        assert (await looking).canary == "ok"
        assert (page.loads, page.open_pages) == (1, 1)
        await lent.__aexit__(None, None, None)
    await page.look()
    assert page.loads == 2


async def test_a_session_that_ends_while_somebody_writes_is_told_and_his_page_left_alone(page: AnOpenPage) -> None:
    await page.look()
    async with page.resident.written_in(page):
        page.listener.failure = LoginLost("kicked")
        with pytest.raises(LoginLost):
            await page.look()
        assert page.open_pages == 1


async def test_a_reply_before_the_first_look_opens_the_list_and_finds_its_conversation_there(
    page: AnOpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: list[str | None] = []

    def from_list(_: Any, __: Any, ___: Any, target: ChatTarget) -> Any:
        went.append(target.chat_id)
        raise NotPressed("stopped")

    monkeypatch.setattr(replier, "_talk_of_list", from_list)
    request = ReplyRequest(
        reply_id="r",
        account_id="acc1",
        lease_epoch=1,
        attempt=1,
        mode="send",
        kind="message",
        target=ReplyTarget(conversation_id=FAN_SEC, user_id=FAN_SEC),
        text="t",
        deadline=0,
    )
    permission: Any = None
    for _ in range(2):
        with pytest.raises(NotPressed):
            await replier.reply(page.state, page.resident, page, request, permission)
    assert (went, page.loads) == ([CHAT, CHAT], 1)
