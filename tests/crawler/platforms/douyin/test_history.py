"""Whose older messages are read, and when: what opens a conversation marks it read at the platform."""

from typing import Any

import pytest

from crawler.platforms.douyin.config import read_config
from crawler.platforms.douyin.im.news import parse_response
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.history import HistoryPlan
from tests.crawler.platforms.douyin.im.wire import CHAT, FAN, GROUP, NOW, OTHER, OWNER, a_body, an_info, an_init
from tests.crawler.platforms.douyin.site import AContext, Site, an_owner
from tests.crawler.platforms.douyin.test_live_messages import Listening
from tests.waiting import until

MINUTE = 60_000
OTHER_CHAT = f"0:1:{OWNER}:{OTHER}"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


def a_plan(clock: Clock, **config: Any) -> tuple[DouyinState, HistoryPlan]:
    state = DouyinState("acc1", None, read_config({"read_history": True, **config}, {}), clock)
    return state, HistoryPlan(state)


def hear(state: DouyinState, *talks: tuple[str, int, int]) -> None:
    """Of each conversation: its id, the place of its one message that was loaded, how many are unread."""
    entries = [
        (an_info(chat, f10=9, f51={14: 0, 16: 9 - unread}), [a_body(place, f1=chat, f2=1, f3=7_600_000_000 + at)])
        for at, (chat, place, unread) in enumerate(talks)
    ]
    state.inbox.take(parse_response(an_init(*entries), NOW))


def test_only_a_conversation_that_is_read_and_has_older_messages_gets_its_turn() -> None:
    clock = Clock()
    state, plan = a_plan(clock)
    hear(state, (CHAT, 30, 2), (OTHER_CHAT, 1, 0), (GROUP, 40, 0))
    clock.now += 30 * MINUTE
    assert plan.next() == GROUP
    plan.had(GROUP)
    clock.now += 30 * MINUTE
    assert plan.next() is None
    hear(state, (CHAT, 30, 0))
    assert plan.next() == CHAT


def test_one_is_opened_at_a_time_and_none_while_somebody_writes() -> None:
    clock = Clock()
    state, plan = a_plan(clock)
    hear(state, (CHAT, 30, 0), (GROUP, 40, 0))
    assert plan.next() is None  # It only began.
    clock.now += 10 * MINUTE
    first = plan.next()
    assert first is not None
    plan.had(first)
    assert plan.next() is None
    clock.now += 10 * MINUTE
    state.inbox.take(parse_response(an_init((an_info(), [a_body(31, f10=clock.now - MINUTE)])), clock.now))
    assert plan.next() is None
    clock.now += 10 * MINUTE
    assert plan.next() == ({CHAT, GROUP} - {first}).pop()


def test_strangers_and_accounts_that_did_not_ask_for_it_are_left_alone() -> None:
    clock = Clock()
    state, plan = a_plan(clock, read_history=False)
    hear(state, (CHAT, 30, 0))
    clock.now += 60 * MINUTE
    assert plan.next() is None
    state, plan = a_plan(clock)
    stranger = a_body(30, f9=[{1: "s:is_stranger", 2: "true"}], f7=FAN)
    state.inbox.take(parse_response(an_init((an_info(f10=1, f51={14: 0, 16: 1}), [stranger])), NOW))
    clock.now += 60 * MINUTE
    assert plan.next() is None


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="module")
async def test_history_is_read_to_the_first_message_and_what_is_unread_stays_so(site: Site, session: AContext) -> None:
    read, unread = site.account("beta")["conversations"][:2]
    for number in range(60):
        site.happen("beta", "own_message", conversation_id=read["id"], text=f"旧的 {number}")
    for number in range(22):
        site.happen("beta", "message", conversation_id=unread["id"], text=f"没读 {number}")
    adapter = await an_owner(site, session, "beta", patience=0.1, page_s=2.0, pace=0.001, read_history=True)
    ear = Listening(adapter, session)
    wanted = {message["server_id"] for message in site.account("beta")["conversations"][0]["messages"]}
    async with adapter.listening(ear.take):
        await ear.look()
        assert not wanted <= ear.messages.keys()
        await ear.look_until(lambda: wanted <= ear.messages.keys())
        done = site.account("beta")["done"]
        assert (done["mark_read"], done.get("mark_read_of_unread", 0)) == (1, 0)
        assert site.account("beta")["conversations"][1]["unread"] == unread["unread"] + 22
        site.happen("beta", "message", conversation_id=read["id"], text="还在听")
        await until(lambda: "还在听" in ear.texts(), "the page of messages still listens", 20)
    assert site.account("beta")["done"]["mark_read"] == 1
