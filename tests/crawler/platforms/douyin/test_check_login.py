"""The look for a login, without a browser: what stands on the page that was opened decides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from crawler.errors import CheckAsked
from crawler.platforms.douyin import Douyin
from tests.crawler.builders import NOW, an_account

HERE = "https://creator.example/security/?token=1"


class FakePage:
    """A page that was led to HERE, with `signs` on it."""

    url = HERE

    def __init__(self, **signs: Any) -> None:
        self._signs = {"out": [], "inside": [], "number": None, "check": False, "kicked": False} | signs

    async def goto(self, _url: str, **_named: Any) -> None: ...

    async def evaluate(self, _script: str) -> dict[str, Any]:
        return self._signs


class FakeSession:
    def __init__(self, page: FakePage) -> None:
        self._page = page

    @asynccontextmanager
    async def page(self, *, for_person: bool = False) -> AsyncIterator[FakePage]:
        yield self._page


async def look(**signs: Any) -> str:
    adapter = Douyin(an_account(config={"page_s": 0.01, "pace": 0.01, "patience": 0.01}), {}, lambda: NOW)
    session: Any = FakeSession(FakePage(**signs))
    return await adapter.check_login(session)


async def test_a_check_over_the_page_is_asked_for_at_its_address() -> None:
    with pytest.raises(CheckAsked) as caught:
        await look(check=True, inside=["card"])
    assert caught.value.url == HERE


async def test_without_a_check_the_signs_decide() -> None:
    assert await look(inside=["card"]) == "logged_in"
    assert await look(out=["a", "b", "c"]) == "not_logged_in"
    assert await look(kicked=True, inside=["card"]) == "not_logged_in"
