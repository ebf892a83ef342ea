from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import MINUTE, T0, a_conversation, a_message, a_snapshot, at
from tests.im_api.conftest import NOW, Connect, get, refused


def ids(data: dict[str, Any]) -> list[str]:
    return [row["conversation_id"].removeprefix("conv_acc-a_") for row in data["conversations"]]


async def test_pinned_ones_stand_first_then_the_newest_message(alice: httpx.AsyncClient) -> None:
    data = await get(alice, "/conversations", account_id="acc-a")
    assert ids(data) == ["mia", "group", "carl", "ben"]
    assert (data["cursor"], data["has_more"]) == (None, False)


async def test_a_conversation_has_exactly_the_agreed_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    assert await get(alice, "/conversations/conv_acc-a_mia") == {
        "conversation_id": "conv_acc-a_mia",
        "account_id": "acc-a",
        "conversation_type": "one_on_one",
        "participant": {"user_id": "mia", "user_name": "Fan mia", "avatar": "https://media.test/mia.jpg"},
        "last_message": {
            "msg_id": "msg_acc-a_m2",
            "content": "text m2",
            "msg_type": "text",
            "sender_id": "me",
            "create_time": at(2),
        },
        "unread_count": 1,
        "needs_reply": False,
        "reply_reason": None,
        "waiting_since": None,
        "done_at": None,
        "pending_reply": None,
        "is_pinned": True,
        "is_muted": False,
        "is_blocked": None,
        "is_stranger": None,
        "is_folded": None,
        "remark_name": None,
        "open_url": None,
        "is_placeholder": False,
        "create_time": T0 - MINUTE,
        "update_time": at(2),
        "platform": "douyin",
        "status": "active",
    }


async def test_the_newest_visible_message_is_the_last_one_recalled_ones_are_passed_over(
    alice: httpx.AsyncClient,
) -> None:
    ben = await get(alice, "/conversations/conv_acc-a_ben")
    assert ben["last_message"]["msg_id"] == "msg_acc-a_m4"
    assert ben["last_message"]["msg_type"] == "image"
    assert ben["last_message"]["content"] is None
    assert (ben["needs_reply"], ben["waiting_since"], ben["unread_count"]) == (True, at(3), 2)
    assert ben["is_blocked"] is False


async def test_a_message_only_the_platform_knows_is_shown_without_an_id(alice: httpx.AsyncClient) -> None:
    group = await get(alice, "/conversations/conv_acc-a_group")
    assert group["conversation_type"] == "group"
    assert group["participant"] == {"user_id": None, "user_name": "读书会", "avatar": None}
    assert group["last_message"] == {
        "msg_id": None,
        "content": "晚上见",
        "msg_type": "text",
        "sender_id": "x",
        "create_time": at(15),
    }
    assert group["is_muted"] is True
    assert group["update_time"] == at(15)


async def test_a_conversation_known_from_its_messages_only_is_a_placeholder_until_it_arrives(
    alice: httpx.AsyncClient, hub: Hub
) -> None:
    carl = await get(alice, "/conversations/conv_acc-a_carl")
    assert carl["is_placeholder"] is True
    assert carl["participant"] == {"user_id": "carl", "user_name": "Fan carl", "avatar": None}
    assert carl["conversation_type"] is None

    arrived = a_conversation("carl") | {"id": "conversation-of-carl", "userName": "Carl"}
    snapshot = a_snapshot(conversations=[arrived], messages=[a_message("m5", "carl", 5)])
    hub.store.update_account_data("acc-a", snapshot | {"partial": ["conversations", "messages"]}, now=NOW)
    by_former_id = await get(alice, "/conversations/conv_acc-a_carl")
    assert by_former_id["conversation_id"] == "conversation-of-carl"
    assert by_former_id["participant"]["user_name"] == "Carl"
    assert by_former_id["is_placeholder"] is False


async def test_a_placeholder_of_own_messages_only_is_named_by_their_receiver(bare_hub: Hub, connect: Connect) -> None:
    own = a_message("m1", "dora", 1, direction="outbound", recipientId="dora", recipientName="Dora")
    bare_hub.store.update_account_data("acc-a", a_snapshot(messages=[own]), now=T0)
    dora = await get(connect("alice"), "/conversations/conv_acc-a_dora")
    assert dora["participant"] == {"user_id": "dora", "user_name": "Dora", "avatar": None}


async def test_without_any_message_there_is_no_last_one(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.store.update_account_data("acc-a", a_snapshot(conversations=[a_conversation("eve")]), now=T0)
    eve = await get(connect("alice"), "/conversations/conv_acc-a_eve")
    assert eve["last_message"] is None
    assert eve["update_time"] is None


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"is_pinned": "true"}, ["mia"]),
        ({"is_pinned": "false"}, ["group", "carl", "ben"]),
        ({"is_muted": "true"}, ["group"]),
        ({"is_muted": "false"}, ["mia", "carl", "ben"]),
        ({"unread": "true"}, ["mia", "carl", "ben"]),
        ({"unread": "false"}, ["group"]),
        ({"q": "FAN"}, ["mia", "carl", "ben"]),
        ({"q": "书"}, ["group"]),
        ({"q": "晚上"}, ["group"]),
        ({"q": "no such text"}, []),
        ({"status": "active"}, ["mia", "group", "carl", "ben"]),
        ({"unknown": "parameter"}, ["mia", "group", "carl", "ben"]),
        ({"unread": "true", "is_pinned": "false", "q": "ben"}, ["ben"]),
    ],
)
async def test_conversations_are_filtered(
    alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]
) -> None:
    assert ids(await get(alice, "/conversations", account_id="acc-a", **params)) == expected


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "account_id is required"),
        ({"account_id": ""}, "account_id is required"),
        ({"account_id": "acc-a", "is_pinned": "1"}, "is_pinned must be true or false"),
        ({"account_id": "acc-a", "unread": "True"}, "unread must be true or false"),
        ({"account_id": "acc-a", "is_muted": ""}, "is_muted must be true or false"),
        ({"account_id": "acc-a", "status": "closed"}, "status must be one of active"),
        ({"account_id": "acc-a", "count": "0"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "count": "-1"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "count": "ten"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "count": "1.5"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "count": ""}, "count must be a positive integer"),
        ({"account_id": "acc-a", "count": "²"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "cursor": "-1"}, "cursor does not belong to this route and these filters"),
        ({"account_id": "acc-a", "cursor": "xyz"}, "cursor does not belong to this route and these filters"),
        ({"account_id": "acc-a", "cursor": "页"}, "cursor does not belong to this route and these filters"),
        ({"account_id": "acc-a", "cursor": "9" * 30}, "cursor is too large for an offset"),
    ],
)
async def test_wrong_parameters_are_named(alice: httpx.AsyncClient, params: dict[str, Any], message: str) -> None:
    assert await refused(alice, "/conversations", 400, **params) == message


async def test_an_unknown_conversation_is_not_found(alice: httpx.AsyncClient) -> None:
    assert await refused(alice, "/conversations/conv_acc-a_nobody", 404) == "Conversation not found"
    assert await refused(alice, "/conversations/conv_acc-a_nobody/messages", 404) == "Conversation not found"
    assert await refused(alice, "/conversations", 404, account_id="acc-b") == "Account not found"
