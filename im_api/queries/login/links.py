"""The link with which whoever holds the phone sees the login code of one account. It has the rights of who made it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from im_api.access import Principal, get_access
from im_api.errors import NotFound
from im_api.queries.login.logins import Login, begin_login, check_no_obstacle, find_login, hand_in_code
from im_api.queries.scope import AuthorizedAccount, check_may_write, find_authorized, get_authorized
from sync.hub import get_hub
from sync.worker.login_links import VALID_MS

LINK_VALID_MS: Final = VALID_MS


class LoginLink(Struct, frozen=True):
    """`secret` ends its address; `expires_at`: ms UTC."""

    secret: str
    expires_at: int


class LinkedLogin(Struct, frozen=True, kw_only=True):
    """The account that a link is for. `is_mine`: this browser took the link; `is_taken`: some browser did.

    `login`: only for the browser that took the link.
    """

    authorized: AuthorizedAccount
    is_mine: bool
    is_taken: bool
    login: Login | None


def make_link(principal: Principal, account_id: str) -> tuple[AuthorizedAccount, LoginLink]:
    """Make the link of the account; an earlier one ends. Raises NotFound, Forbidden, Conflict, HubNotReady, HubBusy."""
    authorized, hub = get_authorized(principal, account_id), get_hub()
    check_may_write([authorized])
    check_no_obstacle(authorized)
    secret, expires_at = hub.on_loop(lambda: hub.login_links.make(account_id, principal.user_id))
    return authorized, LoginLink(secret, expires_at)


def get_linked(secret: str, key: str) -> LinkedLogin:
    """Return what the link shows to the browser with this key (empty: it has none).

    Raises NotFound for a link that is no good any more, also if who made it may not log the account in by now.
    """
    return _get_linked(secret, key)[1]


def take_link(secret: str, key: str) -> str:
    """Bind the link to a browser, have the login code shown, and return the key of that browser.

    Raises NotFound (no such link, or another browser has it), Conflict, HubBusy.
    """
    principal, linked = _get_linked(secret, key)
    hub = get_hub()
    if not linked.is_mine:
        check_no_obstacle(linked.authorized)
        taken = hub.on_loop(lambda: hub.login_links.take(secret))
        if taken is None:
            raise NotFound("This link was opened elsewhere")
        key = taken
    begin_login(principal, linked.authorized.account.id)
    return key


def hand_in_code_by_link(secret: str, key: str, code: str) -> None:
    """Give the login the code that the platform sent. Raises NotFound, Conflict, HubBusy."""
    principal, linked = _get_linked(secret, key)
    if not linked.is_mine:
        raise NotFound("This link was opened elsewhere")
    hand_in_code(principal, linked.authorized.account.id, code)


def _get_linked(secret: str, key: str) -> tuple[Principal, LinkedLogin]:
    hub = get_hub()
    link = hub.on_loop(lambda: hub.login_links.find(secret))
    principal = get_access().by_user_id(link.user_id) if link is not None else None
    authorized = find_authorized(principal, link.account_id) if link is not None and principal is not None else None
    if link is None or principal is None or authorized is None or authorized.grant == "read":
        raise NotFound("This link is no longer valid")
    is_mine = link.is_of(key)
    login = find_login(authorized) if is_mine else None
    return principal, LinkedLogin(authorized=authorized, is_mine=is_mine, is_taken=link.is_taken, login=login)
