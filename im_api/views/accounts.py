from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.queries import AccountFilter
from im_api.shapes.accounts import AccountStatus
from im_api.views.base import ApiViewSet, page_of


class AccountViewSet(ApiViewSet):
    def list(self, request: Request) -> Response:  # noqa: ARG002
        where = AccountFilter(
            status=self.params.choice("status", AccountStatus),
            platform=self.params.text("platform"),
        )
        listed = queries.list_accounts(self.principal, where, self.params.page("accounts"))
        users = [shapes.user(reading) for reading, _ in listed.rows]
        steady = [user.without_freshness() for user in users]
        return self.answer(
            page_of("users", users, listed.cursor), listed.readings, tagged=page_of("users", steady, listed.cursor)
        )

    def retrieve(self, request: Request, item_id: str, **kwargs: Any) -> Response:  # noqa: ARG002
        reading = queries.get_reading(self.principal, item_id)
        user = shapes.user(reading)
        return self.answer(user, [reading], tagged=user.without_freshness())
