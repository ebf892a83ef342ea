"""One connection of a worker: how it registers, what it is assigned, and how it ends."""

from __future__ import annotations

import msgspec
import pytest

from sync.worker.presence import REPLACED, REVOKED
from tests.sync.worker.stage import Stage, a_directory, a_registered_stage, account_info

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
