from rest_framework.request import Request

from im_api import queries, shapes
from im_api.queries import AuthorizedAccount, Collection, ConversationFilter
from im_api.shapes.query_strings import ConversationsQuery, check_one_account
from im_api.shapes.requests import NewConversationBody
from im_api.views.base import Answered
from im_api.views.items import ItemViewSet


class ConversationViewSet(ItemViewSet):
    collection: Collection = "conversations"

    def shape(self, authorized: AuthorizedAccount, known: str) -> shapes.ConversationShape:
        return shapes.conversation(authorized, queries.thread_in(authorized, known))

    def list(self, request: Request) -> Answered:
        query = self.query(ConversationsQuery)
        where = query.as_filter(ConversationFilter)
        listed = queries.list_conversations(self.principal, query.account_id, where, query.page("conversations"))
        return self.answer_page("conversations", listed, shapes.rendered_conversation)

    def create(self, request: Request) -> Answered:
        """201 for a new one, 200 for one that is there."""
        body = self.body(NewConversationBody)
        account_id, person = check_one_account(body.account_id), body.participant
        (authorized, known), is_new = queries.make_conversation(
            self.principal, self.actor, account_id, person.user_id, person.user_name
        )
        return self.answer(self.shape(authorized, known), [authorized], status=201 if is_new else 200)
