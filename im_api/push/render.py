"""An event as a client gets it: with the item as it is now. What is gone meanwhile is told as gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from im_api import shapes
from im_api.push.frames import event_frame, reset_frame
from im_api.queries import Collection, Reading
from im_api.queries.events import News
from im_api.queries.threads import find_thread

Item = Callable[[Reading, str], Any]


def _visible(collection: Collection, shape: Callable[[Reading, Any], Any]) -> Item:
    def item(reading: Reading, item_id: str) -> Any:
        view = reading.view
        return shape(reading, view.entries(collection)[item_id]) if view.is_visible(collection, item_id) else None

    return item


def _conversation(reading: Reading, item_id: str) -> Any:
    view = reading.view
    return (
        shapes.conversation(reading, view.conversation_states[item_id])
        if view.is_visible("conversations", item_id)
        else None
    )


def _work(reading: Reading, item_id: str) -> Any:
    return shapes.work(reading, item_id) if item_id in reading.view.contents else None


def _thread(reading: Reading, item_id: str) -> Any:
    row = find_thread(reading, item_id)
    return shapes.thread(reading, row) if row is not None else None


ITEMS: Final[dict[str, Item]] = {
    "conversation": _conversation,
    "message": _visible("messages", shapes.message),
    "content": _work,
    "discussion": _visible("comments", shapes.discussion),
    "notification": _visible("notifications", shapes.notification),
    "thread": _thread,
    "note": shapes.note,
}
OF_ACCOUNT: Final[dict[str, Callable[[Reading], Any]]] = {
    "unread.changed": shapes.counts,
    "account.updated": shapes.user,
    "login.updated": shapes.user,
}
BY_GRANT: Final = frozenset({"account.updated", "login.updated"})
"""Their data says what the reader may do."""


def render(reading: Reading, news: News) -> list[str]:
    """Frames in order, each with its number."""
    if news.events is None:
        return [reset_frame(news.account_id, *news.position, initial=news.initial)]
    frames = []
    for seq, event in enumerate(news.events, news.after + 1):
        kind, data = _told(reading, event.kind, event.id)
        frames.append(event_frame(news.account_id, news.position.epoch, seq, kind, data))
    return frames


def _told(reading: Reading, kind: str, item_id: str) -> tuple[str, Any]:
    if kind in OF_ACCOUNT:
        return kind, OF_ACCOUNT[kind](reading)
    noun = kind.partition(".")[0]
    data = None if kind.endswith(".removed") else ITEMS[noun](reading, item_id)
    return (kind, data) if data is not None else (f"{noun}.removed", {"id": item_id})
