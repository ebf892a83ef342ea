"""Store, log and writer without a loop, and what the tests write through them."""

from typing import Any

from sync.core.account.view import View
from sync.core.change.changes import Sync
from sync.core.change.snapshot_validation import Validated
from sync.core.pace import Check
from sync.protocol.items import Item, Message
from sync.storage.change_log import ChangeLog
from sync.storage.records import Actor
from sync.store import DataStore
from sync.writing.jobs import Job, Outcome, Published, SnapshotScope
from sync.writing.writer import Writer

NOW = 1_790_000_000_000


class AHub:
    """Store, log and writer, without a loop."""

    def __init__(self) -> None:
        self.store = DataStore()
        self.log = ChangeLog()
        self.now = NOW
        self.writer = Writer(self.store, self.log, self.publish, lambda: self.now)
        self.outcomes: list[Outcome] = []

    def publish(self, published: Published) -> None:
        self.store.publish(published.views)
        for answer, outcome in published.answers:
            answer(outcome)

    def submit(self, account_id: str, items: dict[Any, list[Item]], **fields: Any) -> Job:
        def make(view: View, now: int, _check: Check) -> Validated:
            return Validated(Sync(items=items, merge=frozenset(fields.get("merge", ()))), [])

        job = Job(
            account_id=account_id,
            make=fields.get("make", make),
            actor=Actor("worker:w"),
            answer=self.outcomes.append,
            lease_epoch=fields.get("lease_epoch", 1),
            observed=fields.get("observed", ()),
            scope=fields.get("scope"),
        )
        assert self.writer.submit(job)
        return job

    def loaded(self) -> dict[str, View]:
        return {view.account_id: view for view in ChangeLog().load_all(DataStore().new_view)}


def messages(*numbers: int, account: str = "a") -> dict[Any, list[Item]]:
    return {
        "messages": [
            Message(
                id=f"msg_{account}_{n}",
                platform_id=str(n),
                conversation_id=f"conv_{account}_1",
                direction="inbound",
                created_at=NOW + n,
            )
            for n in numbers
        ]
    }


def full(*named: Any, lossy: bool = False) -> SnapshotScope:
    return SnapshotScope(named=frozenset(named), proven=frozenset(named), lossy=lossy)
