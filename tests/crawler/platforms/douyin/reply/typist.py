"""An account that sends replies on the demo site, and what the site says of them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from playwright.async_api import Page

from crawler.errors import NotPressed
from crawler.platforms.base import ReplyOutcome
from crawler.platforms.douyin import Douyin
from sync.protocol.reply_messages import ReplyRequest, ReplyTarget
from tests.crawler.platforms.douyin.site import AContext, Site, an_owner

EDITOR = "[data-e2e=msg-input] [contenteditable=true]"
TEXT = "今天能送到，您放心。"


class Granted:
    """The hub's permission. `known`: what the worker said that it sees already."""

    def __init__(self) -> None:
        self.known: list[Sequence[str]] = []

    async def ask(self, known: Sequence[str]) -> None:
        self.known.append(known)


class Refusing(Granted):
    """The hub that does not permit it."""

    async def ask(self, known: Sequence[str]) -> None:
        raise NotPressed("stopped")


def a_request(**fields: Any) -> ReplyRequest:
    values: dict[str, Any] = {
        "reply_id": "repl_acc-alpha_" + "0" * 32,
        "account_id": "acc-alpha",
        "lease_epoch": 1,
        "attempt": 1,
        "mode": "send",
        "kind": "message",
        "target": ReplyTarget(),
        "text": TEXT,
        "deadline": 0,
    }
    return ReplyRequest(**(values | fields))


class Typist:
    """Its page of messages stays open, as a worker has it."""

    def __init__(self, site: Site, session: AContext, adapter: Douyin, key: str) -> None:
        self.site, self.session, self.adapter, self.key = site, session, adapter, key

    def talk(self, number: int) -> tuple[dict[str, Any], ReplyTarget]:
        """A conversation of the ground truth, and what the hub calls it."""
        conversation = self.site.account(self.key)["conversations"][number]
        sec_uid = self.site.people()[conversation["partner_uid"]]["sec_uid"]
        return conversation, ReplyTarget(conversation_id=sec_uid, user_id=sec_uid)

    async def send(self, target: ReplyTarget, text: str = TEXT, permission: Any = None, **fields: Any) -> ReplyOutcome:
        request = a_request(target=target, text=text, **fields)
        return await self.adapter.reply(self.session, request, permission or Granted())

    def look_for(self, evidence_s: float) -> None:
        """Look for so long from now on for what became of a reply."""
        state = self.adapter._state
        state.config = msgspec.structs.replace(state.config, evidence_s=evidence_s)

    async def reload(self) -> None:
        await self.adapter.observe(self.session, "messages")

    @property
    def page(self) -> Page:
        resident = self.adapter._resident
        assert resident is not None
        assert resident._page is not None
        return resident._page

    async def in_editor(self) -> list[str]:
        """Its lines with something in them."""
        shown = await self.page.locator(EDITOR).inner_text()
        return [line for one in shown.split("\n") if (line := one.strip("\u200b\ufeff "))]

    @property
    def opened(self) -> int:
        counted: int = self.site.account(self.key)["done"].get("mark_read", 0)
        return counted


@asynccontextmanager
async def typing(site: Site, session: AContext, key: str = "alpha", **config: Any) -> AsyncIterator[Typist]:
    adapter = await an_owner(site, session, key, patience=0.1, page_s=2.0, **config)
    async with adapter.listening(lambda _: None):
        typist = Typist(site, session, adapter, key)
        await typist.reload()
        yield typist
