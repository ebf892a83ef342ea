"""An event as a client gets it: with the item as it is now. What is gone meanwhile is told as gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from im_api import shapes
from im_api.access import Principal
from im_api.push.frames import event_frame, reset_frame
from im_api.queries import AuthorizedAccount, Collection, find_authorized, get_liveness
from im_api.queries.events import NotificationBatch
from im_api.queries.threads import find_thread

Item = Callable[[AuthorizedAccount, str], Any]


def _visible(collection: Collection, shape: Callable[[AuthorizedAccount, Any], Any]) -> Item:
    def item(authorized: AuthorizedAccount, item_id: str) -> Any:
        view = authorized.view
        return shape(authorized, view.entries(collection)[item_id]) if view.is_visible(collection, item_id) else None

    return item


def _conversation(authorized: AuthorizedAccount, item_id: str) -> Any:
    view = authorized.view
    return (
        shapes.conversation(authorized, view.conversation_states[item_id])
        if view.is_visible("conversations", item_id)
        else None
    )


def _work(authorized: AuthorizedAccount, item_id: str) -> Any:
    return shapes.work(authorized, item_id) if item_id in authorized.view.contents else None


def _thread(authorized: AuthorizedAccount, item_id: str) -> Any:
    row = find_thread(authorized, item_id)
    return shapes.thread(authorized, row) if row is not None else None


def _reply(authorized: AuthorizedAccount, item_id: str) -> Any:
    written = authorized.view.replies.get(item_id)
    return shapes.reply(authorized, written) if written is not None else None


def _user(authorized: AuthorizedAccount) -> Any:
    return shapes.user(authorized, get_liveness(authorized.account.id))


ITEMS: Final[dict[str, Item]] = {
    "conversation": _conversation,
    "message": _visible("messages", shapes.message),
    "content": _work,
    "discussion": _visible("comments", shapes.discussion),
    "notification": _visible("notifications", shapes.notification),
    "thread": _thread,
    "note": shapes.note,
    "reply": _reply,
}
OF_ACCOUNT: Final[dict[str, Callable[[AuthorizedAccount], Any]]] = {
    "unread.changed": shapes.counts,
    "account.updated": _user,
    "login.updated": _user,
}
BY_GRANT: Final = frozenset({"account.updated", "login.updated"})
"""Their data says what the reader may do."""


def render(authorized: AuthorizedAccount, batch: NotificationBatch) -> list[str]:
    """Frames in order, each with its number."""
    if batch.events is None:
        return [reset_frame(batch.account_id, *batch.position, initial=batch.initial)]
    frames = []
    for seq, event in enumerate(batch.events, batch.after + 1):
        kind, data = _render_event(authorized, event.kind, event.id)
        frames.append(event_frame(batch.account_id, batch.position.epoch, seq, kind, data))
    return frames


def _render_event(authorized: AuthorizedAccount, kind: str, item_id: str) -> tuple[str, Any]:
    if kind in OF_ACCOUNT:
        return kind, OF_ACCOUNT[kind](authorized)
    noun = kind.partition(".")[0]
    data = None if kind.endswith(".removed") else ITEMS[noun](authorized, item_id)
    return (kind, data) if data is not None else (f"{noun}.removed", {"id": item_id})


class RenderedBatch:
    """A batch on its way to several sockets: rendered once for all who may see the same of it."""

    def __init__(self, batch: NotificationBatch) -> None:
        self.batch = batch
        self._by_grant = any(event.kind in BY_GRANT for event in batch.events or ())
        self._frames: dict[str, list[str]] = {}

    def frames_for(self, principal: Principal) -> list[str] | None:
        """Return the frames for `principal`; None without a grant. Raises what the item's shape does."""
        authorized = find_authorized(principal, self.batch.account_id)
        if authorized is None:
            return None
        key = authorized.grant if self._by_grant else ""
        if key not in self._frames and not authorized.view.is_resident:
            # It waited so long that the account has left memory since. What was rendered then is kept.
            return [reset_frame(self.batch.account_id, *self.batch.position, initial=False)]
        if key not in self._frames:
            self._frames[key] = render(authorized, self.batch)
        return self._frames[key]
