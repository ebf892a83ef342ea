"""Observes works: the list of the content page, united with the picker of the comment page (each misses some)."""

from msgspec import structs
from playwright.async_api import Page

from crawler.errors import PageChanged
from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.capture import capture_responses
from crawler.platforms.douyin.fiber import scroll_all
from crawler.platforms.douyin.parse.batch import ParsedBatch, ParseScope
from crawler.platforms.douyin.parse.users import Card
from crawler.platforms.douyin.parse.works import parse_work_list
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.gathered_works import GatheredWorks
from crawler.platforms.douyin.surfaces.picker import PickedWorks, open_picker_page
from crawler.platforms.douyin.visit import first_answer, moved, open_entry
from sync.protocol.items import Content


class ListedWorks(GatheredWorks):
    """The works of the content page (`work_list`): the newest answer about a work counts."""

    KIND = "works"

    def parse(self, body: object, scope: ParseScope) -> ParsedBatch[Content]:
        """Return the works of one answer of `work_list`. Raises PageChanged."""
        return parse_work_list(body, scope)

    @property
    def whole(self) -> bool:
        """Return whether as many were read as the list says it has: an item may slip from one page to another."""
        read = len(self.works) + self.health.bad
        return self.over and (self.total is None or read >= self.total)


async def observe_works(state: DouyinState, session: BrowserSession) -> SurfaceObservation:
    """Observe the works of both lists. Raises PageChanged (content page), Retryable, LoginLost."""
    start = state.clock()
    async with session.page() as page:
        listed, captured_all = await _read_list(state, page)
        picked, picked_all = await _read_picker(state, page)
    return make_observation(state, start, listed, picked, captured_all=captured_all, picked_all=picked_all)


def make_observation(
    state: DouyinState, start: int, listed: ListedWorks, picked: PickedWorks, *, captured_all: bool, picked_all: bool
) -> SurfaceObservation:
    """Return the works of both lists. `captured_all`, `picked_all`: each was captured to its end."""
    works = _united(listed, picked)
    _learn(state, works)
    canary = state.canary("contents", len(works), listed.health.canary)
    complete = captured_all and listed.whole and canary == "ok"
    # Keep works that only notices know: their comments need the title.
    given = {**state.stubs, **works}
    return SurfaceObservation(
        surface="contents",
        entry=state.pages.works.name,
        start=start,
        end=state.clock(),
        complete=complete,
        canary=canary,
        items={"contents": tuple(given.values())},
        ended=frozenset({"contents"}) if complete and picked_all and state.saw_notices else frozenset(),
    )


async def _read_list(state: DouyinState, page: Page) -> tuple[ListedWorks, bool]:
    listed = ListedWorks(state.scope())
    async with capture_responses(page, state.tape) as captured:
        if not await open_entry(page, state.pages.works, state.pace):
            raise moved(page, state.pages.works)
        await first_answer(page, state.pages.works, captured, "works", state.pace, state.config.answer_s)
        pager = Pager(page, captured, "works", state.config, state.pace)
        over = await pager.run(lambda: listed.read(captured), lambda: listed.over, scroll_all)
        return listed, over and captured.lost == 0


async def _read_picker(state: DouyinState, page: Page) -> tuple[PickedWorks, bool]:
    """Return what the picker says, as far as it works: a changed comment page concerns the comments."""
    picked = PickedWorks(state.scope())
    async with capture_responses(page, state.tape) as captured:
        try:
            await open_picker_page(state, page, captured)
            over = await picked.read_all(state, page, captured)
        except PageChanged:
            return picked, False
        return picked, over and captured.lost == 0


def _united(listed: ListedWorks, picked: PickedWorks) -> dict[str, Content]:
    """Return the works of both lists; the content page's list knows more of a work than the picker."""
    united = dict(picked.works)
    for id, work in listed.works.items():
        other = united.get(id)
        if other is not None and work.comment_count is None:
            work = structs.replace(work, comment_count=other.comment_count)
        united[id] = work
    return united


def _learn(state: DouyinState, works: dict[str, Content]) -> None:
    state.works = works
    state.stubs = {id: stub for id, stub in state.stubs.items() if id not in works}
    author = next((work for work in works.values() if work.author_id), None)
    if author is not None:
        state.book.learn_owner(Card(uid=author.author_id, nickname=author.author_name))
