"""What is true now: which accounts need a person, and who waits. Read from the hub's memory, in a thread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alerts.core.choices import Choices
from alerts.core.decide import Facts, Trouble, Wait
from alerts.core.hours import MINUTE_MS
from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import list_waiting
from im_api.queries.health.condition import get_condition, needs_person
from sync.hub import get_hub

MOST_WAITS: Final = 1_000
"""Of one account. Who waits for longer than a thousand others is no news."""


def read_facts(choices: Choices, now: int) -> Facts:
    """Return the facts of all accounts. `now`: ms UTC. Raises HubNotReady."""
    troubles, waits = list[Trouble](), list[Wait]()
    for authorized in list_accounts():
        troubles.extend(_trouble(authorized, now))
        waits.extend(_waits(authorized, now - choices.minutes * MINUTE_MS))
    return Facts(tuple(troubles), tuple(waits))


def list_accounts() -> list[AuthorizedAccount]:
    """Return all accounts as the owner may see them. Raises HubNotReady."""
    hub = get_hub()
    accounts = sorted(hub.directory.accounts.values(), key=lambda account: account.id)
    return [AuthorizedAccount(account, hub.store.get_view(account.id), "owner") for account in accounts]


def _trouble(authorized: AuthorizedAccount, now: int) -> Iterator[Trouble]:
    condition = get_condition(authorized, now)
    if needs_person(condition.kind, condition.tone, is_paused=authorized.account.paused):
        yield Trouble(authorized.account.id, condition.kind, condition.seen_at)


def _waits(authorized: AuthorizedAccount, until: int) -> Iterator[Wait]:
    """Yield who waits since before `until`, the longest first."""
    late = [(since, row_id) for row_id, since in list_waiting(authorized.view) if since < until]
    for since, row_id in sorted(late)[-MOST_WAITS:]:
        yield Wait(authorized.account.id, row_id, since)
