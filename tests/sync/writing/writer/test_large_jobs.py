"""Large jobs, and large checkpoints, are done in slices: what comes meanwhile is written before them."""

import time
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection

from sync.core.account.view import View
from sync.core.change.apply import apply
from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import InvalidSnapshot, Validated
from sync.core.heads.stored_head import encode_head
from sync.core.pace import Check
from sync.models import AccountHead, Checkpoint
from sync.protocol.items import COLLECTIONS
from sync.storage import change_log, heads
from sync.storage.checkpoint_body import encode_checkpoint
from sync.storage.records import Actor, PendingRow
from sync.writing.fair_queue import MAX_OF_ACCOUNT
from sync.writing.jobs import LARGE, Done, Job, Make, Outcome, Refused, as_change
from sync.writing.writer import OTHERS_S, QUIET_S, Writer
from tests.sync.writing.a_hub import AHub, messages

pytestmark = pytest.mark.django_db(transaction=True)


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


@pytest.mark.parametrize("fails_at", [1, 2, 3])
def test_a_large_job_whose_account_cannot_be_read_just_then_is_answered_all_the_same(
    hub: AHub, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """The body is out of memory, and the database is away at the first, the second or the third look at it."""
    latest_view, looks = hub.writer._latest_view, list[str]()

    def look(account_id: str) -> View:
        looks.append(account_id)
        if len(looks) == fails_at:
            raise OperationalError("the database is away")
        return latest_view(account_id)

    monkeypatch.setattr(hub.writer, "_latest_view", look)
    assert hub.writer.submit(a_large_job(hub, as_change(Sync(items=messages(1)))))
    hub.writer.drain()
    (outcome,) = hub.outcomes
    if fails_at < 3:
        assert isinstance(outcome, Done)
        assert hub.loaded()["a"] == hub.store.get_view("a")
    else:
        assert outcome == Refused("busy", "the database is busy or away", 1000)
    assert hub.writer.queued == (0, 0)


def test_many_large_jobs_of_one_worker_are_all_answered_by_a_writer_that_runs(hub: AHub) -> None:
    jobs = [
        a_large_job(hub, as_change(Sync(items=messages(number), merge=frozenset(COLLECTIONS)))) for number in range(6)
    ]
    hub.writer.start()
    for job in jobs:
        assert hub.writer.submit(job)
    deadline = time.monotonic() + 60
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


def test_whatever_one_worker_has_sent_the_next_commit_but_one_is_another_s(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line of the flood is full of large jobs; wherever one of them is, the calm worker's change passes it."""
    commit, commits, waited = hub.log.commit, list[str](), list[int]()

    def note(pending: Sequence[PendingRow], bases: Any) -> None:
        commits.extend({row.row.account_id for row in pending})
        commit(pending, bases)

    def count_commits(job: Job) -> None:
        given, begun = job.answer, len(commits)

        def answer(outcome: Outcome) -> None:
            waited.append(len(commits) - begun)
            given(outcome)

        job.answer = answer

    def make(_view: View, _now: int, check: Check) -> Validated:
        for _ in range(3):
            count_commits(hub.submit("b", messages(len(waited), account="b"), merge=["messages"]))
            hub.writer._slice_ends = 0
            check()
        return Validated(Sync(items=messages(len(waited)), merge=frozenset(COLLECTIONS)), [])

    monkeypatch.setattr(hub.log, "commit", note)
    for _ in range(MAX_OF_ACCOUNT):
        assert hub.writer.submit(a_large_job(hub, make))
    assert not hub.writer.submit(a_large_job(hub, make))
    hub.writer.drain()
    assert commits.count("a") == MAX_OF_ACCOUNT
    assert len(waited) == commits.count("b") == 3 * MAX_OF_ACCOUNT
    assert set(waited) == {1}


def test_others_who_send_without_end_leave_a_large_job_its_slices(hub: AHub, monkeypatch: pytest.MonkeyPatch) -> None:
    now, sent = [0.0], list[Job]()

    def wait(seconds: float) -> None:
        """Time passes, and the next change comes just before nobody waits for it any more."""
        now[0] += seconds * 0.9
        sent.append(hub.submit("b", messages(len(sent), account="b"), merge=["messages"]))

    monkeypatch.setattr("sync.writing.writer.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(Writer, "runs", True)
    monkeypatch.setattr(hub.writer, "_wait_for_batch", wait)
    hub.writer._let_others_pass()
    assert 1 < len(sent) <= 1 + OTHERS_S / (QUIET_S * 0.9) + 1
    assert len(hub.outcomes) == len(sent)


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


def test_the_head_of_an_account_is_encoded_in_slices_before_the_transaction_that_writes_it(
    hub: AHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.submit("a", messages(*range(40)))
    hub.writer.drain()
    checked_in: list[bool] = []

    def encode(view: View, made_by: bytes, check: Check) -> bytes:
        checked_in.clear()
        return encode_head(view, made_by, check)

    monkeypatch.setattr(heads, "encode_head", encode)
    hub.log.write_checkpoint(hub.store.get_view("a"), lambda: checked_in.append(connection.in_atomic_block))
    assert len(checked_in) >= 40
    assert not any(checked_in)
    assert AccountHead.objects.get(pk="a").version == 1
