"""What waits for the writer, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from sync.core.account.view import View
from sync.core.change.changes import Change
from sync.core.change.delta import LogRow
from sync.core.change.snapshot_validation import Validated
from sync.protocol.items import Collection
from sync.protocol.messages import Observation, SyncWarning
from sync.storage.records import Actor, Observed


class Done(NamedTuple):
    """`changed` is false when nothing was new. `before`: the version that the change was applied to."""

    view: View
    changed: bool
    warnings: list[SyncWarning]
    before: View


class Refused(NamedTuple):
    code: str
    message: str
    retry_after_ms: int | None = None


Outcome = Done | Refused
Answer = Callable[[Outcome], None]
Make = Callable[[View, int], Validated]


class SnapshotScope(Struct, frozen=True, kw_only=True):
    """What a full snapshot carries, as far as it can be told without decoding its items.

    `proven`: collections that are neither empty nor partial. `lossy`: it removes or clears something.
    """

    named: frozenset[Collection]
    proven: frozenset[Collection]
    lossy: bool

    def covered_by(self, newer: SnapshotScope) -> bool:
        return not self.lossy and self.named <= newer.proven


class Job(Struct, kw_only=True):
    """One change to one account. `make` runs in the writer's thread, against the view it applies to.

    `answer` is called once, where views are published. `lease_epoch` and `observed` come from a worker: what it says is
    taken only under its lease. `scope` is given for full snapshots; `overtaken` are the older ones that this one makes
    pointless.
    """

    account_id: str
    make: Make
    actor: Actor
    answer: Answer
    lease_epoch: int | None = None
    observed: Sequence[Observation] | None = None
    size: int = 0
    scope: SnapshotScope | None = None
    overtaken: list[Job] = []

    @property
    def all(self) -> Iterator[Job]:
        """The overtaken ones and itself, in order."""
        yield from self.overtaken
        yield self


class Published(Struct, frozen=True):
    """What one batch did: to be swapped in, answered and told in one go. `rows`: how the views came to be."""

    views: list[View] = []
    rows: list[LogRow] = []
    observed: list[Observed] = []
    answers: list[tuple[Answer, Outcome]] = []


def as_change(change: Change) -> Make:
    """A `make` for a change that needs no validation."""
    return lambda _view, _now: Validated(change, [])


def coalesce(jobs: Iterable[Job]) -> list[Job]:
    """Drops each full snapshot that the next one of its account makes pointless. The newer one answers for it."""
    kept: list[Job] = []
    last: dict[str, Job] = {}
    for job in jobs:
        older = last.get(job.account_id)
        if older is not None and _overtakes(job, older):
            kept.remove(older)
            job.overtaken = list(older.all)
            older.overtaken = []
        kept.append(job)
        last[job.account_id] = job
    return kept


def _overtakes(newer: Job, older: Job) -> bool:
    if newer.scope is None or older.scope is None or newer.lease_epoch != older.lease_epoch:
        return False
    return older.scope.covered_by(newer.scope)
