"""The current view of every account, in memory.

A reader takes one view and sees that version only; a writer swaps in the next one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from django.conf import settings
from immutables import Map

from sync.body_memory import MIB, BodyCounts, BodyMemory
from sync.core.account.conversations import ConversationState
from sync.core.account.entries import Entry
from sync.core.account.view import Totals, View
from sync.core.change.apply import Applied, apply
from sync.core.change.changes import Change, Cleared
from sync.core.change.snapshot_validation import validate_snapshot
from sync.core.heads.evicted_view import EvictedView
from sync.core.lists.filters import (
    CommentFilter,
    ContentFilter,
    ConversationFilter,
    FeedFilter,
    MessageFilter,
    NotificationFilter,
)
from sync.core.lists.pages import (
    FeedRow,
    ListPage,
    ListWindow,
    list_comments,
    list_contents,
    list_conversations,
    list_feed,
    list_messages,
    list_notifications,
)
from sync.protocol.items import Comment, Content, Message, Notification
from sync.protocol.messages import Snapshot
from sync.protocol.times import DAY_MS
from sync.storage.export_file import make_document, read_contents

FIRST_PAGE: Final = ListWindow(limit=20)


def configured_store() -> DataStore:
    """Return an empty store as the settings want it."""
    return DataStore(fresh_days=settings.FRESH_DAYS, memory_mb=settings.MEMORY_MB)


class DataStore:
    """Views by account. Every method that changes it swaps one reference.

    With `memory_mb` the bodies of the least recently used accounts leave memory (`evict`): such an account is held as
    an `EvictedView`, which everybody uses as any other view. `put_back` takes a body in that was read.

    The methods that list items are short for the functions of `sync.core.lists.pages` on the current view. Who needs
    several answers of one version, as `im_api.queries` does, takes the view once and calls these functions on it.
    """

    def __init__(self, *, fresh_days: int = 3, memory_mb: int = 0) -> None:
        self._fresh_ms = fresh_days * DAY_MS
        self.bodies = BodyMemory(memory_mb * MIB)
        self._heads: dict[str, EvictedView] = {}
        self._views: Map[str, View] = Map()  # the next one shares nearly all of it, however many accounts there are
        self.revision = 0
        """Another number after every change of any account."""

    # -- changing

    def new_view(self, account_id: str) -> View:
        """Return an account of which nothing is known."""
        return View(account_id=account_id, fresh_ms=self._fresh_ms)

    def publish(self, views: Iterable[View], before: Iterable[View] = ()) -> None:
        """Make these views the current versions of their accounts.

        `before`: versions that are current no more. Who holds the head of one has its body from now on for good: it
        cannot be read again.
        """
        for view in before:
            head = self._heads.get(view.account_id)
            if head is not None and (head.version, head.epoch) == (view.version, view.epoch):
                head.body.view = view.whole()
        changed = {view.account_id: view for view in views}
        if not changed:
            return
        for view in changed.values():
            self._take(view)
        self._swap(self._views.update(changed))

    def _take(self, view: View) -> None:
        self._heads.pop(view.account_id, None)
        if isinstance(view, EvictedView):
            self._heads[view.account_id] = view
        if view.is_resident:
            self.bodies.entered(view)
        else:
            self.bodies.left(view.account_id)

    def _swap(self, views: Map[str, View]) -> None:
        self._views = views
        self.bodies.note_accounts(len(views))
        self.revision += 1

    def apply_change(self, account_id: str, change: Change, *, now: int) -> Applied:
        """Apply a change and publish the result, in memory only. `now`: ms UTC.

        Durable changes go through the Writer.
        """
        applied = apply(self.get_view(account_id).whole(), change, now)
        self.publish([applied.view])
        return applied

    def update_account_data(self, account_id: str, snapshot: Snapshot | Mapping[str, Any], *, now: int) -> Applied:
        """Validate and apply a snapshot in the wire format (`{platform, data: {collection: [items]}}`), in memory.

        Raises InvalidSnapshot, and msgspec.ValidationError for a snapshot of the wrong shape.
        """
        if not isinstance(snapshot, Snapshot):
            snapshot = msgspec.json.decode(msgspec.json.encode(snapshot), type=Snapshot)
        validated = validate_snapshot(self.get_view(account_id), snapshot, now, {*self._views, account_id})
        applied = self.apply_change(account_id, validated.change, now=now)
        return applied._replace(warnings=validated.warnings + applied.warnings)

    def clear_account(self, account_id: str, *, epoch: str, now: int) -> None:
        """Forget the account's data and history; its version goes on. `epoch`: of its new history."""
        self.apply_change(account_id, Cleared(epoch=epoch), now=now)

    def delete_account(self, account_id: str) -> None:
        """Forget the account itself."""
        self._heads.pop(account_id, None)
        self.bodies.left(account_id)
        self._swap(self._views.delete(account_id) if account_id in self._views else self._views)

    # -- bodies that leave memory

    def find_head(self, view: View) -> EvictedView | None:
        """Return the head that `view` had before its body was read, or None. Safe in every thread."""
        head = self._heads.get(view.account_id)
        return head if head is not None and (head.version, head.epoch) == (view.version, view.epoch) else None

    def evict(self, view: View, head: EvictedView) -> None:
        """Keep `head`, which is that of `view`, alone, if that is the current version of its account."""
        account_id = view.account_id
        if self._views.get(account_id) is not view:
            self.keep_body(account_id)
            return
        # Who got this version before the body was read has the same head: it lets go of the body as well.
        head = self._heads.setdefault(account_id, head)
        head.body.view = None
        self._put(head)
        self.bodies.left(account_id)

    def keep_body(self, account_id: str) -> None:
        """Count the body of the account again, if it has one in memory: it was to leave, and stays."""
        view = self._views.get(account_id)
        if view is not None and view.is_resident:
            self.bodies.entered(view)

    def put_back(self, head: EvictedView) -> None:
        """Hold the body that was read for `head`, if that is the current version of its account."""
        view = head.body.view
        if view is not None and self._views.get(head.account_id) is head:
            self._put(view)
            self.bodies.entered(view)

    def _put(self, view: View) -> None:
        """Put the view. Another form of the same version is no change, so what is made of it stays valid."""
        self._views = self._views.set(view.account_id, view)

    def count_bodies(self) -> BodyCounts:
        """Return how many bodies are in memory, and how many are not."""
        return self.bodies.count()

    # -- reading

    def account_ids(self) -> list[str]:
        """Return the ids of all accounts, sorted."""
        return sorted(self._views)

    def get_view(self, account_id: str) -> View:
        """Return the account's current version; a new view if nothing is known of it."""
        return self._views.get(account_id) or self.new_view(account_id)

    def get_conversations(
        self, account_id: str, where: ConversationFilter = ConversationFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[ConversationState]:
        """Return a page of conversations: pinned first, then by the last message, newest first."""
        return list_conversations(self.get_view(account_id), where, window)

    def get_messages(
        self, account_id: str, where: MessageFilter = MessageFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[Entry[Message]]:
        """Return a page of messages, newest first."""
        return list_messages(self.get_view(account_id), where, window)

    def get_contents(
        self, account_id: str, where: ContentFilter = ContentFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[Entry[Content]]:
        """Return a page of works, newest first."""
        return list_contents(self.get_view(account_id), where, window)

    def get_comments(
        self, account_id: str, where: CommentFilter = CommentFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[Entry[Comment]]:
        """Return a page of comments and replies, newest first."""
        return list_comments(self.get_view(account_id), where, window)

    def get_notifications(
        self, account_id: str, where: NotificationFilter = NotificationFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[Entry[Notification]]:
        """Return a page of notices, newest first."""
        return list_notifications(self.get_view(account_id), where, window)

    def get_feed(
        self, account_ids: Iterable[str], where: FeedFilter = FeedFilter(), window: ListWindow = FIRST_PAGE
    ) -> ListPage[FeedRow]:
        """Return a page of messages, comments and notices of these accounts, newest first."""
        views = [self.get_view(account_id) for account_id in account_ids]
        return list_feed(views, where, window) if views else ListPage([], None)

    def get_stats(self, account_id: str) -> Totals:
        """Return the counters of the account."""
        return self.get_view(account_id).totals

    # -- the whole

    def export_snapshot(self) -> dict[str, Any]:
        """Return everything held, as plain data for one JSON file. `import_snapshot` makes an equal store of it."""
        views = (view for _, view in sorted(self._views.items()))
        document: dict[str, Any] = msgspec.to_builtins(make_document(views, owners=()))
        return document

    def import_snapshot(self, document: Mapping[str, Any]) -> None:
        """Replace everything. Raises BadDocument with the place of the fault; the store is then as before."""
        views = read_contents(document, self.new_view).views
        self._heads.clear()
        self.bodies = BodyMemory(self.bodies.limit)
        self._views = Map()
        self.publish(views)
