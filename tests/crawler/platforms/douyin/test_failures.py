"""Each failure of the platform: the right error, nothing lost, and no alarm where nothing is wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from crawler.errors import CheckAsked, Kicked, LoginLost, PageChanged, PageMoved, Retryable
from crawler.platforms.douyin import Douyin
from sync.protocol.messages import Surface
from tests.crawler.builders import until
from tests.crawler.platforms.douyin.site import AContext, Site, a_session, an_owner

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(loop_scope="module")
async def session(browser: Browser) -> AsyncIterator[AContext]:
    async with a_session(browser) as session:
        yield session


TABLE: list[tuple[str, dict[str, Any], Surface, type[Exception], str]] = [
    ("a check covers the page", {"check": True}, "profile", CheckAsked, "a check that a person must pass"),
    ("a check covers messages", {"check": True, "silent_im": True}, "messages", CheckAsked, "a check"),
    ("the session was ended", {"kicked": True}, "messages", LoginLost, ""),
    ("its page says so", {"kicked": True}, "profile", Kicked, "offers to log in again"),
    ("the comment page leads home", {"comment_page": "home"}, "comments", PageMoved, "creator:/creator-micro/"),
    ("the comment page is gone", {"comment_page": "gone"}, "comments", PageMoved, "comment is gone"),
    ("the comment page leads away later", {"comment_page": "moving"}, "comments", PageMoved, "/messages"),
    ("lists have other names", {"json_renamed": True}, "comments", PageChanged, "no "),
]


@pytest.mark.parametrize(("name", "switches", "surface", "error", "words"), TABLE, ids=[row[0] for row in TABLE])
async def test_each_failure_is_called_what_it_is(
    site: Site,
    session: AContext,
    name: str,
    switches: dict[str, Any],
    surface: Surface,
    error: type[Exception],
    words: str,
) -> None:
    # One page shows for four seconds before it leads away.
    adapter = await an_owner(site, session, page_s=6.0 if "moving" in switches.values() else 2.0)
    site.switch("alpha", **switches)
    with pytest.raises(error) as caught:
        await asyncio.wait_for(adapter.observe(session, surface), 60)
    assert words in str(caught.value), name
    assert session.open_pages == 0


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
    await until(lambda: site.account("alpha")["done"]["pages"] > before, "the check is shown", 20)
    assert not waiting.done()
    [page] = session.context.pages
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


async def test_a_slow_platform_is_slow_and_nothing_else(site: Site, session: AContext) -> None:
    adapter = await an_owner(site, session, answer_s=0.5, page_s=0.5)
    site.switch("alpha", slow_s=3.0)
    with pytest.raises(Retryable) as caught:
        await adapter.observe(session, "comments")
    assert not isinstance(caught.value, CheckAsked)
