"""The base of the views of items: read one, and do something to it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from im_api import queries
from im_api.queries import Action, AuthorizedAccount, Collection, MessageStatus
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import ItemQuery
from im_api.views.base import Answered, ApiViewSet


class ItemViewSet(ApiViewSet):
    """The handlers of one item, of which route_table.py chooses. `account_id` is needed where the id is not enough."""

    is_shared = True
    collection: Collection

    def shape(self, authorized: AuthorizedAccount, known: str) -> Any:
        """The item as clients see it. Raises NotFound."""
        raise NotImplementedError

    def retrieve(self, request: Request, item_id: str) -> Answered:
        account_id = self.query(ItemQuery).account_id
        authorized, known = queries.find_item(self.principal, self.collection, item_id, account_id)
        return self.answer(self.shape(authorized, known), [authorized])

    def mark_read(self, request: Request, item_id: str) -> Answered:
        return self._operate("read", item_id)

    def mark_unread(self, request: Request, item_id: str) -> Answered:
        return self._operate("unread", item_id)

    def mark_done(self, request: Request, item_id: str) -> Answered:
        return self._operate("done", item_id)

    def mark_undone(self, request: Request, item_id: str) -> Answered:
        return self._operate("undone", item_id)

    def pin(self, request: Request, item_id: str) -> Answered:
        return self._operate("pin", item_id)

    def unpin(self, request: Request, item_id: str) -> Answered:
        return self._operate("unpin", item_id)

    def mute(self, request: Request, item_id: str) -> Answered:
        return self._operate("mute", item_id)

    def unmute(self, request: Request, item_id: str) -> Answered:
        return self._operate("unmute", item_id)

    def recall(self, request: Request, item_id: str) -> Answered:
        return self._operate("recall", item_id)

    def restore(self, request: Request, item_id: str) -> Answered:
        return self._operate("restore", item_id)

    def destroy(self, request: Request, item_id: str) -> Answered:
        authorized, _ = self.write("delete", item_id)
        return self.answer(Deleted(), [authorized])

    def _operate(self, action: Action, item_id: str, status: MessageStatus | None = None) -> Answered:
        authorized, known = self.write(action, item_id, status)
        return self.answer(self.shape(authorized, known), [authorized])

    def write(self, action: Action, item_id: str, status: MessageStatus | None = None) -> queries.Found:
        account_id = self.query(ItemQuery).account_id
        return queries.operate(self.principal, self.actor, action, self.collection, item_id, account_id, status)
