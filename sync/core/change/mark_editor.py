"""The marks that one change sets, collected before they are stored."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from msgspec.structs import replace

from sync.core.account.conversations import ConversationState
from sync.core.account.marks import HIGHEST_ID, ItemMark, Mark, MarkKind, ReadMarker
from sync.core.account.view import View, latest_known
from sync.protocol.items import Collection


class MarkEditor:
    """Collects the marks that one change sets. `by`: the name of the operator."""

    def __init__(self, view: View, by: str = "") -> None:
        self.view = view
        self.by = by
        self._new: dict[tuple[MarkKind, str], Mark] = {}

    def get(self, collection: MarkKind, item_id: str) -> Mark:
        """Return the mark as it is now, with what was set so far."""
        return self._new.get((collection, item_id)) or self.view.mark(collection, item_id)

    def set(self, collection: MarkKind, item_id: str, **fields: Any) -> None:
        """Set fields of the mark of an item."""
        self._new[collection, item_id] = replace(self.get(collection, item_id), **fields)

    def changed(self) -> list[ItemMark]:
        """Return the marks that differ from those of the view, sorted."""
        return [
            ItemMark(*key, mark) for key, mark in sorted(self._new.items(), key=_key) if mark != self.view.mark(*key)
        ]

    def read_conversation(self, state: ConversationState) -> None:
        """Set the read marker of a conversation to now, and unset the unread marks of its messages."""
        marked = list(self._marked_unread_in(state))
        for message_id in marked:
            self.set("messages", message_id, read=None)
        marker, before = marker_now(self.view, state), state.read_position
        as_before = before is not None and (before.marker.upto, before.marker.base) == (marker.upto, marker.base)
        if as_before and state.unread_position is before and not state.unread_count and not marked:
            return
        self.set("conversations", state.id, read_marker=marker, unread_at=None, read_by=self.by)

    def _marked_unread_in(self, state: ConversationState) -> Iterator[str]:
        """Yield the ids of the messages of the conversation that are marked unread.

        Looks at its messages or at the marks of the account, whichever are fewer.
        """
        if len(state.received) > len(self.view.marks):
            yield from self._marked_unread.get(state.id, [])
            return
        for key in state.received:
            if self.get("messages", key[-1]).read is False:
                yield key[-1]

    @cached_property
    def _marked_unread(self) -> dict[str, list[str]]:
        """The ids of the messages that somebody marked unread, by conversation."""
        found: dict[str, list[str]] = {}
        for message_id in marked_unread(self.view, "messages"):
            found.setdefault(self.view.messages[message_id].item.conversation_id, []).append(message_id)
        return found


def _key(marked: tuple[tuple[MarkKind, str], Mark]) -> tuple[str, str]:
    return marked[0]


def marked_unread(view: View, collection: Collection) -> list[str]:
    """Return the ids of stored items that are marked unread, deleted ones too, because they may be restored."""
    held = view.entries(collection)
    return [i for (name, i), mark in view.marks.items() if name == collection and mark.read is False and i in held]


def marker_now(view: View, state: ConversationState) -> ReadMarker:
    """Return a read marker that covers everything known of the conversation now."""
    entry = view.conversations.get(state.id)
    upto = latest_known(view, state)
    return ReadMarker(
        version=view.version + 1,
        time=upto.time,
        id=upto.id,
        order=upto.order,
        last_id=entry.item.last_message_id if entry is not None and upto.id == HIGHEST_ID else None,
        base=(entry.item.unread_count or 0) if entry is not None else 0,
        rest=(state.unread_position.left if state.unread_position is not None else 0) + state.rest,
    )
