"""Puts a message into the editor of a visible window, and waits for the person there who presses Enter, or does not."""

import asyncio
from contextlib import suppress
from typing import Final

from playwright.async_api import Error as BrowserError

from crawler.errors import CrawlError, NotPressed
from crawler.platforms.base import ReplyOutcome
from crawler.platforms.douyin.reply.before_press import before_press
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.evidence import SendWatch, find_seen, list_known, outcome_of_response, watch_sending
from crawler.platforms.douyin.reply.known import Known
from crawler.platforms.douyin.reply.messages import UNKNOWN, Sending, left_as_it_was, wait_for_evidence
from crawler.platforms.douyin.reply.words import is_same, shown
from crawler.platforms.douyin.visit import raise_if_checked
from sync.protocol.reply_messages import ReplyReason

_LOOKS_S: Final = 2.0
_HEARD_S: Final = 0.5
"""After the text is out of the editor, what was pressed a moment before is heard within this time."""
_GIVES_UP_S: Final = 4.0
NOT_SENT: Final = ReplyOutcome(state="failed", reason=ReplyReason(code="not_sent"))


async def offer_message(sending: Sending, editor: Editor) -> ReplyOutcome:
    """Put the text into `editor`, in which the target is open, and return what its person made of it.

    The permission is asked for before the first character: from then on a person may press at any moment. Raises
    NotPressed, CheckAsked.
    """
    page, text = sending.page, sending.request.text

    def is_ours(left: str) -> bool:
        return is_same(left, text)

    async with (
        watch_sending(page, sending.chat_id, text) as watch,
        left_as_it_was(sending, editor, is_ours),
    ):
        async with before_press(page):
            known = await list_known(sending.state, page, sending.chat_id)
            await raise_if_checked(page)
            await sending.chat.check(sending.target)
            await sending.permission.ask(known.ids_of(text))
        try:
            async with before_press(page):
                await sending.chat.check(sending.target)
                await page.bring_to_front()
            watch.begin()
            await editor.insert(text)
            ended = await _wait_for_person(sending, watch, known)
        except asyncio.CancelledError:
            ended = None
        except NotPressed:
            if not watch.has_asked:
                raise
            ended = None
        return ended or await _give_up(sending, editor, watch, known)


async def _wait_for_person(sending: Sending, watch: SendWatch, known: Known) -> ReplyOutcome | None:
    """Return what became of what was sent; None if nobody pressed in time."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + sending.state.config.window_s
    while loop.time() < deadline and not sending.page.is_closed():
        if watch.result is not None:
            return outcome_of_response(watch.result)
        if watch.has_asked:
            return await wait_for_evidence(sending, watch, known)
        seen = await find_seen(sending.state, sending.page, sending.chat_id, sending.request.text, known)
        if seen is not None:
            return seen
        watch.changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(watch.changed.wait(), _LOOKS_S)
    return None


async def _give_up(sending: Sending, editor: Editor, watch: SendWatch, known: Known) -> ReplyOutcome:
    """Take the text out again if it is still ours, and return what is certain then.

    Of a text that is out of the editor it is not, as long as nothing was heard: a page may have a way of its own.
    """
    try:
        async with asyncio.timeout(_GIVES_UP_S):
            if not await sending.chat.is_target(sending.target):
                editor = await sending.chat.open(sending.target)
            left = await editor.read()
            if is_same(left, sending.request.text):
                await editor.take_out()
            await asyncio.sleep(_HEARD_S)
    except (BrowserError, CrawlError, TimeoutError):
        return UNKNOWN  # The text may still stand there, for somebody to press.
    if watch.has_asked:
        return await wait_for_evidence(sending, watch, known)
    if shown(left):
        return NOT_SENT
    seen = await find_seen(sending.state, sending.page, sending.chat_id, sending.request.text, known)
    return seen or UNKNOWN
