"""What is sent until the hub answers: the newest of each account, and no more of it than that."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from crawler.uplink.newest_sender import NewestSender
from crawler.uplink.uplink import Uplink
from sync.protocol.messages import Ack, SessionReport, SessionReportAck
from tests.crawler.fake_hub import FakeHub
from tests.crawler.uplink.test_uplink import an_uplink, running
from tests.waiting import until

Answered = list[tuple[str, bool, bool]]


def ignore(_account_id: str, _ack: Ack, _is_newest: bool) -> None:
    pass


def a_sender(uplink: Uplink, on_answer: Callable[[str, Ack, bool], None] = ignore) -> NewestSender[str]:
    """Its messages are sessions of one word; the empty one makes no message."""

    def make(account_id: str, word: str) -> SessionReport | None:
        return SessionReport(account_id=account_id, storage_state={"word": word}) if word else None

    return NewestSender(uplink, make, on_answer)


def noting(answered: Answered) -> Callable[[str, Ack, bool], None]:
    return lambda account_id, ack, is_newest: answered.append((account_id, ack.success, is_newest))


def sent(hub: FakeHub) -> list[tuple[str, Any]]:
    return [(message.account_id, message.storage_state["word"]) for message in hub.all_of(SessionReport)]


@asynccontextmanager
async def sending(uplink: Uplink, sender: NewestSender[str]) -> AsyncIterator[None]:
    async with running(uplink):
        task = asyncio.create_task(sender.run())
        try:
            yield
        finally:
            task.cancel()


async def test_what_was_not_answered_goes_again_and_only_the_newest_of_it() -> None:
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        sender = a_sender(uplink)
        hub.answers[SessionReport] = lambda m: None
        async with sending(uplink, sender):
            sender.keep("a", "s1")
            await hub.nth(SessionReport, 1)
            sender.keep("a", "s2")
            del hub.answers[SessionReport]
            await hub.cut()
            await until(lambda: not sender.waiting)
    assert sent(hub) == [("a", "s1"), ("a", "s2")]


async def test_an_answer_to_an_older_one_leaves_the_newer_one_to_be_sent() -> None:
    answered: Answered = []
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        sender = a_sender(uplink, noting(answered))

        def take(message: SessionReport) -> SessionReportAck:
            if message.storage_state == {"word": "s1"}:
                sender.keep("a", "s2")
            return SessionReportAck(success=True)

        hub.answers[SessionReport] = take
        async with sending(uplink, sender):
            sender.keep("a", "s1")
            await until(lambda: len(answered) == 2)
    assert sent(hub) == [("a", "s1"), ("a", "s2")]
    assert answered == [("a", True, False), ("a", True, True)]


async def test_a_refusal_is_an_answer() -> None:
    answered: Answered = []
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        sender = a_sender(uplink, noting(answered))
        hub.answers[SessionReport] = lambda m: SessionReportAck(success=False, error_code="not_assigned")
        async with sending(uplink, sender):
            sender.keep("a", "s1")
            await until(lambda: answered)
            assert sender.waiting == []
    assert answered == [("a", False, True)]
    assert sent(hub) == [("a", "s1")]


async def test_what_is_forgotten_is_not_the_newest_of_its_account_any_more() -> None:
    answered: Answered = []
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        sender = a_sender(uplink, noting(answered))

        def take(_message: SessionReport) -> SessionReportAck:
            sender.forget("a")
            sender.forget("b")
            return SessionReportAck(success=True)

        hub.answers[SessionReport] = take
        async with sending(uplink, sender):
            sender.keep("a", "s1")
            sender.keep("b", "s1")
            sender.keep("c", "s1")
            await until(lambda: not sender.waiting)
    assert answered == [("a", True, False), ("c", True, True)]
    assert sent(hub) == [("a", "s1"), ("c", "s1")]


async def test_what_makes_no_message_is_dropped_and_keeps_nobody_waiting() -> None:
    async with FakeHub() as hub:
        uplink = an_uplink(hub)
        sender = a_sender(uplink)
        async with sending(uplink, sender):
            sender.keep("a", "")
            sender.keep("b", "s1")
            await until(lambda: not sender.waiting)
    assert sent(hub) == [("b", "s1")]
