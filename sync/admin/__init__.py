"""The owner's side: accounts, the workers that crawl them, and what was looked at when.

live.py          what the running hub knows, or nothing
accounts.py      the accounts; forms.py and actions.py are part of it
workers.py       the workers and their tokens
observations.py  what was looked at when
pages.py         pages between an action and its effect
"""

from sync.admin.accounts import AccountAdmin
from sync.admin.observations import ObservationAdmin
from sync.admin.workers import WorkerAdmin

__all__ = ["AccountAdmin", "ObservationAdmin", "WorkerAdmin"]
