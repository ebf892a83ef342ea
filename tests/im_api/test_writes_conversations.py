"""Reading, pinning, muting, deleting and opening conversations: what the next reads say."""

from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_comment, a_conversation, a_message, a_snapshot, at
from tests.im_api.conftest import NOW, acc_a, check_refusal, get, push, refused, send

BEN, MIA = "/conversations/conv_acc-a_ben", "/conversations/conv_acc-a_mia"


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    rows = (await get(client, "/conversations", account_id="acc-a", **params))["conversations"]
    return [row["conversation_id"].removeprefix("conv_acc-a_") for row in rows]


async def unread_messages(client: httpx.AsyncClient) -> list[str]:
    rows = (await get(client, "/messages", account_id="acc-a", is_read="false"))["messages"]
    return [row["msg_id"].removeprefix("msg_acc-a_") for row in rows]


async def stats(client: httpx.AsyncClient) -> Any:
    return await get(client, "/unified-messages/stats", account_id="acc-a")


# -- read and unread


async def test_reading_a_conversation_reads_its_messages_and_leaves_who_waits_waiting(
    operator: httpx.AsyncClient,
) -> None:
    before = await stats(operator)
    assert await unread_messages(operator) == ["m5", "m4", "m3", "m1"]
    ben = await send(operator, "PUT", f"{BEN}/read")
    assert (ben["unread_count"], ben["needs_reply"], ben["waiting_since"]) == (0, True, at(3))
    assert await get(operator, BEN) == ben
    assert await unread_messages(operator) == ["m5", "m1"]
    assert await listed(operator, unread="true") == ["mia", "carl"]
    after = await stats(operator)
    assert after["unread_direct_messages"] == before["unread_direct_messages"] - 2 == 2
    assert after["total_unread"] == before["total_unread"] - 2
    assert after["needs_reply"] == before["needs_reply"]
    feed = await get(operator, "/unified-messages", account_id="acc-a", types="direct_message", is_new="true")
    assert [row["msg_id"] for row in feed["messages"]] == ["msg_acc-a_m5", "msg_acc-a_m1"]


async def test_a_message_that_comes_later_is_unread_again(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    await send(operator, "PUT", f"{BEN}/read")
    await push(writing_hub, "acc-a", a_snapshot(messages=[*acc_a()["data"]["messages"], a_message("m9", "ben", 95)]))
    assert (await get(operator, BEN))["unread_count"] == 1
    assert await unread_messages(operator) == ["m9", "m5", "m1"]


async def test_marking_unread_marks_the_newest_message_of_the_other_side(operator: httpx.AsyncClient) -> None:
    await send(operator, "PUT", f"{MIA}/read")
    mia = await send(operator, "DELETE", f"{MIA}/read")
    assert mia["unread_count"] == 1
    assert await get(operator, MIA) == mia
    assert (await get(operator, "/messages/msg_acc-a_m1"))["is_read"] is False
    assert (await send(operator, "PUT", f"{MIA}/read"))["unread_count"] == 0


async def test_a_conversation_without_messages_can_be_unread(operator: httpx.AsyncClient) -> None:
    group = "/conversations/conv_acc-a_group"
    assert (await send(operator, "DELETE", f"{group}/read"))["unread_count"] == 1
    assert "group" in await listed(operator, unread="true")
    assert (await send(operator, "PUT", f"{group}/read"))["unread_count"] == 0


# -- pin and mute


async def test_pinned_by_an_operator_it_stands_first_whatever_the_platform_says(
    operator: httpx.AsyncClient, writing_hub: Hub
) -> None:
    assert await listed(operator) == ["mia", "group", "carl", "ben"]
    assert (await send(operator, "PUT", f"{BEN}/pin"))["is_pinned"] is True
    assert (await send(operator, "DELETE", f"{MIA}/pin"))["is_pinned"] is False
    await push(writing_hub, "acc-a", acc_a())
    assert await listed(operator) == ["ben", "group", "carl", "mia"]
    assert await listed(operator, is_pinned="true") == ["ben"]
    feed = await get(operator, "/unified-messages", account_id="acc-a", is_pinned="true", types="direct_message")
    assert {row["conversation_id"] for row in feed["messages"]} == {"conv_acc-a_ben"}
    assert all(row["is_pinned"] for row in feed["messages"])


async def test_muted_by_an_operator_it_keeps_its_own_count_and_stands_in_no_total(operator: httpx.AsyncClient) -> None:
    before = await stats(operator)
    assert (await send(operator, "PUT", f"{BEN}/mute"))["is_muted"] is True
    assert (await send(operator, "DELETE", "/conversations/conv_acc-a_group/mute"))["is_muted"] is False
    assert await listed(operator, is_muted="true") == ["ben"]
    feed = await get(operator, "/unified-messages", account_id="acc-a", is_muted="true")
    assert {row["conversation_id"] for row in feed["messages"]} == {"conv_acc-a_ben"}
    ben, after = await get(operator, BEN), await stats(operator)
    assert (ben["unread_count"], ben["needs_reply"]) == (2, True)
    assert after["unread_direct_messages"] == before["unread_direct_messages"] - 2
    assert after["total_unread"] == before["total_unread"] - 2
    assert after["needs_reply"] == before["needs_reply"] - 1


# -- delete and restore


async def test_a_deleted_conversation_is_nowhere(operator: httpx.AsyncClient) -> None:
    assert await send(operator, "DELETE", BEN) == {"deleted": True}
    assert await refused(operator, BEN, 404) == "Conversation not found"
    assert await refused(operator, f"{BEN}/messages", 404) == "Conversation not found"
    assert await refused(operator, "/messages", 404, conversation_id="conv_acc-a_ben") == "Conversation not found"
    assert await refused(operator, "/messages/msg_acc-a_m3", 404) == "Message not found"
    assert await listed(operator) == ["mia", "group", "carl"]
    rows = (await get(operator, "/messages", account_id="acc-a"))["messages"]
    assert {row["conversation_id"] for row in rows} == {"conv_acc-a_mia", "conv_acc-a_carl"}
    assert (await stats(operator))["unread_direct_messages"] == 2
    for method, action in (("PUT", "read"), ("DELETE", "read"), ("PUT", "pin"), ("PUT", "mute")):
        check_refusal(await operator.request(method, f"/api/im{BEN}/{action}"), 404)


async def test_it_comes_back_with_a_new_message_and_shows_only_that(
    operator: httpx.AsyncClient, writing_hub: Hub
) -> None:
    await send(operator, "DELETE", BEN)
    await push(writing_hub, "acc-a", a_snapshot(messages=[*acc_a()["data"]["messages"], a_message("m9", "ben", 95)]))
    ben = await get(operator, BEN)
    assert (ben["unread_count"], ben["last_message"]["msg_id"]) == (1, "msg_acc-a_m9")
    messages = (await get(operator, f"{BEN}/messages"))["messages"]
    assert [row["msg_id"] for row in messages] == ["msg_acc-a_m9"]


async def test_restored_it_is_as_before_but_read(operator: httpx.AsyncClient) -> None:
    before = await get(operator, f"{BEN}/messages")
    await send(operator, "DELETE", BEN)
    assert await send(operator, "DELETE", BEN) == {"deleted": True}
    ben = await send(operator, "PUT", f"{BEN}/restore")
    assert await get(operator, BEN) == ben == await send(operator, "PUT", f"{BEN}/restore")
    assert await get(operator, f"{BEN}/messages") == before
    assert await listed(operator) == ["mia", "group", "carl", "ben"]


# -- open one


def with_user(user_id: Any, **fields: Any) -> dict[str, Any]:
    return {"account_id": "acc-a", "participant": {"user_id": user_id, **fields}}


async def test_a_conversation_is_opened_with_somebody_new(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    made = await send(operator, "POST", "/conversations", with_user("zoe", user_name="Zoe"), status=201)
    assert made["conversation_id"] == "conv_acc-a_zoe"
    assert made["participant"] == {"user_id": "zoe", "user_name": "Zoe", "avatar": None}
    assert (made["last_message"], made["unread_count"], made["is_placeholder"]) == (None, 0, False)
    assert made["create_time"] == NOW
    assert await get(operator, "/conversations/conv_acc-a_zoe") == made
    assert "zoe" in await listed(operator)
    assert await send(operator, "POST", "/conversations", with_user("zoe", user_name="Other")) == made
    await push(writing_hub, "acc-a", acc_a())
    assert await get(operator, "/conversations/conv_acc-a_zoe") == made


async def test_the_platforms_takes_its_place_and_the_older_id_still_opens_it(
    operator: httpx.AsyncClient, writing_hub: Hub
) -> None:
    await send(operator, "POST", "/conversations", with_user("zoe"), status=201)
    await send(operator, "PUT", "/conversations/conv_acc-a_zoe/pin")
    platforms = a_conversation("77", userId="zoe", userName="Zoe")
    data = acc_a()["data"]
    snapshot = a_snapshot(
        conversations=[*data["conversations"], platforms], messages=[*data["messages"], a_message("m9", "77", 95)]
    )
    await push(writing_hub, "acc-a", snapshot)
    zoe = await get(operator, "/conversations/conv_acc-a_zoe")
    assert (zoe["conversation_id"], zoe["is_pinned"], zoe["unread_count"]) == ("conv_acc-a_77", True, 1)
    assert sorted(await listed(operator)) == ["77", "ben", "carl", "group", "mia"]
    by_path = await get(operator, "/conversations/conv_acc-a_zoe/messages")
    by_filter = await get(operator, "/messages", conversation_id="conv_acc-a_zoe")
    by_both = await get(operator, "/messages", account_id="acc-a", conversation_id="conv_acc-a_zoe")
    assert [row["msg_id"] for row in by_path["messages"]] == ["msg_acc-a_m9"]
    assert by_path["messages"] == by_filter["messages"] == by_both["messages"]
    for action in ("read", "mute"):
        answer = await send(operator, "PUT", f"/conversations/conv_acc-a_zoe/{action}")
        assert answer["conversation_id"] == "conv_acc-a_77"
    assert (await get(operator, "/conversations/conv_acc-a_77"))["unread_count"] == 0
    again = await send(operator, "POST", "/conversations", with_user("zoe"))
    assert again["conversation_id"] == "conv_acc-a_77"


async def test_whom_a_comment_names_by_number_is_the_person_of_conversations(
    operator: httpx.AsyncClient, writing_hub: Hub
) -> None:
    """A worker finds people by that id alone, and the platform's conversation comes under it."""
    told = [
        a_comment("c8", "w1", 30, authorId="200000000009", authorSecId="zoe"),
        a_comment("c9", "w1", 31, authorId="200000000002", authorSecId="ben"),
    ]
    await push(writing_hub, "acc-a", {**a_snapshot(comments=told), "partial": ["comments"]})
    zoe = await send(operator, "POST", "/conversations", with_user("200000000009", user_name="Zoe"), status=201)
    assert (zoe["conversation_id"], zoe["participant"]["user_id"]) == ("conv_acc-a_zoe", "zoe")
    assert await send(operator, "POST", "/conversations", with_user("zoe")) == zoe
    ben = await send(operator, "POST", "/conversations", with_user("200000000002"))
    assert ben["conversation_id"] == "conv_acc-a_ben"


async def test_nobody_opens_a_conversation_under_an_id_of_another_account(
    operator: httpx.AsyncClient, owner: httpx.AsyncClient, writing_hub: Hub
) -> None:
    await send(owner, "POST", "/accounts", {"user_id": "acc-a_2", "user_name": "Shop 2"}, status=201)
    await push(writing_hub, "acc-a_2", a_snapshot(conversations=[a_conversation("9", "acc-a_2")]))
    for user_id in ("2_9", "2_8"):
        response = await operator.post("/api/im/conversations", json=with_user(user_id))
        message = "participant.user_id: the conversation's id would be one of another account"
        assert check_refusal(response, 400) == message
    assert await refused(operator, "/conversations/conv_acc-a_2_9", 404) == "Conversation not found"
    assert (await get(owner, "/conversations/conv_acc-a_2_9"))["account_id"] == "acc-a_2"
    assert (await send(operator, "POST", "/conversations", with_user("3_9"), status=201))["account_id"] == "acc-a"


async def test_opening_one_that_was_deleted_brings_it_back(operator: httpx.AsyncClient) -> None:
    await send(operator, "DELETE", BEN)
    ben = await send(operator, "POST", "/conversations", with_user("ben"))
    assert ben["conversation_id"] == "conv_acc-a_ben"
    assert await get(operator, BEN) == ben


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"participant": {"user_id": "x"}}, "body: Object missing required field `account_id`"),
        ({"account_id": "acc-a"}, "body: Object missing required field `participant`"),
        (
            {"account_id": "all", "participant": {"user_id": "x"}},
            "account_id must be one account here: all is for "
            "/threads, /unified-messages, /unified-messages/stats, /unified-messages/read-many",
        ),
        (with_user(""), "participant.user_id: Expected `str` of length >= 1"),
        (with_user(7), "participant.user_id: Expected `str`, got `int`"),
        (with_user("a b"), "participant.user_id: must not contain blanks or control characters"),
    ],
)
async def test_a_conversation_needs_an_account_and_somebody(
    alice: httpx.AsyncClient, body: dict[str, Any], message: str
) -> None:
    assert check_refusal(await alice.post("/api/im/conversations", json=body), 400) == message
