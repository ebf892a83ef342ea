"""The jobs that wait for the writer. Each worker has a line of its own, so that none waits for another's flood."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final

from sync.writing.jobs import Job

MAX_QUEUED: Final = 2_000
MAX_QUEUED_BYTES: Final = 256 * 1024**2
# Of one account from its worker, which sends one and waits for the answer; a few more may be reports.
MAX_OF_ACCOUNT: Final = 8
# Of one worker.
MAX_OF_ONE: Final = 500
MAX_BYTES_OF_ONE: Final = 64 * 1024**2
# Of one worker in one batch, so that others need not wait long for its end.
SHARE: Final = 16
SHARE_BYTES: Final = 256 * 1024


class _Line:
    """The jobs of one source, in order."""

    def __init__(self) -> None:
        self.jobs: deque[Job] = deque()
        self.bytes = 0
        self._of: Counter[str] = Counter()

    def is_full(self, job: Job) -> bool:
        """Return whether a worker's line has no room for the job."""
        if self._of[job.account_id] >= MAX_OF_ACCOUNT:
            return True
        return len(self.jobs) >= MAX_OF_ONE or self.bytes + job.size > MAX_BYTES_OF_ONE

    def add(self, job: Job) -> None:
        """Put the job at the end, whatever room there is."""
        self.jobs.append(job)
        self.bytes += job.size
        self._of[job.account_id] += 1

    def take(self, most: int, most_bytes: int) -> list[Job]:
        """Take the oldest before the first large one, as many as fit: one in any case."""
        taken: list[Job] = []
        while self.jobs and len(taken) < most and not self.jobs[0].is_large:
            if taken and most_bytes < self.jobs[0].size:
                break
            taken.append(self.take_one())
            most_bytes -= taken[-1].size
        return taken

    def take_one(self) -> Job:
        """Take the oldest."""
        job = self.jobs.popleft()
        self.bytes -= job.size
        self._of[job.account_id] -= 1
        return job


class FairQueue:
    """Jobs by their source. Those of the hub and its operators (source None) are never held back.

    A batch has a share of every worker that was not in the batch before, or of all if each was: who sends without end
    is in every second batch only while others wait. Large jobs are in no batch: they are taken one at a time, one
    worker after the other, and what their worker sent later waits until they are done.
    """

    def __init__(self) -> None:
        self._lines: dict[str | None, _Line] = {}
        self._held: str | None = None
        self._served: frozenset[str] = frozenset()
        self._jobs = 0
        self._bytes = 0

    def __len__(self) -> int:
        return self._jobs

    @property
    def bytes(self) -> int:
        """Return the size of all jobs that wait."""
        return self._bytes

    def add(self, job: Job) -> bool:
        """Return False when there is no room for it, in all or for its source. Alone, a job of any size fits."""
        line = self._lines.get(job.source)
        if self._jobs >= MAX_QUEUED or (self._jobs and self._bytes + job.size > MAX_QUEUED_BYTES):
            return False
        if line is not None and job.source is not None and line.is_full(job):
            return False
        self._lines.setdefault(job.source, _Line()).add(job)
        self._jobs += 1
        self._bytes += job.size
        return True

    def take_large(self) -> Job | None:
        """Take the next large job. Its worker's line is held until `release`."""
        for source, line in self._lines.items():
            if line.jobs[0].is_large:
                self._lines[source] = self._lines.pop(source)
                job = line.take_one()
                self._forget(source, [job])
                self._held = source
                return job
        return None

    def release(self) -> None:
        """Go on with the line of the worker whose large job was taken."""
        self._held = None

    @property
    def has_batch(self) -> bool:
        """Return whether `take` would take something."""
        return None in self._lines or bool(self._list_ready())

    def _list_ready(self) -> list[str]:
        """Return the workers whose next job is not a large one, nor behind one that was taken."""
        return [
            source
            for source, line in self._lines.items()
            if source is not None and source != self._held and not line.jobs[0].is_large
        ]

    def take(self) -> list[Job]:
        """Take the jobs of the next batch; none when there are only large ones, and what waits behind them."""
        workers = self._list_ready()
        due = [source for source in workers if source not in self._served] or workers
        self._served = frozenset(due)
        return [job for source in [None, *due] if source in self._lines for job in self._take_share(source)]

    def _take_share(self, source: str | None) -> list[Job]:
        line = self._lines[source]
        most, most_bytes = (SHARE, SHARE_BYTES) if source is not None else (len(line.jobs), line.bytes)
        share = line.take(most, most_bytes)
        self._forget(source, share)
        return share

    def _forget(self, source: str | None, taken: list[Job]) -> None:
        self._jobs -= len(taken)
        self._bytes -= sum(job.size for job in taken)
        if not self._lines[source].jobs:
            del self._lines[source]
