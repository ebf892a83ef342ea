"""A person and the worker at the same pages of the demo platform, and what the site is asked for by each."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from msgspec import Struct
from playwright.async_api import Browser, Page

from sync.protocol.messages import Surface
from tests.crawler.platforms.douyin.site import AContext, Site, a_session, an_owner
from tests.crawler.platforms.douyin.test_live_messages import Listening

LOOKS: Final = ("log_in", "profile", "contents", "messages", "comments", "notifications")

KEY = "alpha"
POLL = f"POST /for/{KEY}/im/v1/message/get_user_message"
POLL_S = 20.0
"""So often a page of the demo asks for increments, as long as it is open."""
FILES = ("GET /static/", "GET /media/")
"""Caches have some of them for a while: which ones are ever asked for counts, not how often."""


class Person:
    """Somebody at the same browser who does by hand what the worker wants to read. Nothing listens. `files`: all that
    the browser ever asked for."""

    def __init__(self, site: Site, session: AContext) -> None:
        self.site, self.session = site, session
        self.files: set[str] = set()

    async def open(self, page: Page, path: str) -> None:
        await page.goto(f"{self.site.origin}/for/{KEY}{path}")
        await page.wait_for_load_state("networkidle")

    async def see(self, *paths: str) -> None:
        """One page after the other, in one tab."""
        async with self.session.page() as page:
            for path in paths:
                await self.open(page, path)

    async def log_in(self) -> None:
        await self.see("/creator/")

    async def profile(self) -> None:
        await self.see("/creator/creator-micro/home")

    async def contents(self) -> None:
        await self.see("/creator/creator-micro/content/manage", "/creator/creator-micro/interactive/comment")

    async def messages(self) -> None:
        async with self.session.page() as page:
            await self.open(page, "/www/chat")
            words = write(self.site)
            await page.get_by_text(words).first.wait_for()
            await has_pictures(page)

    async def comments(self) -> None:
        truth = self.site.account(KEY)
        commented = {comment["aweme_id"] for comment in truth["comments"]}
        folds = re.compile(r"^查看\d+条回复$")
        async with self.session.page() as page:
            await self.open(page, "/creator/creator-micro/interactive/comment")
            for work in truth["works"]:
                if work["aweme_id"] not in commented:
                    continue
                await page.get_by_text("选择作品", exact=True).click()
                async with page.expect_response(re.compile("/comment/list/select")):
                    await page.get_by_role("dialog").get_by_text(work["title"], exact=True).click()
                await page.get_by_text("没有更多评论").wait_for()
                # Each work has one comment at most whose replies are folded, and they come at once.
                for fold in await page.get_by_text(folds).element_handles():
                    async with page.expect_response(re.compile("/comment/list/reply")):
                        await fold.click()
                await has_pictures(page)

    async def notifications(self) -> None:
        async with self.session.page() as page:
            await self.open(page, "/www/")
            await page.locator('[data-e2e="notice-entry"]').click()
            await page.get_by_text("暂时没有更多了").wait_for()
            await has_pictures(page)


async def has_pictures(page: Page) -> None:
    """Wait until the page has the pictures of what it shows: it asks for them after it has drawn that."""
    await page.wait_for_function("() => [...document.images].every((one) => one.complete)")


def write(site: Site) -> str:
    """A fan who wrote before writes again: other words each time, which are returned."""
    partner = site.account(KEY)["conversations"][2]["partner_uid"]
    words = f"第 {site.account(KEY)['counts']['messages']} 条"
    site.happen(KEY, "message", uid=partner, text=words)
    return words


class Worker(Person):
    """The adapter, which does the same."""

    async def _look(self, surface: Surface) -> None:
        adapter = await an_owner(self.site, self.session, KEY, patience=0.1, page_s=2.0)
        assert (await adapter.observe(self.session, surface)).canary == "ok"

    async def log_in(self) -> None:
        adapter = await an_owner(self.site, self.session, KEY)
        assert await adapter.check_login(self.session) == "logged_in"

    async def profile(self) -> None:
        await self._look("profile")

    async def contents(self) -> None:
        await self._look("contents")

    async def messages(self) -> None:
        adapter = await an_owner(self.site, self.session, KEY, patience=0.1, page_s=2.0)
        ear = Listening(adapter, self.session)
        async with adapter.listening(ear.take):
            await ear.look()
            words = write(self.site)
            await ear.until(lambda: words in ear.texts())
            await ear.look_until(ear.hears_the_socket)
            for _ in range(3):
                await ear.look()

    async def comments(self) -> None:
        await self._look("comments")

    async def notifications(self) -> None:
        await self._look("notifications")


class Asked(Struct):
    """What the site was asked for. `took_s`: as long as it took."""

    lines: Counter[str]
    took_s: float

    @property
    def files(self) -> set[str]:
        return {line for line in self.lines if line.startswith(FILES)}

    @property
    def others(self) -> Counter[str]:
        """Without files, and without what comes by the clock."""
        return Counter(
            {line: times for line, times in self.lines.items() if not line.startswith(FILES) and line != POLL}
        )

    @property
    def polls(self) -> int:
        """So often the page asked for increments for another reason than the clock, at least."""
        return max(0, self.lines[POLL] - int(self.took_s / POLL_S))


async def asked_while(site: Site, act: Callable[[], Awaitable[None]]) -> Asked:
    before, begin = site.requests(), time.monotonic()
    await act()
    return Asked(site.requests() - before, time.monotonic() - begin)


class Compared(NamedTuple):
    """One look by a person, `alone`, and by the worker, `ours`. `files`: all that the person ever asked for."""

    what: str
    alone: Asked
    ours: Asked
    files: frozenset[str]

    @property
    def more(self) -> Counter[str]:
        """Return what the site was asked for by the worker's page alone, or more often."""
        polls = Counter({POLL: max(0, self.ours.polls - self.alone.lines[POLL])})
        return +(self.ours.others - self.alone.others + Counter(self.ours.files - self.files) + polls)

    @property
    def less(self) -> Counter[str]:
        """Return what the person's page alone asked for, or more often."""
        return self.alone.others - self.ours.others

    def __str__(self) -> str:
        alone, ours = self.alone.others.total(), self.ours.others.total()
        counts = f"{alone} requests by a person's page, {ours} by the worker's"
        return f"{self.what}: {counts}; more {dict(self.more)}, less {dict(self.less)}"


@asynccontextmanager
async def both_at(site: Site, browser: Browser) -> AsyncIterator[tuple[Person, Worker]]:
    """Each in a browser of its own that has been logged in before."""
    async with a_session(browser) as first, a_session(browser) as hand, a_session(browser) as ours:
        await an_owner(site, first, KEY)
        for session in (hand, ours):
            await session.context.add_cookies(site.cookies[KEY])
        yield Person(site, hand), Worker(site, ours)


async def compare(person: Person, worker: Worker, what: str) -> Compared:
    """Let first the person look at one of LOOKS, then the worker."""
    alone = await asked_while(person.site, getattr(person, what))
    ours = await asked_while(worker.site, getattr(worker, what))
    person.files |= alone.files
    return Compared(what, alone, ours, frozenset(person.files))
