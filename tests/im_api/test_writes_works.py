"""What is done to works, comments and notices, and what the next reads say."""

from typing import Any

import httpx

from sync.hub import Hub
from tests.im_api.conftest import acc_a, check_refusal, get, push, refused, send

WORK, COMMENT, REPLY = "/contents/cont_acc-a_w1", "/discussions/comm_acc-a_c1", "/discussions/comm_acc-a_c2"
NOTICE = "/notifications/notif_acc-a_n1"


async def found(client: httpx.AsyncClient, **params: Any) -> list[str]:
    rows = (await get(client, "/discussions", account_id="acc-a", **params))["discussions"]
    return [row["discussion_id"].removeprefix("comm_acc-a_") for row in rows]


async def counts(client: httpx.AsyncClient) -> tuple[int, int, int]:
    """Unread comments, replies and notices: likes too, which no total has."""
    stats = await get(client, "/unified-messages/stats", account_id="acc-a")
    notices = await get(client, "/notifications", account_id="acc-a", is_read="false")
    return stats["unread_comments"], stats["unread_discussions"], len(notices["notifications"])


async def new_works(client: httpx.AsyncClient) -> list[str]:
    rows = (await get(client, "/contents", account_id="acc-a", is_new="true"))["contents"]
    return [row["content_id"] for row in rows]


async def test_reading_a_work_reads_what_stands_under_it(operator: httpx.AsyncClient) -> None:
    assert (await counts(operator), await new_works(operator)) == ((2, 1, 1), ["cont_acc-a_w1"])
    work = await send(operator, "PUT", f"{WORK}/read")
    assert (work["content_id"], work["is_new"], work["stats"]["new_comments"]) == ("cont_acc-a_w1", False, 0)
    assert await get(operator, WORK) == work
    assert (await counts(operator), await new_works(operator)) == ((1, 0, 1), [])
    assert await found(operator, is_read="false") == ["c4"]


async def test_a_work_that_is_known_from_its_comments_only_can_be_read(operator: httpx.AsyncClient) -> None:
    work = await send(operator, "PUT", "/contents/cont_acc-a_old/read")
    assert (work["is_placeholder"], work["is_new"]) == (True, False)
    assert await counts(operator) == (1, 1, 1)


async def test_a_comment_is_read_and_unread(operator: httpx.AsyncClient) -> None:
    comment = await send(operator, "PUT", f"{COMMENT}/read")
    assert (comment["is_read"], comment["is_new"]) == (True, False)
    assert await get(operator, COMMENT) == comment
    assert (await counts(operator), await found(operator, is_new="true")) == ((1, 1, 1), ["c4", "c2"])
    assert (await get(operator, WORK))["stats"]["new_comments"] == 1
    assert (await send(operator, "DELETE", f"{COMMENT}/read"))["is_read"] is False
    assert await counts(operator) == (2, 1, 1)
    own = await send(operator, "DELETE", "/discussions/comm_acc-a_c3/read")
    assert (own["is_read"], await counts(operator)) == (True, (2, 1, 1))


async def test_a_deleted_comment_is_gone_and_its_replies_stay(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    assert await send(operator, "DELETE", COMMENT) == {"deleted": True}
    await check_placeholder(operator)
    assert (await send(operator, "PUT", f"{COMMENT}/read"))["content"] is None
    assert await found(operator) == ["c4", "c3", "c2"]
    assert await found(operator, parent_comment_id="comm_acc-a_c1") == ["c3", "c2"]
    assert await counts(operator) == (1, 1, 1)
    assert (await get(operator, WORK))["stats"]["new_comments"] == 1
    feed = await get(operator, "/unified-messages", account_id="acc-a", types="comment")
    assert [row["msg_id"] for row in feed["messages"]] == ["comm_acc-a_c4"]
    await push(writing_hub, "acc-a", acc_a())
    await check_placeholder(operator)
    assert await send(operator, "DELETE", COMMENT) == {"deleted": True}


async def check_placeholder(operator: httpx.AsyncClient) -> None:
    """Its replies name it, so it opens, without a word of it."""
    shown = await get(operator, COMMENT)
    assert (shown["content"], shown["author"]["author_id"], shown["created_at"]) == (None, None, None)
    assert shown["content_id"] == "cont_acc-a_w1"


async def test_a_deleted_comment_that_nobody_names_is_gone(operator: httpx.AsyncClient) -> None:
    path = "/discussions/comm_acc-a_c4"
    assert await send(operator, "DELETE", path) == {"deleted": True}
    assert await refused(operator, path, 404) == "Discussion not found"
    check_refusal(await operator.put(f"/api/im{path}/read"), 404)
    assert await send(operator, "DELETE", path) == {"deleted": True}


async def test_a_restored_comment_is_as_before(operator: httpx.AsyncClient) -> None:
    before = await get(operator, COMMENT)
    await send(operator, "DELETE", COMMENT)
    assert await send(operator, "PUT", f"{COMMENT}/restore") == before == await get(operator, COMMENT)
    assert await send(operator, "PUT", f"{COMMENT}/restore") == before
    assert await counts(operator) == (2, 1, 1)


async def test_a_reply_is_deleted_alone(operator: httpx.AsyncClient) -> None:
    await send(operator, "DELETE", REPLY)
    assert (await found(operator), await counts(operator)) == (["c4", "c3", "c1"], (2, 0, 1))
    replies = await get(operator, f"{COMMENT}/replies")
    assert [row["discussion_id"] for row in replies["discussions"]] == ["comm_acc-a_c3"]


async def test_a_notice_is_read(operator: httpx.AsyncClient) -> None:
    notice = await send(operator, "PUT", f"{NOTICE}/read")
    assert notice["is_read"] is True
    assert await get(operator, NOTICE) == notice
    assert await counts(operator) == (2, 1, 0)
    rows = (await get(operator, "/notifications", account_id="acc-a", is_read="false"))["notifications"]
    assert rows == []
