from collections.abc import Sequence
from typing import Any

from msgspec import UNSET
from msgspec.structs import asdict
from rest_framework.request import Request

from im_api import queries, shapes
from im_api.queries import AccountFilter, AuthorizedAccount
from im_api.queries.liveness import get_coverage
from im_api.queries.sending.outlook import get_sending
from im_api.shapes.answers import Deleted
from im_api.shapes.coverage import coverage
from im_api.shapes.query_strings import AccountsQuery, CoverageQuery
from im_api.shapes.requests import AccountBody
from im_api.views.base import Answered, ApiViewSet, IsOwner, page_of


class AccountViewSet(ApiViewSet):
    def get_permissions(self) -> Sequence[Any]:
        """Whoever is granted an account may look at it; only the owner changes it."""
        owners = [IsOwner()] if self.action in ("create", "update", "destroy") else []
        return [*super().get_permissions(), *owners]

    def list(self, request: Request) -> Answered:
        query = self.query(AccountsQuery)
        listed = queries.list_accounts(self.principal, query.as_filter(AccountFilter), query.page("accounts"))
        users = [_shape(authorized) for authorized, _ in listed.rows]
        steady = [user.without_freshness() for user in users]
        return self.answer(
            page_of("users", users, listed.cursor), listed.accounts, tagged=page_of("users", steady, listed.cursor)
        )

    def retrieve(self, request: Request, item_id: str) -> Answered:
        return self._answer(queries.get_authorized(self.principal, item_id))

    def create(self, request: Request) -> Answered:
        authorized = queries.create_account(self.principal, self._fields(), self.actor.origin)
        return self._answer(authorized, status=201)

    def update(self, request: Request, item_id: str) -> Answered:
        """PUT and PATCH: what the body does not name stays as it is."""
        return self._answer(queries.update_account(self.principal, item_id, self._fields(), self.actor.origin))

    def destroy(self, request: Request, item_id: str) -> Answered:
        authorized = queries.delete_account(self.principal, item_id, self.actor.origin)
        return self.answer(Deleted(), [authorized])

    def coverage(self, request: Request, item_id: str) -> Answered:
        found = get_coverage(self.principal, item_id, self.query(CoverageQuery).hours)
        return self.answer(coverage(found), [found.authorized])

    def sending(self, request: Request, item_id: str) -> Answered:
        """Answer how the account sends; anew each time, because it changes with the clock and with who is connected."""
        found = get_sending(self.principal, item_id)
        return self.answer(shapes.sending(found), [found.authorized])

    def _fields(self) -> dict[str, Any]:
        """Return the fields of the body that were sent."""
        return {name: value for name, value in asdict(self.body(AccountBody)).items() if value is not UNSET}

    def _answer(self, authorized: AuthorizedAccount, status: int = 200) -> Answered:
        user = _shape(authorized)
        return self.answer(user, [authorized], tagged=user.without_freshness(), status=status)


def _shape(authorized: AuthorizedAccount) -> shapes.UserShape:
    return shapes.user(authorized, queries.get_liveness(authorized.account.id))
