from msgspec.structs import replace
from rest_framework.request import Request

from im_api import queries, shapes
from im_api.errors import BadRequest
from im_api.queries import AuthorizedAccount, Collection, MessageFilter
from im_api.shapes.query_strings import ConversationMessagesQuery, ItemQuery, MessagesQuery
from im_api.shapes.requests import StatusBody
from im_api.shapes.sending import MessageBody
from im_api.views.base import Answered
from im_api.views.items import ItemViewSet
from im_api.views.sending import new_message, send_reply


class MessageViewSet(ItemViewSet):
    collection: Collection = "messages"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.MessageShape:
        return shapes.message(authorized, queries.entry_in(authorized, "messages", known))

    def list(self, request: Request) -> Answered:
        query = self.query(MessagesQuery)
        if query.account_id is None and query.conversation_id is None:
            raise BadRequest("account_id or conversation_id is required")
        where = query.as_filter(MessageFilter)
        listed = queries.list_messages(self.principal, query.account_id, where, query.page("messages"))
        return self.answer_page("messages", listed, shapes.rendered_message)

    def list_of_conversation(self, request: Request, item_id: str) -> Answered:
        account_id = self.query(ItemQuery).account_id
        authorized, thread = queries.get_conversation(self.principal, item_id, account_id)
        query = self.query(ConversationMessagesQuery)  # an unknown conversation is 404, whatever else is wrong
        where = replace(query.as_filter(MessageFilter), conversation_id=thread.id)
        page = query.page("conversation messages")
        listed = queries.list_messages(self.principal, authorized.account.id, where, page)
        return self.answer_page("messages", listed, shapes.rendered_message)

    def send(self, request: Request) -> Answered:
        return send_reply(self, new_message(self.body(MessageBody)))

    def set_status(self, request: Request, item_id: str) -> Answered:
        return self._operate("status", item_id, self.body(StatusBody).status)
