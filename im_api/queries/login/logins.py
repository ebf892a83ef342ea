"""Logging an account in and out: who may, what stands in the way, and how it goes."""

from __future__ import annotations

from typing import Final, Literal

from django.contrib.admin.models import CHANGE

from im_api.access import Principal
from im_api.errors import Conflict
from im_api.queries.accounts import get_account, log_change
from im_api.queries.scope import AuthorizedAccount, check_may_write, get_authorized
from sync.hub import get_hub
from sync.worker.logins import Login

__all__ = [
    "Login",
    "LoginObstacle",
    "begin_login",
    "check_no_obstacle",
    "find_login",
    "find_obstacle",
    "get_login",
    "hand_in_code",
    "log_out",
]

LoginObstacle = Literal["paused", "unassigned", "never_came", "offline", "kept_back", "full", "old_worker", "logged_in"]

_OBSTACLES: Final[dict[LoginObstacle, str]] = {
    "paused": "The account is paused",
    "unassigned": "No worker reads this account yet: choose one",
    "never_came": "The worker of this account has never connected: start it",
    "offline": "The worker of this account is not connected",
    "kept_back": "The worker of this account ended several times in a row with it: it is kept back for a while",
    "full": "The worker of this account has no place for it",
    "old_worker": "The worker of this account is of an older version, and shows the code in its own window only",
    "logged_in": "The account is logged in: log it out first",
}


def find_obstacle(authorized: AuthorizedAccount) -> LoginObstacle | None:
    """Return what keeps the account from being logged in; None if nothing does. Raises HubNotReady."""
    hub, account = get_hub(), authorized.account
    if account.paused:
        return "paused"
    if account.worker is None:
        return "unassigned"
    if not hub.presence.is_connected(account.worker):
        info = hub.directory.workers.get(account.worker)
        has_come = hub.presence.has_come(account.worker) or (info is not None and info.has_come)
        return "offline" if has_come else "never_came"
    if hub.fleet.crash_pause(account.id) is not None:
        return "kept_back"
    if hub.presence.has_no_place(account, hub.directory):
        return "full"
    if not hub.presence.can_log_in(account.worker):
        return "old_worker"
    report = authorized.view.report
    return "logged_in" if report.login_status == "logged_in" and report.worker_status != "error" else None


def find_login(authorized: AuthorizedAccount) -> Login | None:
    """Return how the newest login of the account stands; None without one. Raises HubNotReady."""
    return get_hub().logins.get(authorized.account.id)


def get_login(principal: Principal, account_id: str) -> tuple[AuthorizedAccount, Login | None]:
    """Return the account and its newest login. Raises NotFound, HubNotReady."""
    authorized = get_authorized(principal, account_id)
    return authorized, find_login(authorized)


def begin_login(principal: Principal, account_id: str) -> tuple[AuthorizedAccount, Login]:
    """Have the account's worker show a login code; one that is shown already goes on.

    Raises NotFound, Forbidden, Conflict (what stands in the way), HubNotReady, HubBusy.
    """
    authorized = get_authorized(principal, account_id)
    check_may_write([authorized])
    check_no_obstacle(authorized)
    hub = get_hub()
    login = hub.on_loop(lambda: hub.logins.begin(account_id, principal.username))
    if login is None:
        raise Conflict(_OBSTACLES["offline"])
    return authorized, login


def check_no_obstacle(authorized: AuthorizedAccount) -> None:
    """Raise Conflict if something keeps the account from being logged in, and say what."""
    obstacle = find_obstacle(authorized)
    if obstacle is not None:
        raise Conflict(_OBSTACLES[obstacle])


def hand_in_code(principal: Principal, account_id: str, code: str) -> tuple[AuthorizedAccount, Login | None]:
    """Give the login the code that the platform sent. Raises NotFound, Forbidden, Conflict (it asks for none)."""
    authorized = get_authorized(principal, account_id)
    check_may_write([authorized])
    hub = get_hub()
    if not hub.on_loop(lambda: hub.logins.hand_in(account_id, code)):
        raise Conflict("The login does not ask for a code")
    return authorized, find_login(authorized)


def log_out(principal: Principal, account_id: str, origin: str) -> AuthorizedAccount:
    """Wipe the login of the account, here and at its worker. Raises NotFound, HubNotReady, HubBusy."""
    authorized, hub = get_authorized(principal, account_id), get_hub()
    account = get_account(account_id)
    hub.log_out_account(account_id)
    log_change(principal, account, CHANGE, f"Logged out ({origin})")
    return authorized
