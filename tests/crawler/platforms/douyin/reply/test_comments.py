"""Comments that are typed on the demo's creator page, and what is said to have become of them."""

import asyncio
from typing import Any, NamedTuple

import pytest
from playwright.async_api import Page

from crawler.errors import NotPressed
from sync.protocol.reply_messages import ReplyTarget
from tests.crawler.platforms.douyin.reply.typist import Granted, Refusing, Typist, typing
from tests.crawler.platforms.douyin.site import AContext, Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DEADLINE_S = 60.0
BOX = ".editor [contenteditable=true]"


class Offer(NamedTuple):
    """A comment that stands in a window, and the window."""

    task: asyncio.Task[Any]
    page: Page


def comments(site: Site) -> list[dict[str, Any]]:
    """Those of others on works that can be chosen, oldest first."""
    account = site.account("alpha")
    works = {w["aweme_id"] for w in account["works"] if w["in_picker"] and not w["is_private"] and not w["is_deleted"]}
    return [
        c
        for c in account["comments"]
        if c["aweme_id"] in works and not c["is_deleted"] and c["author_uid"] != account["owner"]["uid"]
    ]


def to(comment: dict[str, Any]) -> ReplyTarget:
    root = comment["parent_cid"] or comment["cid"]
    return ReplyTarget(comment_id=comment["cid"], root_comment_id=root, content_id=comment["aweme_id"])


async def test_a_comment_goes_under_the_comment_the_answer_and_the_work_that_it_is_for(
    site: Site, session: AContext
) -> None:
    async with typing(site, session) as typist:
        first = next(c for c in comments(site) if c["parent_cid"] is None)
        answer = next((c for c in comments(site) if c["parent_cid"] is not None), first)
        for comment, text in ((first, "谢谢喜欢"), (answer, "下周上新")):
            permission = Granted()
            outcome = await typist.send(to(comment), text, permission, kind="comment")
            assert (outcome.state, outcome.evidence, permission.known) == ("sent", "response", [[]])
            sent = site.sent("alpha")[-1]
            assert (sent["cid"], sent["text"], sent["id"]) == (comment["cid"], text, outcome.confirmed_platform_id)
        target = ReplyTarget(content_id=first["aweme_id"])
        assert (await typist.send(target, "新品到了", kind="work")).state == "sent"
        last = site.sent("alpha")[-1]
        assert (last["aweme_id"], last["cid"], last["text"]) == (first["aweme_id"], "", "新品到了")


ENDS = [
    ("too_fast", "refused", "risk", "回复过于频繁，请稍后再试"),
    ("private_work", "refused", "refused", "私密作品无法评论"),
    ("comment_deleted", "refused", "refused", "评论已被删除"),
    ("answer_lost", "sent", None, None),
    ("never", "unknown", "no_evidence", None),
]


async def test_each_end_that_the_platform_gives_a_comment_is_told_as_it_is(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        comment = next(c for c in comments(site) if c["parent_cid"] is None)
        told = []
        for outcome, _, reason, _ in ENDS:
            typist.look_for(1.0 if reason == "no_evidence" else DEADLINE_S)
            site.switch("alpha", comment_outcome=outcome, outcome_times=1)
            end = await typist.send(to(comment), f"about {outcome}", kind="comment")
            code, words = (end.reason.code, end.reason.text) if end.reason is not None else (None, "")
            told.append((outcome, end.state, code, words or None))
        assert told == ENDS


async def test_a_comment_that_is_gone_is_not_answered(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        gone = next(c for c in comments(site) if c["parent_cid"] is None)
        before = site.sent("alpha")
        cid = gone["cid"] + "1"
        target = ReplyTarget(comment_id=cid, root_comment_id=cid, content_id=gone["aweme_id"])
        with pytest.raises(NotPressed) as raised:
            await typist.send(target, kind="comment")
        assert (raised.value.code, site.sent("alpha")) == ("target_not_found", before)


async def offered(typist: Typist, session: AContext, comment: dict[str, Any], permission: Granted) -> Offer:
    """The text stands in the box under the comment."""
    before = session.pages
    task = asyncio.create_task(typist.send(to(comment), "谢谢喜欢", permission, kind="comment", mode="window"))
    async with asyncio.timeout(DEADLINE_S):
        while True:
            for page in session.pages:
                if page not in before and await page.locator(BOX).filter(has_text="谢谢喜欢").count():
                    return Offer(task, page)
            assert not task.done(), task
            await asyncio.sleep(0.05)


async def test_in_a_window_a_person_sends_the_comment_also_when_he_changed_it(site: Site, session: AContext) -> None:
    async with typing(site, session) as typist:
        comment = next(c for c in comments(site) if c["parent_cid"] is None)
        for added in ("", "！"):
            before, permission = site.sent("alpha"), Granted()
            task, page = await offered(typist, session, comment, permission)
            assert (site.sent("alpha"), len(permission.known)) == (before, 1)
            if added:
                site.switch("alpha", comment_outcome="answer_lost", outcome_times=1)
                await page.keyboard.type(added)
            await page.keyboard.press("Enter")
            outcome = await task
            assert (outcome.state, outcome.evidence) == ("sent", "list" if added else "response")
            [sent] = site.sent("alpha")[len(before) :]
            assert (sent["cid"], sent["text"], sent["id"]) == (
                comment["cid"],
                f"谢谢喜欢{added}",
                outcome.confirmed_platform_id,
            )


async def test_in_a_window_a_comment_that_nobody_sends_is_gone_with_its_window(site: Site, session: AContext) -> None:
    async with typing(site, session, window_s=1.0) as typist:
        comment = next(c for c in comments(site) if c["parent_cid"] is None)
        before, pages = site.sent("alpha"), session.open_pages
        with pytest.raises(NotPressed):
            await typist.send(to(comment), permission=Refusing(), kind="comment", mode="window")
        outcome = await typist.send(to(comment), kind="comment", mode="window")
        assert (outcome.state, outcome.reason and outcome.reason.code) == ("failed", "not_sent")
        assert (session.open_pages, site.sent("alpha")) == (pages, before)
