from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.errors import BadRequest
from im_api.params import Params
from im_api.queries import AuthorizedAccount, Collection, MessageFilter
from im_api.shapes.common import Direction, MessageType
from im_api.shapes.conversations import MessageStatus
from im_api.shapes.requests import StatusBody
from im_api.views.items import ItemViewSet

DEFAULT_COUNT = 50


class MessageViewSet(ItemViewSet):
    collection: Collection = "messages"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.MessageShape:
        return shapes.message(authorized, queries.entry_in(authorized, "messages", known))

    def list(self, request: Request) -> Response:
        account_id, conversation_id = self.params.text("account_id"), self.params.text("conversation_id")
        if account_id is None and conversation_id is None:
            raise BadRequest("account_id or conversation_id is required")
        page = self.params.page("messages", DEFAULT_COUNT)
        listed = queries.list_messages(self.principal, account_id, _filter(self.params, conversation_id), page)
        return self.answer_page("messages", listed, shapes.message)

    def list_of_conversation(self, request: Request, item_id: str) -> Response:
        authorized, thread = queries.get_conversation(self.principal, item_id, self.params.text("account_id"))
        page = self.params.page("conversation messages", DEFAULT_COUNT)
        where = _filter(self.params, thread.id)
        listed = queries.list_messages(self.principal, authorized.account.id, where, page)
        return self.answer_page("messages", listed, shapes.message)

    def set_status(self, request: Request, item_id: str) -> Response:
        return self._operate("status", item_id, self.body(StatusBody).status)


def _filter(params: Params, conversation_id: str | None) -> MessageFilter:
    return MessageFilter(
        conversation_id=conversation_id,
        sender_id=params.text("sender_id"),
        receiver_id=params.text("receiver_id"),
        direction=params.choice("direction", Direction),
        status=params.choice("status", MessageStatus),
        type=params.choice("message_type", MessageType),
        is_read=params.flag("is_read"),
        is_deleted=params.flag("is_deleted"),
        is_recalled=params.flag("is_recalled"),
        since=params.time("since_time"),
        until=params.time("until_time"),
        q=params.search("q"),
    )
