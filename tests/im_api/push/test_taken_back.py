"""Words that were recalled or deleted are in no answer and in no event: in no list, not by id, not by a search."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_comment, a_conversation, a_message, a_snapshot, at
from tests.im_api.conftest import acc_a, get, push, send
from tests.im_api.push.client import kinds
from tests.im_api.push.conftest import Listen
from tests.im_api.test_every_id import LISTS, walk

SECRET: Final = "天机"
MEDIA: Final = {
    "mediaUrl": f"https://media.test/{SECRET}.jpg",
    "thumbnailUrl": f"https://media.test/{SECRET}-small.jpg",
}
OF_THE_PLATFORM: Final = "msg_acc-a_by-sender"
OF_AN_OPERATOR: Final = "msg_acc-a_by-us"
DELETED: Final = "msg_acc-a_thrown"


def with_secrets(*, is_recalled: bool) -> dict[str, Any]:
    data = acc_a()["data"]
    named: dict[str, Any] = {
        "lastMessageContent": f"{SECRET} by sender",
        "lastMessageTime": at(80),
        "lastMessageSenderId": "eve",
    }
    return a_snapshot(
        conversations=[*data["conversations"], a_conversation("eve", **named)],
        messages=[
            *data["messages"],
            a_message("by-us", "eve", 70, content=f"{SECRET} by us", fileName=f"{SECRET}.pdf", **MEDIA),
            a_message("thrown", "eve", 71, content=f"{SECRET} thrown", **MEDIA),
            a_message("by-sender", "eve", 72, content=f"{SECRET} by sender", isRecalled=is_recalled, **MEDIA),
        ],
        comments=[*data["comments"], a_comment("thrown", "w1", 73, content=f"{SECRET} comment")],
    )


@pytest.fixture
async def written(writing_hub: Hub) -> dict[str, Any]:
    """Everything is there, with its words. Return where a client was before it came."""
    view = writing_hub.store.get_view("acc-a")
    await push(writing_hub, "acc-a", with_secrets(is_recalled=False))
    return {"acc-a": {"seq": view.seq, "epoch": view.epoch}}


async def take_back(hub: Hub, client: httpx.AsyncClient) -> AsyncIterator[tuple[str, Any]]:
    """Take one after the other back. Yield the words that are gone by then, and the answer of the write."""
    await push(hub, "acc-a", with_secrets(is_recalled=True))
    yield f"{SECRET} by sender", None
    yield f"{SECRET} by us", await send(client, "PUT", f"/messages/{OF_AN_OPERATOR}/recall")
    yield f"{SECRET} thrown", await send(client, "DELETE", f"/messages/{DELETED}")
    yield f"{SECRET} comment", await send(client, "DELETE", "/discussions/comm_acc-a_thrown")


async def test_what_was_taken_back_is_in_no_answer(
    written: dict[str, Any], writing_hub: Hub, owner: httpx.AsyncClient
) -> None:
    assert SECRET in str(await walk(owner))
    async for _, answer in take_back(writing_hub, owner):
        assert SECRET not in str(answer)
    assert SECRET not in str(await walk(owner))
    for path in sorted({*LISTS} - {"/notifications"}):  # which has no `q`
        assert SECRET not in str(await get(owner, path, account_id="acc-a", count=200))
        found = await get(owner, path, account_id="acc-a", q=SECRET)
        assert [rows for rows in found.values() if isinstance(rows, list) and rows] == []
    kept = {one["msg_id"]: one for one in (await get(owner, "/conversations/conv_acc-a_eve/messages"))["messages"]}
    for item_id in (OF_THE_PLATFORM, OF_AN_OPERATOR, DELETED):
        one = kept[item_id]
        assert (one["content"], one["media_url"], one["media_thumbnail"], one["file_name"]) == (None,) * 4
    assert [kept[i]["is_recalled"] for i in (OF_THE_PLATFORM, OF_AN_OPERATOR, DELETED)] == [True, True, False]


async def test_what_was_taken_back_is_in_no_event(
    written: dict[str, Any], writing_hub: Hub, owner: httpx.AsyncClient, listen: Listen
) -> None:
    """Neither live, nor told to a client that comes back, which also hears of the messages' arrival."""
    here = await listen("olivia")
    await here.subscribe()
    told: dict[str, Any] = {}
    async for words, _ in take_back(writing_hub, owner):
        live = await here.catch_up()
        assert live
        assert words not in str(live)
        told |= {one["data"]["msg_id"]: one["data"]["content"] for one in live if one["kind"] == "message.updated"}
    assert told == dict.fromkeys((OF_THE_PLATFORM, OF_AN_OPERATOR, DELETED))
    back = await listen("olivia")
    await back.subscribe("all", since=written)
    missed = await back.catch_up()
    assert {("message.created", OF_THE_PLATFORM), ("message.created", DELETED)} <= set(kinds(missed))
    assert SECRET not in str(missed)
