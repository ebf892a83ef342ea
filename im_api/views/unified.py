from typing import Final

from msgspec import UNSET
from rest_framework.request import Request

from im_api import queries, shapes
from im_api.errors import BadRequest
from im_api.params import check_milliseconds
from im_api.queries import FeedFilter, ReadOutcome
from im_api.shapes.answers import MarkedMany, MarkedShape
from im_api.shapes.query_strings import FeedQuery, ItemQuery, StatsQuery, check_one_account
from im_api.shapes.requests import ReadManyBody
from im_api.views.base import Answered, ApiViewSet

ONE_FORM: Final = "Either message_ids is needed, or account_id and before, and not both"


class UnifiedViewSet(ApiViewSet):
    """`account_id` of its routes: one, several separated by commas, or `all`."""

    is_shared = True

    def list(self, request: Request) -> Answered:
        query = self.query(FeedQuery)
        where, page = query.as_filter(FeedFilter), query.page("unified-messages")
        listed = queries.list_feed(self.principal, query.account_id, where, page)
        return self.answer_page("messages", listed, shapes.rendered_unified_row)

    def stats(self, request: Request) -> Answered:
        accounts = queries.list_authorized(self.principal, self.query(StatsQuery).account_id)
        return self.answer(shapes.stats(accounts), accounts)

    def mark_read(self, request: Request, item_id: str) -> Answered:
        account_id = self.query(ItemQuery).account_id
        accounts = queries.read_one(self.principal, self.actor, item_id, account_id)
        return self.answer(MarkedShape(), accounts)

    def read_many(self, request: Request) -> Answered:
        marked = self._read(self.body(ReadManyBody))
        return self.answer(MarkedMany(marked_count=marked.newly, complete=marked.complete), marked.accounts)

    def _read(self, body: ReadManyBody) -> ReadOutcome:
        if body.message_ids is not UNSET:
            if body.before is not UNSET or body.types is not UNSET:
                raise BadRequest(ONE_FORM)
            account_id = None if body.account_id is UNSET else check_one_account(body.account_id)
            return queries.read_items(self.principal, self.actor, body.message_ids, account_id)
        if body.account_id is UNSET or body.before is UNSET:
            raise BadRequest(ONE_FORM)
        check_milliseconds("before", body.before)
        kinds = frozenset(body.types) if body.types is not UNSET else None
        return queries.read_before(self.principal, self.actor, body.account_id, body.before, kinds)
