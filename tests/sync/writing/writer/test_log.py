"""What the writer keeps: checkpoints, stretches of looks, cleared accounts and the write-ahead log."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from sync.core.account.view import View
from sync.core.change.changes import Cleared
from sync.models import Change, Checkpoint, Observation
from sync.protocol.items import COLLECTIONS
from sync.protocol.messages import WireObservation as Look
from sync.storage.records import Actor
from sync.storage.sql import wal
from sync.storage.sql.wal import WalUpkeep
from sync.writing.jobs import Done, Job, as_change
from tests.sync.writing.a_hub import AHub, messages

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert list(Change.objects.order_by("version").values_list("account_id", "version")) == [("a", 2), ("a", 3)]
    assert hub.loaded()["a"] == hub.store.get_view("a")
    assert sorted(hub.loaded()["a"].messages) == ["msg_a_2"]


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
