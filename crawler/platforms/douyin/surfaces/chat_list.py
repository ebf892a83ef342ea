"""The list of conversations on a chat page: a virtual list that draws few of its rows, under several tabs."""

from msgspec import Struct, field
from playwright.async_api import ElementHandle, Page

from crawler.platforms.douyin.fiber import ListRow, list_rows, row_of, scroll_rows
from crawler.platforms.douyin.pace import Pace, until
from crawler.platforms.douyin.parse.batch import BadItem, ParseHealth
from crawler.platforms.douyin.parse.chat import ParsedConversation, parse_conversation

ROWS = (
    '[role="list-item"]',
    '[role="listitem"]',
    ".ReactVirtualized__Grid__innerScrollContainer > div",
    '[data-e2e*="conversation"]',
    '[class*="conversation-item"]',
)
# The tab 朋友私信 (friends) is left out: 全部 (all) contains it.
_ALL = "全部"
_TABS = (_ALL, "陌生人私信", "群消息")
_MOST_STEPS = 400
_KNOWN = (("id", "conversationId"), ("updatedAt",), ("lastMessage", "_lastMessage", "coreInfo"))


class ListedConversations(Struct):
    """The conversations of all tabs, by `chat_id`.

    `tabs`: under which tab each stands. `whole`: every tab was read to its end.
    """

    conversations: dict[str, ParsedConversation] = field(default_factory=dict)
    tabs: dict[str, str | None] = field(default_factory=dict)
    health: ParseHealth = field(default_factory=ParseHealth)
    whole: bool = True


class ChatList:
    """The list of conversations on an open chat page."""

    def __init__(self, page: Page, pace: Pace) -> None:
        self._page, self._pace = page, pace

    async def is_there(self, wait_s: float) -> bool:
        """Return whether this page is one of chats: it has rows with conversations, or at least its tabs."""
        if await until(self._has_rows, wait_s):
            return True
        return await self._tab(_ALL) and bool(await self._tab(_TABS[1]) or await self._tab(_TABS[2]))

    async def has_unreadable_rows(self) -> bool:
        """Return whether there are rows and none has a conversation behind it."""
        rows = await list_rows(self._page, ROWS, "conversation")
        return bool(rows) and not any(row.id for row in rows)

    async def walk(self, now: int) -> ListedConversations:
        """Read the list under each tab to its end. `now` is ms UTC."""
        listed = ListedConversations()
        tabs: list[str | None] = [tab for tab in _TABS if await self._tab(tab)] or [None]
        for tab in tabs:
            await self.show(tab)
            listed.whole &= await self._walk_tab(tab, listed, now)
        await self.show(tabs[0])
        return listed

    async def show(self, tab: str | None) -> None:
        """Choose a tab, if there is one of that name."""
        if tab is not None and await self._tab(tab):
            await self._page.get_by_text(tab, exact=True).first.click(timeout=5_000)
            await self._pace.draw()
            await self._pace.pause(0.5)

    async def find(self, chat_id: str) -> ElementHandle | None:
        """Return the row of a conversation, scrolling from the top, or None.

        Rows move when messages come: only the object behind a row says which it is.
        """
        found = await row_of(self._page, ROWS, "conversation", chat_id)
        if found is not None:
            return found
        await scroll_rows(self._page, ROWS, "conversation", "start")
        for _ in range(_MOST_STEPS):
            await self._pace.draw()
            found = await row_of(self._page, ROWS, "conversation", chat_id)
            if found is not None:
                return found
            if await scroll_rows(self._page, ROWS, "conversation", "next"):
                await self._pace.draw()
                return await row_of(self._page, ROWS, "conversation", chat_id)
        return None

    async def _walk_tab(self, tab: str | None, listed: ListedConversations, now: int) -> bool:
        """Read down to the end of the list, which may grow meanwhile. Return whether the end was reached."""
        at_end, quiet = await scroll_rows(self._page, ROWS, "conversation", "start"), 0
        for _ in range(_MOST_STEPS):
            await self._pace.draw()
            rows = await list_rows(self._page, ROWS, "conversation")
            quiet = 0 if self._take(rows, tab, listed, now) or not at_end else quiet + 1
            if quiet >= 3:
                return True
            at_end = await scroll_rows(self._page, ROWS, "conversation", "next")
        return False

    def _take(self, rows: list[ListRow], tab: str | None, listed: ListedConversations, now: int) -> int:
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
            listed.tabs[found.chat_id] = tab
        return len(listed.conversations) - before

    async def _has_rows(self) -> bool:
        return any(row.id for row in await list_rows(self._page, ROWS, "conversation"))

    async def _tab(self, name: str) -> bool:
        return await self._page.get_by_text(name, exact=True).first.is_visible()
