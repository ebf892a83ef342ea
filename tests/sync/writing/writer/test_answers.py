"""The writer, drained inline: what is durable, what is answered, and what happens when the database says no."""

from typing import Any

import pytest
from django.db import OperationalError, connection

from sync.core.account.view import View
from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import InvalidSnapshot, Validated
from sync.core.pace import Check
from sync.models import Account, Change, Observation
from sync.protocol.items import Collection
from sync.protocol.messages import WireObservation as Look
from sync.storage.change_log import Conflict
from sync.storage.records import Actor
from sync.writing.fair_queue import MAX_QUEUED
from sync.writing.jobs import Done, Job, Refused, SnapshotScope, coalesce
from tests.sync.writing.a_hub import NOW, AHub, full, messages

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_queued_together_is_one_transaction_and_every_job_is_answered(hub: AHub) -> None:
    for n in range(3):
        hub.submit("a", messages(n), merge=["messages"])
        hub.submit("b", messages(n, account="b"), merge=["messages"])
    hub.writer.drain()
    assert [isinstance(outcome, Done) and outcome.changed for outcome in hub.outcomes] == [True] * 6
    assert Account.objects.get(pk="a").version == 3
    assert hub.loaded() == {name: hub.store.get_view(name) for name in ("a", "b")}


def test_a_change_that_breaks_does_not_stop_the_others(hub: AHub) -> None:
    def broken(view: View, now: int, _check: Check) -> Validated:
        raise ValueError("boom")

    hub.submit("a", messages(1), merge=["messages"])
    hub.submit("b", {}, make=broken)
    hub.submit("a", messages(2), merge=["messages"])
    hub.writer.drain()
    kinds = sorted(type(outcome).__name__ for outcome in hub.outcomes)
    assert kinds == ["Done", "Done", "Refused"]
    assert hub.loaded()["a"].totals.messages == 2
    assert hub.loaded()["b"].version == 0


def test_a_database_that_refuses_is_told_as_busy_and_nothing_is_shown(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*args: Any) -> None:
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(hub.log, "commit", locked)
        hub.submit("a", messages(1))
        hub.writer.drain()
    assert hub.outcomes == [Refused("busy", "the database is busy or away", 1000)]
    assert hub.store.get_stats("a").messages == 0
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert hub.outcomes[-1] == Done(hub.store.get_view("a"), True, [], hub.store.new_view("a"))
    assert hub.loaded()["a"].totals.messages == 1


def test_when_the_connection_is_lost_all_that_waited_is_told_at_once_and_the_next_change_finds_another(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def lost(*args: Any) -> None:
        tries.append(args)
        connection.close()
        raise OperationalError("the server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(hub.log, "commit", lost)
        hub.submit("a", messages(1))
        hub.submit("b", messages(1, account="b"))
        hub.writer.drain()
    assert hub.outcomes == [Refused("busy", "the database is busy or away", 1000)] * 2
    assert len(tries) == 1
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert hub.loaded()["a"].totals.messages == 1


def test_a_conflict_that_cannot_be_looked_into_is_told_as_busy(hub: AHub, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    Account.objects.filter(pk="a").update(version=1)
    monkeypatch.setattr(hub.log, "load", away)
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert hub.outcomes == [Refused("busy", "the database is busy or away", 1000)]


def test_an_account_whose_log_cannot_be_read_does_not_stop_the_others(hub: AHub) -> None:
    hub.submit("a", messages(1))
    hub.writer.drain()
    Change.objects.filter(account_id="a").update(body=b"rotten")
    Account.objects.filter(pk="a").update(version=2)
    hub.outcomes.clear()
    hub.submit("a", messages(2))
    hub.submit("b", messages(1, account="b"))
    hub.writer.drain()
    assert [isinstance(outcome, Done) for outcome in hub.outcomes] == [False, True]
    assert Change.objects.filter(account_id="b").count() == 1


def test_what_cannot_be_written_at_all_is_its_own_answer(hub: AHub, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = hub.log.commit

    def choosy(entered: Any, bases: Any) -> None:
        if any(item.row.account_id == "a" for item in entered):
            raise TypeError("no JSON")
        commit(entered, bases)

    monkeypatch.setattr(hub.log, "commit", choosy)
    hub.submit("a", messages(1))
    hub.submit("b", messages(1, account="b"))
    hub.writer.drain()
    assert [isinstance(outcome, Done) for outcome in hub.outcomes] == [False, True]
    assert sorted(hub.loaded()) == ["a", "b"]
    assert hub.loaded()["a"].version == 0


def test_a_writer_that_stops_takes_nothing_more(hub: AHub) -> None:
    job = hub.submit("a", messages(1))
    hub.writer.stop(timeout=1)
    assert not hub.writer.submit(job)


def test_an_invalid_snapshot_is_refused_with_its_reason(hub: AHub) -> None:
    def invalid(view: View, now: int, _check: Check) -> Validated:
        raise InvalidSnapshot("data: no list")

    hub.submit("a", {}, make=invalid)
    hub.writer.drain()
    assert hub.outcomes == [Refused("bad_payload", "data: no list")]
    assert Change.objects.count() == 0


def test_an_account_that_is_gone_or_leased_to_another_refuses(hub: AHub) -> None:
    hub.submit("gone", messages(1, account="gone"))
    hub.submit("a", messages(1), lease_epoch=7)
    hub.submit("b", messages(1, account="b"))
    hub.writer.drain()
    codes = [outcome.code if isinstance(outcome, Refused) else "done" for outcome in hub.outcomes]
    assert sorted(codes) == ["done", "not_assigned", "not_assigned"]
    assert hub.loaded()["b"].totals.messages == 1


def test_an_account_deleted_and_made_again_starts_from_nothing(hub: AHub) -> None:
    hub.submit("a", messages(1, 2))
    hub.writer.drain()
    Account.objects.get(pk="a").delete()
    Account.objects.create(pk="a", name="again")
    hub.submit("a", messages(3))
    hub.writer.drain()
    outcome = hub.outcomes[-1]
    assert isinstance(outcome, Done)
    assert (outcome.view.version, outcome.view.totals.messages) == (1, 1)


def test_a_full_queue_says_no(hub: AHub) -> None:
    for _ in range(MAX_QUEUED):
        hub.submit("a", {})
    job = Job(
        account_id="a", make=lambda *_: Validated(Sync(items={}), []), actor=Actor("x"), answer=hub.outcomes.append
    )
    assert not hub.writer.submit(job)


def test_a_newer_full_snapshot_overtakes_the_older_and_answers_for_it(hub: AHub) -> None:
    look = Look(surface="messages", entry="e", start=1, end=2, canary="ok")
    hub.submit("a", messages(1), scope=full("messages"), observed=[look])
    hub.submit("a", messages(1, 2), scope=full("messages"))
    hub.writer.drain()
    assert [isinstance(outcome, Done) and outcome.view.version for outcome in hub.outcomes] == [1, 1]
    assert Change.objects.count() == 1
    assert Observation.objects.get().end == 2


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (full("messages", "comments"), full("messages")),
        (full("messages", lossy=True), full("messages")),
        (full("messages"), SnapshotScope(named=frozenset({"messages"}), proven=frozenset(), lossy=False)),
        (full("messages"), None),
        (None, full("messages")),
    ],
    ids=["misses a collection", "the older removes", "empty or partial", "a delta", "after a delta"],
)
def test_a_snapshot_is_overtaken_only_by_one_that_replaces_all_of_it(
    hub: AHub, older: SnapshotScope | None, newer: SnapshotScope | None
) -> None:
    first = hub.submit("a", messages(1), scope=older)
    second = hub.submit("a", messages(2), scope=newer)
    assert coalesce([first, second]) == [first, second]


def test_a_newer_snapshot_with_a_broken_item_does_not_swallow_the_older_version_of_it(hub: AHub) -> None:
    def broken(view: View, now: int, _check: Check) -> Validated:
        kept: dict[Collection, frozenset[str]] = {"messages": frozenset({"msg_a_1"})}
        return Validated(Sync(items=messages(2), kept=kept), [])

    hub.submit("a", messages(1), scope=full("messages"))
    hub.submit("a", {}, make=broken, scope=full("messages"))
    hub.writer.drain()
    assert sorted(hub.store.get_view("a").messages) == ["msg_a_1", "msg_a_2"]
    assert len(hub.outcomes) == 2


def test_a_newer_snapshot_that_lacks_what_it_seemed_to_carry_swallows_nothing(hub: AHub) -> None:
    def without_messages(view: View, now: int, _check: Check) -> Validated:
        return Validated(Sync(items={}), [])

    hub.submit("a", messages(1), scope=full("messages"))
    hub.submit("a", {}, make=without_messages, scope=full("messages"))
    hub.writer.drain()
    assert sorted(hub.store.get_view("a").messages) == ["msg_a_1"]
    assert [isinstance(outcome, Done) and outcome.changed for outcome in hub.outcomes] == [True, False]


def test_what_a_worker_without_the_lease_says_counts_nothing_even_if_it_is_nothing_new(hub: AHub) -> None:
    hub.submit("a", messages(1))
    hub.writer.drain()
    look = Look(surface="messages", start=1, end=2, canary="ok")
    hub.submit("a", messages(1), lease_epoch=99, observed=[look])
    hub.writer.drain()
    outcome = hub.outcomes[-1]
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_assigned"
    assert Observation.objects.count() == 0


def test_every_job_of_a_batch_full_of_lost_leases_is_answered_once(hub: AHub) -> None:
    for n in range(7):
        hub.submit("a", messages(n), lease_epoch=90 + n)
    hub.submit("b", messages(1, account="b"))
    hub.writer.drain()
    assert len(hub.outcomes) == 8
    assert sum(isinstance(outcome, Done) for outcome in hub.outcomes) == 1


def test_a_worker_whose_clock_is_ahead_sees_nothing_of_the_future(hub: AHub) -> None:
    for start in (7_200_000, 7_230_000):
        ahead = Look(surface="messages", start=NOW + start, end=NOW + start + 10, canary="ok", complete=True)
        hub.submit("a", {}, observed=[ahead])
        hub.writer.drain()
        hub.now += 30_000
    assert list(Observation.objects.values_list("end", "looks")) == [(NOW + 30_000, 2)]


def test_a_lease_that_is_lost_after_the_change_was_applied_is_noticed_by_the_commit(hub: AHub) -> None:
    def make_and_lose(_view: View, _now: int, _check: Check) -> Validated:
        Account.objects.filter(pk="a", lease_epoch=1).update(lease_epoch=2)
        return Validated(Sync(items=messages(1)), [])

    hub.submit("a", {}, make=make_and_lose)
    with pytest.raises(Conflict):
        hub.writer._commit(hub.writer._take())
    assert Change.objects.count() == 0
    assert hub.store.get_stats("a").messages == 0


def test_what_is_nothing_new_counts_under_its_lease_also_beside_a_change_of_the_same_account(hub: AHub) -> None:
    hub.submit("a", messages(1))
    hub.writer.drain()
    look = Look(surface="messages", start=1, end=2, canary="ok")
    hub.submit("a", messages(1), lease_epoch=99, observed=[look])
    hub.submit("a", messages(1, 2))
    hub.writer.drain()
    unheard, changed = hub.outcomes[-2:]
    assert sorted(type(outcome).__name__ for outcome in (unheard, changed)) == ["Done", "Refused"]
    assert Observation.objects.count() == 0
    assert hub.store.get_stats("a").messages == 2
