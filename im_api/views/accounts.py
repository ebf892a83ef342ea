from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict
from rest_framework.request import Request
from rest_framework.response import Response

from im_api import queries, shapes
from im_api.queries import AccountFilter, Reading
from im_api.shapes.accounts import AccountStatus
from im_api.shapes.answers import Deleted
from im_api.shapes.requests import AccountBody
from im_api.views.base import ApiViewSet, IsOwner, page_of


class AccountViewSet(ApiViewSet):
    def get_permissions(self) -> Sequence[Any]:
        """Whoever is granted an account may look at it; only the owner changes it."""
        owners = [IsOwner()] if self.action in ("create", "update", "destroy") else []
        return [*super().get_permissions(), *owners]

    def list(self, request: Request) -> Response:
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

    def retrieve(self, request: Request, item_id: str) -> Response:
        return self._answer(queries.get_reading(self.principal, item_id))

    def create(self, request: Request) -> Response:
        reading = queries.create_account(self.principal, self._fields(), self.actor.origin)
        return self._answer(reading, status=201)

    def update(self, request: Request, item_id: str) -> Response:
        """PUT and PATCH: what the body does not name stays as it is."""
        return self._answer(queries.update_account(self.principal, item_id, self._fields(), self.actor.origin))

    def destroy(self, request: Request, item_id: str) -> Response:
        reading = queries.delete_account(self.principal, item_id, self.actor.origin)
        return self.answer(Deleted(), [reading])

    def _fields(self) -> dict[str, Any]:
        """Those that were sent."""
        return {name: value for name, value in asdict(self.body(AccountBody)).items() if value is not UNSET}

    def _answer(self, reading: Reading, status: int = 200) -> Response:
        user = shapes.user(reading)
        return self.answer(user, [reading], tagged=user.without_freshness(), status=status)
