"""The look for a login, without a browser: what stands on the page that was opened decides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Error as BrowserError

from crawler.errors import CheckAsked, WrongAccount
from crawler.platforms.douyin import Douyin
from crawler.platforms.douyin.login import refuse_another_person
from tests.crawler.builders import NOW, an_account

HERE = "https://creator.example/security/?token=1"


class FakePage:
    """A page that was led to HERE, with `signs` on it."""

    url = HERE

    def __init__(self, **signs: Any) -> None:
        self._signs = {"out": [], "inside": [], "number": None, "check": False, "kicked": False} | signs

    async def goto(self, _url: str, **_named: Any) -> None: ...

    async def bring_to_front(self) -> None: ...

    async def evaluate(self, _script: str) -> dict[str, Any]:
        return self._signs


class ChangingPage(FakePage):
    """Shows a check or not, look by look; None: it is navigating. `looks`: so many were taken."""

    def __init__(self, *checks: bool | None) -> None:
        super().__init__()
        self._checks = checks
        self.looks = 0

    async def evaluate(self, _script: str) -> dict[str, Any]:
        check = self._checks[min(self.looks, len(self._checks) - 1)]
        self.looks += 1
        if check is None:
            raise BrowserError("Execution context was destroyed")
        return self._signs | {"check": check}


class FakeSession:
    def __init__(self, page: FakePage) -> None:
        self._page = page

    @asynccontextmanager
    async def page(self, *, for_person: bool = False) -> AsyncIterator[FakePage]:
        yield self._page


def an_adapter(**config: Any) -> Douyin:
    return Douyin(an_account(config={"page_s": 0.01, "pace": 0.01, "patience": 0.01, **config}), {}, lambda: NOW)


async def look(**signs: Any) -> str:
    session: Any = FakeSession(FakePage(**signs))
    return await an_adapter().check_login(session)


async def test_a_check_over_the_page_is_asked_for_at_its_address() -> None:
    with pytest.raises(CheckAsked) as caught:
        await look(check=True, inside=["card"])
    assert caught.value.url == HERE


async def test_without_a_check_the_signs_decide() -> None:
    assert await look(inside=["card"]) == "logged_in"
    assert await look(out=["a", "b", "c"]) == "not_logged_in"
    assert await look(kicked=True, inside=["card"]) == "not_logged_in"


@pytest.mark.parametrize(
    ("checks", "looks"),
    [
        ((True, True, False, False), 4),
        ((True, False, True, False, False), 5),
        ((True, False, None, False, False), 5),
        ((True, None, False, False), 4),
    ],
)
async def test_a_check_is_passed_once_two_looks_in_a_row_find_none(checks: tuple[bool | None, ...], looks: int) -> None:
    page = ChangingPage(*checks)
    session: Any = FakeSession(page)
    assert await an_adapter().wait_for_person(session, CheckAsked("", HERE))
    assert page.looks == looks


async def test_a_check_that_stays_is_looked_at_anew_after_a_while() -> None:
    session: Any = FakeSession(ChangingPage(True))
    assert not await an_adapter(check_s=0.05).wait_for_person(session, CheckAsked("", HERE))


@pytest.mark.parametrize("noted", ["948", " 948 ", "抖音号：948", "抖音号: 948", "", None])
def test_the_number_counts_however_the_owner_noted_it(noted: str | None) -> None:
    refuse_another_person("抖音号：948", noted)
    if noted:
        with pytest.raises(WrongAccount, match="this account is 948"):
            refuse_another_person("抖音号：111", noted)
