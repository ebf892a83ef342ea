"""The owner's side: accounts, the workers that crawl them, what was observed when, and who did what.

live.py          reads the running hub, if one runs here
accounts.py      the accounts; forms.py and actions.py are part of it
hub_settings.py  the owner's settings for all accounts: the closing words
workers.py       the workers and their tokens
observations.py  the observations of the workers
history.py       who did what, and the way back from a deletion
item_names.py    names items for people; operators.py: those who did something, and how much by day
words.py         the words of tables and the core in the language of the reader
pages.py         pages between an action and its effect
"""

from sync.admin.accounts import AccountAdmin
from sync.admin.history import HistoryAdmin
from sync.admin.hub_settings import HubSettingsAdmin
from sync.admin.observations import ObservationAdmin
from sync.admin.words import translate_tables
from sync.admin.workers import WorkerAdmin

translate_tables()

__all__ = ["AccountAdmin", "HistoryAdmin", "HubSettingsAdmin", "ObservationAdmin", "WorkerAdmin"]
