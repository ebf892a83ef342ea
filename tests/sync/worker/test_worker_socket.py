"""The worker socket, with a real hub, writer and database behind it: connections, leases, sessions and reports."""

import asyncio
from typing import Any

import pytest

from sync.core.account.entries import Report
from sync.core.change.changes import ConversationCreated, Reported
from sync.core.lists.filters import MessageFilter
from sync.hub import Hub
from sync.models import Account, AccountSession, Change, Observation, Worker
from sync.storage.change_log import ChangeLog
from sync.storage.records import Actor
from sync.worker.tokens import new_worker_token
from sync.writing.jobs import Job, as_change
from tests.sync.worker.socket import PlainWorker, a_registered_worker, a_worker, an_account
from tests.sync.worker.socket_data import DATA, a_message, in_db


async def test_a_bad_token_is_refused_before_the_socket_opens(hub: Hub) -> None:
    await a_worker()
    assert not await PlainWorker("w1:wrong").connect()
    assert not await PlainWorker("").connect()


async def test_an_assignment_that_changes_while_the_worker_registers_is_told_after_the_answer(hub: Hub) -> None:
    token = await a_worker()
    await an_account("a")
    await an_account("b", worker=None)
    await hub.refresh()
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def slow_session(account_id: str) -> None:
        reading.set()
        await go_on.wait()

    hub.workers.load_session = slow_session  # type: ignore[method-assign]  # so that the test says when it ends
    worker = PlainWorker(token)
    assert await worker.connect()
    await worker.send("worker:register", {"worker_id": "w1", "max_accounts": 10}, "r")
    await reading.wait()

    def swap() -> None:
        first, second = Account.objects.get(pk="a"), Account.objects.get(pk="b")
        second.worker, first.worker = first.worker, None
        first.save()
        second.save()

    await in_db(swap)
    await hub.refresh()
    go_on.set()
    ack = await worker.read()
    assert (ack["type"], ack["payload"]["assigned_accounts"]) == ("worker:register:ack", [])
    assign = await worker.read()
    assert (assign["type"], assign["payload"]["account"]["account_id"]) == ("master:task:assign", "b")
    await worker.disconnect()


@pytest.mark.parametrize(
    ("text", "type_", "code"),
    [
        ("{", "protocol:error", "bad_json"),
        ("[" * 200_000, "protocol:error", "bad_frame"),
        ("[]", "protocol:error", "bad_frame"),
        ('{"type":"worker:heartbeat"}', "worker:heartbeat:error", "bad_frame"),
        ('{"type":"x","version":"v1","timestamp":1,"payload":{}}', "x:error", "unknown_type"),
        (
            '{"type":"worker:register","version":"v9","timestamp":1,"payload":{}}',
            "worker:register:error",
            "wrong_version",
        ),
        (
            '{"type":"worker:register","version":"v1","timestamp":1,"payload":{}}',
            "worker:register:error",
            "bad_payload",
        ),
    ],
)
async def test_what_is_not_understood_gets_an_error_and_the_link_stays(
    hub: Hub, text: str, type_: str, code: str
) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.send_text(text)
    answer = await worker.read()
    assert (answer["type"], answer["payload"]["error_code"], answer["payload"]["success"]) == (type_, code, False)
    assert answer["payload"]["error_message"]
    assert (await worker.sync("a", {"messages": [a_message(1)]}))["success"]
    await worker.disconnect()


async def test_a_binary_frame_is_a_bad_frame(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.socket.send_to(bytes_data=b"\x00\x01")
    assert (await worker.read())["payload"]["error_code"] == "bad_frame"
    await worker.disconnect()


async def test_what_is_refused_is_named_in_its_own_ack_and_changes_nothing(hub: Hub) -> None:
    token = await a_worker()
    await an_account("a")
    await an_account("b", worker=None)
    await hub.refresh()
    worker = PlainWorker(token)
    await worker.connect()
    early = await worker.sync("a", DATA)
    assert (early["success"], early["error_code"]) == (False, "not_registered")
    wrong = (await worker.register("w2"))["payload"]
    assert (wrong["success"], wrong["error_code"]) == (False, "worker_id_mismatch")
    await worker.register()
    for account_id in ("b", "unknown"):
        ack = await worker.sync(account_id, DATA)
        assert (ack["success"], ack["error_code"], ack["accountId"]) == (False, "not_assigned", account_id)
    snapshot = {"platform": "douyin", "data": {"messages": {}, "comments": 3}}
    payload = {"accountId": "a", "platform": "douyin", "timestamp": 1, "snapshot": snapshot}
    none = await worker.say("worker:data:sync", payload)
    assert (none["type"], none["payload"]["error_code"]) == ("worker:data:sync:error", "bad_payload")
    assert hub.store.get_stats("a").messages == 0
    assert await in_db(Change.objects.count) == 0
    await worker.disconnect()


async def test_an_oversized_frame_closes_the_link_with_1009(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.send_text("x" * 1_100_000)
    assert await worker.closed_with() == 1009


async def test_a_hundred_bad_frames_close_the_link_with_1008(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    for _ in range(100):
        await worker.send_text("{")
    assert await worker.closed_with() == 1008


async def test_a_sign_of_life_makes_the_account_fresh_without_a_version(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.sync("a", {"messages": [a_message(1)]})
    looks = [
        {
            "surface": "messages",
            "entry": "chat",
            "from": 1000,
            "to": 2000,
            "complete": True,
            "items": 1,
            "canary": "ok",
        },
        {"surface": "comments", "entry": "c", "from": 1000, "to": 2000, "canary": "page_changed"},
    ]
    delta = {"accountId": "a", "platform": "douyin", "upserts": {}, "removals": {}, "observed": looks}
    ack = (await worker.say("worker:data:delta", delta))["payload"]
    assert (ack["success"], ack["changed"], ack["version"]) == (True, False, 1)
    assert dict(hub.freshness.observed_at("a")) == {"messages": 2000}
    assert hub.freshness.last_sync("a") is not None
    rows = await in_db(lambda: sorted(Observation.objects.values_list("surface", "canary", "end")))
    assert rows == [("comments", "page_changed", 2000), ("messages", "ok", 2000)]
    await worker.disconnect()


async def test_a_worker_that_holds_nothing_fetches_what_the_hub_holds(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed", "empty")
    await worker.sync("acc-seed", DATA)
    fetched = (await worker.say("worker:data:fetch", {"accountId": "acc-seed"}))["payload"]
    assert fetched["version"] == 1
    held = fetched["snapshot"]["data"]
    assert {m["id"]: m["content"] for m in held["messages"]} == {m["id"]: m["content"] for m in DATA["messages"]}
    assert (await worker.sync("acc-seed", held))["changed"] is False
    nothing = (await worker.say("worker:data:fetch", {"accountId": "empty"}))["payload"]
    assert (nothing["version"], nothing["snapshot"]) == (0, None)
    await worker.disconnect()


async def test_a_worker_is_not_given_what_only_an_operator_made(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed")
    await worker.sync("acc-seed", DATA)
    made = ConversationCreated(user_id="somebody")
    await in_db(hub.write, "acc-seed", made, Actor("user:op"))
    fetched = (await worker.say("worker:data:fetch", {"accountId": "acc-seed"}))["payload"]
    conversations = fetched["snapshot"]["data"]["conversations"]
    assert {c["id"] for c in conversations} == {c["id"] for c in DATA["conversations"]}
    assert "conv_acc-seed_somebody" in hub.store.get_view("acc-seed").conversations
    await worker.disconnect()


async def test_a_session_is_stored_sealed_and_given_to_the_next_registration(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    state = {"cookies": [{"name": "sessionid", "value": "planted-canary"}], "origins": []}
    payload = {"account_id": "a", "storage_state": state}
    assert (await worker.say("worker:account:session", payload))["payload"]["success"]
    sealed = await in_db(lambda: bytes(AccountSession.objects.get(pk="a").sealed))
    assert b"planted-canary" not in sealed
    assigned = (await worker.register())["payload"]["assigned_accounts"]
    assert [(a["account_id"], a["platform"], a["storage_state"]) for a in assigned] == [("a", "douyin", state)]
    await worker.disconnect()


async def test_what_a_worker_reports_of_an_account_is_kept(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    statuses = [
        {
            "account_id": "a",
            "worker_status": "crawling",
            "login_status": "logged_in",
            "profile": {"user_name": "我的小店"},
        },
        {"account_id": "stranger", "worker_status": "crawling"},
    ]
    ack = (await worker.say("worker:account:status", {"account_statuses": statuses}))["payload"]
    assert (ack["updated"], ack["failed"]) == (["a"], {"stranger": "not_assigned"})
    await worker.say("worker:data:delta", {"accountId": "a", "platform": "douyin"})  # the writer has passed it
    report = hub.store.get_view("a").report
    assert (report.login_status, report.profile.user_name) == ("logged_in", "我的小店")
    assert hub.worker_status("a") == "crawling"
    await worker.disconnect()


async def test_accounts_come_and_go_while_the_worker_is_connected(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await an_account("b")
    await hub.refresh()
    assign = await worker.read()
    assert (assign["type"], assign["payload"]["account"]["account_id"]) == ("master:task:assign", "b")

    def give_away() -> None:
        account = Account.objects.get(pk="a")
        account.worker = None
        account.lease_epoch += 1
        account.save()

    await in_db(give_away)
    await hub.refresh()
    revoke = await worker.read()
    while revoke["type"] == "master:task:assign":
        revoke = await worker.read()
    assert (revoke["type"], revoke["payload"]) == ("master:task:revoke", {"account_id": "a"})
    assert (await worker.sync("a", DATA))["error_code"] == "not_assigned"
    await worker.disconnect()


async def test_a_snapshot_under_a_lost_lease_is_refused_by_the_database(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await in_db(lambda: Account.objects.filter(pk="a").update(lease_epoch=99))
    ack = await worker.sync("a", {"messages": [a_message(1)]})
    assert (ack["success"], ack["error_code"]) == (False, "not_assigned")
    assert hub.store.get_stats("a").messages == 0
    await worker.disconnect()


async def test_more_accounts_than_places_wait(hub: Hub) -> None:
    token = await a_worker()
    for account_id in ("a", "b", "c"):
        await an_account(account_id)
    await hub.refresh()
    worker = PlainWorker(token)
    await worker.connect()
    assigned = (await worker.register(max_accounts=2))["payload"]["assigned_accounts"]
    assert [a["account_id"] for a in assigned] == ["a", "b"]
    assert hub.worker_status("c") == "waiting"
    await worker.disconnect()


async def test_a_newer_connection_replaces_the_older_and_outlives_its_goodbye(hub: Hub) -> None:
    first = await a_registered_worker(hub, "a")
    second = PlainWorker(first.token)
    await second.connect()
    await second.register()
    assert await first.closed_with() == 4000
    await first.disconnect()
    assert hub.presence.is_online("w1")
    assert (await second.sync("a", {"messages": [a_message(1)]}))["success"]
    await second.disconnect()


async def test_what_an_older_connection_says_late_does_not_end_the_newer(hub: Hub) -> None:
    first = PlainWorker(await a_worker())
    await an_account("a")
    await hub.refresh()
    await first.connect()
    second = PlainWorker(first.token)
    await second.connect()
    await second.register()
    await first.send("worker:register", {"worker_id": "w1", "host": "h", "version": "1", "max_accounts": 10})
    assert await first.closed_with() == 4000
    assert (await second.sync("a", {"messages": [a_message(1)]}))["success"]
    await first.disconnect()
    await second.disconnect()


async def test_sessions_that_fit_no_single_frame_are_assigned_one_by_one(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a", "b")
    state = {"cookies": [], "origins": [{"origin": "x" * 600_000, "localStorage": []}]}
    for account_id in ("a", "b"):
        payload = {"account_id": account_id, "storage_state": state}
        assert (await worker.say("worker:account:session", payload))["payload"]["success"]
    given = [a["account_id"] for a in (await worker.register())["payload"]["assigned_accounts"]]
    later = await worker.read()
    assert given == ["a"]
    assert (later["type"], later["payload"]["account"]["account_id"]) == ("master:task:assign", "b")
    assert later["payload"]["account"]["storage_state"] == state
    await worker.disconnect()


async def test_a_replaced_token_closes_the_link_with_4001(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await in_db(lambda: new_worker_token(Worker.objects.get(name="w1")))
    await hub.refresh()
    assert await worker.closed_with() == 4001
    assert not await PlainWorker(worker.token).connect()


async def test_another_process_that_moved_the_account_on_is_caught_up_with(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.sync("a", {"messages": [a_message(1)]})
    other = Hub()
    outcomes: list[Any] = []
    report = Report(login_status="expired")

    def elsewhere() -> None:
        other.store.publish(ChangeLog().load_all(other.store.new_view))
        make = as_change(Reported(report=report))
        other.writer.submit(Job(account_id="a", make=make, actor=Actor("other"), answer=outcomes.append))
        other.writer.drain()

    await in_db(elsewhere)
    assert outcomes[0].changed
    ack = await worker.sync("a", {"messages": [a_message(1), a_message(2)]})
    assert (ack["version"], ack["stats"]["messages"]) == (3, 2)
    assert hub.store.get_view("a").report.login_status == "expired"
    await worker.disconnect()


async def test_everything_acknowledged_is_there_after_a_start(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed", "a")
    await worker.sync("acc-seed", DATA)
    for number in range(5):
        await worker.sync("a", {"messages": [a_message(number)]}, partial=["messages"])

    def load_again() -> list[Any]:
        return ChangeLog().load_all(Hub().store.new_view)

    loaded = {view.account_id: view for view in await in_db(load_again)}
    for account_id in ("acc-seed", "a"):
        assert loaded[account_id] == hub.store.get_view(account_id)
    assert len(hub.store.get_messages("a", MessageFilter(conversation_id="conv_a_7")).rows) == 5
    await worker.disconnect()
