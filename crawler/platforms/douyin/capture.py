"""Captures the JSON answers that a page asks for by itself. Attached before `goto`; we request nothing."""

import asyncio
import json
from contextlib import AbstractAsyncContextManager
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct
from playwright.async_api import Error as BrowserError
from playwright.async_api import Page, Request, Response

from crawler.errors import CrawlError, LoginLost, PageChanged, cut_words, refusal
from crawler.platforms.douyin.parse.fields import get
from crawler.platforms.douyin.tape import Tape
from crawler.platforms.douyin.traffic import Traffic, heard

ResponseKind = Literal["works", "picker", "comments", "replies", "notices"]

# Matched by the end of the path: hosts and prefixes differ, a slash may follow. The older `creator/comment/list` and
# `creator/comment/reply/list` are not here on purpose: their ids are ciphertexts that match nothing.
_PATHS: Final[tuple[tuple[str, ResponseKind], ...]] = (
    ("/creator/pc/work_list", "works"),
    ("/aweme/v1/creator/item/list", "picker"),
    ("/web/comment/list/select", "comments"),
    ("/web/comment/list/reply", "replies"),
    ("/web/notice", "notices"),
    ("/web/notice/detail", "notices"),
)
_NOT_LOGGED_IN = 8


class CapturedResponse(Struct, frozen=True, kw_only=True):
    """One answer: its kind, the query that was asked, the decoded JSON."""

    kind: ResponseKind
    query: dict[str, str]
    body: object


def kind_of(url: str) -> ResponseKind | None:
    """Return the kind of answer that `url` gives, or None for an address that we do not read."""
    path = urlsplit(url).path.rstrip("/")
    return next((kind for end, kind in _PATHS if path.endswith(end)), None)


def query_of(url: str) -> dict[str, str]:
    """Return the first value of each parameter of `url`."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


def read_body(raw: bytes, status: int) -> object:
    """Return the JSON of a successful answer.

    Errors of the platform come with HTTP 200. Raises LoginLost, PageChanged, Retryable.
    """
    raise_for_status(status)
    try:
        # One byte that is no UTF-8 costs itself, not the answer.
        body = json.loads(raw.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        raise PageChanged("the answer is no JSON") from error
    return read_answer(body)


def raise_for_status(status: int) -> None:
    """Raise what an HTTP status means: LoginLost, PageChanged, Retryable."""
    if status == 401:
        raise LoginLost("HTTP 401")
    if status >= 400:
        raise PageChanged("HTTP 404") if status == 404 else refusal(f"HTTP {status}", status=status)


def read_answer(body: object) -> object:
    """Return decoded JSON of a successful answer. Raises LoginLost, PageChanged, Retryable."""
    code = get(body, "status_code")
    if code == _NOT_LOGGED_IN:
        raise LoginLost("status_code 8")
    if code is None:
        raise PageChanged("the answer has no status_code")
    if code != 0:
        words = get(body, "status_msg") or get(body, "error_msg") or ""
        raise refusal(f"status_code {cut_words(code)}: {cut_words(words)}")
    return body


class CapturedResponses(Traffic):
    """The answers that one page got so far.

    `lost` counts bodies that came and could not be read, so that nothing is called complete.
    """

    def __init__(self, tape: Tape | None = None) -> None:
        super().__init__()
        self._tape = tape or Tape()
        self.answers: list[CapturedResponse] = []
        self.lost = 0
        self._failure: CrawlError | None = None
        self._flying: list[ResponseKind] = []
        self._changed = asyncio.Event()

    def of(self, kind: ResponseKind) -> list[CapturedResponse]:
        """Return the answers of `kind`, oldest first.

        Raises what the platform refused with, or what was not understood.
        """
        if self._failure is not None:
            raise self._failure
        return [answer for answer in self.answers if answer.kind == kind]

    def is_flying(self, kind: ResponseKind) -> bool:
        """Return whether an answer of `kind` is under way."""
        return kind in self._flying

    async def wait(self, kind: ResponseKind, more_than: int, idle_s: float, most_s: float) -> bool:
        """Wait until there are more than `more_than` answers of `kind`, and return whether there are.

        Waits `idle_s` seconds for a request to start, and `most_s` for the answer of one that did. Raises as `of` does.
        """
        loop = asyncio.get_running_loop()
        start = loop.time()
        while len(self.of(kind)) <= more_than:
            rest = start + (most_s if self.is_flying(kind) else idle_s) - loop.time()
            if rest <= 0:
                return False
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), min(rest, 1.0))
            except TimeoutError:
                continue
        return True

    def on_request(self, request: Request) -> None:
        """Note that an answer is under way. Called by Playwright."""
        if request.method != "OPTIONS" and (kind := kind_of(request.url)) is not None:
            self._flying.append(kind)
            self._changed.set()

    def on_failed(self, request: Request) -> None:
        """Count an answer that never came. Called by Playwright."""
        if (kind := kind_of(request.url)) is not None:
            self.lost += 1
            self._landed(kind)

    def on_response(self, response: Response) -> None:
        """Read the body of an answer. Called by Playwright."""
        kind = kind_of(response.url)
        if kind is None or response.request.method == "OPTIONS":
            return
        if 300 <= response.status < 400:
            self._landed(kind)
            return
        self.read_aside(self._read(kind, response))

    async def _read(self, kind: ResponseKind, response: Response) -> None:
        try:
            raw, query = await response.body(), query_of(response.url)
            self._tape.answer(kind, query, raw, response.status)
            body = read_body(raw, response.status)
        except BrowserError:
            self.lost += 1
        except CrawlError as error:
            self._fail(kind, error)
        else:
            self.answers.append(CapturedResponse(kind=kind, query=query, body=body))
        finally:
            self._landed(kind)

    def _fail(self, kind: ResponseKind, error: CrawlError) -> None:
        self._failure = self._failure or type(error)(f"{kind}: {error}")

    def _landed(self, kind: ResponseKind) -> None:
        if kind in self._flying:
            self._flying.remove(kind)
        self._changed.set()


def capture_responses(page: Page, tape: Tape | None = None) -> AbstractAsyncContextManager[CapturedResponses]:
    """Capture the answers of one page, and keep them on `tape`. Enter it before `goto`."""
    return heard(page, CapturedResponses(tape))
