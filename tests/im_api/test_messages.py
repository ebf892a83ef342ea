from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import T0, a_message, a_snapshot, at
from tests.im_api.conftest import Connect, get, refused

CURSOR_OF_ANOTHER = "cursor does not belong to this route and these filters"


def ids(data: dict[str, Any]) -> list[str]:
    return [row["msg_id"].removeprefix("msg_acc-a_") for row in data["messages"]]


async def test_a_message_has_exactly_the_agreed_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    assert await get(alice, "/messages/msg_acc-a_m1") == {
        "msg_id": "msg_acc-a_m1",
        "conversation_id": "conv_acc-a_mia",
        "account_id": "acc-a",
        "sender": {"user_id": "mia", "user_name": "Fan mia", "avatar": "https://media.test/mia.jpg"},
        "receiver": {"user_id": "me", "user_name": None, "avatar": None},
        "msg_type": "text",
        "content": "text m1",
        "create_time": at(1),
        "direction": "inbound",
        "status": None,
        "is_read": False,
        "is_deleted": False,
        "is_recalled": False,
        "recalled_at": None,
        "is_automatic": False,
        "answered_by": None,
        "reply_to_message_id": None,
        "media_url": None,
        "media_thumbnail": None,
        "file_size": None,
        "file_name": None,
        "duration": None,
        "platform": "douyin",
    }


async def test_files_and_replies_keep_what_is_known_of_them(bare_hub: Hub, connect: Connect) -> None:
    voice = a_message(
        "v", "mia", 1, type="audio", content=None, mediaUrl="https://media.test/v", thumbnailUrl="https://media.test/t",
        fileName="v.mp3", fileSize=4096, duration=12.5, replyToMessageId="m0", status="read",
    )  # fmt: skip
    bare_hub.store.update_account_data("acc-a", a_snapshot(messages=[voice]), now=T0)
    message = await get(connect("alice"), "/messages/msg_acc-a_v")
    assert message["msg_type"] == "audio"
    assert message["media_url"] == "https://media.test/v"
    assert message["media_thumbnail"] == "https://media.test/t"
    assert (message["file_name"], message["file_size"], message["duration"]) == ("v.mp3", 4096, 12.5)
    assert message["reply_to_message_id"] == "msg_acc-a_m0"
    assert message["status"] == "read"


async def test_messages_come_newest_first_those_of_unknown_time_last(alice: httpx.AsyncClient) -> None:
    assert ids(await get(alice, "/messages", account_id="acc-a")) == ["m5", "m4", "m3", "m2", "m1", "m6"]


async def test_a_conversation_alone_is_enough_and_its_own_route_says_the_same(alice: httpx.AsyncClient) -> None:
    expected = ["m4", "m3", "m6"]
    assert ids(await get(alice, "/messages", conversation_id="conv_acc-a_ben")) == expected
    assert ids(await get(alice, "/messages", account_id="acc-a", conversation_id="conv_acc-a_ben")) == expected
    assert ids(await get(alice, "/messages", account_id="acc-a", conversation_id="ben")) == expected
    assert ids(await get(alice, "/conversations/conv_acc-a_ben/messages")) == expected
    assert ids(await get(alice, "/conversations/conv_acc-a_ben/messages", direction="outbound")) == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"sender_id": "ben"}, ["m4", "m3", "m6"]),
        ({"receiver_id": "mia"}, ["m2"]),
        ({"direction": "outbound"}, ["m2"]),
        ({"direction": "inbound", "is_read": "true"}, ["m6"]),
        ({"status": "delivered"}, ["m2"]),
        ({"status": "failed"}, []),
        ({"message_type": "image"}, ["m4"]),
        ({"is_read": "false"}, ["m5", "m4", "m3", "m1"]),
        ({"is_read": "true"}, ["m2", "m6"]),
        ({"is_recalled": "true"}, ["m6"]),
        ({"is_recalled": "false", "sender_id": "ben"}, ["m4", "m3"]),
        ({"is_deleted": "true"}, []),
        ({"since_time": at(3)}, ["m5", "m4", "m3"]),
        ({"until_time": at(3)}, ["m2", "m1"]),
        ({"since_time": at(2), "until_time": at(4)}, ["m3", "m2"]),
        ({"q": "多少"}, ["m3"]),
        ({"q": "fan CARL"}, ["m5"]),
        ({"conversation_id": "conv_acc-a_nobody"}, []),
    ],
)
async def test_messages_are_filtered(alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]) -> None:
    assert ids(await get(alice, "/messages", account_id="acc-a", **params)) == expected


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({}, 400, "account_id or conversation_id is required"),
        ({"account_id": "acc-a", "direction": "up"}, 400, "direction must be one of inbound, outbound"),
        ({"account_id": "acc-a", "message_type": "poem"}, 400, None),
        ({"account_id": "acc-a", "status": "lost"}, 400, None),
        ({"account_id": "acc-a", "is_read": "yes"}, 400, "is_read must be true or false"),
        ({"account_id": "acc-a", "since_time": "yesterday"}, 400, "since_time must be a time in integer milliseconds"),
        ({"account_id": "acc-a", "until_time": "1.5"}, 400, "until_time must be a time in integer milliseconds"),
        ({"account_id": "acc-a", "since_time": "9" * 40}, 400, "since_time must be a time in integer milliseconds"),
        ({"account_id": "acc-b"}, 404, "Account not found"),
        ({"conversation_id": "conv_acc-a_nobody"}, 404, "Conversation not found"),
        ({"conversation_id": "conv_acc-b_mia"}, 404, "Conversation not found"),
    ],
)
async def test_wrong_parameters_are_named(
    alice: httpx.AsyncClient, params: dict[str, Any], status: int, message: str
) -> None:
    answer = await refused(alice, "/messages", status, **params)
    assert message is None or answer == message


async def test_a_page_has_50_messages_if_nothing_is_said_and_200_at_most(bare_hub: Hub, connect: Connect) -> None:
    many = [a_message(f"m{number:03}", "mia", number) for number in range(250)]
    bare_hub.store.update_account_data("acc-a", a_snapshot(messages=many), now=T0)
    alice = connect("alice")
    assert len((await get(alice, "/messages", account_id="acc-a"))["messages"]) == 50
    assert len((await get(alice, "/messages", account_id="acc-a", count=1000))["messages"]) == 200
    assert len((await get(alice, "/messages", account_id="acc-a", count="9" * 50))["messages"]) == 200
    assert len((await get(alice, "/unified-messages", account_id="acc-a"))["messages"]) == 20


async def test_a_full_last_page_says_that_nothing_follows(alice: httpx.AsyncClient) -> None:
    data = await get(alice, "/messages", account_id="acc-a", count=6)
    assert (len(data["messages"]), data["cursor"], data["has_more"]) == (6, None, False)
    data = await get(alice, "/messages", account_id="acc-a", count=5)
    assert data["has_more"] is True
    assert not data["cursor"].isdigit()


async def test_a_cursor_belongs_to_its_route_and_filters(alice: httpx.AsyncClient, olivia: httpx.AsyncClient) -> None:
    cursor = (await get(alice, "/messages", account_id="acc-a", count=1))["cursor"]
    assert ids(await get(alice, "/messages", account_id="acc-a", count=1, cursor=cursor)) == ["m4"]
    assert ids(await get(alice, "/messages", account_id="acc-a", count=2, cursor=cursor)) == ["m4", "m3"]
    for path, params in [
        ("/messages", {"account_id": "acc-a", "direction": "inbound"}),
        ("/messages", {"account_id": "acc-a", "q": "x"}),
        ("/discussions", {"account_id": "acc-a"}),
        ("/conversations", {"account_id": "acc-a"}),
        ("/unified-messages", {"account_id": "acc-a"}),
        ("/accounts", {}),
    ]:
        assert await refused(alice, path, 400, cursor=cursor, **params) == CURSOR_OF_ANOTHER
    assert await refused(olivia, "/messages", 400, cursor=cursor, account_id="acc-b") == CURSOR_OF_ANOTHER


async def test_a_number_is_an_offset_for_older_clients(alice: httpx.AsyncClient) -> None:
    assert ids(await get(alice, "/messages", account_id="acc-a", cursor="0", count=2)) == ["m5", "m4"]
    data = await get(alice, "/messages", account_id="acc-a", cursor="2", count=2)
    assert ids(data) == ["m3", "m2"]
    assert ids(await get(alice, "/messages", account_id="acc-a", cursor=data["cursor"])) == ["m1", "m6"]
    assert ids(await get(alice, "/messages", account_id="acc-a", cursor="100")) == []


async def test_an_unknown_message_is_not_found(alice: httpx.AsyncClient) -> None:
    assert await refused(alice, "/messages/msg_acc-a_nothing", 404) == "Message not found"
    assert await refused(alice, "/messages/msg_acc-b_m1", 404) == "Message not found"
