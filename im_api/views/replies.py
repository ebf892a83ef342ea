from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict
from rest_framework.request import Request

from im_api import shapes
from im_api.queries.replies import create_reply, delete_reply, get_reply, list_replies, update_reply
from im_api.saved_replies import ReplyInfo
from im_api.shapes.answers import Deleted
from im_api.shapes.query_strings import SavedRepliesQuery
from im_api.shapes.requests import SavedReplyBody
from im_api.views.base import Answered, ApiViewSet, page_of


class SavedReplyViewSet(ApiViewSet):
    def list(self, request: Request) -> Answered:
        query = self.query(SavedRepliesQuery)
        replies, cursor = list_replies(self.principal, query.page("saved-replies"), query.account_id)
        return self.answer(page_of("saved_replies", [self._shape(reply) for reply in replies], cursor))

    def retrieve(self, request: Request, item_id: str) -> Answered:
        return self.answer(self._shape(get_reply(self.principal, item_id)))

    def create(self, request: Request) -> Answered:
        """201 for a new one, 200 for one that is there."""
        reply, is_new = create_reply(self.principal, self._fields())
        return self.answer(self._shape(reply), status=201 if is_new else 200)

    def update(self, request: Request, item_id: str) -> Answered:
        return self.answer(self._shape(update_reply(self.principal, item_id, self._fields())))

    def destroy(self, request: Request, item_id: str) -> Answered:
        delete_reply(self.principal, item_id)
        return self.answer(Deleted())

    def _fields(self) -> dict[str, Any]:
        """Return the fields of the body that were sent."""
        return {name: value for name, value in asdict(self.body(SavedReplyBody)).items() if value is not UNSET}

    def _shape(self, reply: ReplyInfo) -> shapes.SavedReplyShape:
        return shapes.saved_reply(reply, self.principal.user_id)
