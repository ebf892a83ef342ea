"""Jobs that wait for the writer, and their outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from msgspec import Struct

from sync.core.account.view import View
from sync.core.change.apply import Applied
from sync.core.change.changes import Change
from sync.core.change.delta import LogRow
from sync.core.change.snapshot_validation import Validated
from sync.core.pace import Check
from sync.protocol.items import Collection
from sync.protocol.messages import SyncWarning, WireObservation
from sync.storage.records import Actor, Observed

LARGE: Final = 64 * 1024
"""From this size on, a worker's job is planned in slices, so that the jobs of others need not wait for it."""


class Done(NamedTuple):
    """The job was applied. `changed` is false when nothing was new; `before` is the version it was applied to."""

    view: View
    changed: bool
    warnings: list[SyncWarning]
    before: View


class Refused(NamedTuple):
    """The job was not applied. `code` and `message` are for the sender; `retry_after_ms`: it may come again then."""

    code: str
    message: str
    retry_after_ms: int | None = None


Outcome = Done | Refused
Answer = Callable[[Outcome], None]
Make = Callable[[View, int, Check], Validated]
"""(view, now as ms UTC, `check`, which is called now and then) -> the change that it is."""


class SnapshotScope(Struct, frozen=True, kw_only=True):
    """The collections that a full snapshot carries, as far as its first bytes tell.

    `proven`: collections that are neither empty nor partial. `lossy`: it removes or clears something.
    """

    named: frozenset[Collection]
    proven: frozenset[Collection]
    lossy: bool

    def covered_by(self, newer: SnapshotScope) -> bool:
        """Return whether `newer` makes this snapshot pointless."""
        return not self.lossy and self.named <= newer.proven


class Plan(NamedTuple):
    """The effect of a job on one version of its account. It holds as long as that is the newest."""

    before: View
    made: Validated
    applied: Applied

    def holds_for(self, view: View) -> bool:
        """Return whether it was made for `view`. Each look at an unknown account gives another view."""
        return self.before is view or (view.version == 0 and self.before == view)


class Job(Struct, kw_only=True):
    """One change to one account. `make` runs in the writer's thread, against the view it applies to.

    `answer` is called once, where views are published. `lease_epoch` and `observed` are set for a worker's jobs, which
    are taken only under its lease. `size`: bytes. `scope` is given for full snapshots; `overtaken` are the older ones
    that this one makes pointless. `source` is the worker that sent it: workers share the queue fairly.
    """

    account_id: str
    make: Make
    actor: Actor
    answer: Answer
    lease_epoch: int | None = None
    source: str | None = None
    observed: Sequence[WireObservation] | None = None
    size: int = 0
    scope: SnapshotScope | None = None
    overtaken: list[Job] = []
    plan: Plan | None = None

    @property
    def is_large(self) -> bool:
        """Return whether others should pass while it is applied."""
        return self.size >= LARGE and self.source is not None

    @property
    def all(self) -> Iterator[Job]:
        """Yield the overtaken jobs and this one, in order."""
        yield from self.overtaken
        yield self


class Published(Struct, frozen=True):
    """The effects of one batch, to be swapped in, answered and sent to clients at once. `rows` led to the views.

    `is_own`: this hub wrote it; else another one did.
    """

    views: list[View] = []
    rows: list[LogRow] = []
    observed: list[Observed] = []
    answers: list[tuple[Answer, Outcome]] = []
    is_own: bool = True


def as_change(change: Change) -> Make:
    """Return a `make` for a change that needs no validation."""
    return lambda _view, _now, _check: Validated(change, [])


def coalesce(jobs: Iterable[Job]) -> list[Job]:
    """Drop each full snapshot that the next one of its account makes pointless. The newer one answers for it."""
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
