"""A ledger of what the hub accepted, in the order of its commits. It feeds a naive model of each account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from types import GenericAlias
from typing import Any

import msgspec

from sync.core.change.changes import (
    Change,
    Cleared,
    EpochRenewed,
    OwnerChanged,
    ReplyMoved,
    ReplyWritten,
    Reported,
    RulesChanged,
    Sync,
)
from sync.protocol.items import ITEM_TYPES
from sync.protocol.messages import DataDelta, DataSync
from sync.writing.jobs import Done, Job, Outcome, Published
from tests.sync.core.model.account import PREFIX, Model
from tests.sync.core.model.history import lowered
from tests.sync.core.model.operators import operate

Source = Sequence[DataSync] | DataDelta | Change


class Record:
    """A job on its way, and what it carries as it was sent. Stands in for the job's answer."""

    def __init__(self, job: Job, source: Source | None) -> None:
        self.account_id = job.account_id
        self.actor = job.actor.name
        self.lease_epoch = job.lease_epoch
        self.source = source
        self._answer = job.answer

    def __call__(self, outcome: Outcome) -> None:
        self._answer(outcome)


class Ledger:
    """`owners`: (account, lease epoch) -> the worker that may write under it. The newest epoch is the only good one.

    `overtaken`: (account, version, time of the frame) of a snapshot that a newer one overtook -> the collections that
    the newer one said all of.
    """

    def __init__(self) -> None:
        self.models: dict[str, Model] = {}
        self.owners: dict[tuple[str, int], str] = {}
        self.epochs: dict[str, int] = {}
        self.overtaken: dict[tuple[str, int, int], set[str]] = {}
        self.counts: Counter[str] = Counter()

    def add_account(self, account_id: str) -> None:
        self.models[account_id] = Model(account_id)

    def assign(self, account_id: str, epoch: int, worker: str) -> None:
        self.owners[account_id, epoch] = worker
        self.epochs[account_id] = epoch

    def enter(self, published: Published, now: int) -> None:
        """The changes that one commit made durable."""
        answers = [(record, outcome) for record, outcome in published.answers if isinstance(record, Record)]
        for at, (record, outcome) in enumerate(answers):
            if not isinstance(outcome, Done):
                self.counts["refused"] += 1
                continue
            self._check_lease(record)
            overtaken = at + 1 < len(answers) and answers[at + 1][1] is outcome
            self.counts["overtaken"] += overtaken
            if overtaken:
                self._note_overtaken(record, answers[at + 1][0], outcome)
            else:
                self._apply(record, outcome, now)

    def _note_overtaken(self, older: Record, newer: Record, outcome: Done) -> None:
        said = whole_lists(newer.source)
        for sync in older.source if isinstance(older.source, Sequence) else ():
            self.overtaken[older.account_id, outcome.view.version, sync.timestamp] = said

    def _check_lease(self, record: Record) -> None:
        if record.lease_epoch is None:
            return
        assert record.lease_epoch == self.epochs[record.account_id], f"{record.actor} wrote under a lease that it lost"
        assert record.actor == f"worker:{self.owners[record.account_id, record.lease_epoch]}"

    def _apply(self, record: Record, outcome: Done, now: int) -> None:
        model = self.models[record.account_id]
        before = model.version
        assert outcome.before.version == before, f"{record.account_id}: applied to a version that is not the newest"
        with lowered(model, now):
            feed(model, record.source, now)
        agreed = (outcome.view.version, outcome.changed) == (model.version, model.version > before)
        assert agreed, f"{record.account_id}: the hub says {outcome.changed}, the model not, of {record.source}"
        assert model.version - before <= 1
        self.counts["changes"] += outcome.changed


def feed(model: Model, source: Source | None, now: int) -> None:
    if isinstance(source, Reported):
        model.version += model.report != source.report
        model.report = source.report
    elif isinstance(source, OwnerChanged):
        model.version += model.owner_at != source.at
        model.owner_at = source.at
    elif isinstance(source, RulesChanged):
        model.version += model.rules != source.rules
        model.rules = source.rules
    elif isinstance(source, Cleared):
        model.clear()
    elif isinstance(source, DataDelta):
        lists = {name: _decoded(name, raw) for name, raw in source.upserts.items()}
        model.sync(lists, PREFIX, dict(source.removals), (), now)
    elif isinstance(source, Sequence):
        _feed_snapshot(model, source, now)
    elif source is not None and not isinstance(source, Sync | EpochRenewed | ReplyWritten | ReplyMoved):
        operate(model, source, now)


def whole_lists(source: Source | None) -> set[str]:
    """The collections of which a snapshot carries something, and all."""
    parts = source if isinstance(source, Sequence) else ()
    partial = {name for part in parts for name in part.snapshot.partial}
    return {name for part in parts for name, raw in part.snapshot.data.items() if _decoded(name, raw)} - partial


def _feed_snapshot(model: Model, parts: Sequence[DataSync], now: int) -> None:
    lists: dict[str, list[Any]] = {}
    removed: dict[str, list[str]] = {}
    for part in parts:
        for name, raw in part.snapshot.data.items():
            lists.setdefault(name, []).extend(_decoded(name, raw))
        for name, ids in part.snapshot.removed.items():
            removed.setdefault(name, []).extend(ids)
    partial = {name for part in parts for name in part.snapshot.partial}
    cleared = {name for part in parts for name in part.snapshot.cleared}
    model.sync(lists, partial, removed, cleared, now)


def _decoded(name: Any, raw: msgspec.Raw) -> list[Any]:
    items: list[Any] = msgspec.json.decode(raw, type=GenericAlias(list, ITEM_TYPES[name]))
    return items
