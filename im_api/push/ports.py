"""The sides of a connection: what it needs of the others who listen, and of the accounts. Tests stand in for both."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from im_api.access import Principal
from im_api.push.render import RenderedBatch
from im_api.queries import AuthorizedAccount
from im_api.queries.events import NotificationBatch, Position


class AccountLookup(Protocol):
    """The accounts that a user may see at this moment, and the events in them."""

    def find_principal(self, user_id: int) -> Principal | None:
        """Return the user with the grants of this moment; None for one who is blocked or gone."""

    def find_authorized(self, principal: Principal, account_id: str) -> AuthorizedAccount | None:
        """Return the account at its newest version; None without a grant. Raises HubNotReady."""

    def list_granted_ids(self, principal: Principal) -> list[str]:
        """Return the ids of all accounts that `principal` may see. Raises HubNotReady."""

    async def wait_for_other_hubs(self) -> None:
        """Have what other hubs wrote before now, if it comes within a moment."""

    async def with_body(self, authorized: AuthorizedAccount) -> AuthorizedAccount:
        """Return the account with its body in memory, so that it can be rendered on the event loop."""

    async def read_missed_events(self, authorized: AuthorizedAccount, since: Position) -> NotificationBatch:
        """Return what happened in the account after `since`, up to the version of `authorized`."""


class Listener(Protocol):
    """A connection, as the feed sees it. `viewing`: account -> the thread that is open there."""

    user_name: str
    viewing: dict[str, str]

    @property
    def accounts(self) -> Collection[str]:
        """Ids of the accounts that the client subscribed to."""

    def authorized(self, account_id: str) -> AuthorizedAccount | None:
        """Return the account as this client may see it now; None without a grant. Raises HubNotReady."""

    def notify(self, rendered: RenderedBatch) -> None:
        """Send what happened in an account. Raises what the items' shapes do."""

    def send(self, text: str) -> None:
        """Queue one frame."""

    def check(self) -> None:
        """Ask again what the client may see."""

    def look(self) -> None:
        """Close the connection of a client that reads too slowly."""

    def fail(self) -> None:
        """Close the connection after an error of the hub."""


class Connections(Protocol):
    """All open connections: who listens to which account."""

    def join(self, connection: Listener) -> None:
        """Serve this connection from now on."""

    def leave(self, connection: Listener) -> None:
        """Forget this connection and all that it listens to."""

    def listen(self, connection: Listener, account_id: str) -> None:
        """Notify this connection of every change of the account."""

    def unlisten(self, connection: Listener, account_id: str) -> None:
        """Notify this connection of the account no more."""

    def notify_viewing(self, viewer: Listener, account_id: str, *, typing: bool = False) -> None:
        """Tell all other connections which thread of the account this user has open, and whether he answers there."""
