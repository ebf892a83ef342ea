"""Replies over REST: written once, watched, taken back, tried again; and nobody answers twice unasked."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from sync.core.heads.known_ids import KnownIds
from sync.core.replies.reply import Reason
from sync.core.replies.steps import HandedOver, HoldEnded, PressingAsked, ReplyStep, Resulted
from sync.hub import Hub
from sync.models import Account, Change, Worker
from sync.storage.database import in_database
from tests.bodies import put_out
from tests.im_api.builders import a_conversation, a_message, a_snapshot
from tests.im_api.conftest import NOW, Connect, check_refusal, get, move_by_hand, push, refused, send, stored
from tests.waiting import until

BEN = "conv_acc-a_ben"
SEND: dict[str, Any] = {"reply_mode": "send", "budget": {"night": [0, 0]}}


@pytest.fixture
async def sending_hub(writing_hub: Hub) -> Hub:
    """The owner switched sending on in both accounts."""
    await configure(writing_hub, SEND)
    return writing_hub


async def configure(hub: Hub, config: dict[str, Any], **fields: Any) -> None:
    def save() -> None:
        worker, _ = Worker.objects.get_or_create(name="w1")
        for account in Account.objects.all():
            account.worker, account.config = worker, config
            for name, value in fields.items():
                setattr(account, name, value)
            account.save()

    await in_database(save)
    await hub.refresh()
    changed = hub.directory.accounts.values()  # which the hub writes by itself
    await until(lambda: all(hub.store.get_view(one.id).owner_at == one.updated_at for one in changed))


@pytest.fixture
def alice(sending_hub: Hub, connect: Connect) -> httpx.AsyncClient:
    return connect("alice")


@pytest.fixture
def dora(sending_hub: Hub, connect: Connect) -> httpx.AsyncClient:
    """A colleague of alice."""
    return connect("dora")


def a_body(**fields: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "conversation_id": BEN, "text": "99 元", **fields}


async def refuse(client: httpx.AsyncClient, body: dict[str, Any], status: int, path: str = "/replies") -> str:
    return check_refusal(await client.post(f"/api/im{path}", json=body), status)


async def move(hub: Hub, reply: Any, *steps: ReplyStep) -> None:
    await move_by_hand(hub, reply["account_id"], reply["reply_id"], *steps)


HANDED = (HoldEnded(), HandedOver("w1", 1, "send"))
ASKED = PressingAsked(1, "w1")


# -- writing


async def test_a_reply_is_answered_as_it_is_and_seen_at_once(alice: httpx.AsyncClient, sending_hub: Hub) -> None:
    body = a_body(text="  99 元\r\n包邮\r自提  \r")
    reply = await send(alice, "POST", "/replies", body, status=201)
    assert reply == {
        "reply_id": f"repl_acc-a_{body['client_id'].replace('-', '')}",
        "client_id": body["client_id"],
        "account_id": "acc-a",
        "conversation_id": BEN,
        "discussion_id": None,
        "content_id": None,
        "text": "99 元\n包邮\n自提",
        "mode": "send",
        "state": "held",
        "reason": None,
        "confirmed_id": None,
        "retry_of": None,
        "by": {"user_id": reply["by"]["user_id"], "name": "alice"},
        "created_at": NOW,
        "not_before": NOW + 5_000,
        "pressed_at": None,
        "ended_at": None,
    }
    assert await get(alice, f"/replies/{reply['reply_id']}") == reply
    conversation = await get(alice, f"/conversations/{BEN}")
    assert (conversation["pending_reply"], conversation["needs_reply"]) == ("held", True)
    rows = (await get(alice, "/threads", account_id="acc-a"))["threads"]
    assert {row["thread_id"]: row["pending_reply"] for row in rows}[BEN] == "held"
    assert await stored(sending_hub, "acc-a") == sending_hub.store.get_view("acc-a")


async def test_the_same_request_again_is_the_same_reply(alice: httpx.AsyncClient, sending_hub: Hub) -> None:
    body = a_body()
    first = await send(alice, "POST", "/replies", body, status=201)
    version = sending_hub.store.get_view("acc-a").version
    assert await send(alice, "POST", "/replies", body, status=200) == first
    assert sending_hub.store.get_view("acc-a").version == version
    for other in ({"text": "100 元"}, {"conversation_id": "conv_acc-a_mia"}):
        assert "client_id" in await refuse(alice, {**body, **other}, 409)


async def test_the_same_request_to_another_account_is_another_reply_also_where_both_have_the_id(
    owner: httpx.AsyncClient, sending_hub: Hub
) -> None:
    for account in ("acc-a", "acc-b"):
        talk = {**a_conversation("twin", account), "id": "twin"}
        await push(sending_hub, account, {**a_snapshot(conversations=[talk]), "partial": ["conversations"]})
    body = a_body(conversation_id="twin", account_id="acc-a")
    first = await send(owner, "POST", "/replies", body, status=201)
    assert "client_id" in await refuse(owner, {**body, "account_id": "acc-b"}, 409)
    assert await send(owner, "POST", "/replies", body, status=200) == first


async def test_who_makes_sure_that_a_reply_is_new_puts_no_other_account_into_memory(
    owner: httpx.AsyncClient, sending_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put_out(sending_hub, "acc-b")
    monkeypatch.setattr(KnownIds, "__contains__", lambda *_: True)  # as it is once in a hundred times
    await send(owner, "POST", "/replies", a_body(), status=201)
    assert sending_hub.store.count_bodies().reads == 1
    assert not sending_hub.store.get_view("acc-b").is_resident


async def test_who_did_it_stands_in_the_history(alice: httpx.AsyncClient, sending_hub: Hub) -> None:
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    await send(alice, "DELETE", f"/replies/{reply['reply_id']}")
    rows = [row async for row in Change.objects.exclude(action="").order_by("version")]
    said = [(row.action, row.actor, row.origin) for row in rows]
    assert said == [
        ("reply", "user:alice", "token cli, 127.0.0.1"),
        ("cancel_reply", "user:alice", "token cli, 127.0.0.1"),
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " \n "}, "text"),
        ({"text": "\u200b"}, "text"),
        ({"text": "长" * 501}, "text: 500 characters at most, these are 501"),
        ({"text": 5}, "text"),
        ({"text": "a\0b"}, "NUL"),
        ({"client_id": "first"}, "client_id"),
        ({"conversation_id": None}, "conversation_id"),
        ({"content_id": "cont_acc-a_w1"}, "exactly one of"),
        ({"based_on": "msg_acc-a_none"}, "based_on"),
    ],
)
async def test_what_is_wrong_is_named(alice: httpx.AsyncClient, fields: dict[str, Any], words: str) -> None:
    assert words in await refuse(alice, a_body(**fields), 400)


async def test_five_hundred_characters_are_taken(alice: httpx.AsyncClient) -> None:
    await send(alice, "POST", "/replies", a_body(text="长" * 500), status=201)


async def test_a_place_is_needed_that_one_may_write_to(alice: httpx.AsyncClient, connect: Connect) -> None:
    assert await refuse(alice, a_body(conversation_id="conv_acc-b_mia"), 404) == "Conversation not found"
    assert await refuse(alice, a_body(conversation_id="conv_acc-a_nobody"), 404) == "Conversation not found"
    body = a_body(conversation_id="conv_acc-b_mia")
    assert await refuse(connect("bob"), body, 403) == "You may read account acc-b, and not change anything in it"
    assert await refuse(connect("charlie"), body, 404) == "Conversation not found"
    reply = await send(connect("olivia"), "POST", "/replies", body, status=201)
    assert await refuse(connect("bob"), {}, 403, f"/replies/{reply['reply_id']}/retry")
    assert await refused(alice, f"/replies/{reply['reply_id']}", 404) == "Reply not found"
    assert (await get(connect("bob"), f"/replies/{reply['reply_id']}"))["text"] == "99 元"


@pytest.mark.parametrize(
    ("config", "fields", "words"),
    [
        ({}, {}, "has not switched that on"),
        ({"reply_mode": "off"}, {}, "has not switched that on"),
        ({"reply_mode": "send"}, {"status": "inactive"}, "is paused"),
    ],
)
async def test_an_account_that_sends_nothing_says_why(
    writing_hub: Hub, connect: Connect, config: dict[str, Any], fields: dict[str, Any], words: str
) -> None:
    await configure(writing_hub, config, **fields)
    assert words in await refuse(connect("alice"), a_body(), 409)


async def test_a_worker_that_cannot_send_is_said(sending_hub: Hub, alice: httpx.AsyncClient) -> None:
    sending_hub.presence._capabilities["w1"] = frozenset({"login"})
    assert "its worker cannot do that yet" in await refuse(alice, a_body(), 409)


# -- the older forms


async def test_older_clients_send_messages_and_comments(alice: httpx.AsyncClient) -> None:
    message = await send(alice, "POST", "/messages", {"conversation_id": BEN, "content": "有货"}, status=201)
    assert (message["conversation_id"], message["text"]) == (BEN, "有货")
    body = {"parent_comment_id": "comm_acc-a_c2", "content": "谢谢"}
    reply = await send(alice, "POST", "/discussions", body, status=201)
    assert (reply["discussion_id"], reply["content_id"]) == ("comm_acc-a_c2", None)
    assert (await get(alice, "/discussions/comm_acc-a_c2"))["pending_reply"] == "held"
    assert (await get(alice, "/discussions/comm_acc-a_c1"))["pending_reply"] is None
    rows = (await get(alice, "/threads", account_id="acc-a", kind="comment"))["threads"]
    assert {row["thread_id"]: row["pending_reply"] for row in rows}["comm_acc-a_c1"] == "held"
    work = await send(alice, "POST", "/discussions", {"content_id": "cont_acc-a_w1", "content": "来了"}, status=201)
    assert (work["discussion_id"], work["content_id"]) == (None, "cont_acc-a_w1")
    assert "exactly one of" in await refuse(alice, {"content": "谁"}, 400, "/discussions")


# -- listing


async def test_replies_are_listed_by_place_and_state(alice: httpx.AsyncClient) -> None:
    first = await send(alice, "POST", "/replies", a_body(), status=201)
    second = await send(alice, "POST", "/replies", a_body(conversation_id="conv_acc-a_mia"), status=201)
    await send(alice, "DELETE", f"/replies/{first['reply_id']}")

    async def ids(**query: Any) -> list[str]:
        return [reply["reply_id"] for reply in (await get(alice, "/replies", **query))["replies"]]

    assert await ids(account_id="acc-a") == [second["reply_id"], first["reply_id"]]
    assert await ids(conversation_id=BEN) == [first["reply_id"]]
    assert await ids(account_id="acc-a", state="held") == [second["reply_id"]]
    assert await ids(discussion_id="comm_acc-a_c1") == []
    page = await get(alice, "/replies", account_id="acc-a", count=1)
    assert (page["has_more"], page["replies"][0]["reply_id"]) == (True, second["reply_id"])
    assert await ids(account_id="acc-a", count=1, cursor=page["cursor"]) == [first["reply_id"]]
    assert "required" in await refused(alice, "/replies", 400)
    assert await refused(alice, "/replies", 404, account_id="acc-b") == "Account not found"
    assert "state" in await refused(alice, "/replies", 400, account_id="acc-a", state="lost")


# -- taking back, trying again


async def test_it_is_taken_back_until_a_worker_has_it(alice: httpx.AsyncClient, sending_hub: Hub) -> None:
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    await move(sending_hub, reply, *HANDED)
    response = await alice.delete(f"/api/im/replies/{reply['reply_id']}")
    assert check_refusal(response, 409) == "This reply is typing: it cannot be taken back any more"
    other = await send(alice, "POST", "/replies", a_body(), status=201)
    for _ in range(2):
        assert (await send(alice, "DELETE", f"/replies/{other['reply_id']}"))["state"] == "cancelled"


async def test_one_that_was_refused_is_tried_again_on_a_persons_word(
    alice: httpx.AsyncClient, sending_hub: Hub
) -> None:
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    path = f"/replies/{reply['reply_id']}"
    assert "is held" in await refuse(alice, {}, 409, f"{path}/retry")
    await move(sending_hub, reply, *HANDED, ASKED, Resulted(1, "w1", "refused", Reason("blocked", "对方已拒收")))
    shown = await get(alice, path)
    assert (shown["state"], shown["reason"]) == ("refused", {"code": "blocked", "text": "对方已拒收"})
    again = await send(alice, "POST", f"{path}/retry", status=201)
    assert (again["retry_of"], again["text"], again["state"]) == (reply["reply_id"], "99 元", "held")
    assert again["not_before"] >= NOW + 30 * 60_000, "after a refusal the account waits"
    assert await send(alice, "POST", f"{path}/retry", status=200) == again


async def test_after_a_check_nothing_goes_by_a_retry_that_was_taken_back_and_it_is_tried_again_once_more(
    alice: httpx.AsyncClient, sending_hub: Hub
) -> None:
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    await move(sending_hub, reply, *HANDED, ASKED, Resulted(1, "w1", "unknown", Reason("check")))
    path = f"/replies/{reply['reply_id']}/retry"
    first = await send(alice, "POST", path, status=201)
    await send(alice, "DELETE", f"/replies/{first['reply_id']}")
    assert (await get(alice, "/accounts/acc-a/sending"))["messages"]["why"] == "stopped"
    second = await send(alice, "POST", path, status=201)
    assert (second["retry_of"], second["state"]) == (reply["reply_id"], "held")
    assert second["reply_id"] != first["reply_id"]
    assert await send(alice, "POST", path, status=200) == second
    await move(sending_hub, second, HoldEnded())
    assert (await get(alice, "/accounts/acc-a/sending"))["messages"]["why"] != "stopped"


async def test_the_message_says_who_answered(alice: httpx.AsyncClient, sending_hub: Hub) -> None:
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    await move(sending_hub, reply, *HANDED, ASKED)
    message = a_message("m9", "ben", 40, direction="outbound", content="99 元")
    await push(sending_hub, "acc-a", {**a_snapshot(messages=[message]), "partial": ["messages"]})
    assert (await get(alice, "/messages/msg_acc-a_m9"))["answered_by"] == "alice"
    assert (await get(alice, "/messages/msg_acc-a_m3"))["answered_by"] is None
    shown = await get(alice, f"/replies/{reply['reply_id']}")
    assert (shown["state"], shown["confirmed_id"]) == ("sent", "msg_acc-a_m9")
    conversation = await get(alice, f"/conversations/{BEN}")
    assert (conversation["pending_reply"], conversation["needs_reply"]) == (None, False)


# -- two people


async def test_of_two_who_answer_at_once_one_goes_and_the_other_is_asked(
    alice: httpx.AsyncClient, dora: httpx.AsyncClient
) -> None:
    first = await send(alice, "POST", "/replies", a_body(based_on="msg_acc-a_m4"), status=201)
    body = a_body(text="90 元", based_on="msg_acc-a_m4")
    response = await dora.post("/api/im/replies", json=body)
    assert response.status_code == 409
    said = response.json()
    assert said["data"] == {"code": "answered_meanwhile", "item": first}
    assert said["status_msg"].startswith("Somebody has answered meanwhile")
    assert (await send(dora, "POST", "/replies", {**body, "force": True}, status=201))["by"]["name"] == "dora"
    response = await alice.post("/api/im/replies", json=a_body(text="包邮", based_on="msg_acc-a_m4"))
    assert response.json()["data"]["item"]["by"]["name"] == "dora", "now it is alice who has not seen something"


async def test_of_two_who_begin_a_conversation_one_goes_and_the_other_is_asked(
    alice: httpx.AsyncClient, dora: httpx.AsyncClient, sending_hub: Hub
) -> None:
    await push(
        sending_hub, "acc-a", {**a_snapshot(conversations=[a_conversation("new")]), "partial": ["conversations"]}
    )
    body = {"conversation_id": "conv_acc-a_new", "based_on": ""}
    first = await send(alice, "POST", "/replies", a_body(**body), status=201)
    response = await dora.post("/api/im/replies", json=a_body(text="在吗", **body))
    assert (response.status_code, response.json()["data"]["item"]) == (409, first)
    assert (await send(alice, "POST", "/replies", a_body(text="在吗", **body), status=201))["state"] == "held"


async def test_an_answer_from_the_phone_is_shown_before_anything_is_sent(
    alice: httpx.AsyncClient, sending_hub: Hub
) -> None:
    message = a_message("m9", "ben", 40, direction="outbound", content="已发货")
    await push(sending_hub, "acc-a", {**a_snapshot(messages=[message]), "partial": ["messages"]})
    response = await alice.post("/api/im/replies", json=a_body(based_on="msg_acc-a_m4"))
    assert response.status_code == 409
    assert response.json()["data"]["item"]["content"] == "已发货"
    await send(alice, "POST", "/replies", a_body(based_on="msg_acc-a_m9"), status=201)


# -- before one writes


async def test_what_the_pace_leaves_is_told_before_one_writes(
    alice: httpx.AsyncClient, sending_hub: Hub, connect: Connect
) -> None:
    told = await get(alice, "/accounts/acc-a/sending")
    assert (told["account_id"], told["mode"], told["obstacle"], told["waiting"]) == ("acc-a", "send", None, 0)
    free = {"per_hour": 15, "per_day": 60, "left_hour": 15, "left_day": 60, "next_at": NOW + 5_000, "why": None}
    assert told["messages"] == free
    assert told["comments"] == free | {"per_hour": 10, "per_day": 40, "left_hour": 10, "left_day": 40}
    reply = await send(alice, "POST", "/replies", a_body(), status=201)
    waiting = await get(alice, "/accounts/acc-a/sending")
    assert (waiting["waiting"], waiting["messages"]["left_hour"], waiting["messages"]["why"]) == (1, 14, "pace")
    assert waiting["messages"]["next_at"] >= NOW + 5_000 + 45_000
    await move(sending_hub, reply, *HANDED, ASKED, Resulted(1, "w1", "failed", Reason("check")))
    stopped = await get(alice, "/accounts/acc-a/sending")
    assert (stopped["messages"]["next_at"], stopped["messages"]["why"]) == (None, "stopped")
    check_refusal(await connect("charlie").get("/api/im/accounts/acc-a/sending"), 404)


@pytest.mark.parametrize(
    ("config", "fields", "obstacle"),
    [({}, {}, "off"), ({"reply_mode": "off"}, {}, "off"), (SEND, {"status": "inactive"}, "paused")],
)
async def test_why_nothing_goes_is_told_before_one_writes(
    writing_hub: Hub, connect: Connect, config: dict[str, Any], fields: dict[str, Any], obstacle: str
) -> None:
    await configure(writing_hub, config, **fields)
    told = await get(connect("alice"), "/accounts/acc-a/sending")
    assert (told["mode"], told["obstacle"]) == ("off", obstacle)
