"""The client of the push socket that README.md and the page of the API show: it runs here, against a hub."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from im_api.openapi.generate import make_document, read_push_client
from im_api.openapi.push_client import follow
from im_api.push.connection import TOO_SLOW
from im_api.push.feed import PushFeed
from sync.hub import Hub
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.im_api.conftest import get, push
from tests.waiting import until

ROOT = Path(__file__).parents[3]
ACCOUNT = "acc-a"


class Copy:
    """What a client keeps of the accounts: the messages by id, and how often each account was read anew."""

    def __init__(self, rest: httpx.AsyncClient) -> None:
        self._rest = rest
        self.messages: dict[str, dict[str, Any]] = {}
        self.reads: list[str] = []

    async def read(self, account: str) -> int:
        answer = await self._rest.get("/api/im/messages", params={"account_id": account, "count": 200})
        self.messages = {item["msg_id"]: item for item in answer.json()["data"]["messages"]}
        self.reads.append(account)
        return int(answer.headers["IMHub-Seq"].partition("=")[2])

    def apply(self, account: str, kind: str, data: Any) -> None:
        if kind in ("message.created", "message.updated"):
            self.messages[data["msg_id"]] = data


@pytest.fixture
async def copy(writing_hub: Hub, operator: httpx.AsyncClient, address: str) -> AsyncIterator[Copy]:
    """A copy that the client keeps up to date."""
    copy = Copy(operator)
    following = asyncio.create_task(follow(address, "alice", copy.read, copy.apply))
    await until(lambda: copy.reads == [ACCOUNT])
    yield copy
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def news(hub: Hub, *numbers: int) -> None:
    messages = [a_message(f"new{number}", "ben", 95) for number in numbers]
    await push(hub, ACCOUNT, {**a_snapshot(messages=messages), "partial": ["messages"]})


async def check_same(copy: Copy, rest: httpx.AsyncClient) -> None:
    """The copy is what REST answers now."""
    page = await get(rest, "/messages", account_id=ACCOUNT, count=200)
    assert copy.messages == {item["msg_id"]: item for item in page["messages"]}


async def test_it_has_what_was_there_and_hears_what_comes(
    writing_hub: Hub, operator: httpx.AsyncClient, copy: Copy
) -> None:
    await check_same(copy, operator)
    await news(writing_hub, 1)
    await until(lambda: "msg_acc-a_new1" in copy.messages)
    await operator.put("/api/im/messages/msg_acc-a_new1/read")
    await until(lambda: copy.messages["msg_acc-a_new1"]["is_read"])
    await check_same(copy, operator)
    assert copy.reads == [ACCOUNT]


async def test_what_happens_while_it_is_cut_off_comes_afterwards_without_reading_anew(
    writing_hub: Hub, operator: httpx.AsyncClient, feed: PushFeed, copy: Copy
) -> None:
    await until(lambda: len(feed) == 1)
    for connection in list(feed._connections):
        connection.close(TOO_SLOW, "cut")  # type: ignore[attr-defined]
    await news(writing_hub, 1, 2)
    await until(lambda: {"msg_acc-a_new1", "msg_acc-a_new2"} <= copy.messages.keys())
    await check_same(copy, operator)
    assert copy.reads == [ACCOUNT]


async def test_it_reads_anew_what_was_too_much_to_be_told(
    writing_hub: Hub, operator: httpx.AsyncClient, copy: Copy
) -> None:
    many = [a_conversation(f"fan{number}") for number in range(250)]
    await push(writing_hub, ACCOUNT, {**a_snapshot(conversations=many), "partial": ["conversations"]})
    await until(lambda: copy.reads == [ACCOUNT, ACCOUNT])
    await news(writing_hub, 3)
    await until(lambda: "msg_acc-a_new3" in copy.messages)
    await check_same(copy, operator)


def test_it_is_shown_where_integrators_look() -> None:
    source = read_push_client()
    lines = source.split("async def follow(")[1].splitlines()
    assert len(lines) <= 20
    assert f"```python\n{source}\n```" in (ROOT / "README.md").read_text("utf-8")
    about = make_document()["info"]["description"]
    assert f"```python\n{source}\n```" in about
    for word in ("## Push: `/ws/im/`", "since", "reset", "subscribed", "IMHub-Seq", "4001", "4002"):
        assert word in about
