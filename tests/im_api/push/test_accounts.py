"""What the owner says of an account reaches all windows, whoever changed it and wherever."""

import asyncio
from typing import Any

import httpx
import pytest

from im_api import access
from im_api.models import Grant
from im_api.push.feed import PushFeed
from sync.hub import Hub, set_hub
from sync.models import Account
from sync.protocol.messages import WireObservation
from sync.storage.database import in_database
from sync.storage.records import Actor, Observed
from tests.im_api.builders import a_snapshot
from tests.im_api.conftest import NOW, get, push, send
from tests.im_api.push.client import Client, kinds, settle
from tests.im_api.push.conftest import Listen, change, tell_often_how_fresh_all_is

WITHIN_S = 30


async def next_event(client: Client) -> dict[str, Any]:
    async with asyncio.timeout(WITHIN_S):
        frame = await client.read()
    assert frame["type"] == "event", frame
    return frame


def rename(**fields: Any) -> None:
    account = Account.objects.get(pk="acc-a")
    for name, value in fields.items():
        setattr(account, name, value)
    account.save()


async def test_the_owners_words_come_to_all_windows_as_each_of_them_reads_it(
    owner: httpx.AsyncClient, operator: httpx.AsyncClient, listen: Listen
) -> None:
    hers, mine, bobs = await listen("olivia"), await listen("alice"), await listen("bob")
    for window in (hers, mine, bobs):
        await window.subscribe("all")
    labels = {"alias": "花店", "group": "上海", "color": "#3F4FD0"}
    await send(owner, "PATCH", "/accounts/acc-a", labels)
    for window, client, grant in ((hers, owner, "owner"), (mine, operator, "operate")):
        event = await next_event(window)
        assert (event["kind"], event["account"]) == ("account.updated", "acc-a")
        assert {**labels, "grant": grant}.items() <= event["data"].items()
        assert event["data"] == await get(client, "/accounts/acc-a")
        assert await window.catch_up() == []
    assert await bobs.catch_up() == []


async def test_a_change_by_another_process_is_told_and_one_that_is_none_is_not(
    writing_hub: Hub, listen: Listen, operator: httpx.AsyncClient
) -> None:
    client = await listen("alice")
    since = await client.subscribe("all")
    await change(writing_hub, lambda: rename(alias="茶舍", status="inactive"))
    event = await next_event(client)
    assert event["kind"] == "account.updated"
    assert (event["data"]["alias"], event["data"]["status"]) == ("茶舍", "inactive")
    await writing_hub.refresh()
    await push(writing_hub, "acc-a", a_snapshot(conversations=[]))
    assert "account.updated" not in [kind for kind, _ in kinds(await client.catch_up())]
    late = await listen("alice")
    await late.subscribe("all", since=since)
    assert ("account.updated", "acc-a") in kinds(late.heard)


async def test_what_changed_while_no_hub_ran_is_told_to_who_comes_back(
    writing_hub: Hub, feed: PushFeed, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await listen("alice")
    await first.subscribe("all")
    await change(writing_hub, lambda: rename(alias="once"))
    await next_event(first)
    since = await first.subscribe("all")
    await writing_hub.stop()
    await in_database(lambda: rename(alias="later"))
    hub = Hub(clock=writing_hub.clock, listeners=(access.reload,), followers=(feed,))
    hub.acquire()
    await hub.start()
    set_hub(hub)
    try:
        again = await listen("alice")
        await again.subscribe("all", since=since)
        event = again.heard[0] if again.heard else await next_event(again)
        assert (event["kind"], event["data"]["alias"]) == ("account.updated", "later")
    finally:
        await hub.stop()
        set_hub(None)
        monkeypatch.setattr(writing_hub, "stop", settle)


async def test_clearing_an_account_does_not_make_the_owners_words_news(writing_hub: Hub, listen: Listen) -> None:
    await change(writing_hub, lambda: rename(alias="once"))
    client = await listen("alice")
    await client.subscribe("all")
    await in_database(writing_hub.clear_account, "acc-a", Actor("user:olivia"))
    await writing_hub.refresh()
    assert [frame["type"] for frame in await client.catch_up() if frame["type"] != "event"] == ["reset"]
    assert await client.catch_up() == []


async def test_another_grant_makes_the_window_read_again(writing_hub: Hub, listen: Listen) -> None:
    bob, olivia = await listen("bob"), await listen("olivia")
    for window in (bob, olivia):
        await window.subscribe("all")
    grants = Grant.objects.filter(user__username="bob", account_id="acc-b")

    def promote() -> None:
        grant = grants.get()
        grant.level = "operate"
        grant.save()

    await change(writing_hub, promote)
    view = writing_hub.store.get_view("acc-b")
    reset = {"type": "reset", "account": "acc-b", "epoch": view.epoch, "seq": view.seq, "initial": False}
    assert await bob.catch_up() == [reset]
    await writing_hub.refresh()
    assert await bob.catch_up() == await olivia.catch_up() == []


async def test_the_last_look_at_each_surface_is_told_to_who_may_see_the_account(
    writing_hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [
        WireObservation(surface="messages", start=NOW, end=NOW + 5, complete=True),
        WireObservation(surface="comments", start=NOW, end=NOW + 7, canary="page_changed", complete=False),
    ]
    writing_hub.freshness.note(Observed("acc-a", looks, NOW + 9))
    tell_often_how_fresh_all_is(monkeypatch)
    doras, bobs = await listen("dora"), await listen("bob")
    for client in (doras, bobs):
        await client.subscribe("all")
    assert await doras.read() == {"type": "fresh", "accounts": {"acc-a": {"messages": NOW + 5}, "acc-b": {}}}
    assert await bobs.read() == {"type": "fresh", "accounts": {"acc-b": {}}}
