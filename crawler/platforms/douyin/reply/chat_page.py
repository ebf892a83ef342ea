"""Opens a conversation by its id on a page that is open, and reads from the page's memory which one that is."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct
from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as BrowserError

from crawler.errors import NotPressed
from crawler.platforms.douyin.fiber import OpenTalk, list_open_talks, row_of, scroll_rows
from crawler.platforms.douyin.pace import until
from crawler.platforms.douyin.reply.before_press import before_press
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.chat_list import ROWS, ChatList

EDITOR: Final = '[data-e2e="msg-input"] [contenteditable="true"]'
BUBBLES: Final = ('[class*="messageMessageBoxmessageBox"]', '[data-e2e="msg-item-content"]')
MARKED: Final = ('[class*="conversationConversationItemcurConversation"]',)
_BOXES: Final = ('[class*="conversationStrangerBoxwrapper"]', '[class*="conversationFoldBox"]')
"""Rows that lead to lists of their own: strangers, and what the owner folded away. The second class is a guess, by the
name of the first: nobody has seen it."""
_BACK: Final = '[class*="ConversationListicon"]'
_ENTRY: Final = '[data-e2e="im-entry"]'
_MOST_STEPS: Final = 200
_OPENS_S: Final = 10.0


class ChatTarget(Struct, frozen=True, kw_only=True):
    """The conversation that a reply is for: its id on the page, and the sec_uid of its other party. One is known."""

    chat_id: str | None
    sec_uid: str | None


def target_of(state: DouyinState, conversation_id: str | None, user_id: str | None) -> ChatTarget:
    """Return the target that the hub's ids name. The hub calls a private conversation by the other party's sec_uid."""
    known = conversation_id or user_id
    is_group = user_id is None and conversation_id is not None and conversation_id.isdigit()
    chat_id = conversation_id if is_group else state.inbox.chat_of(known) if known else None
    return ChatTarget(chat_id=chat_id, sec_uid=None if is_group else known)


def is_open(target: ChatTarget, found: Sequence[OpenTalk]) -> bool:
    """Return whether all that the page says of the open conversation names the target. Nothing said is not enough."""
    ids = {one.id for one in found}
    people = {one.sec_uid for one in found if one.sec_uid is not None}
    if len(ids) != 1 or len(people) > 1 or (target.chat_id is None and target.sec_uid is None):
        return False
    if target.chat_id is not None and ids != {target.chat_id}:
        return False
    if target.sec_uid is None:
        return True
    return people == {target.sec_uid} if people or target.chat_id is None else True


class ChatPage:
    """A page with a list of conversations, of which one may be open. `page`: the page itself."""

    def __init__(self, state: DouyinState, page: Page) -> None:
        self.page = page
        self._state, self._page = state, page

    async def open(self, target: ChatTarget) -> Editor:
        """Open the target, and return its editor. Raises NotPressed."""
        if target.chat_id is None:
            raise NotPressed("target_not_found", "the page does not list this conversation")
        async with before_press(self.page):
            if not await self.is_target(target):
                await self._click_row(target.chat_id)
            return await self.wait_open(target)

    async def wait_open(self, target: ChatTarget) -> Editor:
        """Wait until the target is open, and return its editor. Raises NotPressed."""

        async def ready() -> bool:
            return await self.is_target(target)

        if not await until(ready, self._state.pace.page(_OPENS_S), 0.05):
            box = await self._editor()
            raise NotPressed("wrong_target" if box is not None else "editor_changed")
        box = await self._editor()
        if box is None:
            raise NotPressed("editor_changed", "there is no box to write in")
        return Editor(self._page, box, self._state.pace)

    async def is_target(self, target: ChatTarget) -> bool:
        """Return whether the page's memory says that the target is open."""
        box = await self._editor()
        if box is None:
            return False
        try:
            return is_open(target, await list_open_talks(self._page, box, MARKED, BUBBLES))
        except BrowserError:
            return False

    async def open_id(self, target: ChatTarget) -> str:
        """Return the page's own id of the target, which is open. Raises NotPressed."""
        box = await self._editor()
        found = await list_open_talks(self._page, box, MARKED, BUBBLES) if box is not None else []
        if not is_open(target, found):
            raise NotPressed("wrong_target")
        return found[0].id

    async def check(self, target: ChatTarget) -> None:
        """Raise NotPressed unless the target is open."""
        if not await self.is_target(target):
            raise NotPressed("wrong_target", "another conversation is open, or none that can be read")

    async def _editor(self) -> ElementHandle | None:
        boxes = self._page.locator(EDITOR).locator("visible=true")
        return await boxes.element_handle() if await boxes.count() == 1 else None

    async def _click_row(self, chat_id: str) -> None:
        entry = self._page.locator(_ENTRY).first
        if await entry.count() and not await self._page.locator(ROWS[0]).count():
            await entry.click(timeout=5_000)
            await self._state.pace.draw()
        await ChatList(self._page, self._state.pace).is_there(self._state.pace.page(_OPENS_S))
        for box in (None, *_BOXES):
            if box is not None and not await self._open_box(box):
                continue
            for _ in range(3):  # A list that is drawn anew takes the row away under the mouse.
                row = await self._find_row(chat_id)
                if row is None:
                    break
                if await self._click(row):
                    return
        raise NotPressed("target_not_found", "the page does not list this conversation")

    async def _click(self, row: ElementHandle) -> bool:
        await self._state.pace.pause(0.3)
        try:
            # Something may lie over the upper half of a row.
            box = await row.bounding_box()
            size = (box["width"], box["height"]) if box is not None else (0, 0)
            await row.click(position={"x": size[0] / 2, "y": size[1] * 0.75}, timeout=3_000)
        except BrowserError:
            return False
        return True

    async def _open_box(self, selector: str) -> bool:
        """Open a list beside the main one, and return whether there is one. To open it opens no conversation."""
        if await self._page.locator(_BACK).count():
            await self._page.locator(_BACK).first.click(timeout=5_000)
            await self._state.pace.draw()
        await scroll_rows(self._page, ROWS, "conversation", "start")
        await self._state.pace.draw()
        box = self._page.locator(selector).first
        if not await box.count():
            return False
        await box.click(timeout=5_000)
        await self._state.pace.draw()
        return True

    async def _find_row(self, chat_id: str) -> ElementHandle | None:
        found = await row_of(self._page, ROWS, "conversation", chat_id)
        if found is not None:
            return found
        at_end = await scroll_rows(self._page, ROWS, "conversation", "start")
        for _ in range(_MOST_STEPS):
            await self._state.pace.draw()
            found = await row_of(self._page, ROWS, "conversation", chat_id)
            if found is not None or at_end:
                return found
            at_end = await scroll_rows(self._page, ROWS, "conversation", "next")
        return None
