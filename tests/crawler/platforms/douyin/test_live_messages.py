"""Private messages of the demo site, heard by a page that stays open in a real browser."""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler.errors import LoginLost, PageChanged
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin import Douyin
from sync.protocol.items import Conversation, Message
from tests.crawler.builders import until
from tests.crawler.platforms.douyin.site import AContext, Site, an_owner

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DEADLINE_S = 20.0


class Listening:
    """An adapter whose page of messages stays open. `items`: the newest of everything that was given out."""

    def __init__(self, adapter: Douyin, session: AContext) -> None:
        self.adapter, self.session = adapter, session
        self.entries: list[str] = []
        self.conversations: dict[str, Conversation] = {}
        self.messages: dict[str, Message] = {}

    def take(self, observation: SurfaceObservation) -> None:
        self.entries.append(observation.entry)
        # The absence of a value says nothing: what the data manager does is tested elsewhere.
        for one in observation.items.get("conversations", ()):
            assert isinstance(one, Conversation)
            self.conversations[one.platform_id] = one
        for message in observation.items.get("messages", ()):
            assert isinstance(message, Message)
            self.messages[message.platform_id] = message

    async def look(self) -> SurfaceObservation:
        observation = await self.adapter.observe(self.session, "messages")
        self.take(observation)
        return observation

    async def until(self, condition: Callable[[], bool]) -> None:
        await until(condition, "what was to be heard", DEADLINE_S)

    async def look_until(self, condition: Callable[[], bool]) -> None:
        """A socket counts as open, or as refused, only after a moment."""
        deadline = asyncio.get_running_loop().time() + DEADLINE_S
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, "it never came true"
            await asyncio.sleep(0.5)
            await self.look()

    def hears_the_socket(self) -> bool:
        return self.entries[-1:] == ["www:/chat by websocket"]

    def texts(self) -> set[str | None]:
        return {message.content for message in self.messages.values()}


async def listening(site: Site, session: AContext, key: str = "beta", **faults: Any) -> Listening:
    adapter = await an_owner(site, session, key, patience=0.1, page_s=2.0)
    site.switch(key, **faults)
    return Listening(adapter, session)


async def test_what_arrives_is_given_out_without_loading_or_opening_anything(site: Site, session: AContext) -> None:
    ear = await listening(site, session)
    async with ear.adapter.listening(ear.take):
        assert (await ear.look()).complete
        await ear.look_until(ear.hears_the_socket)
        before = site.account("beta")["done"]
        partner = site.account("beta")["conversations"][3]["partner_uid"]
        sec_uid, plain = site.people()[partner]["sec_uid"], ear.conversations
        was = plain[sec_uid].unread_count or 0
        first = site.happen("beta", "message", uid=partner, text="还在吗？")
        second = site.happen("beta", "message", uid=partner, text="在的话回我", as_kind="text")
        await ear.until(lambda: {"还在吗？", "在的话回我"} <= ear.texts())  # One frame plain, one compressed.
        assert ear.conversations[sec_uid].unread_count == was + 2
        assert ear.conversations[sec_uid].last_message_id == f"msg_acc-beta_{second['id']}"
        site.happen("beta", "recall", server_id=first["id"])
        await ear.until(lambda: ear.messages[first["id"]].is_recalled)
        site.happen("beta", "read", conversation_id=first["conversation_id"])
        await ear.until(lambda: ear.conversations[sec_uid].unread_count == 0)
        assert ear.entries[-1] == "www:/chat by websocket"
        assert site.account("beta")["done"] == before
        assert "mark_read" not in before


async def test_a_page_that_is_listened_to_asks_for_nothing_more_than_any_other(site: Site, session: AContext) -> None:
    ear = await listening(site, session)
    asked: list[str] = []
    session.context.on("request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}"))
    async with session.page() as page:
        await page.goto(f"{site.origin}/for/beta/www/chat")
        await page.wait_for_load_state("networkidle")
    alone, asked[:] = sorted(asked), []
    await ear.look()
    assert sorted(asked) == alone
    assert any(path.endswith("/get_message_by_init") for path in alone)


async def test_every_kind_arrives_as_what_it_is(site: Site, session: AContext) -> None:
    ear = await listening(site, session)
    async with ear.adapter.listening(ear.take):
        await ear.look()
        made = {}
        for kind in ("call", "profile", "new", "sticker", "system", "text"):
            made[kind] = site.happen("beta", "message", text="小李", as_kind=kind)["id"]
        await ear.until(lambda: made.keys() == {kind for kind, id in made.items() if id in ear.messages})
        assert {kind: ear.messages[id].content for kind, id in made.items()} == {
            "call": "[通话] 小李",
            "profile": "[名片] 小李",
            "new": "[不支持的消息]",
            "sticker": "小李",
            "system": "小李",
            "text": "小李",
        }


async def test_a_lost_frame_is_noticed_by_the_next_one_and_the_page_read_again(site: Site, session: AContext) -> None:
    ear = await listening(site, session)
    async with ear.adapter.listening(ear.take):
        await ear.look()
        await ear.look_until(ear.hears_the_socket)
        partner = site.account("beta")["conversations"][2]["partner_uid"]
        site.switch("beta", lost_frames=True)
        site.happen("beta", "message", uid=partner, text="这条没有推送")
        site.switch("beta", lost_frames=False)
        pages = site.account("beta")["done"]["pages"]
        site.happen("beta", "message", uid=partner, text="这条推送了")
        await ear.until(lambda: "这条推送了" in ear.texts())
        assert "这条没有推送" not in ear.texts()
        await ear.look_until(lambda: "这条没有推送" in ear.texts())
        assert ((await ear.look()).complete, site.account("beta")["done"]["pages"]) == (True, pages + 1)


async def test_without_the_socket_the_page_is_read_again_and_again_and_says_so(site: Site, session: AContext) -> None:
    ear = await listening(site, session, no_socket=True)
    async with ear.adapter.listening(ear.take):
        assert (await ear.look()).entry == "www:/chat by responses"
        site.happen("beta", "message", text="没有长连接")
        await ear.look_until(lambda: "没有长连接" in ear.texts())
        assert set(ear.entries) == {"www:/chat by responses"}


@pytest.mark.parametrize("where", ["gone", "home"])
async def test_messages_are_heard_on_the_home_page_when_their_own_is_gone(
    site: Site, session: AContext, where: str
) -> None:
    ear = await listening(site, session, www_chat=where)
    observation = await ear.look()
    assert (observation.entry, observation.canary, observation.complete) == ("www:/ by responses", "ok", True)
    counts = site.account("beta")["counts"]
    assert (len(ear.conversations), len(ear.messages)) == (counts["conversations"], counts["messages"])


async def test_names_that_the_page_knows_already_come_from_its_memory(site: Site, session: AContext) -> None:
    ear = await listening(site, session, "alpha", cached_names=True)
    await ear.look()
    people = {person["sec_uid"]: person["nickname"] for person in site.people().values()}
    talked = [one for one in ear.conversations.values() if one.last_message_id]
    assert {one.platform_id: one.user_name for one in talked} == {
        one.platform_id: people[one.platform_id] for one in talked
    }


async def test_unheard_messages_are_read_from_the_pages_memory_and_nothing_is_called_complete(
    site: Site, session: AContext
) -> None:
    ear = await listening(site, session, "alpha", silent_im=True)
    observation = await ear.look()
    assert (observation.entry, observation.canary, observation.complete) == ("www:/chat by page memory", "ok", False)
    lasts = {c["messages"][-1]["server_id"] for c in site.account("alpha")["conversations"] if c["messages"]}
    assert lasts <= set(ear.messages)


async def test_without_anything_to_hear_or_read_the_page_has_changed(site: Site, session: AContext) -> None:
    ear = await listening(site, session, "alpha", silent_im=True, objects_renamed=True)
    with pytest.raises(PageChanged):
        await ear.look()


async def test_a_session_that_the_platform_ended_is_a_lost_login(site: Site, session: AContext) -> None:
    ear = await listening(site, session, "alpha", kicked=True)
    with pytest.raises(LoginLost):
        await ear.look()
