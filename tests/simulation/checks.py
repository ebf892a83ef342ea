"""Checks of what must be true of the hub at every moment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import GenericAlias
from typing import Any, NamedTuple, cast

import msgspec
from msgspec import Raw

from crawler.account.data_manager import AccountDataManager
from sync.core.account.view import View
from sync.models import Account, Change, StoredMark
from sync.protocol.frames import decode_from_hub, decode_from_worker
from sync.protocol.items import COLLECTIONS, ITEM_TYPES, REFERENCES, Collection
from sync.protocol.messages import DataDelta, DataSync, DataSyncAck
from sync.storage.change_log import ChangeLog, read_body
from tests.simulation.hub import SimulatedHub
from tests.simulation.ledger import Ledger
from tests.simulation.wire import WorkerConnection
from tests.simulation.workers import WorkerProcess
from tests.sync.core.model import picture
from tests.sync.core.model.account import is_same

Key = tuple[str, str]


class Owed(NamedTuple):
    version: int
    item: Any


class Log:
    """The change log of one account, read from the database as it grows."""

    def __init__(self, account_id: str) -> None:
        self.account_id = account_id
        self.version = 0
        self.seq = 0
        self.cleared_in = 0
        self.touched: dict[Key, int] = {}

    def read_on(self) -> None:
        """Versions grow by one, numbers of events without a gap."""
        rows = Change.objects.filter(account_id=self.account_id, version__gt=self.version).order_by("version")
        for row in rows:
            delta = read_body(row)
            if delta.reset:  # what was before is not kept
                self.version, self.seq = row.version - 1, row.seq_from - 1
                self.cleared_in, self.touched = row.version, {}
            assert row.version == self.version + 1
            assert row.seq_from == self.seq + 1
            assert row.seq_to - row.seq_from + 1 == len(delta.events)
            self.version, self.seq = row.version, row.seq_to
            for name in COLLECTIONS:
                ids = [entry.item.id for entry in delta.upserts(name)] + delta.removed.get(name, [])
                self.touched |= {(name, item_id): row.version for item_id in ids}


class Checks:
    """`acknowledged`: what workers were told is kept, by account and item; `answered`: the same of people's words."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.logs = {account_id: Log(account_id) for account_id in ledger.models}
        self.acknowledged: dict[str, dict[Key, Owed]] = {account_id: {} for account_id in ledger.models}
        self.answered: dict[str, int] = dict.fromkeys(ledger.models, 0)

    def note_answer(self, line: WorkerConnection, frame: str) -> None:
        """A worker gets `frame`."""
        decoded = decode_from_hub(frame)
        ack = decoded.message
        if not isinstance(ack, DataSyncAck) or not ack.success:
            return
        assert ack.account_id is not None
        assert ack.version is not None
        self._ledger.counts["acks"] += 1
        self.note_answered(ack.account_id, ack.version)
        for text in line.sent.get(decoded.request_id or "", ()):
            sync = decode_from_worker(text).message
            if isinstance(sync, DataSync):
                said_since = self._ledger.overtaken.get((sync.account_id, ack.version, sync.timestamp), set())
                lists = {name: raw for name, raw in sync.snapshot.data.items() if name not in said_since}
                self._owe(sync.account_id, lists, ack.version)
            elif isinstance(sync, DataDelta):
                self._ledger.counts["deltas"] += sync.base_version is not None
                self._owe(sync.account_id, sync.upserts, ack.version)

    def _owe(self, account_id: str, lists: Mapping[str, Raw], version: int) -> None:
        for name, raw in lists.items():
            for item in msgspec.json.decode(raw, type=GenericAlias(list, ITEM_TYPES[cast(Collection, name)])):
                self.acknowledged[account_id][name, item.id] = Owed(version, item)

    def note_answered(self, account_id: str, version: int) -> None:
        """Somebody was told that this version is kept."""
        self.answered[account_id] = max(self.answered[account_id], version)

    def check_all(self, hub: SimulatedHub) -> None:
        for account_id in self._ledger.models:
            self.check(hub, account_id)
        check_owners(hub, self._ledger)

    def check(self, hub: SimulatedHub, account_id: str) -> None:
        """Everything about one account. The hub is settled."""
        model, log = self._ledger.models[account_id], self.logs[account_id]
        view = ChangeLog().load(account_id, hub.store.new_view)
        assert view == hub.store.get_view(account_id), "memory is not what the database says"
        assert picture.of_view(view) == picture.of_model(model)
        assert view.report == (model.report or view.report)
        assert view.owner_at == model.owner_at
        assert view.rules == model.rules
        log.read_on()
        row = Account.objects.get(pk=account_id)
        assert (row.version, row.seq) == (view.version, view.seq)
        assert (log.version, log.seq) == (view.version, view.seq)
        assert self.answered[account_id] <= view.version, "what was answered is not in the database"
        self._check_acknowledged(account_id, view, log)
        rows = {(mark.kind, mark.item_id) for mark in StoredMark.objects.filter(account_id=account_id)}
        assert rows == set(view.marks)

    def _check_acknowledged(self, account_id: str, view: View, log: Log) -> None:
        owed = self.acknowledged[account_id]
        for (name, item_id), (version, item) in list(owed.items()):
            if log.touched.get((name, item_id), 0) >= version or log.cleared_in >= version:
                del owed[name, item_id]  # somebody has said something newer of it
                continue
            collection = cast(Collection, name)
            entry = view.entries(collection).get(item_id)
            assert entry is not None, f"{item_id} was acknowledged in version {version} and is lost"
            kept = {attribute: getattr(entry.item, attribute) for attribute, _ in REFERENCES[collection]}
            assert is_same(entry.item, msgspec.structs.replace(item, **kept))

    def check_equal(self, view: View, manager: AccountDataManager) -> None:
        """The hub holds what the worker holds, and of the lists whose end it saw nothing else."""
        for name, held in manager._held.items():
            here = {i for i, entry in view.entries(name).items() if not entry.operator_created}
            assert held.items.keys() <= set(view.entries(name))
            assert not held.ended or here <= held.items.keys()


def check_owners(hub: SimulatedHub, ledger: Ledger) -> None:
    """No account is crawled under a good lease over two connections."""
    held = [lease for connected in hub.presence._connected.values() for lease in connected.link.leases.items()]
    good = [account_id for account_id, epoch in held if ledger.epochs.get(account_id) == epoch]
    assert len(good) == len(set(good))


def check_browsers(workers: Iterable[WorkerProcess]) -> None:
    """No account is open in two browsers, whoever has which lease."""
    opened = [account_id for worker in workers for account_id in worker.sessions.open]
    assert len(opened) == len(set(opened)), f"open twice: {sorted(opened)}"
