"""Observes comments with their replies, work by work through the picker of the comment page."""

import re

from playwright.async_api import Page

from crawler.platforms.base import BrowserSession, SurfaceObservation
from crawler.platforms.douyin.capture import CapturedResponses, capture_responses
from crawler.platforms.douyin.fiber import scroll_all
from crawler.platforms.douyin.pace import CLICK_MS
from crawler.platforms.douyin.parse.batch import ParseHealth
from crawler.platforms.douyin.parse.users import Card
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import DouyinState, WorkProgress
from crawler.platforms.douyin.surfaces.picker import PickedWorks, find_work, open_picker_page, show_picker
from crawler.platforms.douyin.surfaces.work_comments import WorkComments
from sync.protocol.intervals import PACES
from sync.protocol.items import Comment, Content
from sync.protocol.messages import Canary

_MORE_REPLIES = re.compile(r"^\s*(?:查看|展开)(?:剩余|全部|更多)?\s*\d*\s*条?回复\s*$")
_FILTER = '[role="combobox"][class*="interactive-select"]'
_UNANSWERED, _ALL = "未回复", "全部评论"
_MANY = 3
_FRESH_MS = 30 * 60_000
"""A comment of this age may still be answered by others: its work is read at each look."""


async def observe_comments(state: DouyinState, session: BrowserSession) -> SurfaceObservation:
    """Observe the comments of the works that have some, those with a changed count first. Replies are part of it.

    Works where nothing happens are read every now and then only.

    Raises PageChanged, Retryable, LoginLost.
    """
    start = state.clock()
    state.comment_rounds += 1
    async with session.page() as page, capture_responses(page, state.tape) as captured:
        await open_picker_page(state, page, captured)
        picked = PickedWorks(state.scope())
        picked_all = await picked.read_all(state, page, captured)
        learn_owner(state, picked)
        wanted, is_whole = wanted_works(state, picked.works)
        read_works = [
            await _read_work(state, page, captured, picked, work) for work in wanted[: state.config.max_works]
        ]
        lost = captured.lost
    if is_whole:
        note_whole_round(state)
    return make_observation(
        state, start, read_works, picked, picked_all and is_whole and len(read_works) == len(wanted) and not lost
    )


def make_observation(
    state: DouyinState, start: int, read_works: list[WorkComments], picked: PickedWorks, all_read: bool
) -> SurfaceObservation:
    """Return the comments of the works that were read. `all_read`: those are all that have any."""
    comments = {id: comment for gathered in read_works for id, comment in gathered.comments.items()}
    for comment in comments.values():
        state.book.learn(_author(comment))
    canary = state.canary("comments", len(comments), _health(read_works, picked, comments))
    complete = all_read and canary == "ok" and all(gathered.is_whole for gathered in read_works)
    ended = complete and state.saw_notices
    return SurfaceObservation(
        surface="comments",
        entry=state.pages.comments.name,
        start=start,
        end=state.clock(),
        complete=complete,
        canary=canary,
        items={"comments": (*comments.values(), *(_noticed_elsewhere(state, read_works, comments) if ended else ()))},
        ended=frozenset({"comments"}) if ended else frozenset(),
    )


def _health(read_works: list[WorkComments], picked: PickedWorks, comments: dict[str, Comment]) -> Canary:
    health = ParseHealth()
    health.add(picked.health)
    for gathered in read_works:
        health.add(gathered.health)
    if health.canary != "ok":
        return health.canary
    parents = [parent for gathered in read_works for parent in gathered.unanswered]
    if len(parents) >= _MANY and not any(comment.parent_comment_id for comment in comments.values()):
        return "page_changed"  # Many comments have replies, and none of them could be opened.
    if not comments and sum(gathered.work.comment_count or 0 for gathered in read_works) >= _MANY:
        return "empty_suspicious"
    return "ok"


def wanted_works(state: DouyinState, works: dict[str, Content]) -> tuple[list[Content], bool]:
    """Return the works to read now, the most urgent first, and whether that is all of them: quiet ones have their turn
    after a while, and always where the owner says how often to look.
    """
    wanted, now = _wanted(state, works), state.clock()
    quiet_s = PACES["comments"].most * state.config.pace if "comments" not in state.config.intervals else 0
    if state.all_comments_at is None or now - state.all_comments_at >= quiet_s * 1000:
        return wanted, True
    needed = [work for work in wanted if _is_needed(state, work)]
    return needed, len(needed) == len(wanted)


def note_whole_round(state: DouyinState) -> None:
    """Note that the quiet works were read too. A round that broke off is not noted: the next one is whole again, as it
    is until the notices were read once, before which a round is no proof.
    """
    state.all_comments_at = state.clock() if state.saw_notices else None


def _wanted(state: DouyinState, works: dict[str, Content]) -> list[Content]:
    """Return the works that have comments or had some. A counter of 0 lags behind; a notice may know better."""
    noticed = {comment.content_id for comment in state.noticed.values()}

    def has_some(work: Content) -> bool:
        progress = state.work_progress.get(work.platform_id)
        return work.comment_count != 0 or work.id in noticed or (progress is not None and progress.comments > 0)

    def urgency(work: Content) -> tuple[bool, int]:
        progress = state.work_progress.get(work.platform_id)
        if progress is None:
            return False, 0
        return progress.comment_count == work.comment_count, progress.round

    return sorted(filter(has_some, works.values()), key=urgency)


def _is_needed(state: DouyinState, work: Content) -> bool:
    """Return whether something is new on the work, or was a moment ago."""
    progress = state.work_progress.get(work.platform_id)
    if progress is None or progress.comment_count != work.comment_count:
        return True
    if state.clock() - progress.newest < _FRESH_MS:
        return True
    noticed = (comment.created_at or 0 for comment in state.noticed.values() if comment.content_id == work.id)
    return max(noticed, default=0) > progress.read_at


async def _read_work(
    state: DouyinState, page: Page, captured: CapturedResponses, picked: PickedWorks, work: Content
) -> WorkComments:
    gathered = WorkComments(work, state.scope())
    if not await pick_work(state, page, captured, list(picked.works), gathered):
        return gathered
    if gathered.is_filtered:
        await show_all(state, page, captured, gathered)
    pager = Pager(page, captured, "comments", state.config, state.pace)
    await pager.run(lambda: gathered.read(captured), lambda: gathered.over, scroll_all)
    await _open_replies(state, page, captured, gathered)
    if gathered.is_whole:
        state.work_progress[work.platform_id] = WorkProgress(
            comment_count=work.comment_count,
            round=state.comment_rounds,
            comments=len(gathered.comments),
            newest=max((comment.created_at or 0 for comment in gathered.comments.values()), default=0),
            read_at=state.clock(),
        )
    return gathered


async def pick_work(
    state: DouyinState, page: Page, captured: CapturedResponses, order: list[str], gathered: WorkComments
) -> bool:
    """Click the work and wait for the answer about it: what was clicked is not yet what was read."""
    gathered.read(captured)
    if gathered.is_current:
        return True
    if not await show_picker(state, page):
        return False
    row = await find_work(state, page, order, gathered.work.platform_id)
    if row is None:
        return False
    await row.click(timeout=CLICK_MS)
    answers = -1
    while not gathered.is_current and answers < len(captured.of("comments")):
        answers = len(captured.of("comments"))
        gathered.read(captured)
        if not gathered.is_current:
            await captured.wait("comments", answers, state.pace.settle(6.0), state.config.answer_s)
    await state.pace.pause(1.0)
    return gathered.is_current


async def show_all(state: DouyinState, page: Page, captured: CapturedResponses, gathered: WorkComments) -> None:
    """Choose all comments where the page shows unanswered ones only. What was read so far stays: it is true too."""
    filters = page.locator(_FILTER).filter(has_text=_UNANSWERED)
    if not await filters.count():
        return
    answers = len(captured.of("comments"))
    await filters.first.click(timeout=CLICK_MS)
    await state.pace.draw()
    await page.get_by_role("option", name=_ALL).first.click(timeout=CLICK_MS)
    await captured.wait("comments", answers, state.pace.settle(6.0), state.config.answer_s)
    gathered.read(captured)


async def _open_replies(state: DouyinState, page: Page, captured: CapturedResponses, gathered: WorkComments) -> None:
    """Click every 查看N条回复 until none is left, except those that bring nothing."""
    buttons = page.get_by_text(_MORE_REPLIES)
    skip = 0
    for _ in range(4 * len(gathered.comments) + 20):
        if await buttons.count() <= skip:
            gathered.replies_open = skip == 0
            return
        before = len(captured.of("replies"))
        await buttons.nth(skip).click(timeout=CLICK_MS)
        answered = await captured.wait("replies", before, state.pace.settle(3.0), state.config.answer_s)
        if not gathered.read(captured) and (not answered or await buttons.count() > skip):
            skip += 1
        await state.pace.pause(0.8)


def learn_owner(state: DouyinState, picked: PickedWorks) -> None:
    """Learn who the owner is from the works that the picker shows."""
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


def _noticed_elsewhere(
    state: DouyinState, read_works: list[WorkComments], read_comments: dict[str, Comment]
) -> list[Comment]:
    """Return comments that only notices know, on works that could not be read: their absence here proves nothing."""
    read = {gathered.work.id for gathered in read_works}
    return [
        comment for id, comment in state.noticed.items() if id not in read_comments and comment.content_id not in read
    ]
