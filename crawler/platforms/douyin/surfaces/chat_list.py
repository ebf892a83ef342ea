"""The list of conversations on the chat page, read from the memory behind its rows. Nothing is opened here.

Only a fallback, and a check of what was heard: the list is virtual and draws few of its rows.
"""

from msgspec import Struct, field
from playwright.async_api import ElementHandle, Page

from crawler.platforms.douyin.fiber import ListRow, list_rows, row_of, scroll_rows
from crawler.platforms.douyin.pace import Pace, until
from crawler.platforms.douyin.parse.batch import BadItem, ParseHealth
from crawler.platforms.douyin.parse.chat import ParsedConversation, parse_conversation

ROWS = ('[data-e2e="conversation-item"]', '[class*="conversationConversationItemwrapper"]')
_MOST_STEPS = 400
_KNOWN = (("id", "conversationId"), ("lastMessage", "_lastMessage", "coreInfo"))


class ListedConversations(Struct):
    """The conversations of the list, by `chat_id`; `raws`: what they were read of. `whole`: it was read to its end."""

    conversations: dict[str, ParsedConversation] = field(default_factory=dict)
    raws: list[object] = field(default_factory=list)
    health: ParseHealth = field(default_factory=ParseHealth)
    whole: bool = False


class ChatList:
    """The list of conversations on an open chat page."""

    def __init__(self, page: Page, pace: Pace) -> None:
        self._page, self._pace = page, pace

    async def is_there(self, wait_s: float) -> bool:
        """Return whether the page has rows of conversations, readable or not."""
        return await until(self._has_rows, wait_s)

    async def read_drawn(self, now: int) -> ListedConversations:
        """Return the conversations whose rows are drawn now. `now` is ms UTC."""
        listed = ListedConversations()
        self._take(await list_rows(self._page, ROWS, "conversation"), listed, now)
        return listed

    async def walk(self, now: int) -> ListedConversations:
        """Read down to the end of the list, which may grow meanwhile. `now` is ms UTC."""
        listed, quiet = ListedConversations(), 0
        at_end = await scroll_rows(self._page, ROWS, "conversation", "start")
        for _ in range(_MOST_STEPS):
            await self._pace.draw()
            rows = await list_rows(self._page, ROWS, "conversation")
            quiet = 0 if self._take(rows, listed, now) or not at_end else quiet + 1
            listed.whole = quiet >= 3
            if listed.whole:
                break
            at_end = await scroll_rows(self._page, ROWS, "conversation", "next")
        await scroll_rows(self._page, ROWS, "conversation", "start")
        return listed

    async def find_read(self, chat_id: str, now: int) -> ElementHandle | None:
        """Return the row of a conversation, or None if it is not in the list, or the page counts something unread."""
        await scroll_rows(self._page, ROWS, "conversation", "start")
        for _ in range(_MOST_STEPS):
            await self._pace.draw()
            row = await row_of(self._page, ROWS, "conversation", chat_id)
            if row is not None:
                drawn = (await self.read_drawn(now)).conversations.get(chat_id)
                return row if drawn is not None and drawn.unread_count == 0 else None
            if await scroll_rows(self._page, ROWS, "conversation", "next"):
                break
        return None

    def _take(self, rows: list[ListRow], listed: ListedConversations, now: int) -> int:
        before = len(listed.conversations)
        for row in rows:
            if row.id in listed.conversations or (row.raw is None and not row.text.strip()):
                continue
            listed.health.note(row.raw, _KNOWN)
            try:
                found = parse_conversation(row.raw, now)
            except BadItem:
                listed.health.bad += 1
                continue
            listed.conversations[found.chat_id] = found
            listed.raws.append(row.raw)
        return len(listed.conversations) - before

    async def _has_rows(self) -> bool:
        return bool(await list_rows(self._page, ROWS, "conversation"))
