from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, to_builtins
from msgspec.structs import asdict
from rest_framework.request import Request

from im_api import queries, shapes
from im_api.queries.sending.reading import ReplyFilter, find_reply, list_written
from im_api.queries.sending.writing import AnsweredMeanwhile, NewReply, take_back, try_again, write_reply
from im_api.shapes.common import Unseen
from im_api.shapes.query_strings import WrittenRepliesQuery
from im_api.shapes.sending import DiscussionBody, MessageBody, ReplyBody
from im_api.views.base import Answered, ApiViewSet


class ReplyViewSet(ApiViewSet):
    is_shared = True

    def list(self, request: Request) -> Answered:
        query = self.query(WrittenRepliesQuery)
        listed = list_written(self.principal, query.as_filter(ReplyFilter), query.page("replies"))
        return self.answer_page("replies", listed, shapes.reply)

    def retrieve(self, request: Request, item_id: str) -> Answered:
        authorized, written = find_reply(self.principal, item_id)
        return self.answer(shapes.reply(authorized, written), [authorized])

    def create(self, request: Request) -> Answered:
        return send_reply(self, NewReply(**_sent(self.body(ReplyBody))))

    def retry(self, request: Request, item_id: str) -> Answered:
        authorized, written, is_new = try_again(self.principal, self.actor, item_id)
        return self.answer(shapes.reply(authorized, written), [authorized], status=201 if is_new else 200)

    def destroy(self, request: Request, item_id: str) -> Answered:
        authorized, written = take_back(self.principal, self.actor, item_id)
        return self.answer(shapes.reply(authorized, written), [authorized])


def send_reply(view: ApiViewSet, new: NewReply) -> Answered:
    """Answer 201 with a new reply, 200 with one that is there."""
    try:
        authorized, written, is_new = write_reply(view.principal, view.actor, new)
    except AnsweredMeanwhile as refusal:
        refusal.data = Unseen(item=to_builtins(_unseen(refusal)))
        raise
    return view.answer(shapes.reply(authorized, written), [authorized], status=201 if is_new else 200)


def _unseen(refusal: AnsweredMeanwhile) -> Any:
    """Return the answer that the writer did not see, as an item of its kind."""
    authorized, (collection, item_id) = refusal.authorized, refusal.found
    if collection is None:
        return shapes.reply(authorized, authorized.view.replies[item_id])
    entry = queries.entry_in(authorized, collection, item_id)
    return shapes.message(authorized, entry) if collection == "messages" else shapes.discussion(authorized, entry)


def new_message(body: MessageBody) -> NewReply:
    """Return the reply that an older client means by a message."""
    fields = _sent(body)
    return NewReply(text=fields.pop("content"), **fields)


def new_discussion(body: DiscussionBody) -> NewReply:
    """Return the reply that an older client means by a comment."""
    fields = _sent(body)
    return NewReply(text=fields.pop("content"), discussion_id=fields.pop("parent_comment_id", None), **fields)


def _sent(body: Struct) -> dict[str, Any]:
    """Return the fields of the body that were sent."""
    return {name: value for name, value in asdict(body).items() if value is not UNSET}
