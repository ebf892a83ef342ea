"""Ids: every one that a list returns opens; any printable character; the same id in two accounts."""

from typing import Any
from urllib.parse import quote

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import T0, a_comment, a_conversation, a_message, a_notice, a_snapshot, a_work
from tests.im_api.conftest import Connect, a_directory, an_account, get, refused

KEYS = {
    "conversations": "conversation_id",
    "messages": "msg_id",
    "contents": "content_id",
    "discussions": "discussion_id",
    "notifications": "notification_id",
}
STRANGE = ["a/b", "a:b@c=d", "100%", "a.b.json", "什么", "a+b&c?d#e", "a//b", "a;b,c", "%2F", "~'\"()*!"]


@pytest.mark.parametrize("account", ["acc-a", "acc-b", "acc-seed"])
async def test_every_id_that_a_list_returns_opens(olivia: httpx.AsyncClient, account: str) -> None:
    opened = 0
    for name, key in KEYS.items():
        for row in (await get(olivia, f"/{name}", account_id=account, count=200))[name]:
            assert await get(olivia, f"/{name}/{row[key]}") == row
            opened += 1
    assert opened >= 5


async def test_every_reference_opens_too(olivia: httpx.AsyncClient) -> None:
    for account in ("acc-a", "acc-b"):
        for row in (await get(olivia, "/unified-messages", account_id=account, count=200))["messages"]:
            for key, name in (
                ("conversation_id", "conversations"),
                ("content_id", "contents"),
                ("parent_comment_id", "discussions"),
            ):
                if row[key] is not None:
                    assert (await get(olivia, f"/{name}/{row[key]}"))["account_id"] == account
        for row in (await get(olivia, "/conversations", account_id=account))["conversations"]:
            messages = await get(olivia, f"/conversations/{row['conversation_id']}/messages")
            assert {m["conversation_id"] for m in messages["messages"]} <= {row["conversation_id"]}


@pytest.mark.parametrize("strange", STRANGE)
async def test_an_id_may_have_any_printable_character(bare_hub: Hub, connect: Connect, strange: str) -> None:
    snapshot = a_snapshot(
        conversations=[a_conversation(strange)],
        messages=[a_message(strange, strange, 1)],
        contents=[a_work(strange)],
        comments=[a_comment(strange, strange, 2), a_comment("reply", strange, 3, parentCommentId=strange)],
        notifications=[a_notice(strange, 4)],
    )
    bare_hub.store.update_account_data("acc-a", snapshot, now=T0)
    alice = connect("alice")
    for name, key in KEYS.items():
        for row in (await get(alice, f"/{name}", account_id="acc-a"))[name]:
            path = f"/{name}/{quote(row[key], safe='')}"
            assert await get(alice, path) == row
            assert await get(alice, path + "/") == row
    item = quote(strange, safe="")
    assert len((await get(alice, f"/conversations/conv_acc-a_{item}/messages"))["messages"]) == 1
    assert len((await get(alice, f"/discussions/comm_acc-a_{item}/replies/"))["discussions"]) == 1
    assert (await get(alice, f"/contents/cont_acc-a_{item}/stats"))["total_comments"] == 2


def of_another_form(account: str) -> dict[str, Any]:
    return a_snapshot(
        conversations=[a_conversation("x", account) | {"id": "free-conversation"}],
        messages=[a_message("x", "x", 1, account) | {"id": "free-message"}],
        contents=[a_work("x", account) | {"id": "free-work"}],
        comments=[a_comment("x", "x", 2, account) | {"id": "free-comment"}],
        notifications=[a_notice("x", 3, account) | {"id": "free-notice"}],
    )


PATHS = [
    "/conversations/free-conversation",
    "/conversations/free-conversation/messages",
    "/messages/free-message",
    "/contents/free-work",
    "/contents/free-work/stats",
    "/discussions/free-comment",
    "/discussions/free-comment/replies",
    "/notifications/free-notice",
]


@pytest.mark.parametrize("path", PATHS)
async def test_an_id_that_occurs_in_two_accounts_needs_the_account(bare_hub: Hub, connect: Connect, path: str) -> None:
    for account in ("acc-a", "acc-b"):
        bare_hub.store.update_account_data(account, of_another_form(account), now=T0)
    message = await refused(connect("olivia"), path, 400)
    assert message == "this id occurs in several accounts: account_id is needed"
    a = await get(connect("olivia"), path, account_id="acc-a")
    assert a == await get(connect("alice"), path)  # who sees one of them needs to say nothing
    assert await refused(connect("alice"), path, 404, account_id="acc-b") == "Account not found"


async def test_account_ids_that_begin_alike_are_told_apart(bare_hub: Hub, connect: Connect) -> None:
    bare_hub.directory = a_directory(an_account("a"), an_account("a_b"))
    bare_hub.store.update_account_data("a", a_snapshot(messages=[a_message("c", "m", 1, "a")]), now=T0)
    bare_hub.store.update_account_data("a_b", a_snapshot(messages=[a_message("c", "m", 1, "a_b")]), now=T0)
    olivia = connect("olivia")
    assert (await get(olivia, "/messages/msg_a_c"))["account_id"] == "a"
    assert (await get(olivia, "/messages/msg_a_b_c"))["account_id"] == "a_b"
    snapshot = a_snapshot(messages=[a_message("b_c", "m", 1, "a")])
    refusal = bare_hub.store.update_account_data("a", snapshot, now=T0).warnings
    assert [warning.code for warning in refusal] == ["bad_item", "empty_not_cleared"]
    assert (await get(olivia, "/messages/msg_a_b_c"))["account_id"] == "a_b"


async def test_an_id_that_an_earlier_version_let_two_accounts_have_opens_its_owners(
    bare_hub: Hub, connect: Connect
) -> None:
    bare_hub.store.update_account_data("a", a_snapshot(messages=[a_message("b_c", "m", 1, "a")]), now=T0)
    bare_hub.store.update_account_data("a_b", a_snapshot(messages=[a_message("d", "m", 1, "a_b")]), now=T0)
    bare_hub.directory = a_directory(an_account("a"), an_account("a_b"))
    olivia = connect("olivia")
    assert (await get(olivia, "/messages/msg_a_b_c"))["account_id"] == "a"  # a_b has none of this id
    bare_hub.store.update_account_data("a_b", a_snapshot(messages=[a_message("c", "m", 1, "a_b")]), now=T0)
    assert (await get(olivia, "/messages/msg_a_b_c"))["account_id"] == "a_b"
    assert (await get(olivia, "/messages/msg_a_b_c", account_id="a"))["account_id"] == "a"


async def test_the_seed_is_shown_as_it_was_sent(olivia: httpx.AsyncClient) -> None:
    conversation = await get(olivia, "/conversations/conv_acc-seed_200000000000")
    assert conversation["participant"] == {
        "user_id": "200000000000",
        "user_name": "晚风0",
        "avatar": "https://example.com/avatar/200000000000.jpeg",
    }
    assert conversation["last_message"]["content"] == "你好，在吗？"
    assert conversation["last_message"]["msg_id"] == "msg_acc-seed_7566891627402418426"
    assert conversation["update_time"] == 1761804248025
    assert conversation["create_time"] == 1759212248025
    assert (conversation["unread_count"], conversation["needs_reply"]) == (1, True)
    listed = await get(olivia, "/conversations", account_id="acc-seed", count=200)
    assert len(listed["conversations"]) == 29
    work = await get(olivia, "/contents/cont_acc-seed_7566891628079148113")
    assert (work["title"], work["stats"]["views"], work["stats"]["total_comments"]) == (
        "国庆旅行记录 #旅行",
        800,
        3,
    )
    assert (await get(olivia, "/discussions", account_id="acc-seed", q="多少钱"))["discussions"][0]["author"] == {
        "author_id": "200000000003",
        "author_name": "Momo3",
        "avatar": "https://example.com/avatar/200000000003.jpeg",
    }
