"""Jobs applied one after the other, in memory, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import uuid4

import structlog

from sync.core.account.view import View
from sync.core.change.apply import Applied, apply
from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import InvalidSnapshot, Validated
from sync.core.pace import Check, go_on
from sync.storage.records import BaseVersion, Observed, PendingRow
from sync.writing.jobs import Answer, Done, Job, Outcome, Plan, Published, Refused

log = structlog.get_logger(__name__)

BROKEN: Final = Refused("bad_payload", "the change could not be applied; the hub's log says why")


class WriteBatch:
    """The jobs of one transaction. `latest_view` gives the newest version of an account, `now` is ms UTC."""

    def __init__(self, latest_view: Callable[[str], View], now: int) -> None:
        self._latest_view = latest_view
        self._now = now
        self._answers: list[tuple[Answer, Outcome]] = []
        self.views: dict[str, View] = {}
        self.pending: list[PendingRow] = []
        self.observed: list[Observed] = []
        self.bases: list[BaseVersion] = []

    def run(self, job: Job) -> None:
        """Apply a job. Never raises: a fault of one change is that change's own answer."""
        self.bases.append(BaseVersion(job.account_id, self._latest_view(job.account_id).version, job.lease_epoch))
        made = self._make(job)
        if job.overtaken and not _stands_for_all(job, made):
            for older in job.overtaken:
                self._finish(older, self._enter(older, self._make(older)))
            self._finish(job, self._enter(job, self._make(job)))
            return
        outcome = self._enter(job, made)
        for one in job.all:
            self._finish(one, outcome)

    def published(self) -> Published:
        """Return what the batch did, to be published after its commit."""
        return Published(
            views=list(self.views.values()),
            rows=[pending.row for pending in self.pending],
            observed=self.observed,
            answers=self._answers,
        )

    def _make(self, job: Job) -> Validated | Refused:
        view = self._view(job.account_id)
        if job.plan is not None and job.plan.holds_for(view):
            return job.plan.made
        try:
            return job.make(view, self._now, go_on)
        except InvalidSnapshot as error:
            return Refused(error.code, str(error))
        except Exception:  # one account's change must not stop the others'
            log.exception("a change could not be made", account=job.account_id)
            return BROKEN

    def _enter(self, job: Job, made: Validated | Refused) -> Outcome:
        if isinstance(made, Refused):
            return made
        before = self._view(job.account_id)
        try:
            applied = _apply(job, made, before, self._now)
        except Exception:  # as above
            log.exception("a change could not be applied", account=job.account_id)
            return BROKEN
        if applied.row is not None:
            self.views[job.account_id] = applied.view
            self.pending.append(PendingRow(applied.row, job.actor, job.lease_epoch))
        return Done(applied.view, applied.row is not None, made.warnings + applied.warnings, before)

    def _finish(self, job: Job, outcome: Outcome) -> None:
        self._answers.append((job.answer, outcome))
        if isinstance(outcome, Done) and job.observed is not None:
            self.observed.append(Observed(job.account_id, list(job.observed), self._now))

    def _view(self, account_id: str) -> View:
        return self.views.get(account_id) or self._latest_view(account_id)


def make_plan(job: Job, view: View, now: int, check: Check) -> Plan:
    """Return what `job` does to `view`. `now`: ms UTC; `check` is called now and then.

    Raises whatever is wrong with it.
    """
    made = job.make(view, now, check)
    return Plan(view, made, apply(view, made.change, now, epoch=view.epoch or uuid4().hex, check=check))


def _apply(job: Job, made: Validated, before: View, now: int) -> Applied:
    if job.plan is not None and job.plan.holds_for(before) and job.plan.made is made:
        return job.plan.applied
    return apply(before, made.change, now, epoch=before.epoch or uuid4().hex)


def _stands_for_all(job: Job, made: Validated | Refused) -> bool:
    """Return whether every list that the overtaken snapshots carried was accepted whole in this one."""
    if isinstance(made, Refused) or not isinstance(made.change, Sync) or made.change.kept:
        return False
    named = {name for older in job.overtaken if older.scope is not None for name in older.scope.named}
    return all(made.change.items.get(name) for name in named)
