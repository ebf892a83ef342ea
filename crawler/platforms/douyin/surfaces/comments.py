"""Comments with their replies: work by work through the picker of the comment page."""

import re

from playwright.async_api import Page

from crawler.platforms.base import Look, Session
from crawler.platforms.douyin.fiber import scroll_all
from crawler.platforms.douyin.listen import Heard, listening
from crawler.platforms.douyin.parse.batch import Health
from crawler.platforms.douyin.parse.users import Card
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import State, WorkReading
from crawler.platforms.douyin.surfaces.picker import PickedWorks, find_work, open_picker_page, show_picker
from crawler.platforms.douyin.surfaces.thread import Thread
from sync.protocol.items import Comment, Content
from sync.protocol.messages import Canary

_MORE_REPLIES = re.compile(r"^\s*(?:查看|展开)(?:剩余|全部|更多)?\s*\d*\s*条?回复\s*$")
_MANY = 3


async def look_at_comments(state: State, session: Session) -> Look:
    """One look at the comments of the works that have some, those with a changed count first.

    Replies are part of it; there is no separate look at them.
    """
    start = state.clock()
    state.comment_looks += 1
    async with session.page() as page, listening(page) as heard:
        await open_picker_page(state, page, heard)
        picked = PickedWorks(state.scope())
        picked_all = await picked.read_all(state, page, heard)
        _learn_owner(state, picked)
        wanted = _wanted(state, picked.works)
        threads = [await _read_work(state, page, heard, picked, work) for work in wanted[: state.config.max_works]]
        lost = heard.lost
    return _look(state, start, threads, picked, picked_all and len(threads) == len(wanted) and not lost)


def _look(state: State, start: int, threads: list[Thread], picked: PickedWorks, all_read: bool) -> Look:
    comments = {id: comment for thread in threads for id, comment in thread.comments.items()}
    for comment in comments.values():
        state.book.learn(_author(comment))
    canary = state.canary("comments", len(comments), _health(threads, picked, comments))
    complete = all_read and canary == "ok" and all(thread.is_whole for thread in threads)
    ended = complete and state.saw_notices
    return Look(
        surface="comments",
        entry=state.pages.comments.name,
        start=start,
        end=state.clock(),
        complete=complete,
        canary=canary,
        items={"comments": (*comments.values(), *(_noticed_elsewhere(state, threads, comments) if ended else ()))},
        ended=frozenset({"comments"}) if ended else frozenset(),
    )


def _health(threads: list[Thread], picked: PickedWorks, comments: dict[str, Comment]) -> Canary:
    health = Health()
    health.add(picked.health)
    for thread in threads:
        health.add(thread.health)
    if health.canary != "ok":
        return health.canary
    parents = [parent for thread in threads for parent in thread.unanswered]
    if len(parents) >= _MANY and not any(comment.parent_comment_id for comment in comments.values()):
        return "page_changed"  # Many comments with replies, and no way to any of them.
    if not comments and sum(thread.work.comment_count or 0 for thread in threads) >= _MANY:
        return "empty_suspicious"
    return "ok"


def _wanted(state: State, works: dict[str, Content]) -> list[Content]:
    """Works that have comments or had some. A counter of 0 lags behind; a notice may know better."""
    noticed = {comment.content_id for comment in state.noticed.values()}

    def has_some(work: Content) -> bool:
        reading = state.work_readings.get(work.platform_id)
        return work.comment_count != 0 or work.id in noticed or (reading is not None and reading.comments > 0)

    def urgency(work: Content) -> tuple[bool, int]:
        reading = state.work_readings.get(work.platform_id)
        if reading is None:
            return False, 0
        return reading.comment_count == work.comment_count, reading.look

    return sorted(filter(has_some, works.values()), key=urgency)


async def _read_work(state: State, page: Page, heard: Heard, picked: PickedWorks, work: Content) -> Thread:
    thread = Thread(work, state.scope())
    if not await _pick(state, page, heard, list(picked.works), thread):
        return thread
    pager = Pager(page, heard, "comments", state.config, state.pace)
    await pager.run(lambda: thread.read(heard), lambda: thread.over, scroll_all)
    await _open_replies(state, page, heard, thread)
    if thread.is_whole:
        state.work_readings[work.platform_id] = WorkReading(
            comment_count=work.comment_count, look=state.comment_looks, comments=len(thread.comments)
        )
    return thread


async def _pick(state: State, page: Page, heard: Heard, order: list[str], thread: Thread) -> bool:
    """Clicks the work and waits for the answer that is about it: what was clicked is not yet what was read."""
    thread.read(heard)
    if thread.is_current:
        return True
    if not await show_picker(state, page):
        return False
    row = await find_work(state, page, order, thread.work.platform_id)
    if row is None:
        return False
    await row.click(timeout=5_000)
    seen = -1
    while not thread.is_current and seen < len(heard.of("comments")):
        seen = len(heard.of("comments"))
        thread.read(heard)
        if not thread.is_current:
            await heard.wait("comments", seen, state.pace.settle(6.0), state.config.answer_s)
    await state.pace.pause(1.0)
    return thread.is_current


async def _open_replies(state: State, page: Page, heard: Heard, thread: Thread) -> None:
    """Opens every 查看N条回复 until none is left, leaving those that bring nothing."""
    buttons = page.get_by_text(_MORE_REPLIES)
    skip = 0
    for _ in range(4 * len(thread.comments) + 20):
        if await buttons.count() <= skip:
            thread.replies_open = skip == 0
            return
        before = len(heard.of("replies"))
        await buttons.nth(skip).click(timeout=5_000)
        answered = await heard.wait("replies", before, state.pace.settle(3.0), state.config.answer_s)
        if not thread.read(heard) and (not answered or await buttons.count() > skip):
            skip += 1
        await state.pace.pause(0.8)


def _learn_owner(state: State, picked: PickedWorks) -> None:
    uid = next((work.author_id for work in picked.works.values() if work.author_id), None)
    if uid is not None:
        state.book.learn_owner(Card(uid=uid))


def _author(comment: Comment) -> Card:
    return Card(
        uid=comment.author_id,
        sec_uid=comment.author_sec_id,
        nickname=comment.author_name,
        avatar=comment.author_avatar,
    )


def _noticed_elsewhere(state: State, threads: list[Thread], seen: dict[str, Comment]) -> list[Comment]:
    """Comments that only notices know, on works this look could not read: their absence here proves nothing."""
    read = {thread.work.id for thread in threads}
    return [comment for id, comment in state.noticed.items() if id not in seen and comment.content_id not in read]
