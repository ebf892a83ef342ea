from typing import Any

import httpx
import pytest

from tests.im_api.builders import at
from tests.im_api.conftest import get, refused

FEED = "/unified-messages"
A = ["n1", "c4", "c3", "c2", "c1", "m5", "m4", "m3", "m2", "m1", "n2", "m6"]


def ids(data: dict[str, Any]) -> list[str]:
    return [row["msg_id"].rpartition("_")[2] for row in data["messages"]]


async def test_the_feed_is_one_list_of_everything_newest_first(alice: httpx.AsyncClient) -> None:
    assert ids(await get(alice, FEED, account_id="acc-a")) == A
    assert ids(await get(alice, FEED, account_id="all")) == A


async def test_rows_of_every_kind_have_the_same_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    rows = {row["msg_id"]: row for row in (await get(alice, FEED, account_id="acc-a"))["messages"]}
    assert rows["msg_acc-a_m3"] == {
        "msg_id": "msg_acc-a_m3",
        "account_id": "acc-a",
        "business_type": "direct_message",
        "msg_type": "text",
        "sender": {"user_id": "ben", "user_name": "Fan ben", "avatar": None},
        "content": "多少钱？",
        "conversation_id": "conv_acc-a_ben",
        "content_id": None,
        "parent_comment_id": None,
        "work_title": None,
        "is_read": False,
        "is_new": True,
        "is_pinned": False,
        "is_muted": False,
        "direction": "inbound",
        "create_time": at(3),
        "platform": "douyin",
    }
    assert rows["comm_acc-a_c2"] == {
        "msg_id": "comm_acc-a_c2",
        "account_id": "acc-a",
        "business_type": "discussion",
        "msg_type": "text",
        "sender": {"user_id": "author-c2", "user_name": "Author c2", "avatar": None},
        "content": "comment c2",
        "conversation_id": None,
        "content_id": "cont_acc-a_w1",
        "parent_comment_id": "comm_acc-a_c1",
        "work_title": "Work w1",
        "is_read": False,
        "is_new": True,
        "is_pinned": False,
        "is_muted": False,
        "direction": "inbound",
        "create_time": at(11),
        "platform": "douyin",
    }
    notice = rows["notif_acc-a_n1"]
    assert (notice["business_type"], notice["content_id"]) == ("notification", "cont_acc-a_w1")
    assert (notice["work_title"], notice["sender"]["user_name"]) == ("Work w1", "Liker n1")
    assert rows["comm_acc-a_c4"]["business_type"] == "comment"
    assert {tuple(row) for row in rows.values()} == {tuple(notice)}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"types": "notification"}, ["n1", "n2"]),
        ({"types": "comment"}, ["c4", "c1"]),
        ({"types": "discussion"}, ["c3", "c2"]),
        ({"types": "comment,direct_message"}, ["c4", "c1", "m5", "m4", "m3", "m2", "m1", "m6"]),
        ({"is_new": "true"}, ["n1", "c4", "c2", "c1", "m5", "m4", "m3", "m1"]),
        ({"is_read": "true"}, ["c3", "m2", "n2", "m6"]),
        ({"is_pinned": "true"}, ["c4", "m2", "m1"]),
        ({"is_muted": "true"}, []),
        ({"since_time": at(12)}, ["n1", "c4", "c3"]),
        ({"q": "多少"}, ["m3"]),
        ({"q": "旧作"}, ["c4"]),
    ],
)
async def test_the_feed_is_filtered(alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]) -> None:
    assert ids(await get(alice, FEED, account_id="acc-a", **params)) == expected


async def test_several_accounts_make_one_feed(olivia: httpx.AsyncClient) -> None:
    data = await get(olivia, FEED, account_id="acc-b,acc-a")
    assert [(row["account_id"], row["msg_id"].rpartition("_")[2]) for row in data["messages"]][:8] == [
        ("acc-b", "n1"),
        ("acc-a", "n1"),
        ("acc-b", "c1"),
        ("acc-a", "c4"),
        ("acc-a", "c3"),
        ("acc-a", "c2"),
        ("acc-a", "c1"),
        ("acc-b", "m1"),
    ]
    everything = await get(olivia, FEED, account_id="all", count=200)
    assert {row["account_id"] for row in everything["messages"]} == {"acc-a", "acc-b", "acc-seed"}


async def test_the_order_of_accounts_does_not_matter_to_a_cursor(olivia: httpx.AsyncClient) -> None:
    cursor = (await get(olivia, FEED, account_id="acc-a,acc-b", count=2))["cursor"]
    assert ids(await get(olivia, FEED, account_id="acc-b,acc-a", count=2, cursor=cursor)) == ["c1", "c4"]
    assert await refused(olivia, FEED, 400, account_id="all", cursor=cursor)


async def test_counts_are_those_of_the_hub_by_account_and_in_sum(olivia: httpx.AsyncClient) -> None:
    data = await get(olivia, f"{FEED}/stats", account_id="acc-a,acc-b")
    a = {
        "total_unread": 7,
        "unread_comments": 2,
        "unread_discussions": 1,
        "unread_direct_messages": 4,
        "unread_notifications": 0,
        "needs_reply": 3,
    }
    b = {
        "total_unread": 3,
        "unread_comments": 1,
        "unread_discussions": 0,
        "unread_direct_messages": 1,
        "unread_notifications": 1,
        "needs_reply": 2,
    }
    assert data == {name: a[name] + b[name] for name in a} | {"accounts": {"acc-a": a, "acc-b": b}}


async def test_counts_and_lists_agree(olivia: httpx.AsyncClient) -> None:
    counts = await get(olivia, f"{FEED}/stats", account_id="acc-a")
    rows = (await get(olivia, FEED, account_id="acc-a", is_new="true"))["messages"]
    assert {row["msg_id"] for row in rows if row["business_type"] == "notification"} == {"notif_acc-a_n1"}  # a like
    assert len(rows) - 1 == counts["total_unread"]
    account = await get(olivia, "/accounts/acc-a")
    assert (account["unread_count"], account["needs_reply_count"]) == (counts["total_unread"], counts["needs_reply"])


async def test_without_any_grant_all_is_nothing(charlie: httpx.AsyncClient) -> None:
    assert await get(charlie, FEED, account_id="all") == {"messages": [], "cursor": None, "has_more": False}
    stats = await get(charlie, f"{FEED}/stats", account_id="all")
    assert (stats["total_unread"], stats["accounts"]) == (0, {})


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({}, 400, "account_id is required"),
        ({"account_id": "acc-a", "types": "letter"}, 400, None),
        ({"account_id": "acc-a", "types": ""}, 400, None),
        ({"account_id": "acc-a", "is_new": "maybe"}, 400, "is_new must be true or false"),
        ({"account_id": "acc-a", "since_time": "-5"}, 400, "since_time must be a time in integer milliseconds"),
        ({"account_id": "acc-a,acc-b"}, 404, "Account not found"),
        ({"account_id": ","}, 404, "Account not found"),
    ],
)
async def test_wrong_parameters_are_named(
    alice: httpx.AsyncClient, params: dict[str, Any], status: int, message: str
) -> None:
    answer = await refused(alice, FEED, status, **params)
    assert message is None or answer == message
