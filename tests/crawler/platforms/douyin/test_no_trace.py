"""The platform's log with the worker and without it: a person who reads the same pages asks for no less."""

import sys
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.crawler.platforms.douyin.site import Site
from tests.crawler.platforms.douyin.traces import KEY, LOOKS, POLL, Person, Worker, both_at, compare

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BY_ITSELF = {
    f"POST /for/{KEY}/im/v1/message/get_message_by_init": 2,
    f"POST /for/{KEY}/im/v2/conversation/get_info_list": 1,
    f"POST /for/{KEY}/im/v1/stranger/get_conversation_list": 1,
    f"POST /for/{KEY}/www/aweme/v1/web/im/user/info/": 2,
    f"SOCKET /for/{KEY}/im/ws/v2": 1,
}
"""What a www page of an account with 29 conversations asks for at load, before anybody does anything."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def both(shared_site: Site, browser: Browser) -> AsyncIterator[tuple[Person, Worker]]:
    async with both_at(shared_site, browser) as two:
        yield two


@pytest.mark.parametrize("what", LOOKS)
async def test_the_worker_asks_for_nothing_that_the_page_would_not_ask_for_itself(
    both: tuple[Person, Worker], what: str
) -> None:
    compared = await compare(*both, what)
    sys.stdout.write(f"{compared}\n")
    assert not compared.more
    assert "mark_read" not in both[0].site.account(KEY)["done"]
    # A page may be closed before it asked for everything. The one of messages stays open.
    assert not compared.less or what != "messages"
    if what in ("messages", "notifications"):
        alone = compared.alone.lines
        assert {line: alone[line] for line in BY_ITSELF} == BY_ITSELF
        assert alone[POLL]
