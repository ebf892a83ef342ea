"""The work picker of the comment page: lists works, and picks one by its id."""

from playwright.async_api import ElementHandle, Page

from crawler.platforms.douyin.capture import CapturedResponses
from crawler.platforms.douyin.fiber import list_rows, row_of, scroll_rows
from crawler.platforms.douyin.pace import CLICK_MS
from crawler.platforms.douyin.parse.batch import ParsedBatch, ParseScope
from crawler.platforms.douyin.parse.works import parse_picker
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.gathered_works import GatheredWorks
from crawler.platforms.douyin.visit import first_answer, moved, open_entry
from sync.protocol.items import Content

_BUTTON = "选择作品"
# Class hashes change; rows are the innermost containers that have a title.
ROWS = (
    '[role="dialog"] [class*="container-"]:has([class*="title-"])',
    '[class*="modal"] [class*="container-"]:has([class*="title-"])',
    '[class*="sidesheet-body"] [class*="item-"]:has([class*="title-"])',
    '[class*="drawer"] [class*="container-"]:has([class*="title-"])',
    '[class*="container-"]:has([class*="title-"])',
)
_MOST_STEPS = 200


class PickedWorks(GatheredWorks):
    """The works of the picker (`item/list`), in the order in which it shows them: the first place of a work counts."""

    KIND = "picker"

    def parse(self, body: object, scope: ParseScope) -> ParsedBatch[Content]:
        """Return the works of one answer of `item/list`. Raises PageChanged."""
        return parse_picker(body, scope)

    def add(self, work: Content) -> None:
        """Keep `work`, unless it is there already."""
        self.works.setdefault(work.platform_id, work)

    async def read_all(self, state: DouyinState, page: Page, captured: CapturedResponses) -> bool:
        """Page through the picker, and return whether its end was reached.

        It opens only if its first page was not all.
        """
        self.read(captured)
        if self.over:
            return True
        if not await show_picker(state, page):
            return False
        pager = Pager(page, captured, "picker", state.config, state.pace)
        return await pager.run(lambda: self.read(captured), lambda: self.over, _to_end)


async def _to_end(page: Page) -> None:
    await scroll_rows(page, ROWS, "work", "start")
    await scroll_rows(page, ROWS, "work", "end")


async def open_picker_page(state: DouyinState, page: Page, captured: CapturedResponses) -> None:
    """Open the comment page and wait for its first works. Raises PageChanged, Retryable, LoginLost."""
    if not await open_entry(page, state.pages.comments, state.pace):
        raise moved(page, state.pages.comments)
    await first_answer(page, state.pages.comments, captured, "picker", state.pace, state.config.answer_s)


async def show_picker(state: DouyinState, page: Page) -> bool:
    """Open the list of works, unless it is open. Return False if there is no such button."""
    if any(row.id for row in await list_rows(page, ROWS, "work")):
        return True
    button = page.get_by_text(_BUTTON, exact=True).first
    if not await button.count():
        return False
    await button.click(timeout=CLICK_MS)
    for _ in range(20):
        if await list_rows(page, ROWS, "work"):
            return True
        await state.pace.pause(0.3)
    return False


async def find_work(state: DouyinState, page: Page, order: list[str], aweme_id: str) -> ElementHandle | None:
    """Return the row of this work, or None.

    It is found by the object behind it, else by its place if the picker shows just what it answered; never by title:
    titles repeat.
    """
    await scroll_rows(page, ROWS, "work", "start")
    for _ in range(_MOST_STEPS):
        await state.pace.pause(0.2)
        found = await row_of(page, ROWS, "work", aweme_id) or await _by_place(page, order, aweme_id)
        if found is not None:
            return found
        if await scroll_rows(page, ROWS, "work", "next"):
            await state.pace.pause(0.5)
            return await row_of(page, ROWS, "work", aweme_id)
    return None


async def _by_place(page: Page, order: list[str], aweme_id: str) -> ElementHandle | None:
    rows = await list_rows(page, ROWS, "work")
    if len(rows) != len(order) or any(row.id for row in rows) or aweme_id not in order:
        return None
    for selector in ROWS:
        handles = await page.query_selector_all(selector)
        if len(handles) == len(order):
            return handles[order.index(aweme_id)]
    return None
