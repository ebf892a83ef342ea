"""A text that stands in a window's editor, and the person there. (The browser of these tests shows no window.)"""

import asyncio
from typing import Any

import pytest

from crawler.errors import NotPressed
from tests.crawler.platforms.douyin.reply.typist import EDITOR, TEXT, Granted, Refusing, Typist, typing
from tests.crawler.platforms.douyin.site import AContext, Site
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DEADLINE_S = 60.0


async def offered(typist: Typist, target: Any, permission: Granted | None = None) -> asyncio.Task[Any]:
    """The text stands in the editor."""
    task = asyncio.create_task(typist.send(target, permission=permission, mode="window"))
    async with asyncio.timeout(DEADLINE_S):
        while not task.done() and await in_it(typist) != [TEXT]:
            await asyncio.wait([task], timeout=0.05)
    return task


async def in_it(typist: Typist) -> list[str]:
    return await typist.in_editor() if await typist.page.locator(EDITOR).count() else []


@pytest.mark.usefixtures("answer_goes_before")
async def test_the_persons_enter_is_noticed_also_when_he_changed_the_text(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        (truth, target), permission, before = typist.talk(2), Granted(), site.sent("alpha")
        task = await offered(typist, target, permission)
        assert (site.sent("alpha"), len(permission.known)) == (before, 1)
        await typist.page.keyboard.press("Enter")
        outcome = await task
        assert (outcome.state, outcome.evidence) == ("sent", "response")
        task = await offered(typist, target)
        await typist.page.keyboard.type("！")
        await typist.page.keyboard.press("Enter")
        assert (await task).state == "sent"
        sent = site.sent("alpha")[len(before) :]
        assert [(one["text"], one["conversation_id"]) for one in sent] == [
            (TEXT, truth["id"]),
            (f"{TEXT}！", truth["id"]),
        ]


async def test_a_text_that_nobody_sends_is_taken_out_again_and_the_draft_put_back(
    site: Site, session: AContext
) -> None:
    site.switch("alpha", draft="明天再说")
    async with typing(site, session, window_s=1.0) as typist:
        before, (_, target) = site.sent("alpha"), typist.talk(3)
        with pytest.raises(NotPressed):
            await typist.send(target, permission=Refusing(), mode="window")
        assert await typist.in_editor() == ["明天再说"]
        outcome = await typist.send(target, mode="window")
        assert (outcome.state, outcome.reason and outcome.reason.code) == ("failed", "not_sent")
        assert (await typist.in_editor(), site.sent("alpha")) == (["明天再说"], before)


async def test_an_old_message_of_the_same_words_that_is_loaded_now_is_no_proof(site: Site, session: AContext) -> None:
    truth = site.account("alpha")["conversations"][4]
    old = site.happen("alpha", "own_message", conversation_id=truth["id"], text=TEXT)
    for number in range(20):
        site.happen("alpha", "message", conversation_id=truth["id"], text=f"{number}")
    async with typing(site, session, window_s=1.0) as typist:
        [(_, target)] = [typist.talk(n) for n in range(5) if typist.talk(n)[0]["id"] == truth["id"]]
        site.switch("alpha", slow_s=0.4)
        permission = Granted()
        outcome = await typist.send(target, permission=permission, mode="window")
        assert (permission.known, outcome.reason and outcome.reason.code) == ([[old["id"]]], "not_sent")


async def test_a_text_that_the_person_made_his_own_stays(site: Site, session: AContext) -> None:
    async with typing(site, session, window_s=6.0) as typist:
        _, target = typist.talk(2)
        task = await offered(typist, target)
        await typist.page.keyboard.type("？")
        assert (await task).reason.code == "not_sent"
        assert await typist.in_editor() == [f"{TEXT}？"]


async def test_of_a_text_that_left_the_window_unheard_nobody_says_that_it_is_safe_to_try_again(
    site: Site, session: AContext
) -> None:
    async with typing(site, session, window_s=3.0) as typist:
        before, (_, target) = site.sent("alpha"), typist.talk(2)
        task = await offered(typist, target)
        await typist.page.keyboard.press("ControlOrMeta+a")
        await typist.page.keyboard.press("Backspace")
        outcome = await task
        assert (outcome.state, outcome.reason.code, site.sent("alpha")) == ("unknown", "no_evidence", before)


async def test_a_worker_that_stops_takes_the_text_out_and_what_arrives_meanwhile_is_heard(
    site: Site, session: AContext
) -> None:
    async with typing(site, session) as typist:
        (truth, target), heard = typist.talk(2), typist.adapter._state.inbox
        task = await offered(typist, target)
        news = site.happen("alpha", "message", uid=truth["partner_uid"], text="还在吗")
        await until(lambda: heard.knows(news["id"]), "the news", DEADLINE_S)
        await typist.reload()
        assert await typist.in_editor() == [TEXT]
        task.cancel()
        assert (await task).reason.code == "not_sent"
        assert await typist.in_editor() == []
