"""The accounts as the running hub and the access directory know them."""

from __future__ import annotations

from im_api.access import Principal, get_access
from im_api.queries import AuthorizedAccount, find_authorized, list_granted_ids, with_body
from im_api.queries.events import NotificationBatch, Position, read_missed_events
from im_api.queries.scope import catch_up_with_other_hubs


class HubLookup:
    """The `AccountLookup` of the product."""

    def find_principal(self, user_id: int) -> Principal | None:
        return get_access().by_user_id(user_id)

    def find_authorized(self, principal: Principal, account_id: str) -> AuthorizedAccount | None:
        return find_authorized(principal, account_id)

    def list_granted_ids(self, principal: Principal) -> list[str]:
        return list_granted_ids(principal)

    async def wait_for_other_hubs(self) -> None:
        await catch_up_with_other_hubs()

    async def with_body(self, authorized: AuthorizedAccount) -> AuthorizedAccount:
        return await with_body(authorized)

    async def read_missed_events(self, authorized: AuthorizedAccount, since: Position) -> NotificationBatch:
        return await read_missed_events(authorized, since)
