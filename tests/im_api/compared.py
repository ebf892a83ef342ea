"""Every read that a test makes is answered six times where the memo may answer it: as it comes, from the memo by a
task and without one, without a memo and rendered rows, and the same of accounts whose bodies are out of memory. What
the view alone answers is compared with what Django's chain does. All have to be the same to the last byte."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from im_api.inline import App, InlineReads, Memo, Recalled
from im_api.inline.reads import _if_none_match
from im_api.shapes.rendered import kept_rows
from sync.core.account.view import View
from sync.core.heads.evicted_view import EvictedView, evict
from sync.hub import get_hub

LIMIT = 64 * 1024**2


class ComparedReads:
    """The application as tests ask it. Passes on what the first of them says."""

    def __init__(self, django_app: App) -> None:
        self._memo = Memo(LIMIT)
        self._app = InlineReads(django_app, self._memo)
        self._without = InlineReads(django_app, Memo(0))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        before = self._memo.count()
        asked = dict(scope)
        first: list[Any] = []

        async def pass_on(message: Any) -> None:
            # Django's threads say of a body that it is whole, which is what a message means that says nothing.
            first.append({name: value for name, value in message.items() if (name, value) != ("more_body", False)})
            await send(message)

        await self._app(scope, receive, pass_on)
        after = self._memo.count()
        self._compare_with_django(asked)
        if before.hits == after.hits and before.kept == after.kept:
            return
        assert await answer_of(self._app, asked) == first, (asked["path"], asked["query_string"])
        assert self._memo.count().hits == after.hits + 1
        assert recalled_of(self._app, asked) == in_order(first), (asked["path"], asked["query_string"])
        kept_rows.forget()
        without = await answer_of(self._without, asked)
        assert in_order(without) == in_order(first), (asked["path"], asked["query_string"])
        with all_evicted():
            evicted = await answer_of(self._without, asked)
        assert in_order(evicted) == in_order(first), (asked["path"], asked["query_string"])

    def _compare_with_django(self, asked: Any) -> None:
        plain, _ = self._without.recall(dict(asked), None)
        if plain is None:
            return
        django = self._without._ask_django(dict(asked))
        assert django is not None
        theirs = django.recall(_if_none_match(asked), with_body=asked["method"] == "GET")
        assert parts_of(plain) == parts_of(theirs), (asked["path"], asked["query_string"])


@contextmanager
def all_evicted() -> Iterator[None]:
    """Meanwhile each account is held by its head alone, and its body comes without a database."""
    store = get_hub().store
    held = store._views
    whole = {account_id: view.whole() for account_id, view in held.items() if view.is_resident}

    def read(head: EvictedView, *, keep: bool) -> View:
        head.body.view = whole[head.account_id] if keep else None
        return whole[head.account_id]

    store._views = held.update({account_id: evict(view, read) for account_id, view in whole.items()})
    try:
        yield
    finally:
        store._views = held


def recalled_of(app: InlineReads, scope: Any) -> list[Any]:
    """Return what a server writes that asks before it starts a task, as `in_order` does."""
    answer, _ = app.recall(dict(scope), None)
    assert answer is not None
    return parts_of(answer)


def parts_of(answer: Recalled) -> list[Any]:
    """Return status, sorted headers and body."""
    headers = [tuple(line.split(b": ", 1)) for line in answer.head.split(b"\r\n") if line]
    return [answer.status, sorted(headers), answer.body]


def in_order(messages: list[Any]) -> list[Any]:
    """Return the messages with their headers by name: Django's own handler, which answers what takes a thread, has
    another order."""
    start, *rest = messages
    return [start["status"], sorted((name.lower(), value) for name, value in start["headers"]), rest[0]["body"]]


async def answer_of(app: App, scope: Any) -> list[Any]:
    """Return all messages that the application answers."""
    messages: list[Any] = []
    wants = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Any:
        if (message := next(wants, None)) is None:
            await asyncio.Event().wait()  # the client stays
        return message

    async def keep(message: Any) -> None:
        messages.append(message)

    await app(dict(scope), receive, keep)
    return messages
