from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.queries import ConversationFilter
from im_api.shapes.conversations import ConversationStatus
from im_api.views.base import ApiViewSet


class ConversationViewSet(ApiViewSet):
    def list(self, request: Request) -> Response:  # noqa: ARG002
        params = self.params
        params.choice("status", ConversationStatus)  # all of them are active
        where = ConversationFilter(
            is_pinned=params.flag("is_pinned"),
            is_muted=params.flag("is_muted"),
            unread=params.flag("unread"),
            q=params.text("q"),
        )
        account_id = params.required("account_id")
        listed = queries.list_conversations(self.principal, account_id, where, params.page("conversations"))
        return self.answer_page("conversations", listed, shapes.conversation)

    def retrieve(self, request: Request, item_id: str) -> Response:  # noqa: ARG002
        reading, thread = queries.get_conversation(self.principal, item_id, self.params.text("account_id"))
        return self.answer(shapes.conversation(reading, thread), [reading])
