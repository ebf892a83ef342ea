from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.queries import AuthorizedAccount, Collection, ConversationFilter
from im_api.shapes.conversations import ConversationStatus
from im_api.shapes.requests import NewConversationBody
from im_api.views.items import ItemViewSet


class ConversationViewSet(ItemViewSet):
    collection: Collection = "conversations"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.ConversationShape:
        return shapes.conversation(authorized, queries.thread_in(authorized, known))

    def list(self, request: Request) -> Response:
        params = self.params
        params.choice("status", ConversationStatus)  # all of them are active
        where = ConversationFilter(
            is_pinned=params.flag("is_pinned"),
            is_muted=params.flag("is_muted"),
            unread=params.flag("unread"),
            q=params.search("q"),
        )
        account_id = params.required("account_id")
        listed = queries.list_conversations(self.principal, account_id, where, params.page("conversations"))
        return self.answer_page("conversations", listed, shapes.conversation)

    def create(self, request: Request) -> Response:
        """201 for a new one, 200 for one that is there."""
        body = self.body(NewConversationBody)
        person = body.participant
        (authorized, known), is_new = queries.make_conversation(
            self.principal, self.actor, body.account_id, person.user_id, person.user_name
        )
        return self.answer(self.shape(authorized, known), [authorized], status=201 if is_new else 200)
