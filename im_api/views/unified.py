from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.queries import FeedFilter
from im_api.shapes.feed import BusinessType
from im_api.views.base import ApiViewSet


class UnifiedViewSet(ApiViewSet):
    """`account_id` of its routes: one, several separated by commas, or `all`."""

    def list(self, request: Request) -> Response:  # noqa: ARG002
        params = self.params
        where = FeedFilter(
            kinds=params.choices("types", BusinessType),
            is_new=params.flag("is_new"),
            is_read=params.flag("is_read"),
            is_pinned=params.flag("is_pinned"),
            is_muted=params.flag("is_muted"),
            since=params.time("since_time"),
            q=params.text("q"),
        )
        account_ids = params.required("account_id")
        listed = queries.list_feed(self.principal, account_ids, where, params.page("unified-messages"))
        return self.answer_page("messages", listed, shapes.unified_row)

    def stats(self, request: Request) -> Response:  # noqa: ARG002
        readings = queries.get_readings(self.principal, self.params.required("account_id"))
        return self.answer(shapes.stats(readings), readings)
