"""Authorized accounts: each account that somebody may see, at one version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from im_api.access import GrantLevel, Principal
from im_api.errors import Forbidden, NotFound
from sync.core.account.view import View
from sync.directory import AccountInfo
from sync.hub import get_hub
from sync.protocol.ids import owner_of

ALL: Final = "all"
MAX_VERSIONS: Final = 100


class AuthorizedAccount(Struct, frozen=True):
    """One account at one version, as one principal may see it. A value: it stays as it is while the hub goes on."""

    account: AccountInfo
    view: View
    grant: GrantLevel


def get_authorized(principal: Principal, account_id: str) -> AuthorizedAccount:
    """Return the account at its newest version.

    Raises NotFound also for an account that is not granted: nobody learns that it exists. Raises HubNotReady.
    """
    authorized = find_authorized(principal, account_id)
    if authorized is None:
        raise NotFound("Account not found")
    return authorized


def find_authorized(principal: Principal, account_id: str) -> AuthorizedAccount | None:
    """Return the account at its newest version; None if it is unknown or not granted. Raises HubNotReady."""
    hub = get_hub()
    account = hub.directory.accounts.get(account_id)
    grant = principal.grant_for(account_id)
    if account is None or grant is None:
        return None
    return AuthorizedAccount(account, hub.store.get_view(account_id), grant)


def find_owner(item_id: str) -> str | None:
    """Return the account that an item's id belongs to, granted or not; None for an id of another form.

    Raises HubNotReady.
    """
    return owner_of(item_id, get_hub().directory.accounts)


def list_authorized(principal: Principal, account_ids: str = ALL) -> list[AuthorizedAccount]:
    """Return these accounts, each at its newest version.

    `account_ids`: one, several separated by commas, or `all` that are granted. Raises NotFound, HubNotReady.
    """
    if account_ids == ALL:
        return [get_authorized(principal, account_id) for account_id in list_granted_ids(principal)]
    wanted = dict.fromkeys(part.strip() for part in account_ids.split(",") if part.strip())
    if not wanted:
        raise NotFound("Account not found")
    return [get_authorized(principal, account_id) for account_id in wanted]


def check_may_write(accounts: Iterable[AuthorizedAccount]) -> None:
    """Raises Forbidden: with a `read` grant nobody acts in the name of an account."""
    for authorized in accounts:
        if authorized.grant == "read":
            raise Forbidden(f"You may read account {authorized.account.id}, and not change anything in it")


def get_writable(principal: Principal, account_ids: str) -> list[AuthorizedAccount]:
    """Return these accounts, if `principal` may write to each; of `all` only those. Raises NotFound, Forbidden."""
    accounts = list_authorized(principal, account_ids)
    if account_ids == ALL:
        allowed = [authorized for authorized in accounts if authorized.grant != "read"]
        accounts = allowed or accounts
    check_may_write(accounts)
    return accounts


def list_granted_ids(principal: Principal) -> list[str]:
    """Return the ids of all accounts that `principal` may see, sorted. Raises HubNotReady."""
    accounts = get_hub().directory.accounts
    if principal.is_staff:
        return sorted(accounts)
    return sorted(account_id for account_id in principal.grants if account_id in accounts)


def versions_of(accounts: Iterable[AuthorizedAccount]) -> tuple[str, str] | None:
    """Return (versions, sequence numbers) as `<account>=<n>, ...`; None for no account and above MAX_VERSIONS."""
    views = [authorized.view for authorized in accounts]
    if not 0 < len(views) <= MAX_VERSIONS:
        return None
    return (
        ", ".join(f"{view.account_id}={view.version}" for view in views),
        ", ".join(f"{view.account_id}={view.seq}" for view in views),
    )


def has_reached(principal: Principal, wanted: Mapping[str, int]) -> bool:
    """Return whether this hub knows these versions. Accounts that `principal` may not see do not count."""
    store = get_hub().store
    return all(
        store.get_view(account_id).version >= version
        for account_id, version in wanted.items()
        if principal.grant_for(account_id) is not None
    )
