"""Private messages of the demo site, heard by a page that stays open in a real browser."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from crawler.errors import LoginLost, PageChanged
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin import Douyin
from crawler.platforms.douyin.fiber import list_rows
from crawler.platforms.douyin.parse.fields import get
from crawler.platforms.douyin.surfaces.chat_list import ROWS
from sync.protocol.items import Conversation, Message
from tests.crawler.platforms.douyin.site import AContext, Site, an_owner
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DEADLINE_S = 60.0


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


async def test_what_the_owner_folded_away_and_namesakes_are_told_apart(site: Site, session: AContext) -> None:
    known = site.account("beta")["conversations"][0]
    person = site.people()[known["partner_uid"]]
    for text in ("我是另一个人", "同名而已"):
        site.happen("beta", "message", uid="99887766554", nickname=person["nickname"], text=text)
    namesake = site.people()["99887766554"]
    site.happen("beta", "fold", conversation_id=known["id"])
    ear = await listening(site, session)
    async with ear.adapter.listening(ear.take):
        assert (await ear.look()).complete
        named = {id: one for id, one in ear.conversations.items() if one.user_name == person["nickname"]}
        assert named.keys() == {person["sec_uid"], namesake["sec_uid"]}
        assert len({one.user_avatar for one in named.values()}) == 2
        assert (named[person["sec_uid"]].is_folded, named[namesake["sec_uid"]].is_folded) == (True, False)
        spoken = {m.content for m in ear.messages.values() if m.conversation_id == named[namesake["sec_uid"]].id}
        assert spoken == {"我是另一个人", "同名而已"}
        folded = {m.platform_id for m in ear.messages.values() if m.conversation_id == named[person["sec_uid"]].id}
        assert folded == {message["server_id"] for message in known["messages"]}
        await ear.look_until(ear.hears_the_socket)
        site.happen("beta", "unfold", conversation_id=known["id"])
        await ear.until(lambda: ear.conversations[person["sec_uid"]].is_folded is False)
        assert "mark_read" not in site.account("beta")["done"]


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


@pytest.mark.parametrize("micro_app", [False, True], ids=["page", "micro-app"])
async def test_unheard_messages_are_read_from_the_pages_memory_and_nothing_is_called_complete(
    site: Site, session: AContext, micro_app: bool
) -> None:
    ear = await listening(site, session, "alpha", silent_im=True, micro_app=micro_app)
    observation = await ear.look()
    assert (observation.entry, observation.canary, observation.complete) == ("www:/chat by page memory", "ok", False)
    lasts = {c["messages"][-1]["server_id"] for c in site.account("alpha")["conversations"] if c["messages"]}
    assert lasts <= set(ear.messages)


async def test_objects_that_the_frame_of_a_micro_app_made_are_read_like_the_pages_own(session: AContext) -> None:
    async with session.page() as page:
        await page.set_content("<wujie-app></wujie-app><iframe></iframe>")
        await page.evaluate(
            """() => {
              const made = document.querySelector("iframe").contentWindow;
              const row = document.createElement("div");
              row.dataset.e2e = "conversation-item";
              row.textContent = "a row";
              document.querySelector("wujie-app").attachShadow({ mode: "open" }).append(row);
              const conversation = Object.assign(new made.Object(), {
                id: "0:1:1:2", toParticipantUserId: "2", updatedAt: new made.Date(0),
                people: new made.Map([["2", "小王"]]), node: made.document.body,
              });
              row.__reactFiber$x = { memoizedProps: { conversation }, return: null, child: null };
            }"""
        )
        [row] = await list_rows(page, ROWS, "conversation")
        assert (row.text, row.id) == ("a row", "0:1:1:2")
        assert get(row.raw, "updatedAt") == "1970-01-01T00:00:00.000Z"
        assert (get(row.raw, "people"), get(row.raw, "node")) == ({"2": "小王"}, None)


async def test_where_the_page_of_messages_is_gone_too_they_are_read_from_the_drawer_of_the_home_page(
    site: Site, session: AContext
) -> None:
    ear = await listening(site, session, "alpha", silent_im=True, www_chat="gone")
    observation = await ear.look()
    assert (observation.entry, observation.canary, observation.complete) == ("www:/ by page memory", "ok", False)
    lasts = {c["messages"][-1]["server_id"] for c in site.account("alpha")["conversations"] if c["messages"]}
    assert lasts <= set(ear.messages)
    assert "mark_read" not in site.account("alpha")["done"]


async def test_without_anything_to_hear_or_read_the_page_has_changed(site: Site, session: AContext) -> None:
    ear = await listening(site, session, "alpha", silent_im=True, objects_renamed=True)
    with pytest.raises(PageChanged):
        await ear.look()


async def test_a_session_that_the_platform_ended_is_a_lost_login(site: Site, session: AContext) -> None:
    ear = await listening(site, session, "alpha", kicked=True)
    with pytest.raises(LoginLost):
        await ear.look()
