"""The ASGI application in front of Django's. Everything that is no read of the API passes through."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any, Final

from im_api.access import Access, note_use, now_ms, peek_access
from im_api.callers import read_caller
from im_api.error_responses import API_PREFIX
from im_api.inline.answer import NOT_MODIFIED, Answer, Message, Recalled, Send
from im_api.inline.handler import InlineHandler, NeedsThread, Scope
from im_api.inline.memo import Memo, get_shared_memo
from im_api.inline.plain import PlainReads
from im_api.inline.question import Asked, Question, is_asked_again, read_question
from im_api.queries.scope import Basis, Era, Reading, peek_era, reading
from im_api.queries.store_memory import renew_walk
from im_api.renderers import wants_html

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS: Final = ("GET", "HEAD")
_ASKED: Final = "imhub.question"
"""The key of a scope under which its question stands."""


class InlineReads:
    """Answers reads from the memo, else by the view alone, else by Django's chain on the event loop, else by
    `django_app` and its threads."""

    def __init__(self, django_app: App, memo: Memo | None = None) -> None:
        self._django_app = django_app
        self._handler = InlineHandler()
        self._plain = PlainReads()
        self._memo = get_shared_memo() if memo is None else memo

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer, if_none_match = self._answer(scope) if _is_read(scope) else (None, None)
        if answer is None:
            await self._ask_threads(scope, receive, send)
            return
        with suppress(OSError):  # the client has left
            if await answer.send(send, if_none_match, with_body=scope["method"] == "GET"):
                self._memo.not_modified += 1

    def recall(self, scope: Scope, asked: Asked | None) -> tuple[Recalled | None, Asked | None]:
        """Return what this application would answer, if it takes neither Django's chain nor a thread: for a server that
        asks before it starts a task.

        If it does, the application is to be called with the same scope. `asked`: what came with the last answer of the
        connection. Nobody need read again what is in it.
        """
        access, era = peek_access(), peek_era()
        if access is None or era is None or not _is_read(scope):
            return None, None
        if asked is None or not is_asked_again(asked, scope, access):
            question = read_question(scope, access)
            if question is None:
                return None, None
            asked = Asked(access, scope["headers"], question)
        question = asked.question
        answer = self._remember(question, era) or self._make_plainly(scope, question, access, era)
        if answer is None:
            scope[_ASKED] = asked
            return None, asked
        recalled = answer.recall(question.if_none_match, with_body=scope["method"] == "GET")
        self._memo.not_modified += recalled.status == NOT_MODIFIED
        return recalled, asked

    def _answer(self, scope: Scope) -> tuple[Answer | None, str | None]:
        """Return the answer and the client's `If-None-Match`; None if it takes a thread."""
        access, era = peek_access(), peek_era()
        if access is None or era is None:
            return self._ask_django(scope), _if_none_match(scope)
        asked: Asked | None = scope.pop(_ASKED, None)
        was_tried = asked is not None and asked.access is access
        question = asked.question if asked is not None and was_tried else read_question(scope, access)
        if question is None:
            return self._ask_django(scope), _if_none_match(scope)
        answer = self._remember(question, era)
        if answer is None and not was_tried:
            answer = self._make_plainly(scope, question, access, era)
        return answer or self._make(scope, question, access, era), question.if_none_match

    def _remember(self, question: Question, era: Era) -> Answer | None:
        kept = self._memo.find(question.key, era)
        if kept is None:
            return None
        if question.token_hash is not None:
            note_use(question.token_hash, now_ms())
        if kept.basis.walk is not None:
            renew_walk(question.principal.user_id, kept.basis.walk)
        return kept.answer

    def _make_plainly(self, scope: Scope, question: Question, access: Access, era: Era) -> Answer | None:
        """Return the answer of the view alone; None if Django has to be asked."""
        gathered = Reading()
        token = reading.set(gathered)
        try:
            answer = self._plain.answer(scope, question)
        finally:
            reading.reset(token)
        if answer is None:
            return None
        self._memo.missed()
        if question.token_hash is not None:
            note_use(question.token_hash, now_ms())
        self._keep(question, answer, gathered, access, era)
        return answer

    def _make(self, scope: Scope, question: Question, access: Access, era: Era) -> Answer | None:
        """Return the answer of Django's chain to a question that is new; None if it needs a thread."""
        self._memo.missed()
        gathered = Reading()
        response = self._run(scope, gathered)
        if response is None:
            return None
        answer = Answer.of(response)
        if gathered.is_shared and answer.etag is not None and not response.cookies:
            self._plain.learn(scope, question, answer)
            self._keep(question, answer, gathered, access, era)
        return answer

    def _keep(self, question: Question, answer: Answer, gathered: Reading, access: Access, era: Era) -> None:
        """Keep an answer that is made of accounts alone, if others may have it too."""
        # A thread may have read the directory anew meanwhile: then nobody knows which one the answer is made of.
        is_steady = peek_access() is access and era.is_same(peek_era())
        if is_steady and not gathered.is_personal and self._memo.limit:
            self._memo.keep(question.key, answer, Basis(gathered), era)

    def _ask_django(self, scope: Scope) -> Answer | None:
        """Return the answer of Django's chain on the loop; None if it needs a thread."""
        if _for_people(scope) or not _may_be_known(scope):
            return None
        response = self._run(scope, Reading())
        return None if response is None else Answer.of(response)

    async def _ask_threads(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have Django's application answer, with its threads, and keep the answer: else accounts that are in use, and
        too many for their bodies to be in memory, would be read from the database for each question.
        """
        access, era, question = peek_access(), peek_era(), None
        if access is not None and _is_read(scope) and scope["method"] == "GET":
            question = read_question(scope, access)
        if access is None or era is None or question is None or question.if_none_match is not None:
            await self._django_app(scope, receive, send)
            return
        gathered = Reading()
        messages: list[Message] = []

        async def listen(message: Message) -> None:
            if len(messages) <= Answer.MESSAGES:  # one more tells that it came in pieces
                messages.append(message)
            await send(message)

        token = reading.set(gathered)
        try:
            await self._django_app(scope, receive, listen)
        finally:
            reading.reset(token)
        answer = Answer.heard(messages)
        if answer is not None and gathered.is_shared:
            self._keep(question, answer, gathered, access, era)

    def _run(self, scope: Scope, gathered: Reading) -> Any:
        token = reading.set(gathered)
        try:
            return self._handler.answer(scope)
        except NeedsThread:
            return None
        finally:
            reading.reset(token)


def _is_read(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in METHODS:
        return False
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path.startswith(API_PREFIX)


def _may_be_known(scope: Scope) -> bool:
    """Return False for a credential that memory does not know: the database has to be asked."""
    caller = read_caller(scope["headers"])
    return caller.is_anonymous or caller.known


def _for_people(scope: Scope) -> bool:
    accept = _header(scope, b"accept") or ""
    wanted = "api" if b"format=api" in scope.get("query_string", b"") else None
    return wants_html(accept, wanted)


def _if_none_match(scope: Scope) -> str | None:
    return _header(scope, b"if-none-match")


def _header(scope: Scope, wanted: bytes) -> str | None:
    values = [value for name, value in scope["headers"] if name == wanted]
    return b",".join(values).decode("latin-1") if values else None
