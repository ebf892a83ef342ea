"""Private messages that are typed on the demo site by a real browser, and what is said to have become of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.async_api import Page

from crawler.errors import CheckAsked, CrawlError, NotPressed
from tests.crawler.platforms.douyin.reply.typist import EDITOR, TEXT, Granted, Refusing, Typist, typing
from tests.crawler.platforms.douyin.site import AContext, Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DEADLINE_S = 60.0


@pytest.mark.usefixtures("answer_goes_before")
async def test_a_message_arrives_once_and_only_its_conversation_is_opened(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        opened, (truth, target) = typist.opened, typist.talk(2)
        permission, text = Granted(), "今天能送到，您放心。\n谢谢 :)"
        outcome = await typist.send(target, text, permission)
        assert (outcome.state, outcome.evidence) == ("sent", "response")
        sent = site.sent("alpha")[-1]
        found = (sent["text"], sent["conversation_id"], sent["id"], sent["arrived"])
        assert found == (text, truth["id"], outcome.confirmed_platform_id, True)
        assert (typist.opened, permission.known) == (opened + 1, [[]])
        again = Granted()
        await typist.send(target, text, again)
        assert again.known == [[outcome.confirmed_platform_id]]


ENDS = [
    ("self_visible", "refused", "self_visible", None),
    ("in_review", "refused", "in_review", None),
    ("retry_mark", "refused", "refused", None),
    ("check_failed", "refused", "refused", None),
    ("blocked", "refused", "refused", "消息已发出，但被对方拒收了"),
    ("stranger_limit", "refused", "refused", "对方关注或回复你之前，你只能发送 1 条文字消息"),
    ("too_fast", "refused", "risk", "操作太频繁，请稍后再试"),
    ("answer_lost", "sent", None, None),
    ("reload_after", "sent", None, None),
    ("reload_before", "unknown", "no_evidence", None),
    ("never", "unknown", "no_evidence", None),
    ("check", "unknown", "check", None),
    ("kick", "refused", "kicked", None),
]


async def pass_check(site: Site, typist: Typist) -> None:
    """The one that covers the page, and before which nothing is opened."""
    before, (_, target) = site.sent("beta"), typist.talk(1)
    with pytest.raises(CheckAsked):
        await typist.send(target, "behind the check")
    site.switch("beta", check=False)
    with pytest.raises(CheckAsked):
        await typist.reload()
    await typist.reload()
    assert site.sent("beta") == before


async def test_each_end_that_the_platform_gives_a_message_is_told_as_it_is(site: Site, session: AContext) -> None:
    async with typing(site, session, "beta") as typist:
        _, target = typist.talk(1)
        told = []
        for outcome, _, reason, _ in ENDS:
            if outcome == "kick":
                await pass_check(site, typist)
            typist.look_for(5.0 if reason == "no_evidence" else DEADLINE_S)
            site.switch("beta", message_outcome=outcome, outcome_times=1)
            end = await typist.send(target, f"about {outcome}")
            code, words = (end.reason.code, end.reason.text) if end.reason is not None else (None, "")
            told.append((outcome, end.state, code, words or None))
        assert told == ENDS
        arrived = sorted(one["text"] for one in site.sent("beta") if one["arrived"])
        assert arrived == ["about answer_lost", "about reload_after"]


async def test_a_conversation_that_the_owner_folded_away_is_answered_in_its_own_list(
    site: Site, session: AContext
) -> None:
    folded = site.account("alpha")["conversations"][4]["id"]
    site.happen("alpha", "fold", conversation_id=folded)
    async with typing(site, session) as typist:
        truth, target = typist.talk(4)
        assert (await typist.send(target, "折叠的也能收到")).state == "sent"
        assert (site.sent("alpha")[-1]["conversation_id"], site.sent("alpha")[-1]["arrived"]) == (truth["id"], True)
    site.happen("alpha", "unfold", conversation_id=folded)


EDITORS = [("editor-kit", False), ("editor-kit", True), ("slate", False), ("draft", False)]


@pytest.mark.parametrize(("editor", "micro_app"), EDITORS)
async def test_a_draft_that_was_left_there_is_put_back_in_every_editor(
    site: Site, session: AContext, editor: str, micro_app: bool
) -> None:
    site.switch("alpha", editor=editor, draft="明天再说\n好吗", micro_app=micro_app)
    async with typing(site, session) as typist:
        _, target = typist.talk(3)
        text = f"第一行 {editor}\n第二行"
        assert (await typist.send(target, text)).state == "sent"
        assert site.sent("alpha")[-1]["text"] == text
        assert await typist.in_editor() == ["明天再说", "好吗"]


async def test_an_editor_that_nobody_knows_is_left_alone(site: Site, session: AContext) -> None:
    site.switch("alpha", editor="unknown")
    async with typing(site, session) as typist:
        before, (_, target) = site.sent("alpha"), typist.talk(3)
        with pytest.raises(NotPressed) as raised:
            await typist.send(target)
        assert (raised.value.code, site.sent("alpha")) == ("editor_changed", before)


async def test_without_the_permission_or_in_another_conversation_nothing_goes(site: Site, session: AContext) -> None:
    class Meddled(Granted):
        async def ask(self, known: Sequence[str]) -> None:
            await typist.page.evaluate("(id) => conversationStore.setCurConversation(id)", other["id"])
            await typist.page.locator(EDITOR).click()
            await typist.page.keyboard.type(TEXT)

    async with typing(site, session) as typist:
        before, (other, _), (_, target) = site.sent("alpha"), typist.talk(1), typist.talk(2)
        with pytest.raises(NotPressed) as stopped:
            await typist.send(target, permission=Refusing())
        assert (stopped.value.code, await typist.in_editor()) == ("stopped", [])
        with pytest.raises(NotPressed) as meddled:
            await typist.send(target, permission=Meddled())
        assert meddled.value.code in ("editor_changed", "wrong_target")
        assert site.sent("alpha") == before


async def crash(page: Page) -> None:
    """End the process behind the page, as it ends without memory."""
    devtools = await page.context.new_cdp_session(page)
    async with asyncio.timeout(DEADLINE_S):
        async with page.expect_event("crash"):
            crashing = asyncio.create_task(devtools.send("Page.crash"))
    crashing.cancel()  # it is never answered
    await asyncio.gather(crashing, return_exceptions=True)


@pytest.mark.parametrize("is_permitted", [False, True])
async def test_a_page_that_crashes_before_the_key_is_pressed_leaves_nothing_sent_and_the_next_try_goes_once(
    site: Site, session: AContext, is_permitted: bool
) -> None:
    class Crashing(Granted):
        async def ask(self, known: Sequence[str]) -> None:
            await super().ask(known)
            await crash(typist.page)

    async with typing(site, session) as typist:
        before, (truth, target) = site.sent("alpha"), typist.talk(2)
        permission = Crashing() if is_permitted else Granted()
        text = f"{TEXT} {is_permitted}" if is_permitted else "长" * 400
        task = asyncio.create_task(typist.send(target, text, permission))
        if not is_permitted:
            await begun(typist, task)
            await crash(typist.page)
        with pytest.raises(NotPressed) as raised:
            await task
        assert (raised.value.code, len(permission.known)) == ("browser", int(is_permitted))
        with pytest.raises(CrawlError):
            await typist.reload()
        assert (await typist.send(target, "noch einmal")).state == "sent"
        [sent] = site.sent("alpha")[len(before) :]
        assert (sent["text"], sent["conversation_id"]) == ("noch einmal", truth["id"])


async def begun(typist: Typist, task: asyncio.Task[Any]) -> None:
    """The first characters stand in the editor."""
    async with asyncio.timeout(DEADLINE_S):
        while not (await typist.page.locator(EDITOR).count() and await typist.in_editor()):
            assert not task.done()
            await asyncio.sleep(0.02)
