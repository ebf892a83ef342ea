"""The state, pace, day and worker of an account, which the pages for people show beside its items."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from itertools import chain, takewhile
from typing import Final, cast

from django.utils import timezone
from msgspec import Struct

from im_api.queries.scope import AuthorizedAccount
from sync.core.account.account_state import TINTS, AccountState, account_state, choose_tint, split_age
from sync.core.account.conversations import ConversationState
from sync.core.account.history import LAST
from sync.core.account.order import Key
from sync.core.account.view import View
from sync.core.account.waiting import UNKNOWN
from sync.hub import get_hub
from sync.protocol.intervals import INTERVALS
from sync.protocol.messages import Surface

__all__ = [
    "TINTS",
    "AssignedWorker",
    "Today",
    "get_assigned_worker",
    "get_now",
    "get_pace",
    "get_state",
    "get_tint",
    "get_today",
    "list_waiting",
    "split_age",
]

WORKERS_COME_MS: Final = 20_000
_UNPINNED: Final[Key] = (True,)
"""Before every key of a conversation that is not pinned."""


class Today(Struct, frozen=True):
    """`new_people`: who wrote for the first time since midnight. `waiting_since`: of whoever waits longest."""

    new_people: int
    waiting: int
    waiting_since: int | None


class AssignedWorker(Struct, frozen=True):
    """The worker that crawls the account. `host`: what the owner calls its computer, else what
    the computer it was on last calls itself, else its own name. `has_come`: it was
    connected at least once. `is_full`: it is connected, and all its places are taken by other accounts. `ended`: how
    often in a row it ended with the account, which is kept back until `tried_at` (ms UTC); 0 if it is not."""

    name: str
    host: str
    is_online: bool
    has_come: bool = True
    is_full: bool = False
    ended: int = 0
    tried_at: int = 0
    memory_mb: float = 0
    """What the account's open pages take there, with `cpu_percent` of a processor; 0 if nobody measured it."""
    cpu_percent: float = 0


def get_now() -> int:
    """The hub's clock, ms UTC. Raises HubNotReady."""
    return get_hub().clock()


def get_state(authorized: AuthorizedAccount) -> AccountState:
    """Return the switch, the worker and the login as one state. Raises HubNotReady.

    Workers have a moment to come to a hub that has just started.
    """
    hub = get_hub()
    worker_status = hub.worker_status(authorized.account.id)
    if worker_status == "offline" and hub.clock() - hub.started_at < WORKERS_COME_MS:
        worker_status = "waiting"
    return account_state(authorized.account.status, authorized.view.report.login_status, worker_status)


def get_tint(authorized: AuthorizedAccount) -> int | None:
    """Return the index in TINTS for the account's square; None for an account with a colour of its own."""
    return choose_tint(authorized.account.id, authorized.account.color)


def get_pace(authorized: AuthorizedAccount, surface: str) -> int:
    """Return the ms between two looks of the worker at `surface`: what it says, else what the owner wants, or usual."""
    planned = get_hub().freshness.next_looks(authorized.account.id).get(surface)
    if planned is not None:
        return planned
    wanted = authorized.account.config.get("intervals")
    seconds = wanted.get(surface) if isinstance(wanted, dict) else None
    known = INTERVALS.get(cast(Surface, surface), INTERVALS["messages"])
    return int((seconds if isinstance(seconds, int | float) and seconds > 0 else known) * 1000)


def get_assigned_worker(authorized: AuthorizedAccount) -> AssignedWorker | None:
    """Return the worker that the owner assigned to the account; None if there is none. Raises HubNotReady."""
    name = authorized.account.worker
    if name is None:
        return None
    hub = get_hub()
    workers, info = hub.presence, hub.directory.workers.get(name)
    presence = workers.get(name)
    use = presence.uses.get(authorized.account.id) if presence is not None else None
    ended, tried_at = hub.fleet.crash_pause(authorized.account.id) or (0, 0)
    return AssignedWorker(
        name,
        (info.label if info is not None else "") or workers.host_of(name),
        workers.is_online(name),
        has_come=workers.has_come(name) or (info is not None and info.has_come),
        is_full=workers.has_no_place(authorized.account, hub.directory),
        ended=ended,
        tried_at=tried_at,
        memory_mb=use.memory_mb if use is not None else 0,
        cpu_percent=use.cpu_percent if use is not None else 0,
    )


def get_today(authorized: AuthorizedAccount, now: int) -> Today:
    """Return the counts of the day of `now` (ms UTC, midnight in the product's time zone)."""
    view = authorized.view
    known = (since for _, since in list_waiting(view) if since < LAST)
    return Today(_count_new_people(view, _midnight(now)), view.totals.needs_reply, min(known, default=None))


def list_waiting(view: View) -> Iterator[tuple[str, int]]:
    """Yield (row, since when) of each row that needs a reply and is not muted; those of unknown times last."""
    conversations = sum(key[-1] == "direct_message" for key in view.waiting_order)
    has_muted = conversations > view.totals.waiting_conversations  # else the head of the account says it all
    for _, since, row_id, kind in view.waiting_order:
        if kind != "direct_message" or not has_muted or not view.conversation_states[row_id].muted:
            yield row_id, since


def _count_new_people(view: View, midnight: int) -> int:
    """Whose first word came since `midnight`. Only who wrote since then is looked at."""
    order = view.conversation_order
    pinned = (key for key in takewhile(lambda key: not key[0], order) if -key[1] >= midnight)
    others = takewhile(lambda key: -key[1] >= midnight, order.after(_UNPINNED))
    return sum(1 for key in chain(pinned, others) if _is_new(view, view.conversation_states[key[-1]], midnight))


def _is_new(view: View, thread: ConversationState, midnight: int) -> bool:
    """A conversation that was known before has words that nobody read yet."""
    first, entry = thread.received.before(UNKNOWN), view.conversations.get(thread.id)
    return first is not None and -first[0] >= midnight and (entry is None or entry.first_seen >= midnight)


def _midnight(now: int) -> int:
    today = datetime.fromtimestamp(now / 1000, timezone.get_current_timezone()).date()
    return int(timezone.make_aware(datetime.combine(today, time())).timestamp() * 1000)
