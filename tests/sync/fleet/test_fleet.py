"""The hub watches over its workers: when it finds that one is gone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from sync.directory import Directory, WorkerInfo
from sync.fleet.fleet import Fleet
from sync.fleet.rules import COME_BACK_MS, Move
from sync.protocol.messages import Register, WireMessage
from sync.worker.presence import PresenceTracker
from tests.sync.builders import NOW
from tests.sync.worker.stage import account_info


class Link:
    number = 1
    is_confidential = True
    leases: Mapping[str, int] = {}

    def close(self, code: int, reason: str) -> None: ...

    def assignments_changed(self) -> None: ...

    def order(self, account_id: str, message: WireMessage) -> bool:
        return False


class Scene:
    """A hub that looks every second, with account `a` at w1; w1 and w2 are on one machine."""

    def __init__(self, *, known_host: str = "shop") -> None:
        self.now = NOW
        infos = [WorkerInfo(name=name, token_hash=name, max_accounts=0, host_id=known_host) for name in ("w1", "w2")]
        self.directory = Directory(
            accounts={"a": account_info("a", worker="w1")}, workers={info.name: info for info in infos}
        )
        self.presence = PresenceTracker(lambda: self.now)
        self.fleet = Fleet(self.presence, lambda: self.directory, lambda: self.now, NOW)
        self.links: dict[str, Any] = {}

    def comes(self, name: str, **facts: Any) -> None:
        self.links[name] = Link()
        register = Register(worker_id=name, host_id="shop", capabilities=["douyin"], max_accounts=5)
        self.presence.connect(name, self.links[name], replace(register, **facts), name)

    def leaves(self, name: str) -> None:
        self.presence.disconnect(name, self.links[name])

    def seconds_pass(self, seconds: int, *speaking: str) -> None:
        for _ in range(seconds):
            assert self.moves() == []
            self.now += 1_000
            for name in speaking:
                self.presence.heard(name, self.links[name])

    def moves(self) -> list[tuple[str, str]]:
        return [(move.account_id, move.new) for move in self.fleet.plan()]


def test_a_worker_that_was_killed_is_replaced_after_fifteen_seconds_and_not_before() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.leaves("w1")
    scene.seconds_pass(15, "w2")
    assert scene.moves() == [("a", "w2")]


def test_so_is_one_whose_connection_stands_and_that_says_nothing() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.seconds_pass(15, "w2")
    assert scene.moves() == [("a", "w2")]


def test_one_that_comes_back_in_time_keeps_its_accounts() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.leaves("w1")
    scene.seconds_pass(14, "w2")
    scene.comes("w1")
    scene.seconds_pass(30, "w1", "w2")
    assert scene.moves() == []


def test_one_that_said_goodbye_is_replaced_at_once() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.presence.said_goodbye("w1", scene.links["w1"])
    assert scene.moves() == [("a", "w2")]
    scene.leaves("w1")
    scene.comes("w1")
    assert scene.moves() == []


def test_a_hub_that_slept_does_not_take_its_own_sleep_for_the_workers_silence() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.seconds_pass(3, "w1", "w2")
    scene.now += 3_600_000
    assert scene.moves() == []
    scene.presence.heard("w2", scene.links["w2"])
    scene.seconds_pass(15, "w2")
    assert scene.moves() == [("a", "w2")]


@pytest.mark.parametrize("back_s", [2, 60, 3_600])
def test_a_clock_that_is_set_back_holds_no_account_up(back_s: int) -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.seconds_pass(20, "w1", "w2")
    scene.leaves("w1")
    scene.now -= back_s * 1_000
    assert scene.moves() == []
    scene.presence.heard("w2", scene.links["w2"])
    waited = next(second for second in range(60) if passes(scene, "w2"))
    assert 14 <= waited <= 14 + 2


def passes(scene: Scene, speaking: str) -> bool:
    """Let a second pass. Whether there are moves then."""
    scene.now += 1_000
    scene.presence.heard(speaking, scene.links[speaking])
    return scene.moves() == [("a", "w2")]


def test_a_clock_that_is_set_back_after_the_start_does_not_keep_whoever_never_came() -> None:
    scene = Scene()
    scene.comes("w2")
    scene.seconds_pass(5, "w2")
    scene.now -= 3_600_000
    assert scene.moves() == []
    scene.presence.heard("w2", scene.links["w2"])
    waited = next(second for second in range(120) if passes(scene, "w2"))
    assert waited == COME_BACK_MS // 1_000 + 14


def test_a_worker_that_another_hub_hears_stays_heard_when_the_clock_is_set_back() -> None:
    scene = Scene()
    scene.presence.heard_elsewhere("w1", scene.now)
    scene.now -= 60_000
    scene.presence.heard_elsewhere("w1", scene.now - 500)
    assert scene.presence.heard_at("w1") == scene.now - 500
    scene.presence.heard_elsewhere("w1", scene.now - 900)
    assert scene.presence.heard_at("w1") == scene.now - 500


def test_a_worker_that_did_not_survive_the_hub_is_replaced_once_it_had_the_time_to_come() -> None:
    scene = Scene()
    scene.comes("w2")
    scene.seconds_pass(COME_BACK_MS // 1_000 + 15, "w2")
    assert scene.moves() == [("a", "w2")]


def test_an_account_waits_for_a_worker_that_may_be_given_its_session() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.comes("w2")
    scene.links["w2"].is_confidential = False
    scene.leaves("w1")
    scene.seconds_pass(20, "w2")


def test_old_workers_go_on_as_before() -> None:
    scene = Scene(known_host="")
    scene.comes("w1", host_id="")
    scene.comes("w2", host_id="")
    scene.leaves("w1")
    scene.seconds_pass(60, "w2")


def test_an_account_whose_workers_end_again_and_again_is_kept_back_for_a_while() -> None:
    scene = Scene()
    for start in range(3):
        scene.comes("w1", instance=f"i{start}")
    assert scene.fleet.crash_pause("a") is None
    scene.comes("w1", instance="i3")
    assert scene.fleet.crash_pause("a") == (3, NOW + 15_000)
    assert not scene.fleet.may_give(scene.directory.accounts["a"])
    scene.now += 15_000
    assert scene.fleet.may_give(scene.directory.accounts["a"])


@pytest.mark.parametrize(("instance", "ends"), [("i2", 1), ("i1", 0)])
async def test_an_account_that_went_to_another_worker_counts_when_the_first_one_s_process_and_not_its_link_had_ended(
    instance: str, ends: int
) -> None:
    scene = Scene()

    async def make(move: Move) -> bool:
        return True

    scene.fleet.make = make  # type: ignore[method-assign]  # the database is another test's
    scene.comes("w1", instance="i1")
    scene.comes("w2", instance="j")
    scene.leaves("w1")
    for _ in range(15):
        scene.now += 1_000
        scene.presence.heard("w2", scene.links["w2"])
        await scene.fleet.tick()
    scene.directory = replace(scene.directory, accounts={"a": account_info("a", worker="w2")})
    scene.comes("w1", instance=instance)
    await scene.fleet.tick()
    assert scene.fleet._crashes.count("a") == ends


def test_a_worker_that_ends_in_order_or_only_connects_again_is_no_crash() -> None:
    scene = Scene()
    for _ in range(5):
        scene.comes("w1", instance="i")
    for start in range(5):
        scene.presence.said_goodbye("w1", scene.links["w1"])
        scene.comes("w1", instance=f"j{start}")
    assert scene.fleet.crash_pause("a") is None


def test_an_account_that_was_moved_just_before_the_hub_started_waits_for_who_may_not_know_it() -> None:
    scene = Scene()
    account = replace(scene.directory.accounts["a"], moved_at=NOW - 1_000)
    assert not scene.fleet.may_give(account)
    scene.now += 15_000
    assert scene.fleet.may_give(account)
    assert scene.fleet.may_give(replace(account, moved_at=NOW - 3_600_000))
    assert scene.fleet.may_give(replace(account, moved_at=NOW + 1))


def test_nobody_is_given_an_account_before_the_one_that_lost_it_is_silent_for_fifteen_seconds() -> None:
    scene = Scene()
    scene.comes("w1")
    scene.presence.holders.given("w1", "a")
    scene.leaves("w1")
    for _ in range(14):
        scene.now += 1_000
        scene.fleet.plan()
        scene.fleet.release()
        assert scene.presence.holders.is_held_by_another("w2", "a")
    scene.now += 1_000
    scene.fleet.release()
    assert not scene.presence.holders.is_held_by_another("w2", "a")


def test_one_that_is_moved_once_more_after_the_start_still_waits_for_whoever_lost_it_first() -> None:
    scene = Scene()
    moved = replace(scene.directory.accounts["a"], moved_at=NOW - 1_000)
    scene.directory = replace(scene.directory, accounts={"a": moved})
    scene.fleet.begin()
    assert not scene.fleet.may_give(replace(moved, moved_at=NOW + 1))
    scene.now += 15_000
    assert scene.fleet.may_give(replace(moved, moved_at=NOW + 1))


def look(scene: Scene) -> None:
    scene.fleet.plan()
    scene.fleet.release()


def test_a_worker_that_has_not_come_since_the_hub_started_may_have_its_accounts_open_for_fifteen_seconds() -> None:
    scene = Scene()
    scene.fleet.begin()
    for _ in range(14):
        scene.now += 1_000
        look(scene)
        assert scene.presence.holders.is_held_by_another("w2", "a")
    scene.now += 1_000
    look(scene)
    assert not scene.presence.holders.is_held_by_another("w2", "a")


def test_one_that_came_in_time_keeps_what_it_was_given_and_an_older_one_holds_nothing_up() -> None:
    scene = Scene()
    scene.fleet.begin()
    scene.comes("w1")
    for _ in range(20):
        scene.now += 1_000
        scene.presence.heard("w1", scene.links["w1"])
        look(scene)
    assert scene.presence.holders.is_held_by_another("w2", "a")
    scene.comes("w1", host_id="")
    look(scene)
    assert not scene.presence.holders.is_held_by_another("w2", "a")


async def test_a_move_that_cannot_be_made_does_not_hold_up_the_others() -> None:
    scene = Scene()
    made: list[str] = []

    async def make(move: Move) -> bool:
        if move.account_id == "a":
            raise ValueError("of this account alone")
        made.append(move.account_id)
        return True

    scene.fleet.make = make  # type: ignore[method-assign]  # the database is another test's
    scene.directory = replace(
        scene.directory, accounts={name: account_info(name, worker="w1") for name in ("a", "b", "c")}
    )
    scene.comes("w1")
    scene.comes("w2")
    scene.presence.said_goodbye("w1", scene.links["w1"])
    scene.leaves("w1")
    await scene.fleet.tick()
    assert made == ["b", "c"]
