"""The worker socket, with a real hub, writer and database behind it: snapshots, parts and deltas."""

import json
from typing import Any

import pytest

from sync.core.lists.pages import ListWindow
from sync.hub import Hub
from sync.models import Change
from sync.storage.records import Actor
from tests.sync.worker.socket import a_registered_worker
from tests.sync.worker.socket_data import DATA, SEED, a_message, in_db


async def test_the_seed_snapshot_is_acknowledged_with_counts_and_readable(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed")
    await worker.send_text(json.dumps({**SEED, "requestId": "seed"}))
    ack = await worker.read()
    assert ack["type"] == "worker:data:sync:ack"
    assert ack["requestId"] == "seed"
    body = ack["payload"]
    assert (body["success"], body["accountId"], body["changed"], body["version"]) == (True, "acc-seed", True, 1)
    assert body["timestamp"] == SEED["payload"]["timestamp"]
    assert body["stats"] == {
        "conversations": 29,
        "messages": 10,
        "contents": 5,
        "comments": 10,
        "notifications": 0,
        "orphanComments": 7,
        "orphanMessages": 0,
    }
    assert (body["warnings"], body["warnings_total"]) == ([], 0)
    held = hub.store.get_messages("acc-seed", window=ListWindow(limit=50)).rows
    assert {entry.item.content for entry in held} == {message["content"] for message in DATA["messages"]}
    await worker.disconnect()


async def test_the_same_snapshot_again_changes_nothing_and_writes_nothing(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed")
    await worker.sync("acc-seed", DATA)
    for _ in range(3):
        ack = await worker.sync("acc-seed", DATA)
        assert (ack["success"], ack["changed"], ack["version"]) == (True, False, 1)
    assert await in_db(Change.objects.count) == 1
    await worker.disconnect()


async def test_an_empty_list_keeps_what_is_held_and_warns_every_time(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "acc-seed")
    await worker.sync("acc-seed", DATA)
    for _ in range(3):
        ack = await worker.sync("acc-seed", {**DATA, "messages": []})
        assert ack["stats"]["messages"] == 10
        assert [(w["code"], w["collection"]) for w in ack["warnings"]] == [("empty_not_cleared", "messages")]
    ack = await worker.sync("acc-seed", {**DATA, "messages": []}, cleared=["messages"])
    assert (ack["stats"]["messages"], ack["warnings"]) == (0, [])
    await worker.disconnect()


async def test_a_replace_that_drops_most_is_applied_warned_about_and_kept_as_an_alarm(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.sync("a", {"messages": [a_message(n) for n in range(60)]})
    ack = await worker.sync("a", {"messages": [a_message(n) for n in range(10)]})
    assert (ack["stats"]["messages"], [w["code"] for w in ack["warnings"]]) == (10, ["mass_drop"])
    alarm = hub.receiver.statistics.accounts["a"].alarm
    assert alarm is not None
    assert alarm.message == "messages: 50 of 60 items are gone"
    await worker.disconnect()


async def test_of_a_half_broken_list_the_good_items_are_applied_and_the_bad_ones_named(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    broken = [
        a_message(1),
        {"messageId": "2", "conversationId": "7"},
        a_message(3, content=5),
        a_message(4, accountId="someone-else"),
        "no object",
        a_message(6),
    ]
    ack = await worker.sync("a", {"messages": broken})
    assert ack["success"]
    assert ack["stats"]["messages"] == 2
    named = [(w["code"], w["index"], w["id"]) for w in ack["warnings"]]
    assert named == [
        ("bad_item", 1, None),
        ("bad_item", 2, "msg_a_3"),
        ("bad_item", 3, "msg_a_4"),
        ("bad_item", 4, None),
    ]
    await worker.disconnect()


async def test_what_cannot_be_read_beside_the_items_is_named_and_the_rest_applied(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.sync("a", {"messages": [a_message(1), a_message(2)]})
    looks = [
        {"surface": "moon", "from": 1000, "to": 2000},
        {"surface": "messages", "entry": "chat", "from": 1000, "to": 2000, "canary": "ok"},
    ]
    snapshot = {
        "platform": "douyin",
        "data": {"messages": [a_message(3)]},
        "partial": ["messages"],
        "removed": {"messages": ["1", 2]},
    }
    payload = {"accountId": "a", "platform": "douyin", "timestamp": 1, "snapshot": snapshot, "observed": looks}
    for changed in (True, False):  # the second time the items are known, and the faults are told all the same
        ack = (await worker.say("worker:data:sync", payload))["payload"]
        assert (ack["success"], ack["changed"], ack["stats"]["messages"]) == (True, changed, 2)
        assert [(w["code"], w["collection"], w["index"]) for w in ack["warnings"]] == [
            ("bad_item", "messages", 1),
            ("bad_item", "observed", 0),
        ]
        assert ack["warnings_total"] == 2
    assert dict(hub.freshness.observed_at("a")) == {"messages": 2000}
    await worker.disconnect()


async def test_times_in_seconds_and_iso_are_understood_and_absurd_ones_are_unknown(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    times = [1_760_000_000, "1760000000", "2025-10-09T08:53:20Z", 1_760_000_000_000, 86_400, "yesterday"]
    ack = await worker.sync("a", {"messages": [a_message(n, createdAt=time) for n, time in enumerate(times)]})
    assert [(w["code"], w["index"]) for w in ack["warnings"]] == [("bad_time", 4), ("bad_time", 5)]
    held = {entry.item.id: entry.item.created_at for entry in hub.store.get_messages("a").rows}
    assert [held[f"msg_a_{n}"] for n in range(6)] == [1_760_000_000_000] * 4 + [None, None]
    await worker.disconnect()


async def test_parts_are_applied_as_one_and_an_interrupted_set_changes_nothing(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    part = {"sync_id": "s1", "total": 3}

    async def send_part(index: int, data: dict[str, Any], **changes: Any) -> None:
        payload = {
            "accountId": "a",
            "platform": "douyin",
            "timestamp": 1,
            "snapshot": {"platform": "douyin", "data": data},
            "part": {**part, "index": index, **changes},
        }
        await worker.send("worker:data:sync", payload, f"{changes.get('sync_id', 's1')}-{index}")

    await send_part(0, {"messages": [a_message(1)]})
    await send_part(1, {"messages": [a_message(2)]})
    assert hub.store.get_stats("a").messages == 0
    await send_part(0, {"messages": [a_message(3)]}, sync_id="s2")  # discards s1
    await send_part(0, {"messages": [a_message(9)]}, sync_id="s2")  # repeated: ignored
    await send_part(1, {"messages": [a_message(4)]}, sync_id="s2", total=4)
    refused = await worker.read()
    assert (refused["requestId"], refused["payload"]["error_code"]) == ("s2-1", "part_invalid")
    assert hub.store.get_stats("a").messages == 0
    for index in range(3):
        await send_part(index, {"messages": [a_message(index)]}, sync_id="s3")
    ack = await worker.read()
    assert (ack["requestId"], ack["payload"]["changed"]) == ("s3-2", True)
    assert ack["payload"]["stats"]["messages"] == 3
    await worker.disconnect()


async def test_a_delta_changes_only_what_it_names(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    await worker.sync("a", {"messages": [a_message(1), a_message(2)]})
    delta = {
        "accountId": "a",
        "platform": "douyin",
        "upserts": {"messages": [a_message(3), a_message(2, content="changed")]},
        "removals": {"messages": ["1"]},
    }
    ack = (await worker.say("worker:data:delta", delta))["payload"]
    assert (ack["changed"], ack["version"], ack["stats"]["messages"]) == (True, 2, 2)
    again = (await worker.say("worker:data:delta", delta))["payload"]
    assert (again["changed"], again["version"]) == (False, 2)
    texts = {entry.item.content for entry in hub.store.get_messages("a").rows}
    assert texts == {"changed", "text 3"}
    await worker.disconnect()


async def test_a_delta_on_data_that_the_owner_cleared_is_refused_and_changes_nothing(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    base = (await worker.sync("a", {"messages": [a_message(1)]}))["version"]
    delta = {"accountId": "a", "platform": "douyin", "upserts": {"messages": [a_message(2)]}, "baseVersion": base}
    taken = (await worker.say("worker:data:delta", delta))["payload"]
    assert (taken["success"], taken["stats"]["messages"]) == (True, 2)
    await in_db(lambda: hub.clear_account("a", Actor("user:owner")))
    refused = await worker.say("worker:data:delta", delta)
    assert refused["type"] == "worker:data:sync:ack"
    assert (refused["payload"]["success"], refused["payload"]["error_code"]) == (False, "stale_base")
    assert hub.store.get_stats("a").messages == 0
    await worker.sync("a", {"messages": [a_message(1), a_message(2)]})
    again = (await worker.say("worker:data:delta", delta))["payload"]
    assert again["error_code"] == "stale_base", "it differs from what was before the owner cleared it"
    await worker.disconnect()


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"upserts": []}, "$.upserts"),
        ({"upserts": {"messages": "x"}, "baseVersion": "1"}, "$.baseVersion"),
        ({"baseVersion": 1.5}, "$.baseVersion"),
        ({"accountId": ""}, "$.accountId"),
        ({"platform": None}, "$.platform"),
    ],
)
async def test_a_delta_of_the_wrong_shape_is_answered_with_the_place_of_the_fault(
    hub: Hub, fields: dict[str, Any], where: str
) -> None:
    worker = await a_registered_worker(hub, "a")
    answer = await worker.say("worker:data:delta", {"accountId": "a", "platform": "douyin"} | fields)
    assert (answer["type"], answer["payload"]["error_code"]) == ("worker:data:delta:error", "bad_payload")
    assert where in answer["payload"]["error_message"]
    assert (await worker.sync("a", {"messages": [a_message(1)]}))["success"]
    await worker.disconnect()


async def test_a_list_of_a_delta_that_is_none_costs_itself_only(hub: Hub) -> None:
    worker = await a_registered_worker(hub, "a")
    upserts = {"messages": "x", "comments": [7], "talks": [], "contents": [{"id": "c", "contentId": "1"}]}
    delta = {"accountId": "a", "platform": "douyin", "upserts": upserts, "removals": {"messages": [1, "none"]}}
    ack = (await worker.say("worker:data:delta", delta))["payload"]
    assert (ack["success"], ack["stats"]["contents"]) == (True, 1)
    faults = sorted((warning["code"], warning["collection"]) for warning in ack["warnings"])
    assert faults == [
        ("bad_item", "comments"),
        ("bad_item", "messages"),
        ("bad_item", "messages"),
        ("unknown_key", "talks"),
    ]
    await worker.disconnect()
