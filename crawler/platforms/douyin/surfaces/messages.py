"""Observes private messages: the whole list of conversations, and the messages of those that changed."""

import structlog
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import CrawlError, LoginLost, PageChanged
from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.capture import CapturedResponses, capture_responses
from crawler.platforms.douyin.fiber import list_users
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.chat import ParsedConversation
from crawler.platforms.douyin.parse.users import parse_user, parse_user_detail
from crawler.platforms.douyin.state import ConversationProgress, DouyinState
from crawler.platforms.douyin.surfaces.chat_list import ChatList, ListedConversations
from crawler.platforms.douyin.surfaces.chat_room import ClickedConversation, Room, read_room
from crawler.platforms.douyin.visit import open_entry, raise_if_logged_out

log = structlog.get_logger(__name__)

_KEPT_IDS = 200
_BACK = ".semi-button-content"
_SEND = "发送"
# A click may hit a row that is being redrawn: try once more, with more time.
_PATIENCE_S = (4.0, 10.0)


async def observe_messages(state: DouyinState, session: BrowserSession) -> SurfaceObservation:
    """Observe conversations and messages.

    `complete`: the list was read to its end, and every conversation that changed was read back to what was known. How
    far the first reading of a conversation goes is bounded by `history_screens`. Raises PageChanged, Retryable,
    LoginLost.
    """
    start = state.clock()
    async with session.page() as page, capture_responses(page) as captured:
        entry = await _open_chat(state, page)
        visit = _Visit(state, page, captured)
        listed = await visit.chats.walk(state.clock())
        await visit.learn_people()
        for conversation in listed.conversations.values():
            state.chats.add_conversation(conversation)
        read_all = await visit.read_changed(listed)
        await visit.learn_people()
    return _make_observation(state, entry, start, listed, read_all)


def _make_observation(
    state: DouyinState, entry: EntryPage, start: int, listed: ListedConversations, read_all: bool
) -> SurfaceObservation:
    conversations, messages = state.chats.drain(state.scope())
    canary = state.canary("messages", len(listed.conversations), listed.health.canary)
    whole = listed.whole and canary == "ok"
    return SurfaceObservation(
        surface="messages",
        entry=entry.name,
        start=start,
        end=state.clock(),
        complete=whole and read_all and not state.chats.held,
        canary=canary,
        items={"conversations": conversations, "messages": messages},
        ended=frozenset({"conversations"}) if whole and not state.chats.unnamed else frozenset(),
    )


async def _open_chat(state: DouyinState, page: Page) -> EntryPage:
    """Open the first chat page that works, beginning with the last one that did.

    Raises what the last one failed with.
    """
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


async def _open_one(state: DouyinState, page: Page, entry: EntryPage) -> None:
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

    def __init__(self, state: DouyinState, page: Page, captured: CapturedResponses) -> None:
        self.chats = ChatList(page, state.pace)
        self._state, self._page, self._captured = state, page, captured
        self._cards_read = 0

    async def learn_people(self) -> None:
        """Learn people from the cards that the page asked for and from its stores."""
        self._learn_cards()
        for raw in await list_users(self._page):
            self._state.book.learn(parse_user(raw))

    async def read_changed(self, listed: ListedConversations) -> bool:
        """Open the conversations that changed, and return whether all were read.

        One that does not open waits for next time.
        """
        wanted = _wanted(self._state, listed)
        bound = self._state.config.max_conversations
        good = len(wanted) <= bound
        for conversation in wanted[:bound]:
            room = await self._read_one(conversation, listed.tabs[conversation.chat_id])
            listed.health.add(room.health)
            good &= room.current and room.joined
            if room.opened:
                _remember(self._state, conversation, room)
            if not (room.current and room.joined):
                log.info("conversation not read to its end", account=self._state.account_id, opened=room.opened)
        return good

    async def _read_one(self, conversation: ParsedConversation, tab: str | None) -> Room:
        room = Room()
        for patience_s in _PATIENCE_S:
            if await self._click(conversation, tab):
                room = await self._read(conversation, patience_s)
                await self._state.pace.pause(1.5)
            if room.opened:
                break
        return room

    async def _click(self, conversation: ParsedConversation, tab: str | None) -> bool:
        row = await self.chats.find(conversation.chat_id)
        if row is None:
            await self._back(tab)
            row = await self.chats.find(conversation.chat_id)
        if row is None:
            return False
        try:
            await row.click(timeout=5_000)
        except BrowserError:
            return False  # The row was redrawn: rows move when messages come.
        return True

    async def _read(self, conversation: ParsedConversation, patience_s: float) -> Room:
        state = self._state
        self._learn_cards()
        reading = state.conversation_progress.get(conversation.chat_id)
        clicked = ClickedConversation(
            chat_id=conversation.chat_id,
            title=conversation.group_name if conversation.is_group else state.chats.title(conversation.chat_id),
            newest=conversation.last.platform_id if conversation.last else None,
            known=reading.ids if reading else set(),
            patience_s=patience_s,
        )
        return await read_room(self._page, state.pace, clicked, state.config.history_screens, state.clock())

    async def _back(self, tab: str | None) -> None:
        """Return from an open conversation that took the list's place, or from another tab."""
        button = self._page.locator(_BACK).first
        if await button.is_visible() and _SEND not in await button.inner_text():
            await button.click(timeout=5_000)
            await self._state.pace.draw()
        await self.chats.show(tab)

    def _learn_cards(self) -> None:
        answers = self._captured.of("cards")
        for answer in answers[self._cards_read :]:
            self._state.book.learn_all(parse_user_detail(answer.body).items)
        self._cards_read = len(answers)


def _wanted(state: DouyinState, listed: ListedConversations) -> list[ParsedConversation]:
    """Return the conversations whose row changed since they were read: unread first, then the newest."""
    changed = [
        conversation
        for id, conversation in listed.conversations.items()
        if id not in state.conversation_progress or _has_changed(state, conversation)
    ]
    return sorted(changed, key=lambda conversation: (not conversation.unread_count, -(conversation.updated_at or 0)))


def _has_changed(state: DouyinState, conversation: ParsedConversation) -> bool:
    return state.conversation_progress[conversation.chat_id].mark != _mark(conversation)


def _mark(conversation: ParsedConversation) -> tuple[str | None, int | None, int | None]:
    """Return what a row shows. Reading clears the badge, so it counts only where the row has no last message."""
    last = conversation.last.platform_id if conversation.last else None
    return last, conversation.updated_at, conversation.unread_count if last is None else None


def _remember(state: DouyinState, conversation: ParsedConversation, room: Room) -> None:
    for message in room.messages.values():
        state.chats.add_message(message)
    newest = sorted(room.messages, key=int)[-_KEPT_IDS:]
    old = state.conversation_progress.get(conversation.chat_id)
    if room.messages or old is None:
        # Its newest message was not read, so it counts as changed next time too.
        mark = _mark(conversation) if room.current else (None, None, None)
        state.conversation_progress[conversation.chat_id] = ConversationProgress(mark=mark, ids=set(newest))
