from typing import Final

from rest_framework.request import Request

from im_api import shapes
from im_api.queries.threads import RowFilter, Sort, list_threads
from im_api.shapes.query_strings import ThreadsQuery
from im_api.views.base import Answered, ApiViewSet

LATEST: Final[Sort] = "latest"


class ThreadViewSet(ApiViewSet):
    """`account_id`: one, several separated by commas, or `all`."""

    is_shared = True

    def list(self, request: Request) -> Answered:
        query = self.query(ThreadsQuery)
        where, sort, page = query.as_filter(RowFilter), query.sort or LATEST, query.page("threads")
        listed = list_threads(self.principal, query.account_id, query.group, where, sort, page)
        return self.answer_page("threads", listed, shapes.rendered_thread)
