"""Private messages: the whole list of conversations, and the messages of those with news."""

import structlog
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import CrawlError, LoginLost, PageChanged
from crawler.platforms.base import Look, Session
from crawler.platforms.douyin.fiber import list_users
from crawler.platforms.douyin.listen import Heard, listening
from crawler.platforms.douyin.pages import Entry
from crawler.platforms.douyin.parse.chat import SeenConversation
from crawler.platforms.douyin.parse.users import parse_user, parse_user_detail
from crawler.platforms.douyin.state import Reading, State
from crawler.platforms.douyin.surfaces.chat_list import ChatList, SeenList
from crawler.platforms.douyin.surfaces.chat_room import Door, Room, read_room
from crawler.platforms.douyin.visit import open_entry, raise_if_logged_out

log = structlog.get_logger(__name__)

_KEPT_IDS = 200
_BACK = ".semi-button-content"
_SEND = "发送"
# A click may hit a row that is just being drawn anew: once more, then with more time.
_PATIENCE_S = (4.0, 10.0)


async def look_at_messages(state: State, session: Session) -> Look:
    """`complete`: the list was seen to its end and every conversation with news was read back to what was known.

    How far the history of a conversation goes at its first reading is bounded by `history_screens`.
    """
    start = state.clock()
    async with session.page() as page, listening(page) as heard:
        entry = await _open_chat(state, page)
        visit = _Visit(state, page, heard)
        seen = await visit.chats.walk(state.clock())
        await visit.learn_people()
        for conversation in seen.conversations.values():
            state.inbox.see_conversation(conversation)
        read_all = await visit.read_news(seen)
        await visit.learn_people()
    return _look(state, entry, start, seen, read_all)


def _look(state: State, entry: Entry, start: int, seen: SeenList, read_all: bool) -> Look:
    conversations, messages = state.inbox.drain(state.scope())
    canary = state.canary("messages", len(seen.conversations), seen.health.canary)
    whole = seen.whole and canary == "ok"
    return Look(
        surface="messages",
        entry=entry.name,
        start=start,
        end=state.clock(),
        complete=whole and read_all and not state.inbox.held,
        canary=canary,
        items={"conversations": conversations, "messages": messages},
        ended=frozenset({"conversations"}) if whole and not state.inbox.unnamed else frozenset(),
    )


async def _open_chat(state: State, page: Page) -> Entry:
    """The first chat page that works, the one that worked last time first. Raises what the last one failed with."""
    failure: CrawlError = PageChanged("there is no chat page")
    count = len(state.pages.chats)
    for index in [(state.chat + step) % count for step in range(count)]:
        entry = state.pages.chats[index]
        try:
            await _open_one(state, page, entry)
        except LoginLost:
            raise
        except CrawlError as error:
            failure = error
            continue
        state.chat = index
        return entry
    raise failure


async def _open_one(state: State, page: Page, entry: Entry) -> None:
    if not await open_entry(page, entry, state.pace):
        raise PageChanged(f"{entry.name} is gone")
    chats = ChatList(page, state.pace)
    if await chats.is_there(state.pace.page(15.0)):
        if await chats.has_unreadable_rows():
            raise PageChanged(f"{entry.name}: no conversation objects behind the rows")
        return
    await raise_if_logged_out(page, state.pace)
    raise PageChanged(f"{entry.name} shows no conversations")


class _Visit:
    """One open chat page."""

    def __init__(self, state: State, page: Page, heard: Heard) -> None:
        self.chats = ChatList(page, state.pace)
        self._state, self._page, self._heard = state, page, heard
        self._cards_read = 0

    async def learn_people(self) -> None:
        self._learn_cards()
        for raw in await list_users(self._page):
            self._state.book.learn(parse_user(raw))

    async def read_news(self, seen: SeenList) -> bool:
        """Opens the conversations with news; whether all were read. One that does not open is left for next time."""
        wanted = _wanted(self._state, seen)
        bound = self._state.config.max_conversations
        good = len(wanted) <= bound
        for conversation in wanted[:bound]:
            room = await self._read_one(conversation, seen.tabs[conversation.talk])
            seen.health.add(room.health)
            good &= room.current and room.joined
            if room.opened:
                _remember(self._state, conversation, room)
            if not (room.current and room.joined):
                log.info("conversation not read to its end", account=self._state.account_id, opened=room.opened)
        return good

    async def _read_one(self, talked: SeenConversation, tab: str | None) -> Room:
        room = Room()
        for patience_s in _PATIENCE_S:
            if await self._click(talked, tab):
                room = await self._read(talked, patience_s)
                await self._state.pace.pause(1.5)
            if room.opened:
                break
        return room

    async def _click(self, talked: SeenConversation, tab: str | None) -> bool:
        row = await self.chats.find(talked.talk)
        if row is None:
            await self._back(tab)
            row = await self.chats.find(talked.talk)
        if row is None:
            return False
        try:
            await row.click(timeout=5_000)
        except BrowserError:
            return False  # Drawn anew under the pointer: rows move when messages come.
        return True

    async def _read(self, talked: SeenConversation, patience_s: float) -> Room:
        state = self._state
        self._learn_cards()
        reading = state.readings.get(talked.talk)
        door = Door(
            talk=talked.talk,
            title=talked.group_name if talked.is_group else state.inbox.title(talked.talk),
            newest=talked.last.platform_id if talked.last else None,
            known=reading.ids if reading else set(),
            patience_s=patience_s,
        )
        return await read_room(self._page, state.pace, door, state.config.history_screens, state.clock())

    async def _back(self, tab: str | None) -> None:
        """From an open conversation that took the list's place, or from another tab."""
        button = self._page.locator(_BACK).first
        if await button.is_visible() and _SEND not in await button.inner_text():
            await button.click(timeout=5_000)
            await self._state.pace.draw()
        await self.chats.show(tab)

    def _learn_cards(self) -> None:
        answers = self._heard.of("cards")
        for answer in answers[self._cards_read :]:
            self._state.book.learn_all(parse_user_detail(answer.body).items)
        self._cards_read = len(answers)


def _wanted(state: State, seen: SeenList) -> list[SeenConversation]:
    """Conversations whose row changed since they were read: unread first, then the newest."""
    news = [talk for id, talk in seen.conversations.items() if id not in state.readings or _is_news(state, talk)]
    return sorted(news, key=lambda talk: (not talk.unread_count, -(talk.updated_at or 0)))


def _is_news(state: State, talk: SeenConversation) -> bool:
    return state.readings[talk.talk].mark != _mark(talk)


def _mark(talk: SeenConversation) -> tuple[str | None, int | None, int | None]:
    """Reading clears the badge, so it counts only where the row has no last message."""
    last = talk.last.platform_id if talk.last else None
    return last, talk.updated_at, talk.unread_count if last is None else None


def _remember(state: State, talk: SeenConversation, room: Room) -> None:
    for message in room.messages.values():
        state.inbox.see_message(message)
    newest = sorted(room.messages, key=int)[-_KEPT_IDS:]
    old = state.readings.get(talk.talk)
    if room.messages or old is None:
        # Not seen to its newest message: it stays one with news.
        mark = _mark(talk) if room.current else (None, None, None)
        state.readings[talk.talk] = Reading(mark=mark, ids=set(newest))
