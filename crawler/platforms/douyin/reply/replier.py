"""Sends a reply of any kind: finds the page for it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import quote

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from crawler.errors import NotPressed
from crawler.platforms.base import BrowserSession, Permission, ReplyOutcome
from crawler.platforms.douyin.pages import EntryPage
from crawler.platforms.douyin.reply.chat_page import ChatPage, ChatTarget, target_of
from crawler.platforms.douyin.reply.comment_window import offer_comment
from crawler.platforms.douyin.reply.comments import send_comment
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.messages import Sending, send_message
from crawler.platforms.douyin.reply.window import offer_message
from crawler.platforms.douyin.resident import ResidentPage
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.visit import open_entry, raise_if_checked, raise_if_kept_out
from sync.protocol.reply_messages import ReplyRequest

_WRITE: Final = re.compile(r"^\s*(?:发?私信|发消息)\s*$")


async def reply(
    state: DouyinState,
    resident: ResidentPage,
    session: BrowserSession,
    request: ReplyRequest,
    permission: Permission,
) -> ReplyOutcome:
    """Send a reply, and return what became of it. Raises as `Adapter.reply` does."""
    if request.kind != "message":
        return await (offer_comment if request.mode == "window" else send_comment)(state, session, request, permission)
    target = target_of(state, request.target.conversation_id, request.target.user_id)
    if target.chat_id is None and request.target.conversation_id is not None:
        await resident.open(session)  # Before its first look nobody knows what it lists.
        target = target_of(state, request.target.conversation_id, request.target.user_id)
    opened = _talk_of_list(state, resident, session, target)
    if target.chat_id is None and target.sec_uid is not None:
        opened = _talk_of_profile(state, session, target, for_person=request.mode == "window")
    async with opened as (chat, editor):
        sending = Sending(
            state=state,
            page=chat.page,
            chat=chat,
            target=target,
            chat_id=await chat.open_id(target),
            request=request,
            permission=permission,
        )
        return await (offer_message if request.mode == "window" else send_message)(sending, editor)


@asynccontextmanager
async def _talk_of_list(
    state: DouyinState, resident: ResidentPage, session: BrowserSession, target: ChatTarget
) -> AsyncIterator[tuple[ChatPage, Editor]]:
    """Open a conversation of the list, on the page that is open anyway."""
    async with resident.written_in(session) as page:
        chat = ChatPage(state, page)
        editor = await chat.open(target)
        await resident.wait_until_heard()
        yield chat, editor


@asynccontextmanager
async def _talk_of_profile(
    state: DouyinState, session: BrowserSession, target: ChatTarget, *, for_person: bool
) -> AsyncIterator[tuple[ChatPage, Editor]]:
    """Open the talk with somebody who never wrote, from their own page."""
    base = state.config.www_url.rstrip("/")
    entry = EntryPage(name="www:/user", url=f"{base}/user/{quote(target.sec_uid or '', safe='')}")
    async with session.page(for_person=for_person) as page:
        if not await open_entry(page, entry, state.pace):
            raise NotPressed("target_not_found", "there is no page of this person")
        await raise_if_checked(page)
        await _click_write(state, page)
        chat = ChatPage(state, page)
        yield chat, await chat.wait_open(target)


async def _click_write(state: DouyinState, page: Page) -> None:
    """Press the button of a person's page that opens the talk. Raises NotPressed, LoginLost, CheckAsked."""
    button = page.locator("button, [role=button], span, div").filter(has_text=_WRITE).last
    try:
        await button.wait_for(state="visible", timeout=state.pace.page(10.0) * 1000)
    except BrowserError:
        await raise_if_kept_out(page, state.pace)
        raise NotPressed("target_not_found", "this person cannot be written to") from None
    await state.pace.pause(0.5)
    await button.click(timeout=5_000)
