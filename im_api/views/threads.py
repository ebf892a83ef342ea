from typing import Final, cast

from rest_framework.request import Request
from rest_framework.response import Response

from im_api import shapes
from im_api.queries.threads import RowFilter, Sort, list_threads
from im_api.shapes.threads import ThreadKind
from im_api.views.base import ApiViewSet

LATEST: Final = "latest"


class ThreadViewSet(ApiViewSet):
    """`account_id`: one, several separated by commas, or `all`."""

    def list(self, request: Request) -> Response:
        params = self.params
        where = RowFilter(
            kinds=params.choices("kind", ThreadKind),
            unread=params.flag("unread"),
            needs_reply=params.flag("needs_reply"),
            is_pinned=params.flag("is_pinned"),
            is_muted=params.flag("is_muted"),
            q=params.search("q"),
        )
        sort = cast(Sort, params.choice("sort", Sort) or LATEST)
        account_ids = params.required("account_id")
        listed = list_threads(self.principal, account_ids, params.text("group"), where, sort, params.page("threads"))
        return self.answer_page("threads", listed, shapes.thread)
