from typing import Any

import httpx
import pytest

from tests.im_api.builders import at
from tests.im_api.conftest import get, refused


def ids(data: dict[str, Any], name: str, key: str) -> list[str]:
    return [row[key].rpartition("_")[2] for row in data[name]]


async def test_a_work_has_exactly_the_agreed_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    assert await get(alice, "/contents/cont_acc-a_w1") == {
        "content_id": "cont_acc-a_w1",
        "account_id": "acc-a",
        "platform": "douyin",
        "platform_content_id": "w1",
        "content_type": "video",
        "title": "Work w1",
        "description": "海边",
        "cover": None,
        "url": None,
        "publish_time": at(-60),
        "stats": {
            "total_comments": 9,
            "new_comments": 2,
            "likes": 7,
            "shares": None,
            "views": 100,
            "collects": None,
        },
        "tags": ["生活"],
        "is_new": True,
        "is_placeholder": False,
        "created_at": None,
        "updated_at": None,
    }


async def test_the_stats_of_a_work_have_a_route(alice: httpx.AsyncClient) -> None:
    stats = await get(alice, "/contents/cont_acc-a_w1/stats")
    assert (stats["total_comments"], stats["new_comments"], stats["likes"]) == (9, 2, 7)


async def test_a_work_known_from_its_comments_only_is_served_by_id_and_in_no_list(alice: httpx.AsyncClient) -> None:
    old = await get(alice, "/contents/cont_acc-a_old")
    assert (old["is_placeholder"], old["title"], old["platform_content_id"]) == (True, "旧作品", "old")
    assert (old["stats"]["total_comments"], old["stats"]["new_comments"], old["stats"]["likes"]) == (1, 1, None)
    assert old["content_type"] is None
    works = await get(alice, "/contents", account_id="acc-a")
    assert ids(works, "contents", "content_id") == ["w1", "w2"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"content_type": "article"}, ["w2"]),
        ({"content_type": "live"}, []),
        ({"is_new": "true"}, ["w1"]),
        ({"is_new": "false"}, ["w2"]),
        ({"q": "海"}, ["w1"]),
        ({"q": "work W2"}, ["w2"]),
        ({"platform": "douyin"}, ["w1", "w2"]),
        ({"platform": "elsewhere"}, []),
    ],
)
async def test_works_are_filtered(alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]) -> None:
    assert ids(await get(alice, "/contents", account_id="acc-a", **params), "contents", "content_id") == expected


async def test_a_comment_has_exactly_the_agreed_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    assert await get(alice, "/discussions/comm_acc-a_c1") == {
        "discussion_id": "comm_acc-a_c1",
        "account_id": "acc-a",
        "platform": "douyin",
        "platform_discussion_id": "c1",
        "parent_comment_id": None,
        "content_id": "cont_acc-a_w1",
        "content_title": "Work w1",
        "content": "comment c1",
        "images": ["https://media.test/c1.jpg"],
        "author": {"author_id": "author-c1", "author_name": "Author c1", "avatar": None},
        "reply_to": None,
        "like_count": 3,
        "reply_count": 2,
        "direction": "inbound",
        "is_author_reply": False,
        "region": "上海",
        "needs_reply": False,
        "reply_reason": None,
        "waiting_since": None,
        "done_at": None,
        "pending_reply": None,
        "answered_by": None,
        "open_url": None,
        "is_pinned": False,
        "is_read": False,
        "is_new": True,
        "created_at": at(10),
    }


async def test_a_reply_knows_its_parent_and_whom_it_answers(alice: httpx.AsyncClient) -> None:
    reply = await get(alice, "/discussions/comm_acc-a_c2")
    assert reply["parent_comment_id"] == "comm_acc-a_c1"
    assert reply["reply_to"] == {"user_id": "author-c1", "user_name": "Author c1"}
    own = await get(alice, "/discussions/comm_acc-a_c3")
    assert (own["direction"], own["is_author_reply"], own["is_read"], own["is_new"]) == ("outbound", True, True, False)


async def test_who_was_not_answered_waits(alice: httpx.AsyncClient) -> None:
    waiting = await get(alice, "/discussions/comm_acc-a_c4")
    assert (waiting["needs_reply"], waiting["waiting_since"]) == (True, at(13))
    assert waiting["content_title"] == "旧作品"


async def test_replies_stand_under_their_comment(alice: httpx.AsyncClient) -> None:
    data = await get(alice, "/discussions/comm_acc-a_c1/replies")
    assert ids(data, "discussions", "discussion_id") == ["c3", "c2"]
    assert (data["cursor"], data["has_more"]) == (None, False)
    data = await get(alice, "/discussions/comm_acc-a_c1/replies", count=1)
    rest = await get(alice, "/discussions/comm_acc-a_c1/replies", count=1, cursor=data["cursor"])
    assert ids(rest, "discussions", "discussion_id") == ["c2"]
    assert (await get(alice, "/discussions/comm_acc-a_c4/replies"))["discussions"] == []


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["c4", "c3", "c2", "c1"]),
        ({"content_id": "cont_acc-a_w1"}, ["c3", "c2", "c1"]),
        ({"content_id": "w1"}, ["c3", "c2", "c1"]),
        ({"content_id": "cont_acc-a_old"}, ["c4"]),
        ({"content_id": "cont_acc-a_none"}, []),
        ({"parent_comment_id": "comm_acc-a_c1"}, ["c3", "c2"]),
        ({"parent_comment_id": "c1", "is_new": "true"}, ["c2"]),
        ({"is_read": "true"}, ["c3"]),
        ({"is_read": "false"}, ["c4", "c2", "c1"]),
        ({"is_new": "false"}, ["c3"]),
        ({"q": "旧作"}, ["c4"]),
        ({"q": "author C2"}, ["c2"]),
        ({"platform": "elsewhere"}, []),
    ],
)
async def test_comments_are_filtered(alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]) -> None:
    data = await get(alice, "/discussions", account_id="acc-a", **params)
    assert ids(data, "discussions", "discussion_id") == expected


async def test_a_notice_has_exactly_the_agreed_keys_and_the_right_values(alice: httpx.AsyncClient) -> None:
    assert await get(alice, "/notifications/notif_acc-a_n1") == {
        "notification_id": "notif_acc-a_n1",
        "account_id": "acc-a",
        "platform": "douyin",
        "type": "like",
        "trigger": {"user_id": "t1", "user_name": "Liker n1", "avatar": None},
        "related_content_id": "cont_acc-a_w1",
        "related_comment_id": None,
        "title": None,
        "content": "notice n1",
        "link_url": None,
        "is_read": False,
        "created_at": at(20),
    }


@pytest.mark.parametrize(
    ("params", "expected"),
    [({}, ["n1", "n2"]), ({"type": "follow"}, ["n2"]), ({"is_read": "true"}, ["n2"]), ({"is_read": "false"}, ["n1"])],
)
async def test_notices_are_filtered(alice: httpx.AsyncClient, params: dict[str, Any], expected: list[str]) -> None:
    data = await get(alice, "/notifications", account_id="acc-a", **params)
    assert ids(data, "notifications", "notification_id") == expected


@pytest.mark.parametrize(
    ("path", "params", "status", "message"),
    [
        ("/contents", {}, 400, "account_id is required"),
        ("/contents", {"account_id": "acc-a", "content_type": "song"}, 400, None),
        ("/contents", {"account_id": "acc-a", "is_new": "0"}, 400, "is_new must be true or false"),
        ("/contents", {"account_id": "acc-b"}, 404, "Account not found"),
        ("/contents/cont_acc-a_none", {}, 404, "Content not found"),
        ("/contents/cont_acc-a_none/stats", {}, 404, "Content not found"),
        ("/discussions", {}, 400, "account_id is required"),
        ("/discussions", {"account_id": "acc-a", "is_new": "x"}, 400, "is_new must be true or false"),
        ("/discussions", {"account_id": "acc-b"}, 404, "Account not found"),
        ("/discussions/comm_acc-a_none", {}, 404, "Discussion not found"),
        ("/discussions/comm_acc-a_none/replies", {}, 404, "Discussion not found"),
        ("/notifications", {}, 400, "account_id is required"),
        ("/notifications", {"account_id": "acc-a", "type": "gift"}, 400, None),
        ("/notifications", {"account_id": "acc-b"}, 404, "Account not found"),
        ("/notifications/notif_acc-a_none", {}, 404, "Notification not found"),
    ],
)
async def test_what_is_wrong_or_unknown_is_said(
    alice: httpx.AsyncClient, path: str, params: dict[str, Any], status: int, message: str
) -> None:
    answer = await refused(alice, path, status, **params)
    assert message is None or answer == message
