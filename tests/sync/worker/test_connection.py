"""One connection of a worker: how it registers, what it is assigned, and how it ends."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from django.db import OperationalError

from sync.protocol.login_messages import AccountLogin
from sync.worker.leases import ANSWERS_MS
from sync.worker.presence import REPLACED, REVOKED
from tests.sync.worker.stage import Stage, a_directory, a_registered_stage, account_info
from tests.waiting import until

# -- registering


async def test_a_worker_that_registers_is_given_its_accounts_with_their_sessions() -> None:
    stage = Stage(account_info("a", lease_epoch=3), account_info("b", worker="other"))
    stage.sessions["a"] = {"cookies": []}
    answer = await stage.register()
    assert answer["type"] == "worker:register:ack"
    assert answer["requestId"] == "r1"
    assert answer["payload"]["success"] is True
    [given] = answer["payload"]["assigned_accounts"]
    assert (given["account_id"], given["lease_epoch"], given["config"]) == ("a", 3, {"pace": 2})
    assert given["storage_state"] == {"cookies": []}
    assert stage.connection.leases == {"a": 3}
    assert stage.registered == ["w1"]
    presence = stage.presence.get("w1")
    assert presence is not None
    assert (presence.host, presence.accounts) == ("atlas", ["a"])


async def test_no_session_travels_where_others_may_listen() -> None:
    stage = Stage(account_info("a"), confidential=False)
    stage.sessions["a"] = {"cookies": []}
    [given] = (await stage.register())["payload"]["assigned_accounts"]
    assert given.get("storage_state") is None


async def test_a_worker_of_another_name_is_refused() -> None:
    stage = Stage(account_info("a"))
    answer = await stage.register("somebody-else")
    assert (answer["payload"]["success"], answer["payload"]["error_code"]) == (False, "worker_id_mismatch")
    assert stage.connection.leases == {}
    assert stage.registered == []


async def test_nothing_is_taken_before_a_worker_registers() -> None:
    stage = Stage(account_info("a"))
    await stage.sync()
    [answer] = stage.answers("worker:data:sync:ack")
    assert (answer["success"], answer["error_code"], answer["accountId"]) == (False, "not_registered", "a")
    assert stage.receiver.snapshots == []


async def test_a_worker_that_never_registers_is_closed() -> None:
    stage = Stage(account_info("a"))
    stage.connection.end_unless_registered()
    assert stage.closed == [(1008, "worker:register did not come within 30 s")]


async def test_a_token_that_was_replaced_meanwhile_ends_the_connection() -> None:
    stage = Stage(account_info("a"))
    stage.directory = a_directory(account_info("a"), token_hash="another")
    await stage.register()
    assert stage.closed == [(REVOKED, "the token of this worker was replaced")]
    assert stage.sent == []


async def test_a_newer_connection_of_the_same_worker_closes_the_older_one() -> None:
    stage = await a_registered_stage()
    stage.connection = stage.open()
    await stage.register()
    assert stage.closed == [(REPLACED, "a newer connection of this worker took over")]
    assert stage.connection.leases == {"a": 1}


# -- what changes afterwards


async def test_a_change_of_the_assignment_is_told_once() -> None:
    stage = await a_registered_stage(account_info("a"))
    stage.directory = a_directory(account_info("b", lease_epoch=2))
    stage.presence.directory_changed(stage.directory)
    stage.presence.directory_changed(stage.directory)
    await stage.settle()
    assert stage.answers("master:task:revoke") == [{"account_id": "a"}]
    [assigned] = stage.answers("master:task:assign")
    assert (assigned["account"]["account_id"], assigned["account"]["lease_epoch"]) == ("b", 2)


async def test_another_number_that_the_owner_noted_reaches_the_worker_at_once() -> None:
    stage = await a_registered_stage(account_info("a"), account_info("b"))
    right = msgspec.structs.replace(account_info("a"), platform_user_id="dy1")
    for _ in range(2):
        stage.directory = a_directory(right, account_info("b"))
        stage.presence.directory_changed(stage.directory)
        await stage.settle()
    [assigned] = stage.answers("master:task:assign")
    told = assigned["account"]
    assert (told["account_id"], told["platform_user_id"], told["lease_epoch"]) == ("a", "dy1", 1)
    assert stage.connection.leases == {"a": 1, "b": 1}
    assert stage.answers("master:task:revoke") == []


async def test_a_changed_config_reaches_the_worker_at_once_and_only_if_a_worker_follows_it() -> None:
    stage = await a_registered_stage(account_info("a"))
    as_before = dict(account_info("a").config)
    of_the_hub = {"reply_mode": "send", "may_move": True, "budget": {"night": [1, 2]}, "count_automatic": True}
    more_often = {"intervals": {"messages": 9}}
    for config in (as_before | {"fans_count": True}, as_before | of_the_hub, more_often, more_often):
        stage.directory = a_directory(msgspec.structs.replace(account_info("a"), config=config))
        stage.presence.directory_changed(stage.directory)
        await stage.settle()
    [assigned] = stage.answers("master:task:assign")
    assert (assigned["account"]["config"], assigned["account"]["lease_epoch"]) == (more_often, 1)


async def test_of_two_changes_the_later_one_counts_although_the_session_of_the_first_is_read_for_longer() -> None:
    stage, is_read, gates = Stage(account_info("a")), asyncio.Event(), list[asyncio.Event]()

    async def load(_account_id: str) -> None:
        if gates:
            await gates.pop().wait()

    await stage.read_sessions_by(load)
    gates.append(is_read)
    for seconds in (9, 5):
        config = {"intervals": {"messages": seconds}}
        stage.directory = a_directory(msgspec.structs.replace(account_info("a"), config=config))
        stage.presence.directory_changed(stage.directory)
        await stage.settle()
    is_read.set()
    await stage.settle()
    assert [told["account"]["config"] for told in stage.answers("master:task:assign")] == [config]


async def test_an_order_waits_for_the_account_that_is_on_its_way_and_never_outlives_it() -> None:
    stage, gates, login = Stage(), list[asyncio.Event](), AccountLogin(account_id="a", session_id="s")

    async def load(_account_id: str) -> None:
        gates.append(asyncio.Event())
        await gates[-1].wait()

    await stage.read_sessions_by(load)
    assert not stage.connection.order("a", login)
    stage.directory = a_directory(account_info("a"))
    stage.presence.directory_changed(stage.directory)
    await stage.settle()
    assert stage.connection.order("a", login)
    assert stage.answers("master:account:login") == []
    gates[0].set()
    await stage.settle()
    assert [one["type"] for one in stage.sent[-2:]] == ["master:task:assign", "master:account:login"]
    assert stage.connection.order("a", login)
    assert len(stage.answers("master:account:login")) == 2, "nothing is on its way any more"
    stage.directory = a_directory(account_info("a", lease_epoch=2))
    stage.presence.directory_changed(stage.directory)
    await stage.settle()
    assert stage.connection.order("a", login)
    stage.directory = a_directory()
    stage.presence.directory_changed(stage.directory)
    gates[1].set()
    await stage.settle()
    assert len(stage.answers("master:account:login")) == 2, "it was another worker's account by then"
    assert stage.lost_logins == ["a"]


async def test_an_account_that_cannot_be_described_keeps_no_other_from_its_worker() -> None:
    stage, gate, login = Stage(), asyncio.Event(), AccountLogin(account_id="a", session_id="s")

    async def load(account_id: str) -> None:
        await gate.wait()
        if account_id == "a":
            raise RuntimeError("no such column")

    await stage.read_sessions_by(load)
    stage.directory = a_directory(account_info("a"), account_info("b"))
    stage.presence.directory_changed(stage.directory)
    assert stage.connection.order("a", login)
    gate.set()
    await until(lambda: len(stage.answers("master:task:assign")) == 1)
    assert [one["account"]["account_id"] for one in stage.answers("master:task:assign")] == ["b"]
    assert len(stage.answers("master:account:login")) == 1, "the worker refuses it, and whoever asked learns it"


async def test_an_account_whose_session_cannot_be_read_is_sent_once_the_database_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.worker.leases.AGAIN_S", 0.001)
    stage, is_away, asked = Stage(), asyncio.Event(), list[str]()
    is_away.set()

    async def load(account_id: str) -> None:
        asked.append(account_id)
        if is_away.is_set():
            raise OperationalError("the connection is closed")

    await stage.read_sessions_by(load)
    stage.directory = a_directory(account_info("a"), account_info("b"))
    stage.presence.directory_changed(stage.directory)
    await until(lambda: len(asked) > 2)
    assert stage.answers("master:task:assign") == []
    is_away.clear()
    await until(lambda: len(stage.answers("master:task:assign")) == 2)
    assert [one["account"]["account_id"] for one in stage.answers("master:task:assign")] == ["a", "b"]


async def test_an_account_goes_to_another_worker_once_the_first_one_has_closed_its_browser() -> None:
    stage = Stage(account_info("a"))
    await stage.register(host_id="7f")
    holders = stage.presence.holders
    assert holders.is_held_by_another("w2", "a")
    stage.directory = a_directory(account_info("a", lease_epoch=2, worker="w2"))
    stage.presence.directory_changed(stage.directory)
    await stage.say("worker:heartbeat", {"worker_id": "w1"})
    assert holders.is_held_by_another("w2", "a")
    [revoked] = [frame for frame in stage.sent if frame["type"] == "master:task:revoke"]
    await stage.say("master:task:revoke:ack", {"success": True}, requestId=revoked["requestId"])
    assert not holders.is_held_by_another("w2", "a")


@pytest.mark.parametrize("host_id", ["7f", ""], ids=["new worker", "older worker"])
async def test_a_worker_that_speaks_and_answers_no_revocation_for_a_minute_has_to_connect_anew(host_id: str) -> None:
    stage = Stage(account_info("a"))
    await stage.register(host_id=host_id)
    stage.directory = a_directory(account_info("a", lease_epoch=2, worker="w2"))
    stage.presence.directory_changed(stage.directory)
    stage.now += ANSWERS_MS - 1
    await stage.say("worker:heartbeat", {"worker_id": "w1"})
    assert stage.closed == []
    stage.now += 1
    await stage.say("worker:heartbeat", {"worker_id": "w1"})
    assert [code for code, _ in stage.closed] == ([1008] if host_id else [])
    assert stage.presence.holders.is_held_by_another("w2", "a") is bool(host_id)
    stage.connection = stage.open()
    await stage.register(host_id=host_id)
    await stage.say("worker:heartbeat", {"worker_id": "w1"})
    assert not stage.presence.holders.is_held_by_another("w2", "a")


async def test_a_worker_that_closes_one_browser_after_the_other_has_a_minute_for_each() -> None:
    stage = Stage(account_info("a"), account_info("b"))
    await stage.register(host_id="7f")
    stage.directory = a_directory()
    stage.presence.directory_changed(stage.directory)
    revoked = [frame for frame in stage.sent if frame["type"] == "master:task:revoke"]
    for frame in revoked:
        stage.now += ANSWERS_MS - 1
        await stage.say("master:task:revoke:ack", {"success": True}, requestId=frame["requestId"])
    assert (len(revoked), stage.closed) == (2, [])
    assert stage.presence.holders.workers() == []


async def test_an_account_that_another_worker_may_have_open_is_not_assigned_yet() -> None:
    stage = Stage(account_info("a"))
    stage.presence.holders.given("w0", "a")
    assert (await stage.register())["payload"]["assigned_accounts"] == []
    assert stage.presence.holders.closed("w0", "a")
    stage.presence.assignments_changed()
    await stage.settle()
    assert stage.connection.leases == {"a": 1}


async def test_a_worker_is_given_nothing_that_went_to_another_one_until_this_hub_wrote_that_it_came() -> None:
    stage = Stage(account_info("a"), account_info("b"))

    async def note_coming(_worker: str) -> None:
        stage.directory = a_directory(account_info("a", lease_epoch=2, worker="w2"), account_info("b"))

    stage.ports = msgspec.structs.replace(stage.ports, note_coming=note_coming)
    stage.connection = stage.open()
    [given] = (await stage.register())["payload"]["assigned_accounts"]
    assert given["account_id"] == "b"


async def test_nobody_waits_for_an_older_worker_to_answer_a_revocation() -> None:
    stage = await a_registered_stage(account_info("a"))
    assert not stage.presence.holders.is_held_by_another("w2", "a")


async def test_whatever_a_worker_says_after_it_registered_again_it_has_closed_what_it_was_not_given() -> None:
    stage = Stage(account_info("a"), account_info("b"))
    await stage.register(host_id="7f")
    stage.directory = a_directory(account_info("b"))
    stage.connection.disconnected()
    stage.connection = stage.open()
    await stage.register(host_id="7f")
    assert stage.presence.holders.is_held_by_another("w2", "a")
    await stage.say("worker:heartbeat", {"worker_id": "w1"})
    assert not stage.presence.holders.is_held_by_another("w2", "a")
    assert stage.presence.holders.is_held_by_another("w2", "b")


async def test_after_a_goodbye_nothing_counts_that_the_worker_says() -> None:
    stage = await a_registered_stage(account_info("a"))
    await stage.say("worker:goodbye", {"worker_id": "w1"})
    assert [answer["success"] for answer in stage.answers("worker:goodbye:ack")] == [True]
    assert stage.presence.has_left("w1")
    assert stage.connection.leases == {}
    await stage.sync()
    assert stage.answers("worker:data:sync:ack")[-1]["error_code"] == "not_registered"


async def test_accounts_beyond_one_frame_are_assigned_one_by_one() -> None:
    accounts = [account_info(f"shop-{number}") for number in range(20)]
    stage = await a_registered_stage(*accounts, frame_bytes=6_000)
    await stage.settle()
    first = [given["account_id"] for given in stage.sent[0]["payload"]["assigned_accounts"]]
    later = [message["account"]["account_id"] for message in stage.answers("master:task:assign")]
    assert 0 < len(first) < 20
    assert sorted(first + later) == sorted(account.id for account in accounts)


async def test_a_worker_that_left_while_it_registered_is_not_connected() -> None:
    stage = Stage(account_info("a"))

    async def leaves(_account_id: str) -> None:
        stage.connection.disconnected()

    stage.ports = msgspec.structs.replace(stage.ports, load_session=leaves)
    stage.connection = stage.open()
    await stage.register()
    assert stage.presence.online() == []
    assert stage.sent == []


# -- the socket


@pytest.mark.parametrize(
    ("text", "code"), [(None, "bad_frame"), ("{", "bad_json"), ('{"type": "what", "payload": {}}', "bad_frame")]
)
async def test_a_bad_frame_is_answered_and_the_connection_stays(text: str | None, code: str) -> None:
    stage = await a_registered_stage()
    await stage.connection.receive(text)
    assert stage.sent[-1]["payload"]["error_code"] == code
    assert stage.closed == []


async def test_a_frame_above_the_limit_ends_the_connection_and_its_leases() -> None:
    stage = await a_registered_stage(frame_bytes=8_000)
    await stage.connection.receive("x" * 8_001)
    assert stage.closed == [(1009, "a frame of 8001 bytes, 8000 at most")]
    assert stage.connection.leases == {}
    await stage.sync()
    assert stage.receiver.snapshots == []


@pytest.mark.parametrize(("pause_ms", "ended"), [(0, True), (200, False)])
async def test_a_hundred_bad_frames_within_ten_seconds_are_too_many(pause_ms: int, ended: bool) -> None:
    stage = await a_registered_stage()
    for _ in range(100):
        await stage.connection.receive("{")
        stage.now += pause_ms
    assert bool(stage.closed) is ended
