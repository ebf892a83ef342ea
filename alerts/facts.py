"""Reads from the hub's memory which accounts need a person, and who waits. Call it in a thread."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final, NamedTuple

from alerts.core.choices import Choices
from alerts.core.decide import Facts, Trouble, Wait
from alerts.core.hours import MINUTE_MS
from im_api.queries import AuthorizedAccount
from im_api.queries.account_overview import list_waiting
from im_api.queries.health.condition import get_condition, needs_person
from sync.hub import get_hub

MOST_WAITS: Final = 1_000
"""Of one account. Who waits for longer than a thousand others is no news."""


class _Waiting(NamedTuple):
    """The waits of one version of an account: (since, row), the longest first."""

    version: int
    epoch: str
    rows: tuple[tuple[int, str], ...]


class FactReader:
    """Reads facts again and again. An account is looked through once for each of its versions: one whose body left
    memory is not read for nothing."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}

    def read(self, choices: Choices, told: Container[str], now: int) -> Facts:
        """Return the facts of all accounts. `told`: keys of the waits that were told; `now`: ms UTC. Raises
        HubNotReady."""
        accounts = list_accounts()
        self._waiting = {one.account.id: self._look_through(one) for one in accounts}
        troubles = [trouble for one in accounts for trouble in _trouble(one, now)]
        late = now - choices.minutes * MINUTE_MS
        waits = [wait for name, waiting in self._waiting.items() for wait in _waits(name, waiting, late, told)]
        return Facts(tuple(troubles), tuple(waits))

    def _look_through(self, authorized: AuthorizedAccount) -> _Waiting:
        view = authorized.view
        known = self._waiting.get(view.account_id)
        if known is not None and (known.version, known.epoch) == (view.version, view.epoch):
            return known
        rows = list_waiting(view) if view.totals.needs_reply else ()
        return _Waiting(view.version, view.epoch, tuple(sorted((since, row_id) for row_id, since in rows)))


def list_accounts() -> list[AuthorizedAccount]:
    """Return all accounts as the owner may see them. Raises HubNotReady."""
    hub = get_hub()
    accounts = sorted(hub.directory.accounts.values(), key=lambda account: account.id)
    return [AuthorizedAccount(account, hub.store.get_view(account.id), "owner") for account in accounts]


def _trouble(authorized: AuthorizedAccount, now: int) -> Iterator[Trouble]:
    condition = get_condition(authorized, now)
    if needs_person(condition.kind, condition.tone, is_paused=authorized.account.paused):
        yield Trouble(authorized.account.id, condition.kind, condition.seen_at)


def _waits(account_id: str, waiting: _Waiting, until: int, told: Container[str]) -> Iterator[Wait]:
    """Yield who waits since before `until`, the newest of them, and whoever was told."""
    waits = [Wait(account_id, row_id, since) for since, row_id in waiting.rows]
    newest = {wait.key for wait in [wait for wait in waits if wait.since < until][-MOST_WAITS:]}
    yield from (wait for wait in waits if wait.key in newest or wait.key in told)
