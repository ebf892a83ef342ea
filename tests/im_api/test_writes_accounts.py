"""The owner adds, changes and deletes accounts: it counts from the next request on."""

from typing import Any

import httpx
import pytest
from django.contrib.admin.models import LogEntry

from sync.hub import Hub
from sync.models import Account, Change
from tests.im_api.conftest import Connect, acc_b, check_refusal, get, push, refused, send

SHOP = {"user_id": "roses", "user_name": "小满花店"}
B = "/accounts/acc-b"


async def stored(account_id: str) -> Account:
    return await Account.objects.aget(pk=account_id)


async def refuse(client: httpx.AsyncClient, method: str, path: str, body: Any, status: int = 400) -> str:
    return check_refusal(await client.request(method, f"/api/im{path}", json=body), status)


async def test_a_new_account_is_there_at_once(owner: httpx.AsyncClient, connect: Connect) -> None:
    labels = {"alias": "花店", "group": "上海", "color": "#3F4FD0"}
    user = await send(owner, "POST", "/accounts", {**SHOP, **labels, "platform_user_id": "7301"}, status=201)
    expected = {**SHOP, **labels, "platform": "douyin", "platform_user_id": "7301", "status": "active"}
    assert {name: user[name] for name in expected} == expected
    assert (user["worker_status"], user["login_status"], user["grant"]) == ("unassigned", "unknown", "owner")
    assert await get(owner, "/accounts/roses") == user
    assert "roses" in [one["user_id"] for one in (await get(owner, "/accounts"))["users"]]
    assert (await get(owner, "/conversations", account_id="roses"))["conversations"] == []
    await refused(connect("alice"), "/accounts/roses", 404)


async def test_an_account_is_made_once(owner: httpx.AsyncClient) -> None:
    await send(owner, "POST", "/accounts", SHOP, status=201)
    again = {**SHOP, "user_name": "Another"}
    assert await refuse(owner, "POST", "/accounts", again) == "user_id: there is such an account already"
    assert (await stored("roses")).name == "小满花店"


async def test_an_account_that_would_capture_stored_ids_is_refused(
    owner: httpx.AsyncClient, operator: httpx.AsyncClient
) -> None:
    body = {"account_id": "acc-a", "participant": {"user_id": "2_9"}}
    await send(operator, "POST", "/conversations", body, status=201)
    message = "user_id: conv_acc-a_2_9, which account acc-a holds, would be an id of this account"
    assert await refuse(owner, "POST", "/accounts", {**SHOP, "user_id": "acc-a_2"}) == message
    await send(owner, "POST", "/accounts", {**SHOP, "user_id": "acc-a_3"}, status=201)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_what_is_not_named_stays(owner: httpx.AsyncClient, writing_hub: Hub, method: str) -> None:
    await send(owner, method, B, {"alias": "B", "group": "北京", "color": "#123456"})
    user = await send(owner, method, B, {"user_name": "Tea", "group": None})
    assert await get(owner, B) == user
    facts = ("user_name", "alias", "group", "color", "status", "platform")
    assert [user[name] for name in facts] == ["Tea", "B", None, "#123456", "active", "douyin"]
    await push(writing_hub, "acc-b", acc_b())
    assert [(await get(owner, B))[name] for name in facts] == [user[name] for name in facts]


async def test_named_keys_of_the_config_are_set_and_null_takes_one_away(owner: httpx.AsyncClient) -> None:
    await send(owner, "PATCH", B, {"config": {"pace": 2, "fans_count": True}})
    await send(owner, "PATCH", B, {"config": {"pace": None, "max_works": 3}})
    assert (await stored("acc-b")).config == {"fans_count": True, "max_works": 3}
    message = await refuse(owner, "PATCH", B, {"config": {"fan_counts": True}})
    known = "answer_s, budget, check_s, count_automatic, "
    assert message.startswith(f"config: there is no key fan_counts; possible are: {known}")
    nul = await refuse(owner, "PATCH", B, {"config": {"www_url": "a\0b"}})
    assert nul == "config: must not contain the character NUL"
    wrong = await refuse(owner, "PATCH", B, {"config": {"fans_count": 1}})
    assert wrong == "config: Expected `bool`, got `int` - at `$.fans_count`"


async def test_an_account_may_be_sent_back_as_it_was_read(owner: httpx.AsyncClient) -> None:
    before, user = await stored("acc-b"), await get(owner, B)
    assert await send(owner, "PUT", B, user) == user
    assert await send(owner, "PATCH", B, {}) == user
    assert (await stored("acc-b")).updated_at == before.updated_at


async def test_a_paused_account_is_found_as_such(owner: httpx.AsyncClient) -> None:
    await send(owner, "PATCH", B, {"status": "inactive"})
    users = (await get(owner, "/accounts", status="inactive"))["users"]
    assert [user["user_id"] for user in users] == ["acc-b"]


async def test_a_deleted_account_is_gone_with_all_it_held(
    owner: httpx.AsyncClient, connect: Connect, writing_hub: Hub
) -> None:
    assert await send(owner, "DELETE", B) == {"deleted": True}
    assert await refused(owner, B, 404) == "Account not found"
    assert await refused(connect("bob"), "/conversations", 404, account_id="acc-b") == "Account not found"
    assert await refused(owner, "/conversations/conv_acc-b_mia", 404) == "Conversation not found"
    assert await refuse(owner, "DELETE", B, None, 404) == "Account not found"
    assert await refuse(owner, "PATCH", B, {"alias": "x"}, 404) == "Account not found"
    assert not await Change.objects.filter(account_id="acc-b").aexists()
    await send(owner, "POST", "/accounts", {"user_id": "acc-b", "user_name": "New"}, status=201)
    assert (await get(owner, "/conversations", account_id="acc-b"))["conversations"] == []
    assert (await push(writing_hub, "acc-b", acc_b())).view.version == 1


async def test_the_admin_shows_who_did_it(owner: httpx.AsyncClient) -> None:
    await send(owner, "POST", "/accounts", SHOP, status=201)
    await send(owner, "PATCH", "/accounts/roses", {"alias": "花店", "status": "inactive"})
    await send(owner, "DELETE", "/accounts/roses")
    rows = LogEntry.objects.filter(object_id="roses").order_by("pk").select_related("user")
    assert [(row.user.username, row.get_change_message()) async for row in rows] == [
        ("olivia", "Made through the API (token cli, 127.0.0.1)"),
        ("olivia", "Changed through the API (token cli, 127.0.0.1): status, alias"),
        ("olivia", "Deleted through the API (token cli, 127.0.0.1)"),
    ]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "user_id is required"),
        ({"user_id": "roses"}, "user_name is required"),
        ({**SHOP, "user_name": ""}, "user_name: Expected `str` of length >= 1"),
        ({**SHOP, "user_name": "x" * 121}, "user_name: Expected `str` of length <= 120"),
        ({**SHOP, "user_name": "a\0b"}, "user_name: must not contain the character NUL"),
        ({**SHOP, "user_id": "a b"}, "user_id: Expected `str` matching regex '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$'"),
        (
            {**SHOP, "user_id": "all"},
            "user_id: Letters, digits, '_', '.' and '-', 64 at most, the first a letter or digit; not 'all'.",
        ),
        ({**SHOP, "platform": "nowhere"}, "platform must be one of douyin"),
        ({**SHOP, "status": "gone"}, "status: Invalid enum value 'gone'"),
        ({**SHOP, "color": "red"}, "color: Expected `str` matching regex '^(#[0-9A-Fa-f]{6})?$'"),
        ({**SHOP, "alias": "x" * 61}, "alias: Expected `str` of length <= 60"),
    ],
)
async def test_a_wrong_field_is_named(olivia: httpx.AsyncClient, body: dict[str, Any], message: str) -> None:
    assert await refuse(olivia, "POST", "/accounts", body) == message


async def test_an_account_keeps_its_id(owner: httpx.AsyncClient) -> None:
    assert await refuse(owner, "PUT", B, {"user_id": "other"}) == "user_id: an account keeps its id"
    assert await refuse(owner, "PUT", B, {"platform": "nowhere"}) == "platform must be one of douyin"
