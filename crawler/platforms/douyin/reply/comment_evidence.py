"""Reads what became of a comment that the page sent: by the platform's answer."""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, Request, Response

from crawler.platforms.base import ReplyOutcome
from crawler.platforms.douyin.parse.fields import decoded, digits, get, name
from crawler.platforms.douyin.reply.words import refused
from crawler.platforms.douyin.traffic import Traffic, heard

_PATHS: Final = ("/comment/reply", "/comment/publish")
_IDS: Final = (("comment_info", "comment_id"), ("comment_info", "cid"), ("comment", "cid"))
_NOT_LOGGED_IN: Final = 8


def read_answer(body: str) -> ReplyOutcome | None:
    """Return what the platform's answer says; None: it says nothing certain, or took it and names no id."""
    raw = decoded(body)
    code = get(raw, "status_code")
    if not isinstance(code, int):
        return None
    if code == 0:
        found = next((id for path in _IDS if (id := digits(raw, *path))), None)
        return None if found is None else ReplyOutcome(state="sent", confirmed_platform_id=found, evidence="response")
    return refused(name(raw, "status_msg") or name(raw, "error_msg"), is_logged_out=code == _NOT_LOGGED_IN)


def read_posted(body: str) -> tuple[str, ...]:
    """Return all texts in the body of a request, JSON or a form: what was written is among them."""
    raw = decoded(body)
    if isinstance(raw, dict):
        return tuple(_texts(raw.values()))
    return tuple(value for _, value in parse_qsl(body))


def _texts(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from _texts(value.values() if isinstance(value, dict) else value)


class Post(Struct, kw_only=True, eq=False):
    """A comment that the page sent. `texts`: all in its request; `is_lost`: nothing certain came back."""

    texts: tuple[str, ...]
    outcome: ReplyOutcome | None = None
    is_lost: bool = False

    @property
    def is_over(self) -> bool:
        """Return whether the page has its answer, or will get none."""
        return self.outcome is not None or self.is_lost


class CommentWatch(Traffic):
    """Watches one page send comments. `posts`: those that it sent since `begin`, oldest first."""

    def __init__(self) -> None:
        super().__init__()
        self.changed = asyncio.Event()
        self._posts: dict[Request, Post] = {}

    @property
    def posts(self) -> list[Post]:
        """Return what the page sent since `begin`, oldest first."""
        return list(self._posts.values())

    def begin(self) -> None:
        """Forget what was sent before."""
        self._posts.clear()

    def on_request(self, request: Request) -> None:
        """Note that the page sends. Called by Playwright."""
        path = urlsplit(request.url).path.rstrip("/")
        if request.method == "POST" and path.endswith(_PATHS):
            body = (request.post_data_buffer or b"").decode("utf-8", "replace")
            self._posts[request] = Post(texts=read_posted(body))
            self.changed.set()

    def on_failed(self, request: Request) -> None:
        """Note that no answer came. Called by Playwright."""
        if (post := self._posts.get(request)) is not None:
            post.is_lost = True
            self.changed.set()

    def on_response(self, response: Response) -> None:
        """Read an answer. Called by Playwright."""
        if (post := self._posts.get(response.request)) is not None:
            self.read_aside(self._read(response, post))

    async def _read(self, response: Response, post: Post) -> None:
        try:
            post.outcome = read_answer((await response.body()).decode("utf-8", "replace"))
        except BrowserError:
            post.outcome = None
        post.is_lost = post.outcome is None
        self.changed.set()


def watch_comment(page: Page) -> AbstractAsyncContextManager[CommentWatch]:
    """Watch what the page sends. Enter it before anything can be pressed."""
    return heard(page, CommentWatch())
