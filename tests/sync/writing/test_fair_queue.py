"""Where jobs wait for the writer: no worker's flood keeps another's job, or an operator's, waiting."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.change.changes import OwnerChanged
from sync.storage.records import Actor
from sync.writing.fair_queue import (
    MAX_BYTES_OF_ONE,
    MAX_OF_ACCOUNT,
    MAX_OF_ONE,
    MAX_QUEUED,
    MAX_QUEUED_BYTES,
    SHARE,
    SHARE_BYTES,
    FairQueue,
)
from sync.writing.jobs import LARGE, Job, as_change


def a_job(source: str | None = None, size: int = 100, account: int = 0) -> Job:
    change = as_change(OwnerChanged(at=1))
    return Job(
        account_id=f"{source}-{account}",
        make=change,
        actor=Actor("x"),
        answer=lambda _o: None,
        source=source,
        size=size,
    )


def fill(queue: FairQueue, source: str, size: int = 100) -> int:
    """Send without end, until nothing more is taken."""
    count = 0
    while queue.add(a_job(source, size, account=count // MAX_OF_ACCOUNT)):
        count += 1
    return count


def test_one_worker_has_a_part_of_the_queue_and_the_others_still_find_room() -> None:
    queue = FairQueue()
    assert fill(queue, "flood") == MAX_OF_ONE < MAX_QUEUED
    assert queue.add(a_job("calm"))
    assert queue.add(a_job(None))


def test_one_account_has_few_jobs_and_the_worker_s_other_accounts_still_find_room() -> None:
    queue = FairQueue()
    for _ in range(MAX_OF_ACCOUNT):
        assert queue.add(a_job("flood"))
    assert not queue.add(a_job("flood"))
    assert queue.add(a_job("flood", account=1))
    queue.take()
    assert queue.add(a_job("flood"))


def test_one_worker_has_a_part_of_the_bytes_and_the_others_still_find_room() -> None:
    queue = FairQueue()
    size = 1_000_000
    assert fill(queue, "flood", size) == MAX_BYTES_OF_ONE // size < MAX_QUEUED_BYTES // size
    assert queue.add(a_job("calm", size))


def test_the_whole_queue_is_bounded_however_many_workers_flood() -> None:
    queue = FairQueue()
    assert sum(fill(queue, f"w{n}") for n in range(10)) == MAX_QUEUED
    assert not queue.add(a_job(None))
    assert len(queue) == MAX_QUEUED


def test_a_snapshot_of_any_size_is_taken_alone() -> None:
    assert FairQueue().add(a_job("w1", MAX_QUEUED_BYTES + 1))


@pytest.mark.parametrize("size", [100, SHARE_BYTES // 4, SHARE_BYTES * 4])
def test_a_calm_worker_s_job_is_in_the_next_batch_and_a_flood_is_not(size: int) -> None:
    queue = FairQueue()
    fill(queue, "flood", size)
    batch = queue.take()
    assert 0 < len(batch) <= SHARE
    assert sum(job.size for job in batch) <= max(SHARE_BYTES, size)
    queue.add(a_job("calm"))
    assert Counter(job.source for job in queue.take()) == {"calm": 1}
    assert Counter(job.source for job in queue.take()).keys() == {"flood"}


def test_operators_do_not_wait_for_workers() -> None:
    queue = FairQueue()
    fill(queue, "flood")
    queue.take()
    for _ in range(SHARE * 2):
        queue.add(a_job(None))
    assert Counter(job.source for job in queue.take())[None] == SHARE * 2


SOURCES = st.sampled_from([None, "a", "b", "c"])


@given(st.lists(st.tuples(SOURCES, st.integers(0, SHARE_BYTES)), max_size=200), st.data())
def test_every_job_comes_out_once_and_each_source_s_in_its_order(
    jobs: list[tuple[str | None, int]], data: st.DataObject
) -> None:
    queue, taken, put = FairQueue(), list[Job](), list[Job]()
    for source, size in jobs:
        put.append(a_job(source, size, account=len(put)))
        assert queue.add(put[-1])
        if data.draw(st.booleans()):
            taken += queue.take()
    while batch := queue.take():
        taken += batch
    assert len(queue) == 0
    for source in (None, "a", "b", "c"):
        assert [j for j in taken if j.source == source] == [j for j in put if j.source == source]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=60))
def test_nobody_waits_longer_than_two_batches(jobs: list[str]) -> None:
    queue = FairQueue()
    for number, source in enumerate(jobs):
        assert queue.add(a_job(source, SHARE_BYTES, account=number))
    left = Counter(jobs)
    while left:
        seen = Counter(str(job.source) for batch in (queue.take(), queue.take()) for job in batch)
        assert seen.keys() == left.keys()
        left -= seen


def test_a_line_waits_for_the_plan_of_its_large_job_and_the_others_do_not() -> None:
    queue = FairQueue()
    queue.plans = True
    large, behind, calm, operator = a_job("flood", LARGE), a_job("flood"), a_job("calm"), a_job(None, LARGE)
    for job in (large, behind):
        assert queue.add(job)
    assert (queue.is_ready, queue.take()) == (False, [])
    for job in (calm, operator):
        assert queue.add(job)
    assert queue.take() == [operator, calm]
    assert queue.next_to_plan() is large
    large.is_planned = True
    assert queue.is_ready
    assert queue.take() == [large, behind]


def test_workers_take_turns_in_having_large_jobs_planned() -> None:
    queue = FairQueue()
    queue.plans = True
    for worker in "abc":
        assert queue.add(a_job(worker, LARGE))
    turns = [queue.next_to_plan() for _ in range(6)]
    assert [job.source for job in turns if job is not None] == [*"abcabc"]


def test_without_a_planner_large_jobs_are_taken_as_they_are() -> None:
    queue = FairQueue()
    assert queue.add(a_job("w", LARGE))
    assert len(queue.take()) == 1
