"""GET /threads: the rows of an inbox."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from sync.hub import Hub
from tests.im_api.builders import MINUTE, T0, a_comment, a_conversation, a_message, a_notice, a_snapshot, at
from tests.im_api.conftest import NOW, Connect, an_account, get, refused

BY_TIME = ["mia", "like", "group", "c4", "c1", "carl", "ben", "follow"]


def names(data: dict[str, Any]) -> list[str]:
    """The fixture's own names for the rows of acc-a."""
    known = {"group_acc-a_like_2025-10-30": "like", "group_acc-a_follow_2025-10-30": "follow"}
    return [known.get(row["thread_id"], row["thread_id"].split("_")[-1]) for row in data["threads"]]


async def find(client: httpx.AsyncClient, thread_id: str) -> dict[str, Any]:
    data = await get(client, "/threads", account_id="acc-a")
    found: dict[str, Any] = next(row for row in data["threads"] if row["thread_id"] == thread_id)
    return found


# -- what a row says


async def test_a_conversation_is_a_row_with_its_person_and_its_last_words(alice: httpx.AsyncClient) -> None:
    assert await find(alice, "conv_acc-a_mia") == {
        "thread_id": "conv_acc-a_mia",
        "kind": "direct_message",
        "account_id": "acc-a",
        "conversation_id": "conv_acc-a_mia",
        "discussion_id": None,
        "person": {"user_id": "mia", "user_name": "Fan mia", "avatar": "https://media.test/mia.jpg"},
        "people_count": 1,
        "preview": {"direction": "outbound", "msg_type": "text", "text": "text m2", "speaker_name": None},
        "work_title": None,
        "unread_count": 1,
        "needs_reply": False,
        "reply_reason": None,
        "waiting_since": None,
        "is_pinned": True,
        "is_muted": False,
        "done_at": None,
        "pending_reply": None,
        "read_by": None,
        "done_by": None,
        "update_time": at(2),
        "platform": "douyin",
    }


async def test_a_comment_is_one_row_with_all_its_replies(alice: httpx.AsyncClient) -> None:
    row = await find(alice, "comm_acc-a_c1")
    assert (row["kind"], row["discussion_id"], row["conversation_id"]) == ("comment", "comm_acc-a_c1", None)
    assert row["person"]["user_name"] == "Author c1"
    assert row["preview"] == {"direction": "outbound", "msg_type": "text", "text": "comment c3", "speaker_name": None}
    assert (row["people_count"], row["unread_count"], row["work_title"]) == (2, 2, "Work w1")
    assert (row["needs_reply"], row["waiting_since"], row["update_time"]) == (False, None, at(12))


async def test_who_said_it_is_named_where_it_is_not_the_person_of_the_row(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.store.update_account_data("acc-a", a_snapshot(comments=[]), now=T0)
    comments = [
        a_comment("q", "w1", 1),
        a_comment("a", "w1", 2, parentCommentId="comm_acc-a_q"),
        a_comment("own", "w1", 3, parentCommentId="comm_acc-a_q", isAuthorReply=True, authorId="me"),
        a_comment("ours", "w1", 4, isAuthorReply=True, authorId="me"),
        a_comment("b", "w1", 5, parentCommentId="comm_acc-a_ours"),
        a_comment("c", "w1", 6, parentCommentId="comm_acc-a_ours"),
    ]

    async def rows() -> list[tuple[Any, ...]]:
        found = (await get(connect("alice"), "/threads", account_id="acc-a"))["threads"]
        return [
            (
                row["person"]["user_name"],
                row["people_count"],
                row["preview"]["speaker_name"],
                row["preview"]["direction"],
            )
            for row in found
        ]

    bare_hub.store.update_account_data("acc-a", a_snapshot(comments=comments[:2]), now=NOW)
    assert await rows() == [("Author q", 2, "Author a", "inbound")]
    bare_hub.store.update_account_data("acc-a", a_snapshot(comments=comments), now=NOW)
    assert await rows() == [("Author b", 2, "Author c", "inbound"), ("Author q", 2, None, "outbound")]


async def test_who_waits_is_told_since_when(alice: httpx.AsyncClient) -> None:
    for thread_id, since in (("conv_acc-a_ben", at(3)), ("comm_acc-a_c4", at(13))):
        row = await find(alice, thread_id)
        assert (row["needs_reply"], row["waiting_since"]) == (True, since)


async def test_a_picture_and_a_word_of_the_platform_alone_have_the_preview_they_can(alice: httpx.AsyncClient) -> None:
    assert (await find(alice, "conv_acc-a_ben"))["preview"] == {
        "direction": "inbound",
        "msg_type": "image",
        "text": None,
        "speaker_name": None,
    }
    group = await find(alice, "conv_acc-a_group")
    assert group["preview"] == {"direction": None, "msg_type": "text", "text": "晚上见", "speaker_name": None}
    assert group["person"] == {"user_id": None, "user_name": "读书会", "avatar": None}


async def test_notices_of_one_type_and_day_are_one_row(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.store.update_account_data("acc-a", a_snapshot(notifications=[]), now=T0)
    day = 24 * 60
    notices = [
        a_notice("n1", 1, triggerId="t1"),
        a_notice("n2", 2, triggerId="t2", content="newest like"),
        a_notice("n3", 3, triggerId="t1", type="follow"),
        a_notice("n4", 1 + day, triggerId="t1"),
    ]
    bare_hub.store.update_account_data("acc-a", a_snapshot(notifications=notices), now=NOW)
    rows = (await get(connect("alice"), "/threads", account_id="acc-a"))["threads"]
    assert [(row["thread_id"], row["unread_count"], row["people_count"]) for row in rows] == [
        ("group_acc-a_like_2025-10-31", 1, 1),
        ("group_acc-a_follow_2025-10-30", 1, 1),
        ("group_acc-a_like_2025-10-30", 2, 2),
    ]
    assert rows[2]["preview"]["text"] == "newest like"
    assert [row["person"] and row["person"]["user_id"] for row in rows] == ["t1", "t1", None]
    assert not any(row["needs_reply"] for row in rows)


async def test_a_recalled_message_is_previewed_without_its_text(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.store.update_account_data("acc-a", a_snapshot(messages=[a_message("m1", "eve", 1)]), now=NOW)
    recalled = a_snapshot(messages=[a_message("m1", "eve", 1, isRecalled=True)])
    bare_hub.store.update_account_data("acc-a", recalled, now=NOW)
    row = (await get(connect("alice"), "/threads", account_id="acc-a"))["threads"][0]
    assert row["preview"]["text"] is None
    assert not row["needs_reply"]


async def test_the_row_of_a_group_says_who_wrote_last_unless_we_did(bare_hub: Hub, connect: Connect) -> None:
    group = a_conversation("group", type="group", userId=None, userName=None, groupName="读书会")

    async def speaker(**fields: Any) -> tuple[str | None, str | None]:
        said = {"senderId": "lin", "senderName": "小鱼儿", "direction": "inbound", **fields}
        snapshot = a_snapshot(conversations=[group], messages=[a_message("m1", "group", 10, **said)])
        bare_hub.store.update_account_data("acc-a", snapshot, now=NOW)
        row = await find(connect("alice"), "conv_acc-a_group")
        return row["person"]["user_name"], row["preview"]["speaker_name"]

    assert await speaker() == ("读书会", "小鱼儿")
    assert await speaker(isRecalled=True) == ("读书会", "小鱼儿")
    assert await speaker(direction="outbound") == ("读书会", None)


async def test_the_row_of_a_group_knows_the_speaker_of_a_message_that_only_the_platform_names(
    bare_hub: Hub, connect: Connect
) -> None:
    group = a_conversation("group", type="group", userId=None, userName=None, groupName="读书会")
    message = a_message("m1", "group", 10, senderId="lin", senderName="小鱼儿", direction="inbound")
    named = {**group, "lastMessageContent": "晚上见", "lastMessageTime": at(20), "lastMessageSenderId": "lin"}
    bare_hub.store.update_account_data("acc-a", a_snapshot(conversations=[named], messages=[message]), now=NOW)
    preview = (await find(connect("alice"), "conv_acc-a_group"))["preview"]
    assert preview == {"direction": "inbound", "msg_type": None, "text": "晚上见", "speaker_name": "小鱼儿"}


# -- order and filters


async def test_pinned_ones_stand_first_then_the_newest(alice: httpx.AsyncClient) -> None:
    data = await get(alice, "/threads", account_id="acc-a")
    assert names(data) == BY_TIME
    assert (data["cursor"], data["has_more"]) == (None, False)
    assert data == await get(alice, "/threads", account_id="acc-a", sort="latest")


async def test_by_waiting_those_who_wait_longest_stand_first_and_the_others_follow_by_time(
    alice: httpx.AsyncClient,
) -> None:
    data = await get(alice, "/threads", account_id="acc-a", sort="waiting")
    assert names(data) == ["mia", "ben", "carl", "c4", "like", "group", "c1", "follow"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"kind": "direct_message"}, ["mia", "group", "carl", "ben"]),
        ({"kind": "comment"}, ["c4", "c1"]),
        ({"kind": "notification"}, ["like", "follow"]),
        ({"kind": "comment,notification"}, ["like", "c4", "c1", "follow"]),
        ({"unread": "true"}, ["mia", "c4", "c1", "carl", "ben"]),
        ({"unread": "false"}, ["like", "group", "follow"]),
        ({"needs_reply": "true"}, ["c4", "carl", "ben"]),
        ({"needs_reply": "true", "sort": "waiting"}, ["ben", "carl", "c4"]),
        ({"needs_reply": "false"}, ["mia", "like", "group", "c1", "follow"]),
        ({"needs_reply": "false", "sort": "waiting"}, ["mia", "like", "group", "c1", "follow"]),
        ({"is_pinned": "true"}, ["mia"]),
        ({"is_pinned": "false"}, ["like", "group", "c4", "c1", "carl", "ben", "follow"]),
        ({"is_muted": "true"}, ["group"]),
        ({"is_muted": "false"}, ["mia", "like", "c4", "c1", "carl", "ben", "follow"]),
        ({"q": "FAN CARL"}, ["carl"]),
        ({"q": "多少"}, ["ben"]),
        ({"q": "书"}, ["group"]),
        ({"q": "旧作品"}, ["c4"]),
        ({"q": "comment c2"}, ["c1"]),
        ({"q": "liker n1"}, ["like"]),
        ({"q": "no such text"}, []),
        ({"q": ""}, BY_TIME),
        ({"unknown": "parameter"}, BY_TIME),
        ({"kind": "direct_message", "needs_reply": "true", "unread": "true", "q": "ben"}, ["ben"]),
    ],
)
async def test_threads_are_filtered(alice: httpx.AsyncClient, params: dict[str, str], expected: list[str]) -> None:
    assert names(await get(alice, "/threads", account_id="acc-a", **params)) == expected


async def test_likes_and_follows_never_count_as_unread_other_notices_do(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.store.update_account_data("acc-a", a_snapshot(notifications=[]), now=T0)
    notices = [a_notice("n1", 1), a_notice("n2", 1, type="follow"), a_notice("n3", 1, type="system")]
    bare_hub.store.update_account_data("acc-a", a_snapshot(notifications=notices), now=NOW)
    data = await get(connect("alice"), "/threads", account_id="acc-a", unread="true")
    assert [row["thread_id"] for row in data["threads"]] == ["group_acc-a_system_2025-10-30"]


@pytest.mark.parametrize("sort", ["latest", "waiting"])
async def test_a_walk_of_pages_of_one_gives_every_row_once(alice: httpx.AsyncClient, sort: str) -> None:
    whole = await get(alice, "/threads", account_id="acc-a", sort=sort)
    walked: list[Any] = []
    cursor: dict[str, str] = {}
    while True:
        page = await get(alice, "/threads", account_id="acc-a", sort=sort, count="1", **cursor)
        walked += page["threads"]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["cursor"]}
    assert walked == whole["threads"]


# -- accounts


async def test_several_accounts_are_one_list_and_each_row_says_whose_it_is(olivia: httpx.AsyncClient) -> None:
    rows = (await get(olivia, "/threads", account_id="acc-a,acc-b"))["threads"]
    assert [(row["account_id"], row["thread_id"]) for row in rows[:3]] == [
        ("acc-a", "conv_acc-a_mia"),
        ("acc-b", "group_acc-b_system_2025-10-30"),
        ("acc-a", "group_acc-a_like_2025-10-30"),
    ]
    assert len(rows) == len(BY_TIME) + 3
    waiting = (await get(olivia, "/threads", account_id="acc-a,acc-b", needs_reply="true", sort="waiting"))["threads"]
    assert [row["thread_id"] for row in waiting] == [
        "conv_acc-a_ben", "conv_acc-a_carl", "conv_acc-b_mia", "comm_acc-a_c4", "comm_acc-b_c1",
    ]  # fmt: skip


async def test_all_are_those_that_are_granted(bob: httpx.AsyncClient, alice: httpx.AsyncClient) -> None:
    for client, account in ((bob, "acc-b"), (alice, "acc-a")):
        rows = (await get(client, "/threads", account_id="all"))["threads"]
        assert {row["account_id"] for row in rows} == {account}


async def test_a_group_is_the_accounts_that_the_owner_put_there(hub: Hub, olivia: httpx.AsyncClient) -> None:
    directory = hub.directory
    accounts = dict(directory.accounts) | {"acc-b": an_account("acc-b", group="南方店")}
    hub.directory = msgspec.structs.replace(directory, accounts=accounts)
    rows = (await get(olivia, "/threads", account_id="all", group="南方店"))["threads"]
    assert {row["account_id"] for row in rows} == {"acc-b"}
    assert (await get(olivia, "/threads", account_id="acc-a", group="南方店"))["threads"] == []
    assert (await get(olivia, "/threads", account_id="all", group="北方店"))["threads"] == []


# -- wrong input


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "account_id is required"),
        ({"account_id": ""}, "account_id is required"),
        ({"account_id": "acc-a", "sort": "oldest"}, "sort must be one of latest, waiting"),
        ({"account_id": "acc-a", "kind": "letter"}, "kind must be one of direct_message, comment, notification"),
        ({"account_id": "acc-a", "kind": ""}, "kind must be one of direct_message, comment, notification"),
        ({"account_id": "acc-a", "unread": "1"}, "unread must be true or false"),
        ({"account_id": "acc-a", "needs_reply": "True"}, "needs_reply must be true or false"),
        ({"account_id": "acc-a", "is_pinned": "yes"}, "is_pinned must be true or false"),
        ({"account_id": "acc-a", "is_muted": ""}, "is_muted must be true or false"),
        ({"account_id": "acc-a", "count": "0"}, "count must be a positive integer"),
        ({"account_id": "acc-a", "cursor": "x"}, "cursor does not belong to this route and these filters"),
    ],
)
async def test_wrong_parameters_are_named(alice: httpx.AsyncClient, params: dict[str, str], message: str) -> None:
    assert await refused(alice, "/threads", 400, **params) == message


async def test_a_cursor_is_for_the_list_it_was_given_for(alice: httpx.AsyncClient) -> None:
    cursor = (await get(alice, "/threads", account_id="acc-a", count="2"))["cursor"]
    for other in ({"sort": "waiting"}, {"unread": "true"}, {"kind": "comment"}, {"q": "x"}, {"group": "g"}):
        message = await refused(alice, "/threads", 400, account_id="acc-a", cursor=cursor, **other)
        assert message == "cursor does not belong to this route and these filters"


async def test_who_may_not_see_an_account_does_not_learn_that_it_is_there(
    alice: httpx.AsyncClient, charlie: httpx.AsyncClient, nobody: httpx.AsyncClient
) -> None:
    assert await refused(alice, "/threads", 404, account_id="acc-b") == "Account not found"
    assert await refused(alice, "/threads", 404, account_id="acc-a,acc-b") == "Account not found"
    assert await refused(alice, "/threads", 404, account_id="acc-x") == "Account not found"
    assert (await get(charlie, "/threads", account_id="all"))["threads"] == []
    await refused(nobody, "/threads", 401, account_id="acc-a")


# -- what comes in


async def test_a_new_message_brings_its_row_up_and_makes_it_wait(alice: httpx.AsyncClient, hub: Hub) -> None:
    news = a_snapshot(messages=[a_message("m9", "mia", 30), a_message("m8", "ben", 31, direction="outbound")])
    news["data"]["conversations"] = [a_conversation("mia"), a_conversation("ben")]
    news["data"]["comments"] = [a_comment("c9", "w1", 32, parentCommentId="c1", authorId="author-c1")]
    hub.store.update_account_data("acc-a", news | {"partial": ["conversations", "messages", "comments"]}, now=NOW)
    data = await get(alice, "/threads", account_id="acc-a", sort="waiting", needs_reply="true")
    assert names(data) == ["carl", "c4", "mia", "c1"]
    assert [row["waiting_since"] for row in data["threads"]] == [at(5), at(13), T0 + 30 * MINUTE, at(32)]
