"""Puts a comment into its box in a visible window, and waits for the person there who sends it, or does not."""

import asyncio
from contextlib import suppress
from typing import Final

from playwright.async_api import Error as BrowserError

from crawler.errors import CrawlError, NotPressed
from crawler.platforms.base import BrowserSession, Permission, ReplyOutcome
from crawler.platforms.douyin.capture import capture_responses
from crawler.platforms.douyin.reply.before_press import before_press, is_alive
from crawler.platforms.douyin.reply.comment_evidence import CommentWatch, Post, watch_comment
from crawler.platforms.douyin.reply.comments import Place, read_again, wait_for_answer
from crawler.platforms.douyin.reply.editor import Editor
from crawler.platforms.douyin.reply.window import NOT_SENT
from crawler.platforms.douyin.reply.words import is_same, shown
from crawler.platforms.douyin.state import DouyinState
from sync.protocol.reply_messages import ReplyRequest

_LOOKS_S: Final = 0.5
_HEARD_S: Final = 0.5
"""After the window is closed, what was pressed a moment before is heard within this time."""
_EMPTIES_S: Final = 0.5
"""So long after its answer the page has emptied the box that it sent."""
_GIVES_UP_S: Final = 4.0


async def offer_comment(
    state: DouyinState, session: BrowserSession, request: ReplyRequest, permission: Permission
) -> ReplyOutcome:
    """Put the text into the box of its comment or work, and return what the person there made of it.

    The permission is asked for before the first character. The window is closed at the end, so that nothing stays in it
    that somebody may send later. Raises NotPressed, and as observations do.
    """
    async with (
        session.page(for_person=True) as page,
        capture_responses(page) as captured,
        watch_comment(page) as watch,
    ):
        place = Place(state, page, captured, request.target)
        async with before_press(page):
            editor = await place.open_with_editor()
            await place.check(editor, "")
            known = place.known()
            await permission.ask(known.ids_of(request.text))
            await place.check(editor, "")
            await page.bring_to_front()
        offer = _Offer(place, editor, watch, request.text)
        watch.begin()
        with suppress(asyncio.CancelledError):
            await editor.insert(request.text)
            await offer.wait_for_person(state.config.window_s)
        is_certain = await offer.end()
        if offer.post is None and is_certain:
            return NOT_SENT
        outcome = await wait_for_answer(place, watch, lambda: offer.post) if offer.post is not None else None
    return outcome or await read_again(state, session, request, known, [request.text, *offer.list_texts()])


class _Offer:
    """A text in its box. `post`: what its person made of it and sent; None: nothing yet."""

    def __init__(self, place: Place, editor: Editor, watch: CommentWatch, text: str) -> None:
        self._place, self._editor, self._watch = place, editor, watch
        self._held = {text}
        self._over_at: dict[Post, float] = {}
        self._others: set[Post] = set()
        self._stands = True
        """Something stood in the box when it was last looked into."""
        self.post: Post | None = None

    async def wait_for_person(self, seconds: float) -> None:
        """Wait until the text is sent, the window is closed, or nobody did anything for so long."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while loop.time() < deadline and not self._place.page.is_closed():
            self._watch.changed.clear()
            if await self._find_sent():
                return
            with suppress(TimeoutError):
                await asyncio.wait_for(self._watch.changed.wait(), _LOOKS_S)

    async def _find_sent(self) -> bool:
        """Note what stands in the box, and return whether it was sent."""
        left = await self._read()
        self._held.add(left)
        if not self._place.page.is_closed():
            self._stands = bool(shown(left))
        posts = self._list_possible()
        found = [post for post in posts if self._is_of_box(post)] or ([] if shown(left) else posts)
        if found:
            self.post = found[-1]
            return True
        # A person may answer another comment in this window meanwhile: then our text still stands in its box.
        now = asyncio.get_running_loop().time()
        for post in posts:
            if post.is_over and now - self._over_at.setdefault(post, now) >= _EMPTIES_S:
                self._others.add(post)
        return False

    def _list_possible(self) -> list[Post]:
        """Return what was sent that may be ours: it does not name another comment, and nothing else says so."""
        posts = self._watch.posts
        return [post for post in posts if post not in self._others and not self._place.names_another(post.texts)]

    def list_texts(self) -> list[str]:
        """Return the texts of all that may be ours."""
        posts = [self.post] if self.post is not None else self._list_possible()
        return [text for post in posts for text in post.texts]

    def _is_of_box(self, post: Post) -> bool:
        return any(is_same(text, held) for text in post.texts for held in self._held if shown(held))

    async def _read(self) -> str:
        with suppress(NotPressed):
            return await self._editor.read()
        return ""

    async def end(self) -> bool:
        """Close the window unless the text was sent, and return whether it is certain whether it was.

        Of a text that is out of its box it is not, as long as nothing was heard: a page may have a way of its own.
        """
        page = self._place.page
        with suppress(BrowserError, CrawlError, TimeoutError):
            async with asyncio.timeout(_GIVES_UP_S):
                if self.post is not None or await self._find_sent():
                    return True
                is_whole = page.is_closed() or await is_alive(page)
                await page.close()
                await asyncio.sleep(_HEARD_S)
                self.post = next(filter(self._is_of_box, self._list_possible()), None)
                browser = page.context.browser
                is_whole = is_whole and browser is not None and browser.is_connected()
                return self.post is not None or (is_whole and self._stands and not self._list_possible())
        return False
