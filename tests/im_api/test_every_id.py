"""Every id that any answer names opens, and takes read and done: also of what is gone, and what no worker ever read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_comment, a_conversation, a_message, a_notice, a_snapshot, a_work
from tests.im_api.conftest import acc_a, check_refusal, get, push, send

LISTS: Final = (
    "/conversations",
    "/messages",
    "/contents",
    "/discussions",
    "/notifications",
    "/threads",
    "/unified-messages",
)
OPENED_BY: Final = {
    "conversation_id": "conversations",
    "content_id": "contents",
    "discussion_id": "discussions",
    "parent_comment_id": "discussions",
    "notification_id": "notifications",
    "reply_to_message_id": "messages",
    "related_content_id": "contents",
    "related_comment_id": "discussions",
}
OF_KIND: Final = {
    "direct_message": "messages",
    "comment": "discussions",
    "discussion": "discussions",
    "notification": "notifications",
}
UNDER: Final = {"conversations": ("messages",), "discussions": ("replies",), "contents": ("stats",)}
TAKES_DONE: Final = ("conversations", "discussions")

Named = tuple[str, str, str]
"""The account, the route that opens it, the id."""

ENDINGS = ("read", "done", "messages", "replies", "stats", "older/x")


def rich() -> dict[str, Any]:
    """What `acc_a` has, ids that end like routes, and items that refer to what is not there."""
    data = acc_a()["data"]
    odd = [f"odd/{ending}" for ending in ENDINGS]
    return a_snapshot(
        conversations=[*data["conversations"], *(a_conversation(one) for one in odd)],
        messages=[
            *data["messages"],
            *(a_message(one, one, 40) for one in odd),
            a_message("answer", "ben", 41, replyToMessageId="never-read"),
            a_message("answer2", "ben", 42, replyToMessageId="m3"),
        ],
        contents=[*data["contents"], *(a_work(one) for one in odd)],
        comments=[
            *data["comments"],
            *(a_comment(one, one, 43) for one in odd),
            *(a_comment(f"under-{one}", one, 44, parentCommentId=one) for one in odd),
            a_comment("orphan", "w1", 45, parentCommentId="never-read"),
            a_comment("orphan2", "never-read", 46, parentCommentId="never-read/read"),
        ],
        notifications=[
            *data["notifications"],
            *(a_notice(one, 47) for one in odd),
            a_notice("about", 48, type="comment", relatedContentId="unknown", relatedCommentId="unknown"),
            a_notice("about2", 48, relatedContentId="unknown/stats", relatedCommentId="c1"),
        ],
    )


def of_another_form(account: str) -> dict[str, Any]:
    """The same ids in two accounts; one account's thread has no root."""
    return a_snapshot(
        conversations=[a_conversation("x", account) | {"id": "free-conversation"}],
        messages=[a_message("x", "x", 61, account) | {"id": "free/read"}],
        contents=[a_work("x", account) | {"id": "free-work"}],
        comments=[
            a_comment("x", "x", 62, account) | {"id": "free-comment"},
            a_comment("y", "x", 63, account, parentCommentId="free-comment") | {"id": "free-reply"},
        ],
        notifications=[a_notice("x", 64, account, relatedCommentId="x") | {"id": "free-notice"}],
    )


MERGED: Final = {"partial": ["conversations", "messages", "contents", "comments", "notifications"]}


@pytest.fixture
async def rich_hub(writing_hub: Hub, owner: httpx.AsyncClient) -> Hub:
    await push(writing_hub, "acc-a", rich())
    for account in ("acc-a", "acc-b"):
        await push(writing_hub, account, of_another_form(account) | MERGED)
    await send(owner, "POST", "/conversations", {"account_id": "acc-a", "participant": {"user_id": "zoe"}}, status=201)
    await send(owner, "DELETE", "/discussions/comm_acc-a_c1")  # its replies stay
    await send(owner, "DELETE", "/messages/msg_acc-a_m3")  # its answer stays
    await send(owner, "DELETE", "/discussions/free-comment?account_id=acc-b")
    await send(owner, "DELETE", "/conversations/conv_acc-a_mia")
    later = a_message("again", "mia", 95, replyToMessageId="m1")  # the conversation comes back without m1
    await push(writing_hub, "acc-a", a_snapshot(messages=[later]) | MERGED)
    return writing_hub


def named_in(data: Any) -> Iterator[Named]:
    """Yield the ids that an answer names, of whatever kind."""
    if isinstance(data, list):
        for one in data:
            yield from named_in(one)
    if not isinstance(data, dict):
        return
    for key, value in data.items():
        if key in OPENED_BY and value is not None:
            yield data["account_id"], OPENED_BY[key], value
        elif key == "last_message" and value is not None and value["msg_id"] is not None:
            yield data["account_id"], "messages", value["msg_id"]
        elif isinstance(value, list):
            yield from named_in(value)
    if "msg_id" in data and "account_id" in data:
        yield data["account_id"], OF_KIND[data.get("business_type", "direct_message")], data["msg_id"]


def is_placeholder(item: dict[str, Any]) -> bool:
    """Of a comment or a message nothing is told but where it stands."""
    moment = item.get("create_time", item.get("created_at"))
    return bool(item.get("is_placeholder", moment is None and item.get("content") is None))


def path_to(named: Named, *under: str) -> str:
    """The address of the item: the account stands beside an id that may be of several."""
    account, route, item_id = named
    tail = "".join(f"/{one}" for one in under)
    beside = "" if f"_{account}_" in item_id else f"?account_id={account}"
    return f"/{route}/{quote(item_id, safe='')}{tail}{beside}"


async def walk(client: httpx.AsyncClient) -> dict[Named, Any]:
    """Open everything that lists name, and what that names in its turn -> what was opened."""
    opened: dict[Named, Any] = {}
    for account in ("acc-a", "acc-b"):
        left = [one for path in LISTS for one in named_in(await get(client, path, account_id=account, count=200))]
        while left:
            named = left.pop()
            if named in opened:
                continue
            opened[named] = await read(client, path_to(named))
            left += named_in(opened[named])
            for under in UNDER.get(named[1], ()):
                left += named_in(await read(client, path_to(named, under)))
    return opened


async def read(client: httpx.AsyncClient, path: str) -> Any:
    response = await client.get(f"/api/im{path}")
    assert response.status_code == 200, (path, response.text)
    return response.json()["data"]


async def test_every_id_that_any_answer_names_opens_and_takes_read_and_done(
    rich_hub: Hub, owner: httpx.AsyncClient
) -> None:
    opened = await walk(owner)
    found = Counter((account, route) for account, route, _ in opened)
    assert all(found["acc-a", route] > len(ENDINGS) for route in {*OPENED_BY.values(), "messages"}), found
    unseen = {item_id for (_, _, item_id), item in opened.items() if is_placeholder(item)}
    assert unseen >= {
        "comm_acc-a_c1",
        "comm_acc-a_never-read",
        "comm_acc-a_never-read/read",
        "comm_acc-a_unknown",
        "cont_acc-a_unknown",
        "cont_acc-a_unknown/stats",
        "cont_acc-a_never-read",
        "conv_acc-a_carl",
        "free-comment",
        "msg_acc-a_m1",
        "msg_acc-a_never-read",
    }
    for named in opened:
        item = await send(owner, "PUT", path_to(named, "read"))
        assert item.get("is_read", True)
        if named[1] in TAKES_DONE:
            assert (await send(owner, "PUT", path_to(named, "done")))["needs_reply"] is False
    left = {
        name: (await get(owner, "/threads", account_id=name, needs_reply="true"))["threads"]
        for name in ("acc-a", "acc-b")
    }
    assert left == {"acc-a": [], "acc-b": []}


async def test_an_id_that_ends_like_a_route_opens_with_its_slash_as_it_is(
    rich_hub: Hub, owner: httpx.AsyncClient
) -> None:
    """Where the shorter id names nothing, or the method only fits the item."""
    for ending in ENDINGS:
        for route, prefix in (("conversations", "conv"), ("messages", "msg"), ("contents", "cont")):
            item_id = f"{prefix}_acc-a_odd/{ending}"
            assert item_id in (await read(owner, f"/{route}/{item_id}")).values()


async def test_an_encoded_slash_is_never_an_action(rich_hub: Hub, owner: httpx.AsyncClient) -> None:
    path = "/api/im/conversations/conv_acc-a_ben%2Fread"
    check_refusal(await owner.get(path), 404)
    check_refusal(await owner.delete(path), 404)
    check_refusal(await owner.put(path), 405)
    assert (await read(owner, "/conversations/conv_acc-a_ben"))["unread_count"] > 0
    deleted = await owner.delete("/api/im/conversations/conv_acc-a_odd%2Fread")
    assert deleted.json()["data"] == {"deleted": True}
    check_refusal(await owner.get("/api/im/conversations/conv_acc-a_odd%2Fread"), 404)


async def test_an_item_that_cannot_be_seen_takes_nothing_but_read_and_done(
    rich_hub: Hub, owner: httpx.AsyncClient
) -> None:
    for path in ("messages/msg_acc-a_never-read/recall", "discussions/comm_acc-a_never-read/restore"):
        check_refusal(await owner.put(f"/api/im/{path}"), 404)
    for path in ("messages/msg_acc-a_never-read", "discussions/comm_acc-a_never-read"):
        check_refusal(await owner.delete(f"/api/im/{path}"), 404)


async def test_items_of_several_accounts_are_read_by_id_beside_their_account(
    rich_hub: Hub, owner: httpx.AsyncClient
) -> None:
    ids = ["free-notice", "free/read"]
    refusal = await owner.put("/api/im/unified-messages/read-many", json={"message_ids": ids})
    assert check_refusal(refusal, 400) == "free-notice: this id occurs in several accounts: account_id is needed"
    body = {"account_id": "acc-b", "message_ids": ids}
    assert await send(owner, "PUT", "/unified-messages/read-many", body) == {"marked_count": 2, "complete": True}
    for account, is_read in (("acc-a", False), ("acc-b", True)):
        assert (await get(owner, "/notifications/free-notice", account_id=account))["is_read"] is is_read
