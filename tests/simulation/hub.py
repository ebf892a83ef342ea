"""The real hub without threads: its writer runs when it is told to, and it can die at any moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from django.db import OperationalError
from msgspec.structs import replace

from im_api.push.feed import PushFeed
from sync.core.account.view import View
from sync.core.change.changes import Cleared, OperatorChange, OwnerChanged, Reported, RulesChanged
from sync.core.change.snapshot_validation import Validated
from sync.core.pace import Check
from sync.directory import changed_here, hash_token
from sync.fleet.fleet import Fleet
from sync.fleet.rules import Move
from sync.hub import Hub, set_hub
from sync.outbox import Outbox
from sync.protocol.messages import DataDelta, DataSync
from sync.storage.records import Actor, BaseVersion, PendingRow
from sync.worker.connection import WorkerConnection
from sync.worker.frame_reader import read_here
from sync.worker.ports import Send, Sender, WorkerPorts
from sync.worker.receiver import DataSyncReceiver, GetAccounts
from sync.writing.jobs import Job, Outcome, Published, as_change
from sync.writing.writer import Writer
from tests.simulation.clock import VirtualLoop
from tests.simulation.ledger import Ledger, Record, Source

REFUSED: Final = "the simulated database is locked"


class Died(BaseException):
    """The process ends here. Nothing catches it, as nothing catches `kill -9`."""


class Disagreement(BaseException):
    """The hub did not do what the model says. The writer shall not take it for a fault of a change."""


class Faults:
    """The faults that the next commit meets. `full`: the queue takes nothing more."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.refuse_commit = False
        self.die_before_commit = False
        self.die_after_commit = False
        self.full = False


class WatchedWriter(Writer):
    """Notes of each job what it carries, as it came in."""

    faults: Faults
    source: Source | None = None

    def submit(self, job: Job) -> bool:
        source, self.source = self.source, None
        if self.faults.full:
            return False
        record = Record(job, source)
        make = job.make

        def watched(view: View, now: int, check: Check) -> Validated:
            validated = make(view, now, check)
            if source is None and isinstance(validated.change, Reported | OwnerChanged | RulesChanged):
                record.source = validated.change
            return validated

        job.make, job.answer = watched, record
        return super().submit(job)


class Direct(Outbox):
    """Of a worker that takes everything at once."""

    def __init__(self, send: Callable[[str], None]) -> None:
        super().__init__()
        self._send = send

    def put(self, text: str) -> None:
        self._send(text)


class WatchedReceiver(DataSyncReceiver):
    def __init__(
        self,
        writer: WatchedWriter,
        get_view: Callable[[str], View],
        get_accounts: GetAccounts,
        clock: Callable[[], int],
    ) -> None:
        super().__init__(writer.submit, get_view, get_accounts, clock)
        self._writer = writer

    def receive_snapshot(self, parts: Sequence[DataSync], size: int, digest: bytes, sender: Sender, send: Send) -> None:
        self._writer.source = parts
        super().receive_snapshot(parts, size, digest, sender, send)
        self._writer.source = None

    def receive_delta(self, delta: DataDelta, timestamp: int, size: int, sender: Sender, send: Send) -> None:
        self._writer.source = delta
        super().receive_delta(delta, timestamp, size, sender, send)


class WatchedFleet(Fleet):
    """Enters in the ledger who has an account from now on."""

    ledger: Ledger

    async def make(self, move: Move) -> bool:
        made = await super().make(move)
        if made:
            self.ledger.counts["taken over"] += 1
            self.ledger.assign(move.account_id, move.lease_epoch + 1, move.new)
        return made


class SimulatedHub(Hub):
    """`begin` and `die` instead of `start` and `stop`."""

    fleet: WatchedFleet
    writer: WatchedWriter

    def __init__(self, loop: VirtualLoop, ledger: Ledger) -> None:
        self.feed = PushFeed()
        super().__init__(clock=loop.clock, followers=(self.feed,))
        self.faults = Faults()
        self.alive = False
        self._ledger = ledger
        self._virtual = loop
        self.writer = WatchedWriter(self.store, self._change_log, self._publish, loop.clock)
        self.writer.faults = self.faults
        self.receiver = WatchedReceiver(self.writer, self.store.get_view, lambda: self.directory.accounts, loop.clock)
        self.fleet = WatchedFleet(self.presence, lambda: self.directory, loop.clock, self.started_at)
        self.fleet.ledger = ledger
        self._commit = self._change_log.commit
        self._change_log.commit = self._commit_or_not  # type: ignore[method-assign]  # faults happen there

    def begin(self) -> None:
        """As `start`, but nothing runs by itself."""
        self._loop.begin(self._virtual)
        self._load()
        self.fleet.begin()
        changed_here.connect(self._local_change)
        self.alive = True
        self._virtual.call_soon(lambda: self.spawn(self.fleet.run()))
        set_hub(self)

    def die(self) -> None:
        self.alive = False
        self._ledger.counts["bodies read"] += self.store.count_bodies().reads
        changed_here.disconnect(self._local_change)
        self._loop.cancel_all()
        set_hub(None)

    def open_connection(
        self, token: str, send: Callable[[str], None], close: Callable[[int, str], None]
    ) -> WorkerConnection:
        worker = self.directory.worker_by_token_hash(hash_token(token))
        assert worker is not None
        outbox = Direct(send)
        return WorkerConnection(self.worker_ports(), worker.name, hash_token(token), outbox, close, confidential=True)

    def worker_ports(self) -> WorkerPorts:
        """Threads and rows about the hub itself are not what is looked at here."""
        return replace(
            super().worker_ports(),
            read_large=read_here,
            load_session=_no_session,
            save_session=_not_kept,
            note_registered=lambda _name: None,
        )

    def say(self, account_id: str, change: OperatorChange | Cleared, answer: Callable[[Outcome], None]) -> bool:
        """As `write`, but whoever asks does not wait. False: busy."""
        self.writer.source = change
        return self.writer.submit(
            Job(account_id=account_id, make=as_change(change), actor=Actor("user:op"), answer=answer)
        )

    def _commit_or_not(self, pending: Sequence[PendingRow], bases: Iterable[BaseVersion] = ()) -> None:
        faults = self.faults
        if pending and faults.refuse_commit:
            faults.refuse_commit = False
            raise OperationalError(REFUSED)
        self._commit(pending, bases)
        if pending and faults.die_before_commit:
            raise Died

    def _publish(self, published: Published) -> None:
        try:
            self._ledger.enter(published, self.clock())
        except AssertionError as error:
            raise Disagreement(str(error)) from error
        if published.views and self.faults.die_after_commit:
            raise Died
        super()._publish(published)

    def _swap(self, published: Published) -> None:
        if self.alive:
            super()._swap(published)


async def _no_session(account_id: str) -> dict[str, Any] | None:
    return None


async def _not_kept(account_id: str, storage_state: dict[str, Any]) -> None: ...
