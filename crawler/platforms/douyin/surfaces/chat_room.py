"""Reads one open conversation, after it made sure that it is the right one."""

from functools import partial

from msgspec import Struct, field
from playwright.async_api import Page

from crawler.platforms.douyin.fiber import list_objects, scroll_messages
from crawler.platforms.douyin.pace import Pace, until
from crawler.platforms.douyin.parse.batch import BadItem, ParseHealth
from crawler.platforms.douyin.parse.chat import ParsedMessage, parse_message
from crawler.platforms.douyin.parse.fields import get
from sync.protocol.text import well_formed

_HEADER = '[class*="box-header-name"]'
_MOST_SCREENS = 60
_KNOWN = (("content",), ("sender", "secSender"), ("createdAt", "ext"))


class Room(Struct):
    """The part of a conversation that was read.

    `opened`: it is the conversation that was asked for. `current`: its newest message was read. `joined`: a message
    known from before was reached, or the start of the conversation.
    """

    opened: bool = False
    current: bool = False
    joined: bool = False
    messages: dict[str, ParsedMessage] = field(default_factory=dict)
    health: ParseHealth = field(default_factory=ParseHealth)


class ClickedConversation(Struct, frozen=True, kw_only=True):
    """The conversation that was clicked: its name, its newest message, the messages known from before."""

    chat_id: str
    title: str | None
    newest: str | None
    known: set[str]
    patience_s: float


async def read_room(page: Page, pace: Pace, clicked: ClickedConversation, screens: int, now: int) -> Room:
    """Read the conversation that was just clicked, back to a known message; with none known, `screens` far.

    Raises nothing of its own: a room that is not the one asked for is not `opened`. `now` is ms UTC.
    """
    room, chat_id, known = Room(), clicked.chat_id, clicked.known
    room.current = await until(lambda: _is_open(page, clicked), clicked.patience_s)
    await _take(page, chat_id, now, room)
    room.opened = (room.current or bool(room.messages)) and await _has_title(page, clicked.title)
    if not room.opened:
        return Room()
    for _ in range(_MOST_SCREENS if known else screens):
        if known & room.messages.keys():
            break
        before = len(room.messages)
        if not await scroll_messages(page, chat_id):
            break
        await until(partial(_grew, page, chat_id, before), pace.settle(2.0))
        await _take(page, chat_id, now, room)
        if len(room.messages) == before:
            room.joined = True
            break
    room.joined |= not known or bool(known & room.messages.keys())
    return room


async def _is_open(page: Page, clicked: ClickedConversation) -> bool:
    """Return whether its newest message is in the page's memory: the name above comes before the messages do.

    A conversation that shows no last message is open when its name stands above, or any message of it is there.
    """
    messages = await _messages_of(page, clicked.chat_id)
    if clicked.newest is not None:
        return any(get(raw, "serverId") == clicked.newest for raw in messages)
    return bool(messages) or (clicked.title is not None and await _header(page) == clicked.title)


async def _has_title(page: Page, title: str | None) -> bool:
    """Return whether no other name stands above. Names are not unique: the messages' own conversation decides too."""
    shown = await _header(page)
    return shown is None or title is None or shown == title


async def _header(page: Page) -> str | None:
    found = page.locator(_HEADER).first
    return well_formed(await found.inner_text()).strip() if await found.is_visible() else None


async def _messages_of(page: Page, chat_id: str) -> list[object]:
    return [raw for raw in await list_objects(page, "message") if get(raw, "conversationId") == chat_id]


async def _grew(page: Page, chat_id: str, before: int) -> bool:
    return len(await _messages_of(page, chat_id)) > before


async def _take(page: Page, chat_id: str, now: int, room: Room) -> None:
    for raw in await _messages_of(page, chat_id):
        try:
            message = parse_message(raw, now)
        except BadItem:
            room.health.note(raw, _KNOWN)
            room.health.bad += 1
            continue
        if message.platform_id not in room.messages:
            room.health.note(raw, _KNOWN)
        room.messages[message.platform_id] = message
