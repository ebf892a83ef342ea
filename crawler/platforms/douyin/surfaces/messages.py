"""Observes private messages by listening: what the page loads and hears by itself. No conversation is ever opened."""

from typing import Final, Literal

from playwright.async_api import Page

from crawler.errors import CheckAsked, CrawlError, LoginLost, PageChanged, Retryable, SlowDown
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin.fiber import list_users
from crawler.platforms.douyin.im_listener import ImListener
from crawler.platforms.douyin.pace import CLICK_MS
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.parse.users import parse_user
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.chat_list import ChatList
from crawler.platforms.douyin.visit import moved, open_entry, raise_if_kept_out
from sync.protocol.messages import Canary

_ENTRY: Final = '[data-e2e="im-entry"]'
Source = Literal["websocket", "responses", "page memory"]


async def load_messages(state: DouyinState, page: Page, listener: ImListener) -> tuple[EntryPage, ParseHealth | None]:
    """Open the first page on which messages can be heard, beginning with the last one that did.

    Returns the page, and how well the rows behind its list were read if that was all there is. Raises what the last
    page failed with: PageChanged, Retryable, LoginLost.
    """
    failure: CrawlError = PageChanged("there is no page of messages")
    count = len(state.pages.chats)
    for index in [(state.chat + step) % count for step in range(count)]:
        try:
            entry = await _open(state, page, state.pages.chats[index])
            health = await _hear_or_read(state, page, entry, listener)
        except (LoginLost, CheckAsked, SlowDown):
            raise
        except CrawlError as error:
            failure = error
            continue
        state.chat = state.pages.chats.index(entry)
        return entry, health
    raise failure


async def _open(state: DouyinState, page: Page, entry: EntryPage) -> EntryPage:
    """Open a page of messages, and return it, or the other one that it leads to.

    That one is not opened once more: it loads its messages already, and to leave it would lose them.
    """
    if await open_entry(page, entry, state.pace):
        return entry
    here = EntryPage(name="", url=page.url).path
    other = next((one for one in state.pages.chats if one.path == here and one is not entry), None)
    if other is None:
        raise moved(page, entry)
    return other


async def _hear_or_read(state: DouyinState, page: Page, entry: EntryPage, listener: ImListener) -> ParseHealth | None:
    calm_s, lost = state.pace.settle(1.2), listener.lost
    if await listener.wait_until_loaded(state.pace.page(15.0), state.config.answer_s, calm_s):
        if state.inbox.has_nameless:
            await learn_names(state, page)
        return None
    was_asking = listener.is_asking
    await raise_if_kept_out(page, state.pace)
    return await read_memory(state, page, entry, listener, was_asking=was_asking, lost=lost)


async def read_memory(
    state: DouyinState, page: Page, entry: EntryPage, listener: ImListener, *, was_asking: bool, lost: int
) -> ParseHealth:
    """Read the list of conversations from the page's memory, and who its people are.

    `was_asking`, `lost`: of `listener`, before. Raises PageChanged; Retryable if the page missed an answer; what the
    platform refused with.
    """
    try:
        return await _read_list(state, page, entry)
    except PageChanged as error:
        # A page without its answers shows nothing yet, whatever it looks like. One may land while it is read.
        if listener.failure is not None:
            raise listener.failure from error
        if listener.lost > lost:
            raise Retryable("an answer with messages was lost") from error
        if was_asking or listener.is_asking:
            raise Retryable("no answer with messages in time") from error
        raise


async def _read_list(state: DouyinState, page: Page, entry: EntryPage) -> ParseHealth:
    chats = ChatList(page, state.pace)
    wait_s = state.pace.settle(5.0)
    if not await chats.is_there(wait_s) and not (await open_drawer(page) and await chats.is_there(wait_s)):
        raise PageChanged(f"{entry.name} loads no messages and shows none")
    listed = await chats.walk(state.clock())
    if not listed.conversations:
        raise PageChanged(f"{entry.name}: no conversation objects behind the rows")
    state.tape.memory("conversations", listed.raws)
    await learn_names(state, page)
    for conversation in listed.conversations.values():
        state.chats.add_conversation(conversation)
    return listed.health


async def open_drawer(page: Page) -> bool:
    """Open the list of conversations beside a page that has its entry, and return whether it has. No one is opened."""
    entry = page.locator(_ENTRY).first
    if not await entry.is_visible():
        return False
    await entry.click(timeout=CLICK_MS)
    return True


async def learn_names(state: DouyinState, page: Page) -> None:
    """Learn people from the page's stores: a page that knows their names does not ask for them again."""
    users = await list_users(page)
    state.tape.memory("users", users)
    state.inbox.meet(card for raw in users if (card := parse_user(raw)) is not None)


async def list_unheard(state: DouyinState, page: Page) -> set[str]:
    """Return the ids of last messages that the page shows and that were not heard: listening misses some."""
    drawn = await ChatList(page, state.pace).read_drawn(state.clock())
    lasts = [one.last for one in drawn.conversations.values() if one.last is not None]
    return {last.platform_id for last in lasts if not state.inbox.knows(last.platform_id)}


def make_observation(
    state: DouyinState, entry: EntryPage, source: Source, start: int, canary: Canary, *, whole: bool
) -> SurfaceObservation:
    """Return the items of everything heard since the last call. Absence from the page's list is never proof."""
    conversations, messages = state.chats.drain(state.scope())
    return SurfaceObservation(
        surface="messages",
        entry=f"{entry.name} by {source}",
        live=source == "websocket",
        start=start,
        end=state.clock(),
        complete=whole and canary == "ok" and not state.chats.held,
        canary=canary,
        items={"conversations": conversations, "messages": messages},
    )
