"""Reads messages that are older than what the page loads by itself, one conversation at a time.

To open a conversation marks it read at the platform. So it is done only where the owner wants it, while nobody writes,
and only to conversations that have nothing unread.
"""

from typing import Final

import structlog
from playwright.async_api import ElementHandle, Page

from crawler.errors import PageChanged, Retryable
from crawler.platforms.base import BrowserSession
from crawler.platforms.douyin.fiber import scroll_up
from crawler.platforms.douyin.im_listener import ImListener
from crawler.platforms.douyin.pace import until
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.chat_list import ChatList
from crawler.platforms.douyin.traffic import heard
from crawler.platforms.douyin.visit import moved, open_entry

log = structlog.get_logger(__name__)

BUBBLES: Final = ('[data-e2e="msg-item-content"]', '[class*="messageMessageBoxmessageBox"]')
_QUIET_S: Final = 300.0
"""Nobody wrote for so long."""
_EVERY_S: Final = 300.0
"""The least time between two conversations."""
_MOST_PAGES: Final = 20


class HistoryPlan:
    """Says whose history is read next. Each conversation has one turn; `state` says what was heard of it."""

    def __init__(self, state: DouyinState) -> None:
        self._state = state
        self._had: set[str] = set()
        self._last = state.clock()

    def next(self) -> str | None:
        """Return the conversation whose turn it is, or None: nothing is opened now."""
        state, now = self._state, self._state.clock()
        apart_ms = 1000 * _EVERY_S * state.config.pace
        quiet_ms = 1000 * _QUIET_S * state.config.pace
        if not state.config.read_history or now - self._last < apart_ms or now - state.inbox.newest_at < quiet_ms:
            return None
        return next((id for id in state.inbox.list_shallow() if id not in self._had and state.inbox.is_read(id)), None)

    def had(self, chat_id: str) -> None:
        """Note that a conversation had its turn, however that went."""
        self._had.add(chat_id)
        self._last = self._state.clock()


async def read_history(state: DouyinState, session: BrowserSession, chat_id: str) -> None:
    """Open one conversation in a page of its own, read upwards, and close the page. `state.inbox` hears all of it.

    Nothing is opened if the page shows something unread on it. Raises PageChanged, Retryable, LoginLost.
    """
    # A page of its own: one in which a conversation stays open would mark all that arrives in it as read.
    listener = ImListener(state.inbox, state.clock, lambda: None, state.tape)
    async with session.page() as page, heard(page, listener):
        entry = state.pages.chats[0]
        if not await open_entry(page, entry, state.pace):
            raise moved(page, entry)
        calm_s = state.pace.settle(1.2)
        if not await listener.wait_until_loaded(state.pace.page(15.0), state.config.answer_s, calm_s):
            raise PageChanged(f"{entry.name} loads no messages")
        row = await ChatList(page, state.pace).find_read(chat_id, state.clock())
        if row is None or not state.inbox.is_read(chat_id):
            return
        await _click(row)
        await _read_upwards(state, page, listener, chat_id)


async def _click(row: ElementHandle) -> None:
    """Click the lower half of a row: something lies over the upper one."""
    box = await row.bounding_box()
    if box is None:
        raise Retryable("the row of a conversation is gone")
    await row.click(position={"x": box["width"] / 2, "y": box["height"] * 0.75}, timeout=5_000)


async def _read_upwards(state: DouyinState, page: Page, listener: ImListener, chat_id: str) -> None:
    """Read page after page, until the first message was read or something arrives, which stays unread."""
    for pages in range(_MOST_PAGES):

        async def is_answered(before: int = pages) -> bool:
            return listener.history > before or listener.failure is not None

        if not await until(is_answered, state.config.answer_s if not pages else state.pace.settle(5.0)):
            break
        if listener.failure is not None:
            raise listener.failure
        if not listener.has_older or not state.inbox.is_read(chat_id):
            break
        await state.pace.pause(1.5)
        await scroll_up(page, BUBBLES, "message")
    log.info("read the history of a conversation", account=state.account_id, pages=listener.history)
