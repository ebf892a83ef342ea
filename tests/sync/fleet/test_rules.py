"""Which accounts go where when a worker is gone."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sync.fleet.rules import (
    COME_BACK_MS,
    FleetAccount,
    FleetWorker,
    find_silence,
    is_unsure,
    is_worker_gone,
    plan_moves,
)


def a_worker(name: str, **facts: Any) -> FleetWorker:
    usual: dict[str, Any] = {
        "host_id": "shop",
        "is_gone": False,
        "takes": True,
        "platforms": frozenset({"douyin"}),
        "places": 5,
        "taken": 0,
    }
    return FleetWorker(name=name, **(usual | facts))


def gone(name: str = "w1", **facts: Any) -> FleetWorker:
    return a_worker(name, is_gone=True, takes=False, **facts)


def an_account(account_id: str, worker: str = "w1", *, may_move: bool = False) -> FleetAccount:
    return FleetAccount(account_id, "douyin", worker, 3, may_move)


def planned(workers: list[FleetWorker], *accounts: FleetAccount) -> dict[str, str]:
    """Account -> its new worker."""
    moves = plan_moves({worker.name: worker for worker in workers}, accounts)
    assert len({move.account_id for move in moves}) == len(moves)
    return {move.account_id: move.new for move in moves}


def test_accounts_go_to_another_worker_of_the_same_machine() -> None:
    assert planned([gone(), a_worker("w2")], an_account("a"), an_account("b")) == {"a": "w2", "b": "w2"}


def test_they_stay_where_they_are_while_their_worker_is_there() -> None:
    assert planned([a_worker("w1"), a_worker("w2")], an_account("a")) == {}


def test_they_do_not_come_back_when_the_first_worker_does() -> None:
    assert planned([a_worker("w1"), a_worker("w2")], an_account("a", "w2")) == {}


def test_an_account_goes_to_another_machine_only_if_its_owner_allows_it() -> None:
    workers = [gone(), a_worker("far", host_id="home")]
    assert planned(workers, an_account("a"), an_account("b", may_move=True)) == {"b": "far"}


def test_one_that_may_go_anywhere_stays_on_its_machine_if_it_can() -> None:
    workers = [gone(), a_worker("far", host_id="home", places=50), a_worker("w2", places=1)]
    assert planned(workers, an_account("a", may_move=True), an_account("b", may_move=True)) == {"a": "w2", "b": "far"}


def test_nothing_is_moved_from_or_to_a_worker_that_does_not_name_its_machine() -> None:
    assert planned([gone(), a_worker("old", host_id="")], an_account("a", may_move=True)) == {}
    assert not is_worker_gone("", 1_000_000, has_left=True)


def test_a_worker_of_another_platform_or_without_room_is_given_nothing() -> None:
    workers = [gone(), a_worker("w2", platforms=frozenset({"other"})), a_worker("w3", places=2, taken=2)]
    assert planned(workers, an_account("a")) == {}


def test_the_one_with_most_room_gets_it() -> None:
    workers = [gone(), a_worker("w2", taken=3), a_worker("w3", taken=1)]
    assert planned(workers, an_account("a"), an_account("b"), an_account("c")) == {"a": "w3", "b": "w3", "c": "w2"}


def test_a_goodbye_counts_at_once_and_silence_after_fifteen_seconds() -> None:
    assert is_worker_gone("shop", 0, has_left=True)
    assert not is_worker_gone("shop", 14_999, has_left=False)
    assert is_worker_gone("shop", 15_000, has_left=False)


def test_silence_counts_while_the_hub_listens() -> None:
    assert find_silence(1_000, awake_since=0, started_at=0, now=17_000) == 16_000
    assert find_silence(1_000, awake_since=16_000, started_at=0, now=17_000) == 1_000


def test_a_hub_that_has_just_started_gives_workers_the_time_to_come() -> None:
    assert find_silence(None, awake_since=0, started_at=0, now=COME_BACK_MS + 15_000) == 15_000


def test_where_hubs_share_workers_a_moved_account_waits_as_long_as_a_silent_one() -> None:
    assert is_unsure(1_000, started_at=0, now=20_999, shares=True)
    assert not is_unsure(1_000, started_at=0, now=21_000, shares=True)
    assert not is_unsure(0, started_at=0, now=1_790_000_000_000, shares=True)


NAMES = st.sampled_from(["w1", "w2", "w3", "w4"])
WORKERS = st.dictionaries(
    NAMES,
    st.builds(
        a_worker,
        st.just(""),
        host_id=st.sampled_from(["", "shop", "home"]),
        is_gone=st.booleans(),
        takes=st.booleans(),
        platforms=st.sampled_from([frozenset({"douyin"}), frozenset[str]()]),
        places=st.none() | st.integers(0, 4),
        taken=st.integers(0, 3),
    ),
    min_size=1,
)
ACCOUNTS = st.lists(st.tuples(NAMES, st.booleans()), max_size=8)


@given(WORKERS, ACCOUNTS)
def test_whatever_the_fleet_nobody_gets_more_than_it_may_or_from_one_that_is_there(
    drawn: dict[str, FleetWorker], had: list[tuple[str, bool]]
) -> None:
    workers = {
        name: a_worker(
            name,
            host_id=one.host_id,
            is_gone=one.is_gone,
            takes=one.takes and not one.is_gone,
            platforms=one.platforms,
            places=one.places,
            taken=one.taken,
        )
        for name, one in drawn.items()
    }
    accounts = [an_account(f"a{n}", worker, may_move=may) for n, (worker, may) in enumerate(had)]
    moves = plan_moves(workers, accounts)
    by_id = {account.id: account for account in accounts}
    for move in moves:
        account, old, new = by_id[move.account_id], workers[move.old], workers[move.new]
        assert (account.worker, account.lease_epoch) == (move.old, move.lease_epoch)
        assert old.is_gone
        assert new.takes
        assert old.host_id == new.host_id or account.may_move
        assert new.host_id
        assert account.platform in new.platforms
    given_to = Counter(move.new for move in moves)
    assert all(w.places is None or w.taken + given_to[w.name] <= max(w.places, w.taken) for w in workers.values())
    assert len({move.account_id for move in moves}) == len(moves)
