"""The demo site and a browser for the tests that look at it with a real one: one of each per file."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browsers import running_async_browser
from tests.crawler.platforms.douyin.site import AContext, Site, a_session, a_site


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with a_site(tmp_path_factory.mktemp("site"), "--scenario", "contract") as site:
        yield site


@pytest.fixture
def site(shared_site: Site) -> Iterator[Site]:
    yield shared_site
    shared_site.reset()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with running_async_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def session(browser: Browser) -> AsyncIterator[AContext]:
    async with a_session(browser) as session:
        yield session
        assert session.open_pages == 0
