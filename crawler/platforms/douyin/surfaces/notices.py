"""Observes notices, behind the bell of www.douyin.com."""

from playwright.async_api import Error as BrowserError
from playwright.async_api import Locator, Page

from crawler.errors import PageChanged, Retryable
from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.capture import CapturedResponses, capture_responses
from crawler.platforms.douyin.fiber import list_objects, scroll_all
from crawler.platforms.douyin.pace import CLICK_MS, until
from crawler.platforms.douyin.parse.batch import ParseHealth, ParseScope
from crawler.platforms.douyin.parse.fields import flag
from crawler.platforms.douyin.parse.notices import ParsedNotice, parse_notices
from crawler.platforms.douyin.parse.users import Card
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.visit import moved, open_entry, raise_if_checked, raise_if_kept_out

_BELLS = (
    '[data-e2e="notice-entry"]',
    '[data-e2e*="notice"]',
    '[data-e2e*="notification"]',
    '[aria-label*="通知"]',
    '[class*="bell"]',
)
_END = "() => /没有更多|已经到底了|暂无更多|暂无通知|暂无消息/.test(document.body.innerText)"


class CapturedNotices:
    """The union of all answers and of the page's own notice store, by platform id. `over`: the list said its end."""

    def __init__(self, scope: ParseScope) -> None:
        self._scope = scope
        self._read = 0
        self.notices: dict[str, ParsedNotice] = {}
        self.health = ParseHealth()
        self.over = False

    def read(self, captured: CapturedResponses) -> int:
        """Take in the answers since the last call, and return how many notices they added. Raises PageChanged."""
        before = len(self.notices)
        for answer in captured.of("notices")[self._read :]:
            self._read += 1
            self._take(answer.body)
            # Single ones that were pushed say nothing of the list.
            self.over = self.over or flag(answer.body, "has_more") is False
        return len(self.notices) - before

    def read_store(self, objects: list[object]) -> None:
        """Take in the objects of the page's notice store."""
        self._take({"notice_list_v2": objects})

    def _take(self, body: object) -> None:
        batch = parse_notices(body, self._scope)
        self.health.add(batch.health)
        for notice in batch.items:
            self.notices.setdefault(notice.platform_id, notice)


async def observe_notices(state: DouyinState, session: BrowserSession) -> SurfaceObservation:
    """Observe notices. Those about comments give comments (and stubs of unknown works), the others notifications.

    The platform keeps only the latest notices, so absence is never proof. Raises PageChanged, Retryable, LoginLost.
    """
    start = state.clock()
    captured_notices = CapturedNotices(state.scope())
    async with session.page() as page, capture_responses(page, state.tape) as captured:
        if not await open_entry(page, state.pages.notices, state.pace):
            raise moved(page, state.pages.notices)
        await _ring(state, page)
        await captured.wait("notices", 0, state.pace.settle(6.0), state.config.answer_s)
        whole = await _read_to_end(state, page, captured, captured_notices)
        stored = await list_objects(page, "notice")
        state.tape.memory("notices", stored)
        captured_notices.read_store(stored)
        whole &= captured.lost == 0
    return make_observation(state, start, captured_notices, whole)


def make_observation(
    state: DouyinState, start: int, captured_notices: CapturedNotices, whole: bool
) -> SurfaceObservation:
    """Return what notices tell, and learn from it. `whole`: they were read to their end."""
    for notice in captured_notices.notices.values():
        if notice.owner_uid:
            state.book.learn_owner(Card(uid=notice.owner_uid))
        state.book.learn(notice.who)
        if notice.comment is not None:
            state.noticed[notice.comment.platform_id] = notice.comment
        if notice.work is not None and notice.work.platform_id not in state.works:
            state.stubs[notice.work.platform_id] = notice.work
    canary = state.canary("notifications", len(captured_notices.notices), captured_notices.health.canary)
    state.saw_notices = state.saw_notices or canary == "ok"
    given = list(captured_notices.notices.values())
    stubs = {notice.work.platform_id: notice.work for notice in given if notice.work is not None}
    return SurfaceObservation(
        surface="notifications",
        entry=state.pages.notices.name,
        start=start,
        end=state.clock(),
        complete=whole and canary == "ok",
        canary=canary,
        items={
            "notifications": [notice.notification for notice in given if notice.notification is not None],
            "comments": [notice.comment for notice in given if notice.comment is not None],
            "contents": [stub for id, stub in stubs.items() if id in state.stubs],
        },
    )


async def _ring(state: DouyinState, page: Page) -> None:
    """Open the list of notices. Raises PageChanged (there is no bell), LoginLost (nobody is logged in), CheckAsked."""
    found: list[Locator] = []

    async def has_bell() -> bool:
        for selector in _BELLS:
            bell = page.locator(selector).first
            if await bell.is_visible():
                found.append(bell)
                return True
        return False

    if not await until(has_bell, state.pace.page(10.0)):
        await _raise_if_creator_says_logged_out(state, page)
        raise PageChanged(f"{state.pages.notices.name} has no bell")
    await state.pace.pause(0.5)
    await raise_if_checked(page)
    await found[-1].click(timeout=CLICK_MS)
    await state.pace.draw()


async def _raise_if_creator_says_logged_out(state: DouyinState, page: Page) -> None:
    """Raise LoginLost if the creator centre shows its login page: www greets guests with its feed and few signs."""
    try:
        await page.goto(state.pages.login.url, wait_until="domcontentloaded", timeout=30_000)
    except BrowserError as error:
        raise Retryable(f"{state.pages.login.name} did not open") from error
    await raise_if_kept_out(page, state.pace)


async def _read_to_end(
    state: DouyinState, page: Page, captured: CapturedResponses, captured_notices: CapturedNotices
) -> bool:
    pager = Pager(page, captured, "notices", state.config, state.pace)
    over = await pager.run(lambda: captured_notices.read(captured), lambda: captured_notices.over, scroll_all)
    return over or bool(await page.evaluate(_END))
