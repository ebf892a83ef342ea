"""Reading rows of the feed, one or many at once."""

from typing import Any

import httpx
import pytest

from sync.hub import Hub
from tests.im_api.builders import a_conversation, a_message, a_snapshot, at
from tests.im_api.conftest import Connect, check_refusal, get, push, send

MANY = "/unified-messages/read-many"
ALL = 10**15 - 1


async def unread(client: httpx.AsyncClient, account_id: str = "acc-a") -> list[int]:
    """Private messages, comments, replies, notices: likes too, which no count has."""
    stats = await get(client, "/unified-messages/stats", account_id=account_id)
    kinds = ("direct_messages", "comments", "discussions")
    notices = await get(client, "/notifications", account_id=account_id, is_read="false")
    return [*(stats[f"unread_{kind}"] for kind in kinds), len(notices["notifications"])]


async def refuse(client: httpx.AsyncClient, status: int, **body: Any) -> str:
    return check_refusal(await client.put(f"/api/im{MANY}", json=body), status)


@pytest.mark.parametrize(
    ("item_id", "left"),
    [
        ("msg_acc-a_m3", [3, 2, 1, 1]),
        ("comm_acc-a_c1", [4, 1, 1, 1]),
        ("comm_acc-a_c2", [4, 2, 0, 1]),
        ("notif_acc-a_n1", [4, 2, 1, 0]),
    ],
)
async def test_a_row_of_any_kind_is_read(operator: httpx.AsyncClient, item_id: str, left: list[int]) -> None:
    assert await unread(operator) == [4, 2, 1, 1]
    assert await send(operator, "PUT", f"/unified-messages/{item_id}/read") == {"marked": True}
    assert await unread(operator) == left
    rows = (await get(operator, "/unified-messages", account_id="acc-a", is_read="true"))["messages"]
    assert item_id in [row["msg_id"] for row in rows]


@pytest.mark.parametrize("item_id", ["conv_acc-a_ben", "cont_acc-a_w1", "x"])
async def test_what_is_no_row_of_the_feed_is_404(alice: httpx.AsyncClient, item_id: str) -> None:
    response = await alice.put(f"/api/im/unified-messages/{item_id}/read")
    assert check_refusal(response, 404) == "Message not found"


# -- by ids


async def test_rows_of_several_kinds_and_accounts_are_read_at_once(owner: httpx.AsyncClient) -> None:
    ids = ["msg_acc-a_m3", "comm_acc-a_c2", "notif_acc-b_n1", "msg_acc-a_m2", "msg_acc-a_m3"]
    response = await owner.put(f"/api/im{MANY}", json={"message_ids": ids})
    assert response.json()["data"] == {"marked_count": 3, "complete": True}
    assert response.headers["IMHub-Version"] == "acc-a=4, acc-b=3"
    assert (await unread(owner), await unread(owner, "acc-b")) == ([3, 2, 0, 1], [1, 1, 0, 0])
    assert await send(owner, "PUT", MANY, {"message_ids": ids}) == {"marked_count": 0, "complete": True}


async def test_unknown_ids_are_passed_over_and_said(operator: httpx.AsyncClient) -> None:
    ids = ["msg_acc-a_m3", "msg_acc-a_no", "msg_acc-b_m1"]
    assert await send(operator, "PUT", MANY, {"message_ids": ids}) == {"marked_count": 1, "complete": False}
    assert await refuse(operator, 404, message_ids=ids[1:]) == "Message not found"
    assert await send(operator, "PUT", MANY, {"message_ids": []}) == {"marked_count": 0, "complete": True}


async def test_one_that_may_only_be_read_stops_them_all(writing_hub: Hub, connect: Connect) -> None:
    dora = connect("dora")
    ids = ["msg_acc-a_m3", "msg_acc-b_m1"]
    message = "You may read account acc-b, and not change anything in it"
    assert await refuse(dora, 403, message_ids=ids) == message
    assert await refuse(dora, 403, account_id="acc-a,acc-b", before=ALL) == message
    assert await unread(dora) == [4, 2, 1, 1]


async def test_an_id_of_two_accounts_is_not_guessed(owner: httpx.AsyncClient, writing_hub: Hub) -> None:
    for account in ("acc-a", "acc-b"):
        snapshot = a_snapshot(messages=[a_message("m9", "mia", 95, account, id="shared")])
        await push(writing_hub, account, {**snapshot, "partial": ["messages"]})
    message = "shared: this id occurs in several accounts: account_id is needed"
    assert await refuse(owner, 400, message_ids=["shared"]) == message
    response = await owner.put("/api/im/unified-messages/shared/read")
    assert check_refusal(response, 400) == message
    path = "/unified-messages/shared/read?account_id=acc-b"
    assert await send(owner, "PUT", path) == {"marked": True}
    assert (await unread(owner), await unread(owner, "acc-b")) == ([5, 2, 1, 1], [1, 1, 0, 1])


# -- everything up to a time


@pytest.mark.parametrize(
    ("before", "types", "count", "left"),
    [
        (ALL, None, 7, [0, 0, 0, 0]),
        (at(3), None, 2, [2, 2, 1, 1]),
        (at(10), ["comment"], 1, [4, 1, 1, 1]),
        (at(11), ["comment", "discussion"], 2, [4, 1, 0, 1]),
        (ALL, ["notification"], 0, [4, 2, 1, 0]),
        (ALL, ["direct_message"], 4, [0, 2, 1, 1]),
        (0, None, 0, [4, 2, 1, 1]),
        (ALL, [], 0, [4, 2, 1, 1]),
    ],
)
async def test_everything_up_to_a_time_is_read_and_counted_as_the_badges_count(
    operator: httpx.AsyncClient, before: int, types: list[str] | None, count: int, left: list[int]
) -> None:
    body = {"account_id": "acc-a", "before": before} | ({} if types is None else {"types": types})
    assert await send(operator, "PUT", MANY, body) == {"marked_count": count, "complete": True}
    assert await unread(operator) == left
    assert await send(operator, "PUT", MANY, body) == {"marked_count": 0, "complete": True}


async def test_all_are_those_that_one_may_write_to(writing_hub: Hub, connect: Connect) -> None:
    dora, olivia, bob = connect("dora"), connect("olivia"), connect("bob")
    body = {"account_id": "all", "before": ALL}
    assert await send(dora, "PUT", MANY, body) == {"marked_count": 7, "complete": True}
    assert await send(connect("charlie"), "PUT", MANY, body) == {"marked_count": 0, "complete": True}
    assert await refuse(bob, 403, **body) == "You may read account acc-b, and not change anything in it"
    assert await unread(olivia, "acc-b") == [1, 1, 0, 1]
    assert await send(olivia, "PUT", MANY, body) == {"marked_count": 3, "complete": True}


async def test_who_read_too_many_at_once_is_told_to_come_again(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    conversations = [a_conversation(f"p{n}") for n in range(2)]
    messages = [a_message(f"p{n}-{m}", f"p{n}", 95) for n in range(2) for m in range(3_000)]
    snapshot = a_snapshot(conversations=conversations, messages=messages)
    await push(writing_hub, "acc-a", {**snapshot, "partial": ["conversations", "messages"]})
    body = {"account_id": "acc-a", "before": ALL}
    answers = [await send(operator, "PUT", MANY, body)]
    assert answers[0]["complete"] is False
    while not answers[-1]["complete"]:
        answers.append(await send(operator, "PUT", MANY, body))
        assert answers[-1]["marked_count"] > 0
    assert sum(answer["marked_count"] for answer in answers) == 6_007
    assert await unread(operator) == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"account_id": "acc-a"},
        {"before": ALL},
        {"types": ["comment"]},
        {"message_ids": ["msg_acc-a_m3"], "before": 1},
        {"message_ids": ["msg_acc-a_m3"], "account_id": "acc-a", "before": 1},
    ],
)
async def test_it_is_one_form_or_the_other(alice: httpx.AsyncClient, body: dict[str, Any]) -> None:
    message = "Either message_ids is needed, or account_id and before, and not both"
    assert await refuse(alice, 400, **body) == message


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message_ids": "x"}, "message_ids: Expected `array`, got `str`"),
        ({"message_ids": ["x", 1]}, "message_ids[1]: Expected `str`, got `int`"),
        ({"account_id": "acc-a", "before": "1"}, "before: Expected `int`, got `str`"),
        ({"account_id": "acc-a", "before": -1}, "before: Expected `int` >= 0"),
        (
            {"account_id": "acc-a", "before": 1_761_800_000},
            "before must be a time in milliseconds, 13 digits today: 1761800000 looks like seconds",
        ),
        ({"account_id": "acc-a", "before": 1, "types": ["x"]}, "types[0]: Invalid enum value 'x'"),
    ],
)
async def test_a_wrong_body_is_told_with_its_place(
    alice: httpx.AsyncClient, body: dict[str, Any], message: str
) -> None:
    assert await refuse(alice, 400, **body) == message


async def test_a_hub_that_is_busy_says_when_to_come_again(
    operator: httpx.AsyncClient, writing_hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing_hub.writer, "submit", lambda _job: False)
    response = await operator.put("/api/im/conversations/conv_acc-a_ben/read")
    assert check_refusal(response, 503) == "Try again: too much is waiting to be written"
    assert response.headers["Retry-After"] == "1"
