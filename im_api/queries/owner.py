"""The owner's weekly work beside an account's own fields: who sees it, and which computer reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from django.contrib.admin.models import CHANGE
from django.contrib.auth import get_user_model
from django.db import transaction
from msgspec import Struct

from im_api.access import Principal
from im_api.errors import BadRequest, NotFound
from im_api.models import Grant
from im_api.queries.accounts import get_account, log_change
from sync.hub import get_hub
from sync.models import Account, Worker
from sync.protocol.ids import is_account_id

GrantChoice = Literal["", "read", "operate"]
LEVELS: Final[tuple[GrantChoice, ...]] = ("", "read", "operate")

__all__ = [
    "LEVELS",
    "GrantChoice",
    "Grantee",
    "assign_worker",
    "is_account_id",
    "list_computers",
    "list_grantees",
    "list_groups",
    "list_workers",
    "set_grants",
    "suggest_account_id",
]


class Grantee(Struct, frozen=True):
    """A user who is no owner; `level` is empty for one who does not see the account."""

    user_id: int
    name: str
    level: GrantChoice


def list_workers() -> list[str]:
    """Return the names of all workers. Raises HubNotReady."""
    return sorted(get_hub().directory.workers)


def list_computers() -> list[tuple[str, str]]:
    """Return (name of the worker, what people call its computer) of all, by that. Raises HubNotReady."""
    hub = get_hub()
    computers = [(info.name, info.label or hub.presence.host_of(info.name)) for info in hub.directory.workers.values()]
    return sorted(computers, key=lambda computer: (computer[1], computer[0]))


def list_groups() -> list[str]:
    """Return the names of all groups of accounts. Raises HubNotReady."""
    return sorted({account.group for account in get_hub().directory.accounts.values() if account.group})


def suggest_account_id(platform: str) -> str:
    """Return the first of platform-1, platform-2, … that is free. Raises HubNotReady."""
    taken = get_hub().directory.accounts
    stem = re.sub(r"[^A-Za-z0-9]", "", platform) or "account"
    return next(name for number in range(1, len(taken) + 2) if (name := f"{stem}-{number}") not in taken)


def assign_worker(principal: Principal, account_id: str, worker: str | None, origin: str) -> None:
    """Let this worker crawl the account from now on; None: nobody does. Raises NotFound, BadRequest, HubNotReady."""
    get_hub()
    account = get_account(account_id)
    found = Worker.objects.filter(name=worker).first() if worker is not None else None
    if worker is not None and found is None:
        raise BadRequest("worker: there is no such worker")
    if account.worker_id != (found.pk if found is not None else None):
        with transaction.atomic():
            account.worker = found
            account.save(update_fields=["worker"])
            log_change(principal, account, CHANGE, f"Given to worker {worker or '(none)'} ({origin})")


def list_grantees(account_id: str) -> list[Grantee]:
    """Return all who could be granted the account, by name. Raises NotFound."""
    account = get_account(account_id)
    levels: dict[int, Any] = dict(Grant.objects.filter(account=account).values_list("user_id", "level"))
    users = get_user_model().objects.filter(is_staff=False, is_active=True)
    names = sorted((user.get_username(), user.pk) for user in users)
    return [Grantee(pk, name, levels.get(pk, "")) for name, pk in names]


@transaction.atomic
def set_grants(principal: Principal, account_id: str, levels: Mapping[int, GrantChoice], origin: str) -> None:
    """Set the level of each of these users (by id); an empty level takes the grant away.

    It counts from the next request on. Raises NotFound.
    """
    account: Account = get_account(account_id)
    people = {person.user_id: person for person in list_grantees(account_id)}
    for user_id, level in levels.items():
        person = people.get(user_id)
        if person is None:
            raise NotFound("There is no such person")
        if person.level != level:
            _set_grant(account, user_id, level)
            log_change(principal, account, CHANGE, f"Grant of {person.name}: {level or 'none'} ({origin})")


def _set_grant(account: Account, user_id: int, level: GrantChoice) -> None:
    grant = Grant.objects.filter(account=account, user_id=user_id).first()
    if not level:
        if grant is not None:
            grant.delete()
        return
    grant = grant or Grant(account=account, user_id=user_id)
    grant.level = level
    grant.save()
