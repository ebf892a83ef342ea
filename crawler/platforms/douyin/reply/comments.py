"""Sends a reply under a comment, or a comment under a work, on the creator's page of comments."""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from playwright.async_api import ElementHandle, Page
from playwright.async_api import Error as BrowserError

from crawler.errors import CrawlError, NotPressed
from crawler.platforms.base import BrowserSession, Permission, ReplyOutcome
from crawler.platforms.douyin.capture import CapturedResponses, capture_responses
from crawler.platforms.douyin.fiber import element_of, place_of, scroll_all
from crawler.platforms.douyin.pace import until
from crawler.platforms.douyin.reply.before_press import before_press
from crawler.platforms.douyin.reply.comment_evidence import CommentWatch, Post, watch_comment
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.known import Known, make_known
from crawler.platforms.douyin.reply.words import shown
from crawler.platforms.douyin.scroll import Pager
from crawler.platforms.douyin.state import DouyinState
from crawler.platforms.douyin.surfaces.comments import pick_work, show_all
from crawler.platforms.douyin.surfaces.picker import PickedWorks, open_picker_page
from crawler.platforms.douyin.surfaces.work_comments import WorkComments
from crawler.platforms.douyin.visit import raise_if_checked, read_signs
from sync.protocol.ids import make_id
from sync.protocol.items import Comment
from sync.protocol.reply_messages import ReplyReason, ReplyRequest, ReplyTarget

_ANSWER: Final = "^回复$"
_MORE: Final = "^(?:查看|展开)(?:剩余|全部|更多)?\\s*\\d*\\s*条?回复$"
_SEND: Final = "发送"
_MOST_MORE: Final = 10
_LOOKS_S: Final = 0.3
_ANSWER_COMES_S: Final = 5.0
_APPEARS_S: Final = 5.0


async def send_comment(
    state: DouyinState, session: BrowserSession, request: ReplyRequest, permission: Permission
) -> ReplyOutcome:
    """Type and send it, and return what became of it. Raises NotPressed, and as observations do."""
    async with session.page() as page, capture_responses(page) as captured, watch_comment(page) as watch:
        place = Place(state, page, captured, request.target)
        async with before_press(page):
            editor = await place.open_with_editor()
        known, sent = place.known(), None
        try:
            async with before_press(page):
                await editor.type(request.text)
                await place.check(editor, request.text)
                await permission.ask(known.ids_of(request.text))
                await place.check(editor, request.text)
                button = await place.send_button(editor)
        except NotPressed:
            sent = find_sent(watch, request.text)
            if sent is None:
                raise
        else:
            watch.begin()
            await button.click(timeout=5_000)
        outcome = await wait_for_answer(place, watch, lambda: sent or next(iter(watch.posts), None))
    return outcome or await read_again(state, session, request, known, [request.text])


def find_sent(watch: CommentWatch, text: str) -> Post | None:
    """Return what somebody else sent of `text` while it was typed, or None."""

    def is_of_it(post: Post) -> bool:
        return any(one and shown(text).startswith(one) for one in map(shown, post.texts))

    return next(filter(is_of_it, watch.posts), None)


async def wait_for_answer(
    place: "Place", watch: CommentWatch, get_post: Callable[[], Post | None]
) -> ReplyOutcome | None:
    """Return what the platform's answer says, or a check that covers the page; None if nothing certain comes.

    `get_post`: returns the comment that the page sent, None while it did not.
    """
    loop = asyncio.get_running_loop()
    start = loop.time()
    while loop.time() - start < place.state.config.evidence_s:
        post = get_post()
        if post is not None and post.is_over:
            break
        if loop.time() - start >= _ANSWER_COMES_S and await _is_checked(place.page):
            break
        watch.changed.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(watch.changed.wait(), _LOOKS_S)
    post = get_post()
    if post is not None and post.outcome is not None:
        return post.outcome
    is_checked = await _is_checked(place.page)
    return ReplyOutcome(state="unknown", reason=ReplyReason(code="check")) if is_checked else None


async def read_again(
    state: DouyinState, session: BrowserSession, request: ReplyRequest, known: Known, texts: Iterable[str]
) -> ReplyOutcome:
    """Return what the comments say when they are read once more: is a new one of ours there with one of `texts`?"""
    unknown = ReplyOutcome(state="unknown", reason=ReplyReason(code="no_evidence"))
    try:
        async with session.page() as page, capture_responses(page) as captured:
            place = Place(state, page, captured, request.target)
            await place.open()
    except (CrawlError, BrowserError):
        return unknown
    found = place.known()
    new = {id for text in texts for id in found.ids_of(text) if known.is_new(id)}
    return ReplyOutcome(state="sent", confirmed_platform_id=new.pop(), evidence="list") if len(new) == 1 else unknown


async def _is_checked(page: Page) -> bool:
    try:
        return (await read_signs(page)).check
    except BrowserError:
        return False


class Place:
    """The page of comments, with the work of the target chosen and the target drawn."""

    def __init__(self, state: DouyinState, page: Page, captured: CapturedResponses, target: ReplyTarget) -> None:
        self.state, self.page = state, page
        self._captured, self._target = captured, target
        self._gathered: WorkComments | None = None

    async def open_with_editor(self) -> Editor:
        """Open it, and return its editor, which is empty. Raises NotPressed, and as observations do."""
        await self.open()
        editor = await self.open_editor()
        await editor.take_out()
        return editor

    async def open(self) -> None:
        """Open the page, choose the work, and go down to the target. Raises NotPressed, and as observations do."""
        state, page, captured, target = self.state, self.page, self._captured, self._target
        await open_picker_page(state, page, captured)
        picked = PickedWorks(state.scope())
        await picked.read_all(state, page, captured)
        work = picked.works.get(target.content_id or "")
        if work is None:
            raise NotPressed("target_not_found", "the work is not among those that can be chosen")
        gathered = self._gathered = WorkComments(work, state.scope())
        if not await pick_work(state, page, captured, list(picked.works), gathered):
            raise NotPressed("target_not_found", "the work cannot be chosen")
        if gathered.is_filtered:
            await show_all(state, page, captured, gathered)
        if target.comment_id is None:
            return
        root = target.root_comment_id or target.comment_id
        pager = Pager(page, captured, "comments", state.config, state.pace)
        await pager.run(lambda: gathered.read(captured), lambda: gathered.over or root in gathered.comments, scroll_all)
        await self._open_replies(root)
        if target.comment_id not in gathered.comments:
            raise NotPressed("target_not_found", "the comment is not there")

    async def _open_replies(self, root: str) -> None:
        gathered = self._gathered
        for _ in range(_MOST_MORE):
            more = await element_of(self.page, "buttonOfComment", id=root, words=_MORE)
            if more is None or gathered is None:
                return
            before = len(self._captured.of("replies"))
            await more.click(timeout=5_000)
            await self._captured.wait("replies", before, self.state.pace.settle(3.0), self.state.config.answer_s)
            gathered.read(self._captured)
            await self.state.pace.draw()

    def known(self) -> Known:
        """Return what was read of the place that the reply goes to: under the top-level comment, or under the work."""
        found = self._gathered.comments if self._gathered is not None else {}
        root = self._target.root_comment_id or self._target.comment_id
        parent = make_id("comments", self.state.account_id, root) if root is not None else None
        here = {id: one for id, one in found.items() if one.parent_comment_id == parent}
        return make_known({id: one.content for id, one in here.items() if self._is_own(one)}, found)

    def names_another(self, texts: Iterable[str]) -> bool:
        """Return whether `texts`, all in a request, have the id of a comment here that is neither the target nor above
        it.
        """
        known = self._gathered.comments if self._gathered is not None else {}
        ours = (self._target.comment_id, self._target.root_comment_id)
        return any(text in known and text not in ours for text in texts)

    def _is_own(self, comment: Comment) -> bool:
        owner = self.state.book.owner
        known = (owner.uid, comment.author_id), (owner.sec_uid, comment.author_sec_id)
        return bool(comment.is_author_reply) or any(ours is not None and ours == theirs for ours, theirs in known)

    async def open_editor(self) -> Editor:
        """Return the work's own box to write in, or the one that answering the comment opens. Raises NotPressed."""
        cid = self._target.comment_id
        if cid is not None:
            button = await element_of(self.page, "buttonOfComment", id=cid, words=_ANSWER)
            if button is None:
                raise NotPressed("target_not_found", "the comment cannot be answered on the page")
            await self.state.pace.pause(0.5)
            await button.click(timeout=5_000)
        found: list[ElementHandle] = []

        async def appears() -> bool:
            box = await element_of(self.page, "commentEditor", id=cid)
            found[:] = [] if box is None else [box]
            return box is not None

        if not await until(appears, self.state.pace.page(_APPEARS_S)):
            raise NotPressed("editor_changed", "there is no box to write in")
        return Editor(self.page, found[0], self.state.pace)

    async def send_button(self, editor: Editor) -> ElementHandle:
        """Return the button that sends what stands in `editor`. Raises NotPressed."""
        button = await element_of(self.page, "sendButton", editor=editor.box, words=_SEND)
        if button is None or not await button.is_enabled():
            raise NotPressed("editor_changed", "there is no button that sends")
        return button

    async def check(self, editor: Editor, text: str) -> None:
        """Raise NotPressed or CheckAsked unless `editor` is the target's, and holds the text."""
        await raise_if_checked(self.page)
        await editor.check(text)
        place = await place_of(self.page, editor.box)
        is_its_work = self._gathered is not None and self._gathered.is_current
        if place.cid != self._target.comment_id or not is_its_work or set(place.works) - {self._target.content_id}:
            raise NotPressed("wrong_target", "another comment, or another work, is open")
