"""Sends one private message: opens its conversation, types, asks, presses, and says what became of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from msgspec import Struct
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import CrawlError, NotPressed
from crawler.platforms.base import Permission, ReplyOutcome
from crawler.platforms.douyin.reply.before_press import before_press
from crawler.platforms.douyin.reply.chat_page import ChatPage, ChatTarget
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.evidence import (
    SendWatch,
    find_seen,
    list_known,
    outcome_of_response,
    watch_sending,
)
from crawler.platforms.douyin.reply.known import Known
from crawler.platforms.douyin.reply.words import shown
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.visit import raise_if_checked, read_signs
from sync.protocol.reply_messages import ReplyReason, ReplyRequest

_LOOKS_S: Final = 0.3
_ANSWER_COMES_S: Final = 3.0
"""So long the platform's answer goes before what the page shows meanwhile."""
_LEAVES_S: Final = 4.0
UNKNOWN: Final = ReplyOutcome(state="unknown", reason=ReplyReason(code="no_evidence"))


class Sending(Struct, frozen=True, kw_only=True):
    """Holds what a message needs that is on its way: its page, its conversation, the request, the hub's permission."""

    state: DouyinState
    page: Page
    chat: ChatPage
    target: ChatTarget
    chat_id: str
    request: ReplyRequest
    permission: Permission


async def send_message(sending: Sending, editor: Editor) -> ReplyOutcome:
    """Type and send it in `editor`, in which the target is open. Raises NotPressed, CheckAsked."""
    text = sending.request.text

    def is_ours(left: str) -> bool:
        return shown(text).startswith(shown(left))

    async with (
        watch_sending(sending.page, sending.chat_id, text) as watch,
        left_as_it_was(sending, editor, is_ours),
    ):
        known = await list_known(sending.state, sending.page, sending.chat_id)
        try:
            async with before_press(sending.page):
                await editor.type(text)
                known = known.joined(await _check_all(sending, editor))
                await sending.permission.ask(known.ids_of(text))
                known = known.joined(await _check_all(sending, editor))
        except NotPressed:
            if not watch.has_asked:
                raise
            return await wait_for_evidence(sending, watch, known)  # Somebody else pressed.
        watch.begin()
        await editor.press_enter()
        return await wait_for_evidence(sending, watch, known)


async def _check_all(sending: Sending, editor: Editor) -> Known:
    """Return what is known of the conversation, if the key may be pressed now. Raises NotPressed, CheckAsked."""
    await raise_if_checked(sending.page)
    known = await list_known(sending.state, sending.page, sending.chat_id)
    await editor.check(sending.request.text)
    await sending.chat.check(sending.target)
    return known


async def wait_for_evidence(sending: Sending, watch: SendWatch, known: Known) -> ReplyOutcome:
    """Return what became of a message that was pressed just now."""
    loop = asyncio.get_running_loop()
    start = loop.time()
    while loop.time() - start < sending.state.config.evidence_s:
        if watch.result is not None:
            return outcome_of_response(watch.result)
        if watch.is_lost or loop.time() - start >= _ANSWER_COMES_S:
            text = watch.asked.text if watch.asked is not None else sending.request.text
            seen = await find_seen(sending.state, sending.page, sending.chat_id, text, known)
            if seen is not None:
                return seen
            if await _is_checked(sending.page):
                return ReplyOutcome(state="unknown", reason=ReplyReason(code="check"))
        watch.changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(watch.changed.wait(), _LOOKS_S)
    return UNKNOWN


async def _is_checked(page: Page) -> bool:
    try:
        return (await read_signs(page)).check
    except BrowserError:
        return False


@asynccontextmanager
async def left_as_it_was(sending: Sending, editor: Editor, is_ours: Callable[[str], bool]) -> AsyncIterator[None]:
    """Take out the draft that stands there, and put it back afterwards, also in place of a text that `is_ours`."""
    draft = await editor.read()
    try:
        async with before_press(sending.page):
            draft = await editor.take_out() or draft
        yield
    finally:
        with suppress(BrowserError, CrawlError, TimeoutError):
            async with asyncio.timeout(_LEAVES_S):
                await _leave(sending, editor, draft, is_ours)


async def _leave(sending: Sending, editor: Editor, draft: str, is_ours: Callable[[str], bool]) -> None:
    if not await sending.chat.is_target(sending.target):
        return
    left = await editor.read()
    if shown(left) and is_ours(left):
        await editor.take_out()
        left = ""
    if shown(draft) and not shown(left):
        await editor.insert(draft)
