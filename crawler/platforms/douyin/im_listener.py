"""Hears what one page loads and gets of private messages. Attached before `goto`; asks the platform for nothing."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Literal
from urllib.parse import urlsplit

import structlog
from playwright.async_api import Error as BrowserError
from playwright.async_api import Request, Response, WebSocket

from crawler.errors import CrawlError, LoginLost, PageChanged
from crawler.platforms.douyin.capture import read_body
from crawler.platforms.douyin.im.inbox import ImInbox
from crawler.platforms.douyin.im.news import HISTORY, INIT, ImNews, parse_frame, parse_response
from crawler.platforms.douyin.im.people import parse_people
from crawler.platforms.douyin.tape import Tape
from crawler.platforms.douyin.traffic import Traffic
from sync.protocol.times import Clock

log = structlog.get_logger(__name__)

Heard = Literal["messages", "people"]

_PATHS: Final[tuple[tuple[str, Heard], ...]] = (
    ("/message/get_message_by_init", "messages"),
    ("/message/get_user_message", "messages"),
    ("/message/get_by_conversation", "messages"),
    ("/conversation/get_info_list", "messages"),
    ("/stranger/get_conversation_list", "messages"),
    ("/web/im/user/info", "people"),
)
_SOCKET: Final = "/ws/v2"
SETTLED_S: Final = 3.0
"""After so many seconds a socket that was not refused counts as open."""
_MANY_FRAMES: Final = 3
# Playwright, and its driver, keep each answer of an open page, with its body: some 25 kB beside it.
_MOST_ANSWERS: Final = 1_000
_MOST_BYTES: Final = 8 * 2**20


def heard_of(url: str) -> Heard | None:
    """Return what the answer of `url` tells, or None for an address that is not listened to."""
    path = urlsplit(url).path.rstrip("/")
    return next((kind for end, kind in _PATHS if path.endswith(end)), None)


class ImListener(Traffic):
    """Hears one page. It gives all that it hears to `inbox`, keeps it on `tape`, and calls `on_news` after
    each.

    `failure`: the platform refused, or was not understood. `lost`: answers that came and could not be read. `history`:
    answers with older messages of an open conversation; `has_older`: the last of them said that there are more.
    `answers`, `answer_bytes`: all that were read, which Playwright keeps as long as the page is open.
    """

    def __init__(self, inbox: ImInbox, clock: Clock, on_news: Callable[[], None], tape: Tape | None = None) -> None:
        super().__init__()
        self._inbox, self._clock, self._on_news, self._tape = inbox, clock, on_news, tape or Tape()
        self._flying: list[Heard] = []
        self._sockets: dict[WebSocket, float] = {}
        self._frames = self._bad_frames = 0
        self._changed = asyncio.Event()
        self._calm_since = asyncio.get_running_loop().time()
        self.failure: CrawlError | None = None
        self.lost = 0
        self.listed = 0
        self.began = False
        self.is_whole = False
        self.history = 0
        self.has_older = False
        self.answers = self.answer_bytes = 0

    @property
    def is_live(self) -> bool:
        """Return whether a socket is open that brings what we understand. That it is silent means nothing."""
        now = asyncio.get_running_loop().time()
        is_open = any(now - since >= SETTLED_S for since in self._sockets.values()) or bool(
            self._sockets and self._frames
        )
        return is_open and (self._frames < _MANY_FRAMES or self._bad_frames * 2 <= self._frames)

    @property
    def is_asking(self) -> bool:
        """Return whether messages are on their way to the page."""
        return "messages" in self._flying

    @property
    def holds_much(self) -> bool:
        """Return whether the answers of the page take much memory."""
        return self.answers >= _MOST_ANSWERS or self.answer_bytes >= _MOST_BYTES

    async def wait_until_calm(self, calm_s: float, most_s: float) -> None:
        """Wait `calm_s` seconds, and then until no messages are under way, in all `most_s` at most."""
        await asyncio.sleep(calm_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                while self.is_asking:
                    self._changed.clear()
                    await self._changed.wait()

    async def wait_until_loaded(self, start_s: float, most_s: float, calm_s: float) -> bool:
        """Wait until the page has read its list of conversations and asks for nothing more. Return whether it did.

        `start_s`: for the first answer to be asked for; `most_s`: in all; `calm_s`: of silence at the end. Raises what
        the platform refused with.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        while not (self.is_whole and not self._flying and loop.time() - self._calm_since >= calm_s):
            if self.failure is not None:
                raise self.failure
            if loop.time() - start > (most_s if self.began else start_s):
                return False
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(calm_s, 0.25))
            except TimeoutError:
                continue
        return True

    def on_request(self, request: Request) -> None:
        """Note that an answer is under way. Called by Playwright."""
        if request.method != "OPTIONS" and (kind := heard_of(request.url)) is not None:
            self._flying.append(kind)
            self.began |= kind == "messages"
            self._changed.set()

    def on_failed(self, request: Request) -> None:
        """Count an answer that never came. Called by Playwright."""
        if (kind := heard_of(request.url)) is not None:
            self.lost += kind == "messages"
            self._landed(kind)

    def on_response(self, response: Response) -> None:
        """Read an answer. Called by Playwright."""
        kind = heard_of(response.url)
        if kind is None or response.request.method == "OPTIONS":
            return
        self.read_aside(self._read(kind, response))

    def on_websocket(self, socket: WebSocket) -> None:
        """Listen to a socket of messages. Called by Playwright."""
        if not urlsplit(socket.url).path.rstrip("/").endswith(_SOCKET):
            return
        self._sockets[socket] = asyncio.get_running_loop().time()
        socket.on("framereceived", self._take_frame)
        socket.on("close", self._forget)

    async def _read(self, kind: Heard, response: Response) -> None:
        try:
            body, path = await response.body(), urlsplit(response.url).path
            self.answers += 1
            self.answer_bytes += len(body)
            if kind == "people":
                self._tape.people(body, response.status)
                self._inbox.meet(parse_people(read_body(body, response.status)).items)
            else:
                self._tape.im(path[path.find("/v") :], body, response.status)
                self._take(parse_response(body, self._clock(), response.status))
        except BrowserError:
            self.lost += kind == "messages"
        except CrawlError as error:
            # Names and pictures are not worth a failed observation.
            if kind == "messages" or isinstance(error, LoginLost):
                self.failure = self.failure or type(error)(f"{urlsplit(response.url).path}: {error}")
        finally:
            self._landed(kind)
        self._on_news()

    def _take(self, news: ImNews) -> None:
        self._inbox.take(news)
        if news.cmd == INIT:
            self.listed += len(news.conversations)
            self.is_whole = news.has_more is False
        if news.cmd == HISTORY:
            self.history += 1
            self.has_older = news.has_more is True and bool(news.found.ids)

    def _take_frame(self, frame: bytes | str) -> None:
        self._frames += 1
        self._tape.frame(frame)
        try:
            news = parse_frame(frame, self._clock())
        except PageChanged as error:
            self._bad_frames += 1
            log.warning("a frame was not understood", reason=str(error))
            return
        except CrawlError as error:
            self.failure = self.failure or error
            return
        if news is not None:
            self._inbox.take(news)
            self._on_news()

    def _forget(self, socket: WebSocket) -> None:
        self._sockets.pop(socket, None)

    def _landed(self, kind: Heard) -> None:
        if kind in self._flying:
            self._flying.remove(kind)
        self._calm_since = asyncio.get_running_loop().time()
        self._changed.set()
