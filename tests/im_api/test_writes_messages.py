"""What is done to one message, and what the next reads say."""

from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_snapshot
from tests.im_api.conftest import NOW, acc_a, check_refusal, get, push, send

PICTURE, TEXT, OWN = "/messages/msg_acc-a_m4", "/messages/msg_acc-a_m3", "/messages/msg_acc-a_m2"
BEN = "/conversations/conv_acc-a_ben"


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    rows = (await get(client, "/messages", account_id="acc-a", **params))["messages"]
    return [row["msg_id"].removeprefix("msg_acc-a_") for row in rows]


async def fed(client: httpx.AsyncClient) -> list[str]:
    rows = (await get(client, "/unified-messages", account_id="acc-a", types="direct_message"))["messages"]
    return [row["msg_id"].removeprefix("msg_acc-a_") for row in rows]


async def unread(client: httpx.AsyncClient) -> int:
    counts = await get(client, "/unified-messages/stats", account_id="acc-a")
    return int(counts["unread_direct_messages"])


async def test_one_message_is_read_and_unread(operator: httpx.AsyncClient) -> None:
    message = await send(operator, "PUT", f"{TEXT}/read")
    assert message["is_read"] is True
    assert await get(operator, TEXT) == message
    assert (await get(operator, BEN))["unread_count"] == 1
    assert (await unread(operator), await found(operator, is_read="false")) == (3, ["m5", "m4", "m1"])
    assert (await send(operator, "DELETE", f"{TEXT}/read"))["is_read"] is False
    assert (await unread(operator), (await get(operator, BEN))["unread_count"]) == (4, 2)


async def test_an_own_message_is_never_unread(operator: httpx.AsyncClient) -> None:
    assert (await send(operator, "DELETE", f"{OWN}/read"))["is_read"] is True
    assert await unread(operator) == 4


async def test_a_recalled_message_is_said_to_be_and_counts_no_more(operator: httpx.AsyncClient) -> None:
    message = await send(operator, "PUT", f"{PICTURE}/recall")
    assert (message["is_recalled"], message["recalled_at"], message["is_read"]) == (True, NOW, True)
    assert await get(operator, PICTURE) == message == await send(operator, "PUT", f"{PICTURE}/recall")
    assert await found(operator, is_recalled="true") == ["m4", "m6"]
    ben = await get(operator, BEN)
    assert (ben["last_message"]["msg_id"], ben["unread_count"]) == ("msg_acc-a_m3", 1)


async def test_a_deleted_message_stays_without_its_content(operator: httpx.AsyncClient) -> None:
    before = {path: await get(operator, path) for path in (TEXT, PICTURE)}
    for path in before:
        assert await send(operator, "DELETE", path) == {"deleted": True}
    deleted = await get(operator, PICTURE)
    assert (deleted["is_deleted"], deleted["content"], deleted["media_url"]) == (True, None, None)
    assert (await get(operator, TEXT))["content"] is None
    assert await found(operator, is_deleted="true") == ["m4", "m3"]
    assert await found(operator, q="多少钱") == []
    assert [row["is_deleted"] for row in (await get(operator, f"{BEN}/messages"))["messages"]] == [True, True, False]
    assert await fed(operator) == ["m5", "m2", "m1", "m6"]
    assert await unread(operator) == 2
    ben = await get(operator, BEN)
    assert (ben["last_message"], ben["unread_count"], ben["needs_reply"]) == (None, 0, False)

    for path, message in before.items():
        assert await send(operator, "PUT", f"{path}/restore") == message
    assert await found(operator, q="多少钱") == ["m3"]
    assert (await get(operator, BEN))["unread_count"] == 2


async def test_a_status_holds_until_the_platform_says_another(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    message = await send(operator, "PUT", f"{OWN}/status", {"status": "failed"})
    assert message["status"] == "failed"
    assert (await found(operator, status="failed"), await found(operator, status="delivered")) == (["m2"], [])
    await push(writing_hub, "acc-a", acc_a())
    assert (await get(operator, OWN))["status"] == "failed"
    messages = [{**m, "status": "read"} if m["messageId"] == "m2" else m for m in acc_a()["data"]["messages"]]
    await push(writing_hub, "acc-a", a_snapshot(messages=messages))
    assert (await get(operator, OWN))["status"] == "read"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"status": "lost"}, "status: Invalid enum value 'lost'"),
        ({"status": None}, "status: Expected `str`, got `null`"),
        ({}, "body: Object missing required field `status`"),
        (None, "A JSON body is needed, with Content-Type: application/json"),
    ],
)
async def test_a_status_is_one_of_five(alice: httpx.AsyncClient, body: Any, message: str) -> None:
    response = await alice.put(f"/api/im{OWN}/status", json=body)
    assert check_refusal(response, 400) == message
