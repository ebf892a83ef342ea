"""One transaction decides who has an account: only the first of two moves that were planned alike is made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from sync.directory import get_generation
from sync.fleet.moves import make_move, note_coming
from sync.fleet.rules import Move
from sync.models import Account, Worker
from sync.protocol.lease_times import REASSIGN_S

pytestmark = pytest.mark.django_db

MOVE = Move("a", 1, "w1", "w2", places=2)


@pytest.fixture(autouse=True)
def account() -> Account:
    workers = [Worker.objects.create(name=name) for name in ("w1", "w2", "w3")]
    return Account.objects.create(pk="a", name="Shop", worker=workers[0])


def now() -> tuple[str, int]:
    row = Account.objects.select_related("worker").get(pk="a")
    return row.worker.name if row.worker else "", row.lease_epoch


def test_a_move_gives_the_account_to_the_new_worker_under_the_next_epoch() -> None:
    before = get_generation()
    assert make_move(MOVE)
    assert now() == ("w2", 2)
    assert get_generation() > before


def test_a_worker_that_came_to_another_hub_just_now_keeps_its_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.fleet.moves.is_shared", lambda: True)
    generation = note_coming("w1")
    assert generation == get_generation()
    assert not make_move(MOVE)
    assert now() == ("w1", 1)
    Worker.objects.filter(name="w1").update(last_seen_at=Now() - timedelta(seconds=REASSIGN_S))
    assert make_move(MOVE)
    assert note_coming("w1") > generation  # so whoever it comes to reads that it lost the account


def test_nobody_waits_for_a_worker_that_lost_an_account_by_its_silence() -> None:
    assert make_move(MOVE)
    assert Account.objects.get(pk="a").moved_at == 0


def test_of_two_hubs_that_plan_the_same_one_makes_it() -> None:
    assert make_move(MOVE)
    assert not make_move(MOVE)
    assert not make_move(MOVE._replace(new="w3"))
    assert now() == ("w2", 2)


def test_a_move_that_a_person_was_faster_than_is_not_made(account: Account) -> None:
    account.worker = Worker.objects.get(name="w3")
    account.save()
    assert not make_move(MOVE)
    assert now() == ("w3", 2)


def test_a_paused_account_and_one_that_is_gone_are_not_moved(account: Account) -> None:
    account.status = "inactive"
    account.save()
    assert not make_move(MOVE)
    account.delete()
    assert not make_move(MOVE)


def test_a_worker_gets_no_more_than_it_has_places_whoever_else_gave_it_some() -> None:
    for name in ("b", "c"):
        Account.objects.create(pk=name, name=name, worker=Worker.objects.get(name="w2"))
    assert not make_move(MOVE)
    assert make_move(MOVE._replace(places=None))


def test_a_worker_that_was_deleted_meanwhile_gets_nothing() -> None:
    Worker.objects.filter(name="w2").delete()
    assert not make_move(MOVE)
