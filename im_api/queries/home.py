"""What the pages for people ask of an account beside its items."""

from __future__ import annotations

from im_api.queries.scope import Reading
from sync.hub import get_hub
from sync.words import AccountState, account_state


def get_now() -> int:
    """The hub's clock, ms UTC. Raises HubNotReady."""
    return get_hub().clock()


def get_state(reading: Reading) -> AccountState:
    """The switch, the worker and the login as one."""
    return account_state(reading.account.status, reading.view.report.login_status, reading.worker_status)


def is_reading_history(reading: Reading) -> bool:
    """Nothing of it has come yet."""
    return reading.view.started_at is None
