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


def take(queue: FairQueue) -> list[Job]:
    """Return the next batch; if nothing else is ready, a large job."""
    batch = queue.take()
    if not batch and (large := queue.take_large()) is not None:
        queue.release()
        return [large]
    return batch


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


@pytest.mark.parametrize("size", [100, LARGE - 1])
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
            taken += take(queue)
    while batch := take(queue):
        taken += batch
    assert len(queue) == 0
    for source in (None, "a", "b", "c"):
        assert [j for j in taken if j.source == source] == [j for j in put if j.source == source]


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=60))
def test_nobody_waits_longer_than_two_batches(jobs: list[str]) -> None:
    queue = FairQueue()
    for number, source in enumerate(jobs):
        assert queue.add(a_job(source, LARGE - 1, account=number))
    left = Counter(jobs)
    while left:
        seen = Counter(str(job.source) for batch in (queue.take(), queue.take()) for job in batch)
        assert seen.keys() == left.keys()
        left -= seen


def test_a_line_waits_for_its_large_job_and_the_others_do_not() -> None:
    queue = FairQueue()
    large, behind, calm, operator = a_job("flood", LARGE), a_job("flood"), a_job("calm"), a_job(None, LARGE)
    for job in (large, behind, calm, operator):
        assert queue.add(job)
    assert queue.take() == [operator, calm]
    assert queue.take() == []
    assert queue.take_large() is large
    later = a_job("flood", account=1)
    assert queue.add(later)
    assert queue.take() == []
    queue.release()
    assert queue.take() == [behind, later]
    assert (queue.take_large(), len(queue), queue.bytes) == (None, 0, 0)


def test_workers_take_turns_with_their_large_jobs() -> None:
    queue = FairQueue()
    for number in range(2):
        for worker in "abc":
            assert queue.add(a_job(worker, LARGE, account=number))
    turns = []
    while (job := queue.take_large()) is not None:
        turns.append(job.source)
        queue.release()
    assert turns == [*"abcabc"]
