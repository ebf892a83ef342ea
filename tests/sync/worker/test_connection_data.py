"""One connection of a worker: snapshots, parts, reports and fetches on their way."""

from __future__ import annotations

from typing import Any

import pytest

from sync.core.account.view import View
from sync.protocol.messages import DataSyncAck
from sync.worker import open_parts
from sync.worker.ports import Sender
from sync.writing.jobs import Done, Refused
from tests.sync.builders import a_message, an_account
from tests.sync.worker.stage import WARNING, a_registered_stage, account_info
from tests.waiting import until

# -- data


async def test_a_snapshot_goes_to_the_receiver_under_its_lease_and_its_ack_comes_back() -> None:
    stage = await a_registered_stage(account_info("a", lease_epoch=5))
    await stage.sync()
    [(parts, size, sender)] = stage.receiver.snapshots
    assert (parts, sender) == (1, Sender("w1", 5))
    assert size > 0
    assert stage.answers("worker:data:sync:ack") == []
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="a", timestamp=7, version=1))
    [ack] = stage.answers("worker:data:sync:ack")
    assert (ack["success"], ack["timestamp"], ack["version"]) == (True, 7, 1)
    assert stage.sent[-1]["requestId"] == "r1"


async def test_a_snapshot_that_is_no_snapshot_is_answered_as_an_error() -> None:
    stage = await a_registered_stage()
    await stage.sync()
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=False, error_code="bad_payload", account_id="a", timestamp=7))
    assert stage.sent[-1]["type"] == "worker:data:sync:error"


@pytest.mark.parametrize(
    ("beside", "message"),
    [
        ({"accountId": "b"}, "account 'b' is not assigned to worker 'w1'"),
        ({"platform": "other"}, "account 'a' is of platform 'douyin', not of 'other'"),
    ],
)
async def test_data_of_what_the_worker_does_not_crawl_is_refused(beside: dict[str, Any], message: str) -> None:
    stage = await a_registered_stage()
    await stage.sync(**beside)
    [answer] = stage.answers("worker:data:sync:ack")
    assert (answer["success"], answer["error_code"], answer["error_message"]) == (False, "not_assigned", message)
    assert stage.receiver.snapshots == []


async def test_parts_are_received_once_all_of_them_are_there() -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    assert stage.receiver.snapshots == []
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
    assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]


async def test_reports_on_accounts_go_to_the_receiver_under_their_leases() -> None:
    stage = await a_registered_stage(account_info("a", lease_epoch=4))
    statuses = [{"account_id": name, "worker_status": "crawling"} for name in ("a", "b")]
    await stage.say("worker:account:status", {"account_statuses": statuses})
    [(status, sender)] = stage.receiver.statuses
    assert (status.account_id, status.worker_status, sender) == ("a", "crawling", Sender("w1", 4))
    assert stage.answers("worker:account:status:ack") == []
    [answer] = stage.receiver.reports
    answer(done())
    assert stage.sent[-1]["payload"]["updated"] == ["a"]
    assert stage.sent[-1]["payload"]["failed"] == {"b": "not_assigned"}


def done() -> Done:
    view = an_account().view
    return Done(view, True, [], view)


async def test_a_report_is_acknowledged_only_once_it_is_durable_and_the_others_are_named() -> None:
    stage = await a_registered_stage(*map(account_info, ("a", "b", "c")))
    statuses = [{"account_id": name, "worker_status": "crawling"} for name in ("a", "b")]
    statuses.append({"account_id": "c", "worker_status": "waiting"})  # which is known
    await stage.say("worker:account:status", {"account_statuses": statuses})
    first, second, _ = stage.receiver.reports
    first(done())
    assert stage.answers("worker:account:status:ack") == []
    second(Refused("busy", "too much is waiting to be written", 1_000))
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["retry_after_ms"]) == (True, 1_000)
    assert (ack["updated"], ack["failed"]) == (["c", "a"], {"b": "busy"})


async def test_a_report_that_cannot_be_read_costs_itself_alone_and_is_named() -> None:
    stage = await a_registered_stage(*map(account_info, ("a", "b")))
    statuses = [{"account_id": "a", "worker_status": "dancing"}, 7, {"account_id": "b", "worker_status": "crawling"}]
    await stage.say("worker:account:status", {"account_statuses": statuses})
    assert [status.account_id for status, _ in stage.receiver.statuses] == ["b"]
    stage.receiver.reports[0](done())
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["updated"], ack["failed"]) == (True, ["b"], {"a": "bad_payload"})
    assert [(warning["index"], warning["id"]) for warning in ack["warnings"]] == [(0, "a"), (1, None)]
    assert "Invalid enum value 'dancing'" in ack["warnings"][0]["message"]


async def test_reports_of_which_none_can_be_read_are_answered() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": [None, "x"]})
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["updated"], ack["failed"], len(ack["warnings"])) == (True, [], {}, 2)


async def test_what_cannot_be_read_in_one_part_is_named_in_the_answer_to_all() -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2}, observed=[5])
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2}, observed=[{"surface": "moon"}])
    assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="a", warnings_total=1, warnings=[WARNING]))
    ack = stage.sent[-1]["payload"]
    assert [one["collection"] for one in ack["warnings"]] == ["observed", "observed", "messages"]
    assert ack["warnings_total"] == 3


async def test_reports_of_which_none_is_taken_are_busy() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": [{"account_id": "a", "worker_status": "crawling"}]})
    stage.receiver.reports[0](Refused("busy", "too much is waiting to be written", 1_000))
    [ack] = stage.answers("worker:account:status:ack")
    assert (ack["success"], ack["error_code"], ack["retry_after_ms"]) == (False, "busy", 1_000)
    assert (ack["updated"], ack["failed"]) == ([], {"a": "busy"})
    assert stage.connection.take_busy()
    assert not stage.connection.take_busy()


async def test_a_message_without_reports_is_answered() -> None:
    stage = await a_registered_stage()
    await stage.say("worker:account:status", {"account_statuses": []})
    assert stage.answers("worker:account:status:ack")[0]["success"]


async def test_a_worker_that_holds_nothing_gets_what_is_known() -> None:
    stage = await a_registered_stage(account_info("acc"))
    stage.views["acc"] = an_account(messages=[a_message("1", content="hello")]).view
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    [answer] = stage.answers("worker:data:snapshot")
    assert [message["content"] for message in answer["snapshot"]["data"]["messages"]] == ["hello"]


# -- what one connection may take


def a_large_account(messages: int = 40) -> View:
    return an_account(messages=[a_message(str(n), content="x" * 2_000) for n in range(messages)]).view


async def test_a_worker_that_does_not_read_is_closed_before_more_waits_than_its_outbox_holds() -> None:
    stage = await a_registered_stage(frame_bytes=8_000)
    stage.outbox.is_read = False
    for _ in range(10_000):
        await stage.say("worker:heartbeat", {"worker_id": "w1", "status": "running"})
        if stage.closed:
            break
    assert stage.closed == [(1008, "the worker does not read what it is sent")]
    assert 0 < stage.outbox.chars <= 16 * 8_000
    assert stage.connection.leases == {}


async def test_an_account_is_sent_as_fast_as_it_is_read_and_one_at_a_time() -> None:
    stage = await a_registered_stage(account_info("acc"), account_info("b"), frame_bytes=8_000)
    stage.views["acc"] = a_large_account(200)
    stage.views["b"] = stage.views["acc"]
    stage.outbox.is_read = False
    for account_id in ("acc", "b"):
        await stage.say("worker:data:fetch", {"accountId": account_id})
    await stage.settle()
    assert stage.closed == []
    assert stage.made == 1
    assert stage.outbox.chars <= 9 * 8_000
    while stage.outbox.chars or stage.made < 2:
        if stage.outbox.chars:
            stage.outbox.take()
        await stage.settle()
    parts = stage.answers("worker:data:snapshot")
    assert [part["accountId"] for part in parts] == sorted([part["accountId"] for part in parts])
    assert sum(len(part["snapshot"]["data"].get("messages", [])) for part in parts) == 400


async def test_the_same_account_is_not_fetched_twice_at_once() -> None:
    stage = await a_registered_stage(account_info("acc"))
    stage.views["acc"] = an_account(messages=[a_message("1")]).view
    for _ in range(3):
        await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    answers = stage.answers("worker:data:snapshot")
    assert [answer["error_code"] for answer in answers] == ["busy", "busy", None]
    assert stage.made == 1
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    assert stage.made == 2


async def test_nothing_goes_out_after_the_close() -> None:
    stage = await a_registered_stage(account_info("acc"), frame_bytes=8_000)
    stage.views["acc"] = a_large_account()
    stage.outbox.is_read = False
    await stage.sync("acc")
    await stage.say("worker:data:fetch", {"accountId": "acc"})
    await stage.settle()
    waiting = stage.outbox.chars
    stage.connection.close(1008, "for a test")
    await stage.settle()
    assert stage.receiver.send is not None
    stage.receiver.send(DataSyncAck(success=True, account_id="acc", timestamp=7))
    await stage.say("worker:heartbeat", {"worker_id": "w1", "status": "running"})
    stage.connection.assignments_changed()
    await stage.settle()
    assert stage.outbox.chars == waiting
    assert stage.closed == [(1008, "for a test")]


# -- snapshots in parts


async def test_a_set_that_does_not_become_whole_is_forgotten_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_parts, "PART_TIMEOUT_MS", 10)
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    assert stage.budget.held > 0
    await until(lambda: stage.budget.held == 0)
    await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
    assert stage.receiver.snapshots == []


async def test_open_sets_of_all_connections_share_a_bound_in_bytes() -> None:
    stage = await a_registered_stage(*(account_info(f"a{n}") for n in range(40)), frame_bytes=8_000)
    filler = [{"surface": "messages", "entry": "x" * 7_000, "from": 1, "to": 2}]
    taken: list[int] = []
    for connection in (stage.connection, *(stage.open() for _ in range(3))):
        stage.connection = connection
        await stage.register()
        before = stage.budget.held
        for n in range(40):
            await stage.sync(f"a{n}", part={"sync_id": "s", "index": 0, "total": 2}, observed=filler)
        taken.append(stage.budget.held - before)
    assert all(stage.budget.most_each - 8_000 < held <= stage.budget.most_each for held in taken)
    refused = [ack for ack in stage.answers("worker:data:sync:ack") if ack["error_code"] == "busy"]
    assert refused
    assert all(ack["retry_after_ms"] == 1_000 for ack in refused)
    stage.connection.close(1008, "for a test")
    assert stage.budget.held <= stage.budget.most


@pytest.mark.parametrize("ends", ["whole", "replaced", "broken", "closed", "left"])
async def test_what_a_set_took_is_given_back_however_it_ends(ends: str) -> None:
    stage = await a_registered_stage()
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    await stage.sync(part={"sync_id": "s", "index": 0, "total": 2})
    if ends == "whole":
        await stage.sync(part={"sync_id": "s", "index": 1, "total": 2})
        assert [parts for parts, _, _ in stage.receiver.snapshots] == [2]
    elif ends == "replaced":
        await stage.sync()
    elif ends == "broken":
        await stage.sync(part={"sync_id": "s", "index": 1, "total": 3})
        assert stage.answers("worker:data:sync:ack")[-1]["error_code"] == "part_invalid"
    elif ends == "closed":
        stage.connection.close(1008, "for a test")
    else:
        stage.connection.disconnected()
    assert stage.budget.held == 0
