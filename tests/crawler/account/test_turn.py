"""Looks and replies take turns."""

import asyncio
from typing import Any

import pytest

from crawler.account.turn import Turn
from crawler.errors import NotPressed
from crawler.platforms.base import ReplyOutcome
from sync.protocol.reply_messages import ReplyRequest, ReplyTarget

SESSION: Any = object()
PERMISSION: Any = None


class Typist:
    """An adapter whose reply ends when the test says so."""

    def __init__(self) -> None:
        self.began = 0
        self.may_end = asyncio.Event()

    async def reply(self, *_: Any) -> Any:
        self.began += 1
        await self.may_end.wait()
        return ReplyOutcome(state="sent")


def a_request(mode: Any = "send") -> ReplyRequest:
    return ReplyRequest(
        reply_id="r",
        account_id="a",
        lease_epoch=1,
        attempt=1,
        mode=mode,
        kind="message",
        target=ReplyTarget(),
        text="t",
        deadline=0,
    )


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def look(turn: Turn, looks: list[str], go_on: asyncio.Event | None = None) -> None:
    async with turn.looking():
        looks.append("began")
        if go_on is not None:
            await go_on.wait()
        looks.append("ended")


async def test_a_look_waits_for_the_reply_that_is_typed_and_not_for_a_window_that_waits_for_its_person() -> None:
    for mode, seen in (("send", []), ("window", ["began", "ended"])):
        typist: Any = Typist()
        turn, looks = Turn(typist), list[str]()
        turn.open(SESSION)
        reply = asyncio.create_task(turn.reply(a_request(mode), PERMISSION))
        await settle()
        looking = asyncio.create_task(look(turn, looks))
        await settle()
        assert (typist.began, looks) == (1, seen)
        typist.may_end.set()
        assert (await reply).state == "sent"
        await looking
        assert looks == ["began", "ended"]


async def test_a_reply_waits_for_the_look_that_is_under_way_but_not_for_ever() -> None:
    typist: Any = Typist()
    for patience_s, began in ((60.0, 0), (0.0, 1)):
        turn, looks, go_on = Turn(typist, patience_s), list[str](), asyncio.Event()
        turn.open(SESSION)
        looking = asyncio.create_task(look(turn, looks, go_on))
        await settle()
        typist.began = 0
        reply = asyncio.create_task(turn.reply(a_request(), PERMISSION))
        await settle()
        assert typist.began == began
        go_on.set()
        typist.may_end.set()
        await asyncio.gather(looking, reply)


async def test_the_end_of_a_reply_ends_the_wait_for_the_next_look() -> None:
    typist: Any = Typist()
    typist.may_end.set()
    turn = Turn(typist)
    turn.open(SESSION)
    pause = asyncio.create_task(turn.pause(60))
    await turn.reply(a_request(), PERMISSION)
    assert await pause
    assert not await turn.pause(0)


@pytest.mark.parametrize("why", ["starting", "logged_out", "check"])
async def test_where_no_page_can_be_written_in_a_reply_says_why(why: str) -> None:
    typist: Any = Typist()
    turn = Turn(typist, opens_s=0.0)
    turn.open(SESSION)
    turn.shut(why)
    with pytest.raises(NotPressed) as raised:
        await turn.reply(a_request(), PERMISSION)
    assert (raised.value.code, typist.began) == (why, 0)


async def test_a_reply_waits_for_a_page_that_is_being_opened() -> None:
    typist: Any = Typist()
    typist.may_end.set()
    turn = Turn(typist)
    reply = asyncio.create_task(turn.reply(a_request(), PERMISSION))
    await settle()
    assert (typist.began, turn.is_replying) == (0, False)
    turn.open(SESSION)
    assert (await reply).state == "sent"
    turn.shut("starting")
    reply = asyncio.create_task(turn.reply(a_request(), PERMISSION))
    await settle()
    turn.shut("logged_out")
    with pytest.raises(NotPressed) as raised:
        await reply
    assert (raised.value.code, typist.began) == ("logged_out", 1)
