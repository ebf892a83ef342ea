"""Each failure of the platform: the right error, nothing lost, and no alarm where nothing is wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio
from django.utils import translation
from playwright.async_api import Browser

from crawler.errors import CheckAsked, Kicked, LoginLost, PageChanged, PageMoved, Retryable, brief
from crawler.platforms.douyin import Douyin
from inbox.pages.accounts.failures import format_failure
from sync.protocol.items import Comment
from sync.protocol.messages import Surface
from tests.crawler.platforms.douyin.site import AContext, Site, a_session, an_owner
from tests.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def session(browser: Browser) -> AsyncIterator[AContext]:
    async with a_session(browser) as session:
        yield session


class Failure(NamedTuple):
    """`words`: of the error; `told`: what people read in the inbox, in English and Chinese."""

    name: str
    switches: dict[str, Any]
    surface: Surface
    error: type[Exception]
    words: str
    told: tuple[str, str]


CHECK = (
    "抖音 asks for a check that a person must pass in the window on the computer.",
    "抖音要求验证，请在那台电脑的浏览器窗口里完成。",
)
CHANGED = ("Comments: 抖音 changed a page.", "评论：抖音的页面变了。")
MOVED = (
    "Comments: 抖音 moved a page; it was at creator:/creator-micro/interactive/comment.",
    "评论：抖音的一个页面换了地址，原来是 creator:/creator-micro/interactive/comment。",
)
ENDED = ("抖音 ended the login.", "登录被抖音退出了。")
KICKED = (
    "抖音 ended the login, most likely because of another one.",
    "登录被抖音退出了，多半是因为在别处又登录了。",
)
TABLE = [
    Failure("a check covers the page", {"check": True}, "profile", CheckAsked, "that a person must pass", CHECK),
    Failure("a check covers messages", {"check": True, "silent_im": True}, "messages", CheckAsked, "a check", CHECK),
    Failure("a check covers comments", {"check": True}, "comments", CheckAsked, "a check", CHECK),
    Failure("a check covers works", {"check": True}, "contents", CheckAsked, "a check", CHECK),
    Failure("a check covers notices", {"check": True}, "notifications", CheckAsked, "a check", CHECK),
    Failure("the session was ended", {"kicked": True}, "messages", LoginLost, "", ENDED),
    Failure("its page says so", {"kicked": True}, "profile", Kicked, "offers to log in again", KICKED),
    Failure(
        "the comment page leads home", {"comment_page": "home"}, "comments", PageMoved, "creator:/creator-micro/", MOVED
    ),
    Failure("the comment page is gone", {"comment_page": "gone"}, "comments", PageMoved, "comment is gone", MOVED),
    Failure("it leads away later", {"comment_page": "moving"}, "comments", PageMoved, "/messages", MOVED),
    Failure("lists have other names", {"json_renamed": True}, "comments", PageChanged, "no ", CHANGED),
]


@pytest.mark.parametrize("failure", TABLE, ids=[row.name for row in TABLE])
async def test_each_failure_is_called_what_it_is(site: Site, session: AContext, failure: Failure) -> None:
    # One page shows for four seconds before it leads away.
    adapter = await an_owner(site, session, page_s=6.0 if "moving" in failure.switches.values() else 2.0)
    site.switch("alpha", **failure.switches)
    with pytest.raises(failure.error) as caught:
        await asyncio.wait_for(adapter.observe(session, failure.surface), 60)
    assert failure.words in str(caught.value)
    assert type(caught.value) is failure.error
    assert session.open_pages == 0
    # A check and a lost login are of the whole account, see `AccountRunner`.
    is_of_all = isinstance(caught.value, LoginLost | CheckAsked)
    report = brief(caught.value) if is_of_all else f"{failure.surface}: {brief(caught.value)}"
    with translation.override("en"):
        assert format_failure(report, "抖音") == failure.told[0]
    with translation.override("zh-hans"):
        assert format_failure(report, "抖音") == failure.told[1]


class NoAlarm(NamedTuple):
    """A fault with which everything is read all the same. `entry`: where, and by what."""

    name: str
    switches: dict[str, Any]
    surface: Surface
    entry: str
    page_s: float = 2.0


CALM = [
    NoAlarm("the login page flashes", {"login_flash": True}, "profile", "creator:/creator-micro/home", 20.0),
    NoAlarm("the page of messages leads away later", {"www_chat": "moving"}, "messages", "www:/ by responses", 5.0),
    NoAlarm(
        "pages of comments shift", {"shifting_pages": True}, "comments", "creator:/creator-micro/interactive/comment"
    ),
]


@pytest.mark.parametrize("calm", CALM, ids=[row.name for row in CALM])
async def test_what_is_no_failure_costs_nothing_and_alarms_nobody(site: Site, session: AContext, calm: NoAlarm) -> None:
    adapter = await an_owner(site, session, page_s=calm.page_s, read_notices=False)
    site.switch("alpha", **calm.switches)
    observation = await asyncio.wait_for(adapter.observe(session, calm.surface), 60)
    assert (observation.entry, observation.canary, observation.complete) == (calm.entry, "ok", True)
    truth = site.account("alpha")
    if calm.surface == "messages":
        counts = {name: len(items) for name, items in observation.items.items()}
        assert counts == {name: truth["counts"][name] for name in ("conversations", "messages")}
    if calm.surface == "comments":
        listed = {work["aweme_id"] for work in truth["works"] if work["in_picker"] and not work["is_deleted"]}
        there = {one["cid"] for one in truth["comments"] if one["aweme_id"] in listed and not one["is_deleted"]}
        assert {one.platform_id for one in observation.items["comments"] if isinstance(one, Comment)} == there


async def test_all_is_well_once_the_failures_are_over(site: Site, session: AContext) -> None:
    adapter = await an_owner(site, session)
    for surface in ("profile", "messages", "comments"):
        assert (await adapter.observe(session, surface)).canary == "ok"


async def test_a_check_is_waited_for_and_nothing_else_is_opened(site: Site, session: AContext) -> None:
    adapter: Douyin = await an_owner(site, session, check_s=20.0)
    site.switch("alpha", check=True)
    with pytest.raises(CheckAsked) as caught:
        await adapter.observe(session, "profile")
    before = site.account("alpha")["done"]["pages"]
    waiting = asyncio.create_task(adapter.wait_for_person(session, caught.value))
    await until(lambda: site.account("alpha")["done"]["pages"] > before, "the check is shown", 60)
    assert not waiting.done()
    [page] = session.pages
    layer = await page.wait_for_selector("iframe.check", state="attached")
    assert layer is not None
    await layer.evaluate("(layer) => layer.remove()")  # as the platform does when a person passed it
    assert await asyncio.wait_for(waiting, 60)
    assert site.account("alpha")["done"]["pages"] == before + 1
    assert session.open_pages == 0


async def test_what_fans_write_is_no_alarm(site: Site, session: AContext) -> None:
    words = "验证码发我一下，请稍后再试，一键登录怎么用？安全验证"
    site.happen("alpha", "message", text=words)
    adapter = await an_owner(site, session)
    observed = await adapter.observe(session, "messages")
    assert observed.canary == "ok"
    assert words in {getattr(one, "content", None) for one in observed.items["messages"]}


@pytest.mark.parametrize("surface", ["comments", "messages"])
async def test_a_slow_platform_is_slow_and_nothing_else(site: Site, session: AContext, surface: Surface) -> None:
    adapter = await an_owner(site, session, answer_s=0.5, page_s=0.5)
    site.switch("alpha", slow_s=5.0)
    with pytest.raises(Retryable) as caught:
        await adapter.observe(session, surface)
    assert not isinstance(caught.value, CheckAsked)
