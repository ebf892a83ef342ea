"""Finds out what became of a message that was sent: by the platform's response, the page's memory, and what is heard.

A bubble on the page proves nothing. Whatever was there before the key was pressed proves nothing either.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, Request, Response

from crawler.platforms.base import ReplyOutcome
from crawler.platforms.douyin.fiber import list_rows
from crawler.platforms.douyin.im.sending import SendAsked, SendResult, parse_asked, parse_sent
from crawler.platforms.douyin.parse.batch import BadItem
from crawler.platforms.douyin.parse.chat import parse_message
from crawler.platforms.douyin.parse.fields import flag, get
from crawler.platforms.douyin.reply.chat_page import BUBBLES
from crawler.platforms.douyin.reply.known import Known, make_known
from crawler.platforms.douyin.reply.words import is_same, refused, shown
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.traffic import Traffic, heard
from sync.protocol.reply_messages import ReplyReason

_PATH: Final = "/message/send"
_SUCCEEDED: Final = (3, 4)
_SELF_VISIBLE: Final = -3


class OwnBubble(Struct, frozen=True, kw_only=True):
    """An own message that the page shows. `flight`: how far the page thinks it is; None: not told."""

    id: str
    chat_id: str
    text: str | None
    flight: int | None


class SendWatch(Traffic):
    """Watches one page send messages to one conversation. `asked`: what the page asked last; None: nothing yet.

    `text`: what is to be sent. Until `begin` another text is somebody else's, and none of our business.
    """

    def __init__(self, chat_id: str, text: str) -> None:
        super().__init__()
        self._chat_id, self._text = chat_id, text
        self._has_begun = False
        self._ours: set[Request] = set()
        self.changed = asyncio.Event()
        self.asked: SendAsked | None = None
        self.has_asked = self.is_lost = False
        self.result: SendResult | None = None

    def begin(self) -> None:
        """Take whatever is sent from now on for ours, and forget what was sent before."""
        self._ours.clear()
        self._has_begun, self.has_asked, self.is_lost = True, False, False
        self.asked = self.result = None

    def on_request(self, request: Request) -> None:
        """Note that the page sends something to this conversation. Called by Playwright."""
        if request.method != "POST" or not urlsplit(request.url).path.rstrip("/").endswith(_PATH):
            return
        asked = parse_asked(request.post_data_buffer)
        if asked is not None and (asked.chat_id != self._chat_id or not self._may_be_ours(asked.text)):
            return
        self._ours.add(request)
        self.asked, self.has_asked = asked, True
        self.changed.set()

    def _may_be_ours(self, text: str) -> bool:
        return self._has_begun or (shown(text) != "" and shown(self._text).startswith(shown(text)))

    def on_failed(self, request: Request) -> None:
        """Note that no answer came. Called by Playwright."""
        if request in self._ours:
            self.is_lost = True
            self.changed.set()

    def on_response(self, response: Response) -> None:
        """Read an answer. Called by Playwright."""
        if response.request in self._ours:
            self.read_aside(self._read(response))

    async def _read(self, response: Response) -> None:
        try:
            result = parse_sent(await response.body())
        except BrowserError:
            result = None
        if response.request not in self._ours:
            return
        if result is None or result.state == "unknown":
            self.is_lost = True
        else:
            self.result = result
        self.changed.set()


def watch_sending(page: Page, chat_id: str, text: str) -> AbstractAsyncContextManager[SendWatch]:
    """Watch what the page sends to this conversation. Enter it before anything can be pressed."""
    return heard(page, SendWatch(chat_id, text))


def outcome_of_response(result: SendResult) -> ReplyOutcome:
    """Return what the platform's answer says. Its words are kept for people."""
    if result.state == "sent":
        return ReplyOutcome(state="sent", confirmed_platform_id=result.message_id, evidence="response")
    code = result.state if result.state in ("self_visible", "in_review") else "refused"
    return refused(result.words, code, is_logged_out=result.state == "logged_out")


async def list_own(state: DouyinState, page: Page, chat_id: str) -> list[OwnBubble]:
    """Return the own messages of the conversation that the page has drawn and the platform has numbered."""
    own: list[OwnBubble] = []
    for row in await list_rows(page, BUBBLES, "message"):
        if not (flag(row.raw, "isFromMe") or flag(row.raw, "isMyMessage")):
            continue
        try:
            message = parse_message(row.raw, state.clock())
        except BadItem:
            continue
        flight = get(row.raw, "flightStatus")
        if message.chat_id == chat_id:
            own.append(
                OwnBubble(
                    id=message.platform_id,
                    chat_id=chat_id,
                    text=message.content,
                    flight=flight if isinstance(flight, int) else None,
                )
            )
    return own


async def list_known(state: DouyinState, page: Page, chat_id: str) -> Known:
    """Return what was seen of the conversation, here or by listening."""
    drawn: dict[str, str | None] = {one.id: one.text for one in await list_own(state, page, chat_id)}
    return make_known(drawn | state.inbox.own_texts(chat_id), state.inbox.ids_of(chat_id))


async def find_seen(state: DouyinState, page: Page, chat_id: str, text: str, known: Known) -> ReplyOutcome | None:
    """Return the outcome that the page's memory, or what was heard, proves; None: nothing yet."""
    try:
        own = await list_own(state, page, chat_id)
    except BrowserError:  # The page is loading anew.
        own = []
    new = [one for one in own if known.is_new(one.id) and is_same(one.text, text)]
    for one in new:
        if one.flight in _SUCCEEDED:
            return ReplyOutcome(state="sent", confirmed_platform_id=one.id, evidence="memory")
    if any(one.flight == _SELF_VISIBLE for one in new):
        return ReplyOutcome(state="refused", reason=ReplyReason(code="self_visible"))
    heard = state.inbox.own_texts(chat_id)
    ids = [id for id, words in heard.items() if known.is_new(id) and is_same(words, text)]
    return ReplyOutcome(state="sent", confirmed_platform_id=ids[0], evidence="list") if len(ids) == 1 else None
