"""The writer, drained inline: what is durable, what is answered, and what happens when the database says no."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from sync.core.account.view import View
from sync.core.change.apply import apply
from sync.core.change.changes import Cleared, Sync
from sync.core.change.snapshot_validation import InvalidSnapshot, Validated
from sync.core.pace import Check
from sync.models import Account, Change, Checkpoint, Observation
from sync.protocol.items import COLLECTIONS, Collection, Item, Message
from sync.protocol.messages import WireObservation as Look
from sync.storage import change_log
from sync.storage.change_log import ChangeLog, Conflict
from sync.storage.checkpoint_body import encode_checkpoint
from sync.storage.records import Actor
from sync.storage.sql import wal
from sync.storage.sql.wal import WalUpkeep
from sync.store import DataStore
from sync.writing.fair_queue import MAX_QUEUED
from sync.writing.jobs import LARGE, Done, Job, Make, Outcome, Published, Refused, SnapshotScope, as_change, coalesce
from sync.writing.writer import Writer

NOW = 1_790_000_000_000
pytestmark = pytest.mark.django_db(transaction=True)


class AHub:
    """Store, log and writer, without a loop."""

    def __init__(self) -> None:
        self.store = DataStore()
        self.log = ChangeLog()
        self.now = NOW
        self.writer = Writer(self.store, self.log, self.publish, lambda: self.now)
        self.outcomes: list[Outcome] = []

    def publish(self, published: Published) -> None:
        self.store.publish(published.views)
        for answer, outcome in published.answers:
            answer(outcome)

    def submit(self, account_id: str, items: dict[Any, list[Item]], **fields: Any) -> Job:
        def make(view: View, now: int, _check: Check) -> Validated:
            return Validated(Sync(items=items, merge=frozenset(fields.get("merge", ()))), [])

        job = Job(
            account_id=account_id,
            make=fields.get("make", make),
            actor=Actor("worker:w"),
            answer=self.outcomes.append,
            lease_epoch=fields.get("lease_epoch", 1),
            observed=fields.get("observed", ()),
            scope=fields.get("scope"),
        )
        assert self.writer.submit(job)
        return job

    def loaded(self) -> dict[str, View]:
        return {view.account_id: view for view in ChangeLog().load_all(DataStore().new_view)}


@pytest.fixture
def hub(db: None) -> AHub:
    for account_id in ("a", "b"):
        Account.objects.create(pk=account_id, name=account_id)
    return AHub()


def messages(*numbers: int, account: str = "a") -> dict[Any, list[Item]]:
    return {
        "messages": [
            Message(
                id=f"msg_{account}_{n}",
                platform_id=str(n),
                conversation_id=f"conv_{account}_1",
                direction="inbound",
                created_at=NOW + n,
            )
            for n in numbers
        ]
    }


def full(*named: Any, lossy: bool = False) -> SnapshotScope:
    return SnapshotScope(named=frozenset(named), proven=frozenset(named), lossy=lossy)


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

    def choosy(entered: Any) -> None:
        if any(item.row.account_id == "a" for item in entered):
            raise TypeError("no JSON")
        commit(entered)

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


def test_a_checkpoint_is_written_when_the_changes_outweigh_it_and_a_start_needs_no_older_ones(hub: AHub) -> None:
    for start in range(0, 1_000, 100):
        hub.submit("a", messages(*range(start, start + 100)), merge=["messages"])
        hub.writer.drain()
    checkpoint = Checkpoint.objects.get(account_id="a")
    assert 1 < checkpoint.version <= 10
    Change.objects.filter(account_id="a", version__lte=checkpoint.version).delete()
    assert hub.loaded()["a"] == hub.store.get_view("a")


def test_a_stretch_of_equal_looks_is_one_row(hub: AHub) -> None:
    def look(start: int, canary: Any = "ok") -> Look:
        return Look(surface="messages", entry="chat", start=start, end=start + 10, canary=canary, complete=True)

    for start in (100, 130, 130, 160):
        hub.submit("a", {}, observed=[look(start)])
        hub.writer.drain()
    hub.submit("a", {}, observed=[look(190, "page_changed")])
    hub.writer.drain()
    rows = list(Observation.objects.order_by("start").values_list("start", "end", "looks", "canary"))
    assert rows == [(100, 170, 3, "ok"), (190, 200, 1, "page_changed")]


def test_an_empty_change_writes_nothing(hub: AHub) -> None:
    count: Callable[[], int] = Change.objects.count
    hub.submit("a", {name: [] for name in COLLECTIONS})
    hub.writer.drain()
    first = count()
    hub.submit("a", {name: [] for name in COLLECTIONS})
    hub.writer.drain()
    assert (first, count()) == (1, 1)


def test_a_checkpoint_that_fails_costs_no_answer_and_no_reader_anything(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(view: View) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(hub.log, "checkpoint_if_due", locked)
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert hub.outcomes == [Done(hub.store.get_view("a"), True, [], hub.store.new_view("a"))]
    assert hub.store.get_stats("a").messages == 1


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


def test_an_entry_that_a_column_cannot_take_is_cut_and_its_looks_are_still_one_stretch(hub: AHub) -> None:
    for start in (100, 130):
        look = Look(surface="messages", entry="chat\0" + "x" * 300, start=start, end=start + 10, complete=True)
        hub.submit("a", {}, observed=[look])
        hub.writer.drain()
    assert [type(outcome) for outcome in hub.outcomes] == [Done, Done]
    assert list(Observation.objects.values_list("entry", "looks")) == [("chat" + "x" * 251, 2)]


def test_clearing_an_account_leaves_no_word_of_it_in_the_log(hub: AHub) -> None:
    hub.submit("a", messages(*range(50)))
    hub.writer.drain()
    cleared = Job(account_id="a", make=as_change(Cleared(epoch="e2")), actor=Actor("boss"), answer=hub.outcomes.append)
    hub.writer.submit(cleared)
    hub.writer.drain()
    assert list(Change.objects.filter(account_id="a").values_list("version", "actor")) == [(2, "boss")]
    assert b"msg_a_" not in bytes(Change.objects.get(account_id="a").body)
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert (hub.loaded()["a"].version, hub.loaded()["a"].epoch, hub.loaded()["a"].totals.messages) == (2, "e2", 0)
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert hub.loaded()["a"].totals.messages == 1


def test_what_is_cleared_in_the_commit_that_brought_it_is_not_in_the_log(hub: AHub) -> None:
    hub.submit("a", messages(1))
    hub.writer.submit(
        Job(account_id="a", make=as_change(Cleared(epoch="e2")), actor=Actor("boss"), answer=hub.outcomes.append)
    )
    hub.submit("a", messages(2))
    hub.writer.drain()
    assert list(Change.objects.filter(account_id="a").values_list("version", flat=True)) == [2, 3]
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert sorted(hub.loaded()["a"].messages) == ["msg_a_2"]


def test_a_lease_that_is_lost_between_the_check_and_the_commit_is_noticed_by_the_commit(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = hub.log.check

    def check_and_lose(bases: Any) -> None:
        check(bases)
        Account.objects.filter(pk="a", lease_epoch=1).update(lease_epoch=2)

    monkeypatch.setattr(hub.log, "check", check_and_lose)
    hub.submit("a", messages(1))
    with pytest.raises(Conflict):
        hub.writer._commit(hub.writer._take())
    assert Change.objects.count() == 0
    assert hub.store.get_stats("a").messages == 0


# -- the write-ahead log


def test_the_write_ahead_log_is_brought_in_once_in_a_while_after_the_answers(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wal, "DUE_COMMITS", 3)
    answered_before = []

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "wal_checkpoint" in sql:
            answered_before.append(len(hub.outcomes))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        for n in range(7):
            hub.submit("a", messages(n), merge=["messages"])
            hub.writer.drain()
    assert answered_before == ([3, 6] if connection.vendor == "sqlite" else [])


def test_a_write_ahead_log_that_cannot_be_brought_in_loses_nothing(hub: AHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wal, "DUE_BYTES", 0)

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "wal_checkpoint" in sql:
            raise OperationalError("disk I/O error")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        for n in range(2):
            hub.submit("a", messages(n), merge=["messages"])
            hub.writer.drain()
    assert [isinstance(outcome, Done) for outcome in hub.outcomes] == [True, True]
    assert set(hub.loaded()["a"].messages) == {"msg_a_0", "msg_a_1"}


def test_a_writer_that_runs_has_the_write_ahead_log_brought_in_by_a_thread_that_it_waits_for_at_its_end(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    monkeypatch.setattr(WalUpkeep, "take_due", lambda _upkeep: not threads)
    monkeypatch.setattr("sync.writing.writer.move_log", lambda: threads.append(threading.current_thread().name))
    hub.writer.start()
    hub.submit("a", messages(1))
    hub.writer.stop(10)
    assert threads[0] == "wal"
    assert isinstance(hub.outcomes[0], Done)


# -- large jobs


def a_large_job(hub: AHub, make: Make) -> Job:
    return Job(
        account_id="a",
        make=make,
        actor=Actor("worker:w"),
        answer=hub.outcomes.append,
        lease_epoch=1,
        source="w",
        size=LARGE,
    )


def test_a_large_job_is_read_and_applied_once_while_its_account_stands_still(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def make(_view: View, _now: int, _check: Check) -> Validated:
        calls.append("made")
        return Validated(Sync(items=messages(1)), [])

    def applied(*args: Any, **options: Any) -> Any:
        calls.append("applied")
        return apply(*args, **options)

    monkeypatch.setattr("sync.writing.batch.apply", applied)
    assert hub.writer.submit(a_large_job(hub, make))
    hub.submit("b", messages(1, account="b"))
    hub.writer.drain()
    assert calls == ["applied", "made", "applied"]
    assert len(hub.store.get_view("a").messages) == 1
    assert hub.loaded()["a"] == hub.store.get_view("a")


def test_a_large_job_that_cannot_be_planned_is_refused_with_the_reason(hub: AHub) -> None:
    def make(_view: View, _now: int, _check: Check) -> Validated:
        raise InvalidSnapshot("no list")

    assert hub.writer.submit(a_large_job(hub, make))
    hub.writer.drain()
    assert hub.outcomes == [Refused("bad_payload", "no list")]


def test_many_large_jobs_of_one_worker_are_all_answered_by_a_writer_that_runs(hub: AHub) -> None:
    jobs = [
        a_large_job(hub, as_change(Sync(items=messages(number), merge=frozenset(COLLECTIONS)))) for number in range(6)
    ]
    hub.writer.start()
    for job in jobs:
        assert hub.writer.submit(job)
    deadline = time.monotonic() + 20
    while len(hub.outcomes) < len(jobs) and time.monotonic() < deadline:
        time.sleep(0.01)
    hub.writer.stop(10)
    assert [outcome.view.version for outcome in hub.outcomes if isinstance(outcome, Done)] == [1, 2, 3, 4, 5, 6]
    assert all(job.plan is not None for job in jobs)


def test_what_comes_while_a_large_job_is_planned_is_written_before_it(hub: AHub) -> None:
    def make(_view: View, _now: int, check: Check) -> Validated:
        hub.submit("b", messages(1, account="b"))
        check()
        return Validated(Sync(items=messages(1)), [])

    assert hub.writer.submit(a_large_job(hub, make))
    hub.writer.drain()
    assert [done.view.account_id for done in hub.outcomes if isinstance(done, Done)] == ["b", "a"]
    assert hub.loaded() == {name: hub.store.get_view(name) for name in "ab"}


def test_a_large_job_whose_account_never_stands_still_is_applied_in_one_go_at_last(hub: AHub) -> None:
    made: list[int] = []

    def make(view: View, _now: int, check: Check) -> Validated:
        made.append(view.version)
        hub.submit("a", messages(10 + len(made)), merge=COLLECTIONS)
        hub.writer._slice_ends = 0
        check()
        return Validated(Sync(items=messages(1), merge=frozenset(COLLECTIONS)), [])

    assert hub.writer.submit(a_large_job(hub, make))
    hub.writer.drain()
    assert made == [0, 1, 2]
    assert [done.view.version for done in hub.outcomes if isinstance(done, Done)] == [1, 2, 3, 4]
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert len(hub.store.get_view("a").messages) == 4


def test_a_batch_that_fails_between_two_slices_costs_the_large_job_nothing(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = hub.publish

    def make(_view: View, _now: int, check: Check) -> Validated:
        hub.submit("b", messages(1, account="b"))
        monkeypatch.setattr(hub.writer, "_publish", lambda _published: 1 / 0)
        check()
        monkeypatch.setattr(hub.writer, "_publish", publish)
        return Validated(Sync(items=messages(1)), [])

    assert hub.writer.submit(a_large_job(hub, make))
    hub.writer.drain()
    assert [done.view.account_id for done in hub.outcomes if isinstance(done, Done)] == ["a"]


def test_what_comes_while_a_checkpoint_is_encoded_is_written_before_it(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change_log, "CHECKPOINT_FROM_BYTES", 0)
    written: list[tuple[int, int]] = []

    def encode(view: View, columns: Any, check: Check) -> bytes:
        hub.submit("a", messages(2), merge=COLLECTIONS)
        check()
        written.append((view.version, hub.store.get_view("a").version))
        return encode_checkpoint(view, columns, check)

    monkeypatch.setattr(change_log, "encode_checkpoint", encode)
    hub.submit("a", messages(1))
    hub.writer.drain()
    assert written == [(1, 2)]
    assert Checkpoint.objects.get(pk="a").version == 1
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert len(hub.store.get_view("a").messages) == 2
