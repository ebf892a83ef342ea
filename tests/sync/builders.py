"""Small pieces to build a test from. Defaults are an account that the hub has known for a day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from sync.core.account.view import View
from sync.core.change.apply import Applied, apply
from sync.core.change.changes import Change
from sync.core.change.delta import LogRow
from sync.core.change.snapshot_validation import Validated, validate_delta, validate_snapshot
from sync.protocol.ids import make_id
from sync.protocol.items import Comment, Content, Conversation, Message, Notification
from sync.protocol.messages import DataDelta, DataSync, Snapshot
from sync.protocol.times import DAY_MS

ACCOUNT = "acc"
PLATFORM = "douyin"
START = 1_760_000_000_000
"""When the account's first snapshot was applied."""
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = DAY_MS
NOW = START + DAY


def a_view(account_id: str = ACCOUNT) -> View:
    return View(account_id=account_id, fresh_ms=3 * DAY_MS)


def a_conversation(platform_id: str = "77", **fields: Any) -> Conversation:
    fields = {"id": make_id("conversations", ACCOUNT, platform_id), "user_id": "fan", **fields}
    return Conversation(platform_id=platform_id, **fields)


def a_message(platform_id: str, conversation: str = "77", **fields: Any) -> Message:
    """An inbound one, of a minute after the start."""
    fields = {
        "id": make_id("messages", ACCOUNT, platform_id),
        "created_at": START + MINUTE,
        "direction": "inbound",
        **fields,
    }
    return Message(platform_id=platform_id, conversation_id=conversation, **fields)


def a_work(platform_id: str = "9", **fields: Any) -> Content:
    return Content(platform_id=platform_id, **{"id": make_id("contents", ACCOUNT, platform_id), **fields})


def a_comment(platform_id: str, work: str | None = "9", **fields: Any) -> Comment:
    fields = {"id": make_id("comments", ACCOUNT, platform_id), "created_at": START + MINUTE, **fields}
    return Comment(platform_id=platform_id, content_id=work, **fields)


def a_notice(platform_id: str, **fields: Any) -> Notification:
    fields = {
        "id": make_id("notifications", ACCOUNT, platform_id),
        "created_at": START + MINUTE,
        "type": "like",
        **fields,
    }
    return Notification(platform_id=platform_id, **fields)


def a_snapshot(
    *,
    partial: Sequence[str] = (),
    removed: dict[str, list[str]] | None = None,
    cleared: Sequence[str] = (),
    **lists: Any,
) -> Snapshot:
    """`lists`: collection -> items, or anything else that can stand on the wire in their place."""
    snapshot = {
        "platform": PLATFORM,
        "data": lists,
        "partial": partial,
        "removed": removed or {},
        "cleared": cleared,
    }
    return msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)


def a_sync(**fields: Any) -> DataSync:
    fields = {"account_id": ACCOUNT, "platform": PLATFORM, "timestamp": NOW, "snapshot": a_snapshot(), **fields}
    return DataSync(**fields)


class Account:
    """An account at its newest version, and the rows that led there."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.rows: list[LogRow] = []

    def apply(self, change: Change, at: int = NOW) -> Applied:
        applied = apply(self.view, change, at)
        self.view = applied.view
        if applied.row is not None:
            self.rows.append(applied.row)
        return applied

    def sync(self, *, at: int = NOW, **snapshot: Any) -> Applied:
        """A snapshot of the wire, validated and applied. `snapshot` as for `a_snapshot`."""
        return self._enter(validate_snapshot(self.view, a_snapshot(**snapshot), at), at)

    def upsert(self, *, at: int = NOW, removed: dict[Any, list[str]] | None = None, **lists: Any) -> Applied:
        """A delta of the wire, validated and applied."""
        raw = {name: msgspec.Raw(msgspec.json.encode(items)) for name, items in lists.items()}
        delta = DataDelta(account_id=ACCOUNT, platform=PLATFORM, upserts=raw, removals=removed or {})
        return self._enter(validate_delta(self.view, delta, at), at)

    def _enter(self, validated: Validated, at: int) -> Applied:
        applied = self.apply(validated.change, at)
        return applied._replace(warnings=validated.warnings + applied.warnings)

    def thread(self, conversation: str = "77") -> Any:
        """The conversation that the platform calls so, as its messages make it."""
        return self.view.conversation_states[self.view.resolve("conversations", conversation)]

    def ids(self, collection: Any) -> set[str]:
        """Platform ids of what is held."""
        return {entry.item.platform_id for entry in self.view.entries(collection).values()}

    def unread(self) -> set[str]:
        """Platform ids of what is unread, of any kind."""
        kinds: tuple[Any, ...] = ("messages", "comments", "notifications")
        held = [(kind, entry.item) for kind in kinds for entry in self.view.entries(kind).values()]
        return {item.platform_id for kind, item in held if self.view.is_unread(kind, item.id)}


def a_new_account() -> Account:
    """One of which nothing is known yet."""
    return Account(a_view())


def an_account(**snapshot: Any) -> Account:
    """One whose first snapshot came at START; empty unless `snapshot` says more."""
    account = Account(a_view())
    account.sync(at=START, **(snapshot or {"messages": []}))
    return account


def event_names(applied: Applied) -> list[str]:
    """`kind id` of each event of a step."""
    events = applied.row.body.events if applied.row is not None else []
    return [f"{event.kind} {event.id}".strip() for event in events]


def codes(applied: Applied) -> list[str]:
    return [warning.code for warning in applied.warnings]
