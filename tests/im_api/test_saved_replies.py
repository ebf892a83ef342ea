"""Saved replies: everybody's own, shared ones for all."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User

from im_api import access
from im_api.access import Access
from im_api.models import SavedReply
from im_api.queries import replies
from im_api.saved_replies import ReplyInfo
from sync.hub import Hub
from sync.models import Account
from sync.storage.database import in_database
from tests.im_api.conftest import Connect, check_refusal, get, refused, send

ROUTE = "/saved-replies"
TODAY = {"title": "今天能送到", "text": "您好，18 点前下单都能送到。\n"}


async def save(client: httpx.AsyncClient, status: int = 201, **fields: Any) -> Any:
    return await send(client, "POST", ROUTE, {**TODAY, **fields}, status=status)


async def titles(client: httpx.AsyncClient, **params: Any) -> list[str]:
    return [row["title"] for row in (await get(client, ROUTE, **params))["saved_replies"]]


async def refuse(client: httpx.AsyncClient, method: str, path: str, body: Any, status: int) -> str:
    return check_refusal(await client.request(method, f"/api/im{path}", json=body), status)


async def test_a_reply_is_there_at_once_and_after_a_restart(operator: httpx.AsyncClient) -> None:
    reply = await save(operator)
    assert {**TODAY, "shared": False, "owner_name": "alice", "is_mine": True}.items() <= reply.items()
    assert reply["created_at"] <= reply["updated_at"]
    for _ in ("as it was written", "as a hub that starts now reads it"):
        assert await get(operator, f"{ROUTE}/{reply['id']}") == reply
        assert (await get(operator, ROUTE))["saved_replies"] == [reply]
        await in_database(access.reload)


async def test_the_same_words_twice_are_one_reply(operator: httpx.AsyncClient) -> None:
    first = await save(operator)
    assert await save(operator, status=200) == first
    assert await titles(operator) == [TODAY["title"]]
    assert (await save(operator, shared=True))["id"] != first["id"]


async def test_what_the_body_does_not_name_stays(operator: httpx.AsyncClient) -> None:
    reply = await save(operator)
    path = f"{ROUTE}/{reply['id']}"
    changed = await send(operator, "PUT", path, {"text": "新的"})
    assert changed == {**reply, "text": "新的", "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > reply["updated_at"]
    assert await get(operator, path) == changed
    assert await send(operator, "PUT", path, changed) == changed


async def test_a_deleted_reply_is_gone(operator: httpx.AsyncClient) -> None:
    path = f"{ROUTE}/{(await save(operator))['id']}"
    assert await send(operator, "DELETE", path) == {"deleted": True}
    assert await refused(operator, path, 404) == "Saved reply not found"
    assert await titles(operator) == []
    assert await refuse(operator, "DELETE", path, None, 404) == "Saved reply not found"
    assert await refuse(operator, "PUT", path, TODAY, 404) == "Saved reply not found"


# -- whose they are


async def test_nobody_sees_what_is_not_shared(operator: httpx.AsyncClient, connect: Connect) -> None:
    path = f"{ROUTE}/{(await save(operator))['id']}"
    for stranger in ("bob", "charlie", "olivia"):
        client = connect(stranger)
        assert await titles(client) == []
        assert await refused(client, path, 404) == "Saved reply not found"
        assert await refuse(client, "PUT", path, TODAY, 404) == "Saved reply not found"
        assert await refuse(client, "DELETE", path, None, 404) == "Saved reply not found"
    assert await titles(operator) == [TODAY["title"]]


async def test_a_shared_one_is_for_all_and_changed_by_its_owner_and_staff(
    operator: httpx.AsyncClient, connect: Connect
) -> None:
    reply = await save(operator, shared=True)
    path = f"{ROUTE}/{reply['id']}"
    for colleague in ("bob", "charlie"):
        client = connect(colleague)
        assert await get(client, path) == {**reply, "is_mine": False}
        message = "This reply is alice's: you may use it, and not change it"
        assert await refuse(client, "PUT", path, {"text": "x"}, 403) == message
        assert await refuse(client, "DELETE", path, None, 403) == message
    changed = await send(connect("olivia"), "PUT", path, {"title": "By staff"})
    assert (changed["title"], changed["owner_name"], changed["is_mine"]) == ("By staff", "alice", False)
    assert (await get(operator, path))["title"] == "By staff"
    assert await send(connect("olivia"), "DELETE", path) == {"deleted": True}
    assert await titles(operator) == []


async def test_they_go_with_their_owner(operator: httpx.AsyncClient, connect: Connect) -> None:
    await save(operator, shared=True)
    await in_database(lambda: User.objects.get(username="alice").delete())
    assert await titles(connect("bob")) == []


async def test_what_another_process_saves_is_followed(writing_hub: Hub, connect: Connect) -> None:
    bob = connect("bob")
    assert await titles(bob) == []
    owner = await User.objects.aget(username="olivia")
    await in_database(lambda: SavedReply.objects.create(owner=owner, title="从别处", text="x", shared=True))
    await writing_hub.refresh()
    assert await titles(bob) == ["从别处"]


async def test_without_a_token_nothing_is_said(nobody: httpx.AsyncClient) -> None:
    for method, path in (("GET", ROUTE), ("POST", ROUTE), ("GET", f"{ROUTE}/1"), ("PUT", f"{ROUTE}/1")):
        await refuse(nobody, method, path, None if method == "GET" else TODAY, 401)


# -- for one account


async def test_one_for_an_account_is_for_those_who_see_it_and_beside_those_for_all(
    operator: httpx.AsyncClient, connect: Connect
) -> None:
    await save(operator, title="all", shared=True)
    mine = await save(operator, title="a", shared=True, account_id="acc-a")
    assert (mine["account_id"], await titles(operator)) == ("acc-a", ["a", "all"])
    await save(connect("olivia"), title="b", shared=True, account_id="acc-b")
    assert await titles(connect("dora")) == ["b", "a", "all"]
    assert await titles(connect("dora"), account_id="acc-a") == ["a", "all"]
    assert await titles(connect("bob")) == ["b", "all"]
    path = f"{ROUTE}/{mine['id']}"
    assert await refused(connect("bob"), path, 404) == "Saved reply not found"
    assert await refused(connect("bob"), ROUTE, 404, account_id="acc-a") == "Account not found"
    assert (await send(operator, "PUT", path, {"account_id": None}))["account_id"] is None
    assert await titles(connect("bob")) == ["b", "a", "all"]


async def test_nobody_saves_one_for_an_account_that_is_not_his(operator: httpx.AsyncClient) -> None:
    body = {**TODAY, "account_id": "acc-b"}
    assert await refuse(operator, "POST", ROUTE, body, 404) == "Account not found"
    reply = await save(operator, account_id="acc-a")
    assert await refuse(operator, "PUT", f"{ROUTE}/{reply['id']}", {"account_id": "acc-b"}, 404) == "Account not found"
    assert await save(operator, status=200, account_id="acc-a") == reply
    assert (await save(operator))["id"] != reply["id"], "the same words for all are another one"


async def test_they_go_with_their_account(operator: httpx.AsyncClient, writing_hub: Hub) -> None:
    await save(operator, account_id="acc-a", title="gone")
    await save(operator, title="stays")
    await in_database(lambda: Account.objects.get(pk="acc-a").delete())
    await writing_hub.refresh()
    assert await titles(operator) == ["stays"]


# -- pages


def a_reply(number: int, created_at: int) -> ReplyInfo:
    return ReplyInfo(
        id=str(number),
        owner_id=1,
        owner_name="alice",
        title=f"r{number}",
        text="x",
        shared=False,
        created_at=created_at,
        updated_at=created_at,
        place=(created_at * 1_000, number),
    )


def hold(*held: ReplyInfo) -> None:
    now = access.get_access()
    access._current = Access(users=now.users, tokens=now.tokens, replies={reply.id: reply for reply in held})


async def test_the_walk_of_pages_is_all_of_them_once_while_new_ones_arrive(alice: httpx.AsyncClient) -> None:
    there = [a_reply(number, 1_000 + number // 2) for number in range(7)]
    hold(*there)
    seen, cursor = [], "0"
    for step in range(4):
        page = await get(alice, ROUTE, count=2, cursor=cursor)
        seen += [row["title"] for row in page["saved_replies"]]
        cursor = page["cursor"]
        assert page["has_more"] == (cursor is not None)
        hold(*there, *(a_reply(100 + number, 5_000 + number) for number in range(step + 1)))
    assert seen == ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]
    assert cursor is None
    assert await titles(alice, cursor="1", count=2) == ["r102", "r101"]


async def test_of_two_in_one_millisecond_the_later_one_comes_first_also_beyond_ten(alice: httpx.AsyncClient) -> None:
    there = [a_reply(number, 1_000) for number in (8, 9, 10, 11)]
    hold(*there)
    assert await titles(alice) == ["r11", "r10", "r9", "r8"]
    first = await get(alice, ROUTE, count=2)
    assert await titles(alice, count=2, cursor=first["cursor"]) == ["r9", "r8"]


async def test_one_that_came_back_behind_a_later_one_of_its_millisecond_stays_behind_it(
    operator: httpx.AsyncClient,
) -> None:
    late, early = datetime(2026, 1, 1, 0, 0, 0, 500, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    for title, written_at in (("late", late), ("early", early)):
        reply = await save(operator, title=title)
        rows = SavedReply.objects.filter(pk=reply["id"])
        await in_database(partial(rows.update, created_at=written_at))
    await in_database(access.reload)
    assert await titles(operator) == ["late", "early"]


async def test_a_cursor_belongs_to_its_user_and_route(alice: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    hold(a_reply(1, 1), a_reply(2, 2))
    cursor = (await get(alice, ROUTE, count=1))["cursor"]
    message = "cursor does not belong to this route and these filters"
    assert await refused(bob, ROUTE, 400, cursor=cursor) == message
    assert await refused(alice, "/accounts", 400, cursor=cursor) == message
    assert await refused(alice, ROUTE, 400, count="0") == "count must be a positive integer"


# -- what is refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"text": "x"}, "title is required"),
        ({"title": "x"}, "text is required"),
        ({**TODAY, "title": ""}, "title: Expected `str` of length >= 1"),
        ({**TODAY, "title": " \t"}, "title: must not be blank"),
        ({**TODAY, "title": "\u3164"}, "title: must not be blank"),
        ({**TODAY, "title": "x" * 81}, "title: Expected `str` of length <= 80"),
        ({**TODAY, "text": "\n"}, "text: must not be blank"),
        ({**TODAY, "text": "x" * 2001}, "text: Expected `str` of length <= 2000"),
        ({**TODAY, "text": "a\0b"}, "text: must not contain the character NUL"),
        ({**TODAY, "shared": "yes"}, "shared: Expected `bool`, got `str`"),
    ],
)
async def test_a_wrong_field_is_named(alice: httpx.AsyncClient, body: Any, message: str) -> None:
    assert await refuse(alice, "POST", ROUTE, body, 400) == message


async def test_a_wrong_change_changes_nothing(operator: httpx.AsyncClient) -> None:
    reply = await save(operator)
    path = f"{ROUTE}/{reply['id']}"
    assert await refuse(operator, "PUT", path, {"title": " ", "text": "y"}, 400) == "title: must not be blank"
    assert await get(operator, path) == reply


async def test_there_is_a_limit_for_each_user(
    operator: httpx.AsyncClient, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies, "MAX_A_USER", 2)
    await save(operator, title="1")
    last = await save(operator, title="2")
    message = await refuse(operator, "POST", ROUTE, {**TODAY, "title": "3"}, 400)
    assert message == "You have 2 saved replies, which is the most: delete one first"
    assert await save(operator, status=200, title="2") == last
    await save(connect("olivia"), title="3")
    await send(operator, "DELETE", f"{ROUTE}/{last['id']}")
    await save(operator, title="3")
