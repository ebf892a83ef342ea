from typing import Any

import httpx
import pytest

from sync.core.account.entries import Report
from sync.core.change.changes import Reported
from sync.hub import Hub
from sync.protocol.messages import Profile, WireObservation
from sync.storage.records import Observed
from tests.im_api.builders import T0
from tests.im_api.conftest import NOW, a_directory, an_account, get, refused


def reported(hub: Hub, **fields: Any) -> None:
    hub.store.apply_change("acc-a", Reported(report=Report(**fields)), now=NOW)


async def test_an_account_nobody_crawled_has_what_the_owner_gave_it_and_nulls(
    alice: httpx.AsyncClient, hub: Hub
) -> None:
    user = await get(alice, "/accounts/acc-a")
    assert user == {
        "user_id": "acc-a",
        "platform": "douyin",
        "platform_user_id": None,
        "user_name": "Shop acc-a",
        "avatar": None,
        "signature": None,
        "verified": None,
        "follower_count": None,
        "following_count": None,
        "status": "active",
        "login_status": "unknown",
        "worker_status": "offline",
        "worker_error": None,
        "last_sync_time": None,
        "seen_at": {},
        "alias": None,
        "group": None,
        "color": None,
        "unread_count": 7,
        "needs_reply_count": 3,
        "grant": "operate",
        "created_at": T0,
        "updated_at": T0,
    }


async def test_the_account_shows_what_its_worker_reports(alice: httpx.AsyncClient, hub: Hub) -> None:
    profile = Profile(platform_user_id="9001", user_name="海边小店", verified=True, follower_count=12)
    reported(hub, login_status="logged_in", worker_status="crawling", profile=profile)
    look = WireObservation(surface="messages", start=T0, end=T0 + 5, complete=True)
    hub.freshness.note(Observed("acc-a", [look], T0 + 9))
    user = await get(alice, "/accounts/acc-a")
    assert user["user_name"] == "海边小店"
    assert user["platform_user_id"] == "9001"
    assert user["verified"] is True
    assert user["follower_count"] == 12
    assert user["following_count"] is None
    assert user["login_status"] == "logged_in"
    assert user["worker_status"] == "offline"  # what it said last does not count while it is away
    assert user["seen_at"] == {"messages": T0 + 5}
    assert user["last_sync_time"] == T0 + 9


async def test_the_owner_sees_all_accounts_newest_first_the_others_theirs(
    alice: httpx.AsyncClient, bob: httpx.AsyncClient, olivia: httpx.AsyncClient, charlie: httpx.AsyncClient
) -> None:
    async def seen(client: httpx.AsyncClient) -> list[tuple[str, str]]:
        return [(user["user_id"], user["grant"]) for user in (await get(client, "/accounts"))["users"]]

    assert await seen(olivia) == [("acc-a", "owner"), ("acc-b", "owner"), ("acc-seed", "owner")]
    assert await seen(alice) == [("acc-a", "operate")]
    assert await seen(bob) == [("acc-b", "read")]
    assert await seen(charlie) == []


async def test_accounts_are_filtered_by_status_and_platform(olivia: httpx.AsyncClient, hub: Hub) -> None:
    hub.directory = a_directory(an_account("acc-a"), an_account("acc-b", status="inactive", platform="other"))

    async def ids(**params: str) -> list[str]:
        return [user["user_id"] for user in (await get(olivia, "/accounts", **params))["users"]]

    assert await ids(status="inactive") == ["acc-b"]
    assert await ids(status="active") == ["acc-a"]
    assert await ids(status="banned") == []
    assert await ids(platform="other") == ["acc-b"]
    assert await ids(platform="nowhere") == []
    assert await refused(olivia, "/accounts", 400, status="asleep") == (
        "status must be one of active, inactive, pending, banned"
    )


async def test_the_pages_of_accounts_are_all_of_them(olivia: httpx.AsyncClient) -> None:
    first = await get(olivia, "/accounts", count=2)
    second = await get(olivia, "/accounts", count=2, cursor=first["cursor"])
    assert [user["user_id"] for user in first["users"] + second["users"]] == ["acc-a", "acc-b", "acc-seed"]
    assert (first["has_more"], second["has_more"], second["cursor"]) == (True, False, None)
    third = await get(olivia, "/accounts", count=1, cursor="2")
    assert [user["user_id"] for user in third["users"]] == ["acc-seed"]


@pytest.mark.parametrize("account", ["acc-b", "acc-nowhere", "all"])
async def test_an_account_that_is_not_granted_does_not_exist(alice: httpx.AsyncClient, account: str) -> None:
    assert await refused(alice, f"/accounts/{account}", 404) == "Account not found"
