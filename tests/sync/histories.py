"""Accounts with a history in the database, written by the real writer."""

from typing import Any

import msgspec

from sync.core.account.view import View
from sync.core.change.changes import Change
from sync.core.change.snapshot_validation import validate_snapshot
from sync.models import Account
from sync.protocol.messages import Snapshot
from sync.storage.change_log import ChangeLog
from sync.storage.records import Actor
from sync.store import DataStore
from sync.writing.jobs import Job, Make, Published, as_change
from sync.writing.writer import Writer

NOW = 1_790_000_000_000


def a_conversation(number: int, **fields: Any) -> dict[str, Any]:
    facts = {"id": f"c{number}", "conversationId": f"c{number}", "userName": f"Fan {number}", "updatedAt": NOW}
    return facts | fields


def a_message(number: int, conversation: int = 1, **fields: Any) -> dict[str, Any]:
    facts = {
        "id": f"m{number}",
        "messageId": f"m{number}",
        "conversationId": f"c{conversation}",
        "content": f"word {number}",
        "direction": "inbound",
        "createdAt": NOW - 60_000 + number,
    }
    return facts | fields


def write_history(account_id: str, *snapshots: dict[str, list[dict[str, Any]]], now: int = NOW) -> View:
    """One version per snapshot. The account's row is made if need be."""
    wires = [
        Snapshot(platform="douyin", data={name: raw_items(items) for name, items in data.items()}) for data in snapshots
    ]
    return _write(account_id, [_make_of(wire) for wire in wires], now)


def _make_of(wire: Snapshot) -> Make:
    return lambda view, at, _check: validate_snapshot(view, wire, at)


def write_changes(account_id: str, *changes: Change) -> View:
    """What people do."""
    return _write(account_id, [as_change(change) for change in changes], NOW)


def _write(account_id: str, makes: list[Make], now: int) -> View:
    Account.objects.get_or_create(pk=account_id, defaults={"name": f"Shop {account_id}"})
    store = DataStore()

    def publish(published: Published) -> None:
        store.publish(published.views)
        for answer, outcome in published.answers:
            answer(outcome)

    change_log = ChangeLog()
    store.publish([change_log.load(account_id, store.new_view)])
    writer = Writer(store, change_log, publish, lambda: now)
    for make in makes:
        writer.submit(Job(account_id=account_id, make=make, actor=Actor("test"), answer=lambda _outcome: None))
        writer.drain()
    return store.get_view(account_id)


def raw_items(items: list[dict[str, Any]]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(items))


def load(account_id: str) -> View:
    return ChangeLog().load(account_id, DataStore().new_view)
