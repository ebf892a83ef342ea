"""Authorized accounts: each account that somebody may see, at one version; and what an answer is made of."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from im_api.access import GrantLevel, Principal
from im_api.errors import Forbidden, NotFound
from sync.core.account.view import View
from sync.directory import AccountInfo, Directory
from sync.hub import get_hub
from sync.hub_errors import HubNotReady
from sync.protocol.ids import owner_of
from sync.storage.database import in_database
from sync.store import DataStore

ALL: Final = "all"
MAX_VERSIONS: Final = 100


class AuthorizedAccount(Struct, frozen=True):
    """One account at one version, as one principal may see it. A value: it stays as it is while the hub goes on."""

    account: AccountInfo
    view: View
    grant: GrantLevel


# -- what an answer is made of


class Era(NamedTuple):
    """The store and the directory that all answers of a time share. Accounts change within it, version by version."""

    store: DataStore
    directory: Directory

    def is_same(self, other: Era | None) -> bool:
        """Return whether it is the very same: both are replaced as a whole."""
        return other is not None and self.store is other.store and self.directory is other.directory


def peek_era() -> Era | None:
    """Return the present one, or None while no hub runs."""
    try:
        hub = get_hub()
    except HubNotReady:
        return None
    return Era(hub.store, hub.directory)


class Walk(NamedTuple):
    """An order that the next pages go on with: `name` among the pinned orders, and the accounts that it is of."""

    name: Hashable
    account_ids: tuple[str, ...]


class Reading:
    """Gathers while an answer is made what it is made of: every account that was handed out, as it was then.

    `walk`: the order that a walk begins here. `is_personal`: made of what one person did, such as the walk that he is
    on. `is_shared`: its view says that nothing else is in it.
    """

    def __init__(self) -> None:
        self.views: dict[str, View] = {}
        self.walk: Walk | None = None
        self.is_personal = False
        self.is_shared = False


def note_walk(began: Sequence[View], current: Sequence[View], name: Hashable | None) -> None:
    """Note that the answer is in the order of `began`. `name`: of the pinned order, if pages follow.

    An older order than the current one is that of somebody's own walk.
    """
    gathered = reading.get()
    if gathered is None:
        return
    gathered.is_personal = len(began) != len(current) or any(a is not b for a, b in zip(began, current, strict=True))
    if name is not None:
        gathered.walk = Walk(name, tuple(view.account_id for view in began))


class Basis:
    """The versions of accounts that a kept answer stands on."""

    __slots__ = ("_revision", "_versions", "walk")

    def __init__(self, gathered: Reading) -> None:
        self._versions = tuple((view.account_id, view.version, view.epoch) for view in gathered.views.values())
        self._revision: int | None = None
        self.walk = gathered.walk

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self._versions)

    def stands(self, store: DataStore) -> bool:
        """Return whether each account is at its version still. Costs nothing while no account changes."""
        revision = store.revision
        if revision == self._revision:
            return True
        for account_id, version, epoch in self._versions:
            view = store.get_view(account_id)
            if view.version != version or view.epoch != epoch:
                return False
        self._revision = revision
        return True


reading: Final[ContextVar[Reading | None]] = ContextVar("reading", default=None)
"""Of the answer that is being made and may be kept, on the event loop or in a thread. None elsewhere."""


# -- one moment


_moment: Final[ContextVar[dict[str, View] | None]] = ContextVar("moment", default=None)
"""The views that this page was given so far. None: each look at an account gives its newest."""


@contextmanager
def one_moment() -> Iterator[None]:
    """Look at each account at one version only, so that what a page counts and what it lists agree."""
    token = _moment.set({})
    try:
        yield
    finally:
        _moment.reset(token)


def _view_of(store: DataStore, account_id: str) -> View:
    view, seen = store.get_view(account_id), _moment.get()
    return view if seen is None else seen.setdefault(account_id, view)


# -- accounts


def get_authorized(principal: Principal, account_id: str) -> AuthorizedAccount:
    """Return the account at its newest version.

    Raises NotFound also for an account that is not granted: nobody learns that it exists. Raises HubNotReady.
    """
    authorized = find_authorized(principal, account_id)
    if authorized is None:
        raise NotFound("Account not found")
    get_hub().store.bodies.used(account_id)
    return authorized


def find_authorized(principal: Principal, account_id: str) -> AuthorizedAccount | None:
    """Return the account at its newest version, or at that of the page; None if it is unknown or not granted.

    Raises HubNotReady.
    """
    hub = get_hub()
    account = hub.directory.accounts.get(account_id)
    grant = principal.grant_for(account_id)
    if account is None or grant is None:
        return None
    view = _view_of(hub.store, account_id)
    if (gathered := reading.get()) is not None:
        gathered.views[account_id] = view
    return AuthorizedAccount(account, view, grant)


async def with_body(authorized: AuthorizedAccount) -> AuthorizedAccount:
    """Return the same with its body at hand, so that it can be rendered on the event loop."""
    if authorized.view.is_resident:
        return authorized
    return replace(authorized, view=await in_database(authorized.view.whole))


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
        granted = (find_authorized(principal, account_id) for account_id in list_granted_ids(principal))
        return [authorized for authorized in granted if authorized is not None]
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


def catch_up(account_ids: Iterable[str]) -> None:
    """Have this hub look at once what others wrote of these accounts."""
    hub = get_hub()
    hub.catch_up(one for one in account_ids if one in hub.directory.accounts)


def wait_for_other_hubs() -> None:
    """Have what other hubs wrote before now, if it comes within a moment. Call it in a thread with database access."""
    with suppress(HubNotReady):
        get_hub().wait_for_others()


async def catch_up_with_other_hubs() -> None:
    """Have what other hubs wrote before now, if it comes within a moment. Where nobody shares the database: nothing."""
    with suppress(HubNotReady):
        hub = get_hub()
        if hub.others is not None:
            await in_database(hub.wait_for_others)
