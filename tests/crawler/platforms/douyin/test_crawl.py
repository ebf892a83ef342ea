"""Crawls the demo site with a real browser and compares with what is true there."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from crawler.errors import LoginLost, LoginTimeout, PageChanged, WrongAccount
from crawler.platforms.base import SurfaceObservation
from crawler.platforms.douyin import Douyin
from demo.scenarios import build_demo
from demo.wire.im import INIT_MESSAGES
from demo.wire.notices import NOTICE_AFTER_S
from demo.world import DemoConversation
from sync.protocol.items import Collection
from sync.protocol.messages import Surface
from tests.crawler.platforms.douyin.site import (
    AContext,
    NotedDialog,
    Site,
    a_session,
    a_site,
    an_adapter,
    an_owner,
    log_in,
)

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

# For what never comes. Our own site shows at once what there is.
IMPATIENT: dict[str, Any] = {"patience": 0.1, "page_s": 2.0}


@pytest.fixture(scope="module")
def lively_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    file = tmp_path_factory.mktemp("worlds") / "lively.json"
    write_lively_world(file)
    with a_site(file.parent, "--scenario", str(file)) as site:
        yield site


def write_lively_world(file: Path) -> None:
    """The demo's, with messages in one friend's conversation of six: to read one takes its time, and all are alike."""
    world = build_demo(7, int(time.time()))
    friends = [conversation for conversation in world.accounts["tea"].conversations if is_plain(conversation)]
    for number, conversation in enumerate(friends):
        if number % 6:
            conversation.messages, conversation.unread = [], 0
        else:
            conversation.messages[0].is_recalled = True
    file.write_bytes(msgspec.json.encode(world))


def is_plain(conversation: DemoConversation) -> bool:
    return conversation.kind == "friend" and len(conversation.messages) <= 20


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alpha(shared_site: Site, browser: Browser) -> dict[str, Any]:
    """All items of one round, for the tests that look at different facts of them."""
    async with a_session(browser) as session:
        _, items = await crawl(shared_site, session, "alpha")
        assert session.open_pages == 0
    return items


async def crawl(site: Site, session: AContext, key: str, **config: Any) -> tuple[Douyin, dict[str, Any]]:
    """-> the adapter and all items of one round, by collection and platform id."""
    adapter = await an_owner(site, session, key, patience=0.1, **config)
    items: dict[str, Any] = {"conversations": {}, "messages": {}, "contents": {}, "comments": {}, "notifications": {}}
    for surface in adapter.surfaces:
        observation = await adapter.observe(session, surface)
        assert (observation.canary, observation.complete) == ("ok", True), surface
        for name in observation.items:
            items[name].update({item.platform_id: item for item in items_of(observation, name)})
    return adapter, items


def items_of(observation: SurfaceObservation, collection: Collection) -> Sequence[Any]:
    """Return what was seen of `collection`, whose type the observation cannot tell."""
    return observation.items[collection]


async def test_one_round_finds_all_that_is_there(site: Site, alpha: dict[str, Any]) -> None:
    check_round(site, "alpha", alpha)


def check_round(site: Site, key: str, items: dict[str, Any]) -> None:
    truth, people = site.account(key), site.people()
    sec_of = {uid: person["sec_uid"] for uid, person in people.items()} | {
        truth["owner"]["uid"]: truth["owner"]["sec_uid"]
    }
    assert items["contents"].keys() == {w["aweme_id"] for w in truth["works"]}
    listed = items["contents"].keys()
    late = {c["cid"]: 0 if c["aweme_id"] in listed else NOTICE_AFTER_S for c in truth["comments"]}
    assert {id: (c.content, c.author_id, c.created_at // 1000) for id, c in items["comments"].items()} == {
        c["cid"]: (c["text"], c["author_uid"], pytest.approx(c["created_s"] + late[c["cid"]], abs=1))
        for c in truth["comments"]
    }
    assert {c.platform_id: (c.user_name, c.unread_count) for c in items["conversations"].values()} == {
        sec_of[c["partner_uid"]]: (people[c["partner_uid"]]["nickname"], c["unread"]) for c in truth["conversations"]
    }
    assert {id: said_of(m) for id, m in items["messages"].items()} == {
        m["server_id"]: true_of(c, m, truth, sec_of) for c in truth["conversations"] for m in c["messages"]
    }
    assert {n.type for n in items["notifications"].values()} == {"like", "follow"}


def said_of(message: Any) -> tuple[Any, ...]:
    return message.conversation_id, message.sender_id, message.content, message.direction, message.created_at


def true_of(conversation: Any, message: Any, account: Any, sec_of: dict[str, str]) -> tuple[Any, ...]:
    outbound = message["sender_uid"] == account["owner"]["uid"]
    partner = f"conv_acc-{account['key']}_{sec_of[conversation['partner_uid']]}"
    direction = "outbound" if outbound else "inbound"
    return partner, sec_of[message["sender_uid"]], message["text"], direction, message["created_ms"]


async def test_the_last_messages_and_names_are_the_true_ones(site: Site, alpha: dict[str, Any]) -> None:
    truth = site.account("alpha")
    lasts = {c["messages"][-1]["server_id"]: c["messages"][-1]["text"] for c in truth["conversations"] if c["messages"]}
    shown = {c.last_message_id: c.last_message_content for c in alpha["conversations"].values() if c.last_message_id}
    assert shown == {f"msg_acc-alpha_{id}": text for id, text in lasts.items()}
    assert {m.sender_name for m in alpha["messages"].values() if m.direction == "outbound"} == {"阿尔法小铺"}


async def test_numbers_of_a_work_are_the_metrics(site: Site, alpha: dict[str, Any]) -> None:
    for work in site.account("alpha")["works"]:
        found = alpha["contents"][work["aweme_id"]]
        assert (found.view_count, found.like_count) == (work["plays"], work["likes"])
        assert found.publish_time == work["created_s"] * 1000
        assert found.type == ("image" if work["kind"] == "album" else "video")
        assert found.duration is None or found.duration == work["duration_ms"] / 1000


async def test_a_second_round_is_proof_of_absence(site: Site, session: AContext) -> None:
    adapter, items = await crawl(site, session, "beta")
    check_round(site, "beta", items)
    assert (await adapter.observe(session, "contents")).ended == {"contents"}
    assert (await adapter.observe(session, "comments")).ended == {"comments"}
    assert "mark_read" not in site.account("beta")["done"]


async def test_the_profile_is_read_and_belongs_to_the_account(site: Site, session: AContext) -> None:
    adapter = await an_owner(site, session, number="beta2025", key="beta")
    profile = (await adapter.observe(session, "profile")).profile
    assert profile is not None
    assert (profile.platform_user_id, profile.user_name) == ("beta2025", "贝塔手作")
    assert (profile.follower_count, profile.following_count, profile.signature) == (12_000, 7, "演示账号")  # 1.2万


async def test_another_persons_login_is_refused(site: Site, session: AContext) -> None:
    with pytest.raises(WrongAccount):
        await log_in(an_adapter(site, "alpha", "somebody-else"), session)
    adapter = an_adapter(site, "alpha", "somebody-else")
    with pytest.raises(WrongAccount):
        await adapter.observe(session, "profile")
    with pytest.raises(WrongAccount):
        await adapter.check_login(session)


async def test_the_login_check_knows_before_and_after(site: Site, session: AContext) -> None:
    adapter = an_adapter(site, "alpha")
    assert await adapter.check_login(session) == "not_logged_in"
    [code] = await log_in(adapter, session)
    assert code.image.startswith("data:image/png;base64,")
    assert await adapter.check_login(session) == "logged_in"
    site.switch("alpha", expired_session=True)
    assert await adapter.check_login(session) == "expired"


async def test_the_second_step_is_asked_for_typed_and_passed(site: Site, session: AContext) -> None:
    site.switch("alpha", second_step=True)
    dialog = NotedDialog()
    sent: list[str] = []

    def type_code() -> str:
        """A wrong one first, then the one that the phone got."""
        sent.append("000000" if not sent else site.account("alpha")["short_message"])
        return sent[-1]

    dialog._type_code = type_code
    async with asyncio.timeout(60):
        adapter = an_adapter(site, "alpha")
        await adapter.log_in(session, dialog)
    assert len(sent) == 2
    assert dialog.hints[0] == "138****1234"
    assert await adapter.check_login(session) == "logged_in"


async def test_a_code_nobody_scans_is_renewed_and_given_up_in_the_end(site: Site, session: AContext) -> None:
    site.switch("alpha", phone_away=True)
    adapter = an_adapter(site, "alpha", qr_life_s=0.5, qr_refreshes=2)
    dialog = NotedDialog()
    with pytest.raises(LoginTimeout):
        await adapter.log_in(session, dialog)
    shown = [code.image for code in dialog.shown]
    assert len(shown) == len(set(shown)) == 3


async def test_an_expired_session_is_a_lost_login_on_every_surface(
    site: Site, session: AContext, subtests: pytest.Subtests
) -> None:
    adapter = await an_owner(site, session, **IMPATIENT)
    site.switch("alpha", expired_session=True, phone_away=True)
    for surface in ("profile", "contents", "messages", "comments", "notifications"):
        with subtests.test(surface=surface), pytest.raises(LoginLost):
            await adapter.observe(session, surface)


@pytest.mark.parametrize("surface", ["contents", "messages", "comments", "notifications"])
async def test_renamed_lists_are_a_changed_page_not_an_empty_one(
    site: Site, session: AContext, surface: Surface
) -> None:
    adapter = await an_owner(site, session, **IMPATIENT)
    site.switch("alpha", json_renamed=True)
    with pytest.raises(PageChanged):
        await adapter.observe(session, surface)


@pytest.mark.parametrize(
    ("surface", "key"), [("contents", "alpha"), ("messages", "beta"), ("comments", "alpha"), ("notifications", "alpha")]
)
async def test_nothing_where_there_was_much_is_suspicious_and_proves_nothing(
    site: Site, session: AContext, surface: Surface, key: str
) -> None:
    adapter = await an_owner(site, session, key, **IMPATIENT)
    assert (await adapter.observe(session, surface)).canary == "ok"
    site.switch(key, empty_lists=True)
    observation = await adapter.observe(session, surface)
    assert (observation.canary, observation.complete, observation.ended) == ("empty_suspicious", False, frozenset())


@pytest.mark.parametrize("surface", ["contents", "comments"])
async def test_a_list_that_never_ends_is_left_and_not_called_complete(
    site: Site, session: AContext, surface: Literal["contents", "comments"]
) -> None:
    adapter = await an_owner(site, session, **IMPATIENT)
    site.switch("alpha", endless_pages=True)
    observation = await adapter.observe(session, surface)
    assert (observation.complete, observation.ended) == (False, frozenset())
    assert items_of(observation, surface)


async def test_a_long_list_with_groups_strangers_and_history_is_read_whole(
    lively_site: Site, session: AContext
) -> None:
    adapter = await an_owner(lively_site, session, "tea")
    observation = await adapter.observe(session, "messages")
    truth, people = lively_site.account("tea"), lively_site.people()
    conversations = {
        c["id"] if c["kind"] == "group" else people[c["partner_uid"]]["sec_uid"]: c for c in truth["conversations"]
    }
    assert len(conversations) > 40
    assert {c.platform_id: c.unread_count for c in items_of(observation, "conversations")} == {
        id: conversation["unread"] for id, conversation in conversations.items()
    }
    assert {(m.platform_id, m.conversation_id, m.is_recalled) for m in items_of(observation, "messages")} == {
        (m["server_id"], f"conv_acc-tea_{id}", m["is_recalled"] and m["kind"] != "system")
        for id, conversation in conversations.items()
        for m in conversation["messages"][-INIT_MESSAGES:]
    }
    assert (observation.canary, observation.complete) == ("ok", True)


async def test_all_pages_of_the_bell_are_read_and_each_kind_is_told_apart(lively_site: Site, session: AContext) -> None:
    mentioned = lively_site.happen("tea", "mention")["nid"]
    adapter = await an_owner(lively_site, session, "tea")
    observation = await adapter.observe(session, "notifications")
    truth = lively_site.account("tea")["notices"]
    assert {one.platform_id: one.type for one in items_of(observation, "notifications")} == {
        one["nid"]: one["kind"] for one in truth if one["kind"] != "comment"
    }
    assert mentioned in {one.platform_id for one in items_of(observation, "notifications")}
    there = {one["cid"] for one in lively_site.account("tea")["comments"]}
    assert {one.platform_id for one in items_of(observation, "comments")} == {
        one["cid"] for one in truth if one["kind"] == "comment" and one["cid"] in there
    }
    assert (observation.canary, observation.complete) == ("ok", True)
    assert lively_site.account("tea")["done"]["mark_notices_read"] > 1


async def test_replies_keep_their_parent_and_pages_that_shift_repeat_nothing(
    lively_site: Site, session: AContext
) -> None:
    lively_site.switch("tea", shifting_pages=True)
    adapter = await an_owner(lively_site, session, "tea")
    works = (await adapter.observe(session, "contents")).items["contents"]
    observation = await adapter.observe(session, "comments")
    truth = lively_site.account("tea")
    open_works = {w["aweme_id"] for w in truth["works"] if w["in_picker"] and not w["is_deleted"]}
    expected = {
        c["cid"]: c["parent_cid"] for c in truth["comments"] if c["aweme_id"] in open_works and not c["is_deleted"]
    }
    found = {
        c.platform_id: (c.parent_comment_id or "_").rpartition("_")[2] or None
        for c in items_of(observation, "comments")
    }
    assert found == expected
    assert len(works) == len({work.id for work in works})
    assert observation.complete


async def test_a_look_bounded_by_config_does_not_call_itself_complete(lively_site: Site, session: AContext) -> None:
    adapter = await an_owner(lively_site, session, "tea", max_works=1)
    observation = await adapter.observe(session, "comments")
    assert (observation.canary, observation.complete) == ("ok", False)
