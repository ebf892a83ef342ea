"""Reads the hub of this process, if one runs. Without one the admin still works."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sync.core.account.account_state import AccountState, account_state, choose_tint, split_age
from sync.core.account.view import Totals
from sync.hub import Hub, get_hub, system_clock
from sync.hub_errors import HubNotReady
from sync.models import Account
from sync.worker.presence import WorkerPresence

UNKNOWN: Final = "–"
AGES: Final = {
    "s": _lazy("%(n)s s ago"),
    "min": _lazy("%(n)s min ago"),
    "h": _lazy("%(n)s h ago"),
    "d": _lazy("%(n)s d ago"),
}
SURFACES: Final = {
    "profile": _lazy("profile"),
    "contents": _lazy("works"),
    "messages": _lazy("messages"),
    "comments": _lazy("comments"),
    "notifications": _lazy("notices"),
}
NOT_RUNNING: Final = AccountState("Not known: no hub runs here", "off")


def find_hub() -> Hub | None:
    """Return the hub of this process, or None."""
    try:
        return get_hub()
    except HubNotReady:
        return None


def warn_without_hub(request: HttpRequest) -> None:
    """Add a message to the page when no hub runs in this process."""
    if find_hub() is None:
        messages.warning(request, _("The hub is not running in this process: states and counts are not known."))


def state_of(account: Account) -> AccountState:
    """Return the state of the account, made of the switch, the worker and the login."""
    hub = find_hub()
    if hub is None:
        return NOT_RUNNING
    report = hub.store.get_view(account.pk).report
    return account_state(account.status, report.login_status, hub.worker_status(account.pk))


def totals_of(account: Account) -> Totals | None:
    """Return the counters of the account; None without a hub."""
    hub = find_hub()
    return hub.store.get_view(account.pk).totals if hub is not None else None


def last_sync_of(account: Account) -> str:
    """Return how long ago the account's worker last reported, in words."""
    hub = find_hub()
    return UNKNOWN if hub is None else say_ago(hub.freshness.last_sync(account.pk), hub.clock())


def alarm_of(account: Account) -> str:
    """Return the last thing since the start of the hub that a person should look at, in words."""
    hub = find_hub()
    receipts = hub.receiver.statistics.accounts.get(account.pk) if hub is not None else None
    if hub is None or receipts is None or receipts.alarm is None:
        return _("none")
    return f"{receipts.alarm.message} ({say_ago(receipts.alarm.at, hub.clock())})"


def observed_of(account: Account) -> list[str]:
    """Return for each surface how long ago it was last read, in words."""
    hub = find_hub()
    if hub is None:
        return []
    seen = hub.freshness.observed_at(account.pk)
    return [f"{SURFACES.get(surface, surface)} {say_ago(at, hub.clock())}" for surface, at in sorted(seen.items())]


def presence_of(worker: str) -> WorkerPresence | None:
    """Return what the worker reports of itself; None when it is not connected, or no hub runs."""
    hub = find_hub()
    return hub.presence.get(worker) if hub is not None else None


def format_ago_now(at: int | None) -> str:
    """Return how long ago `at` (ms UTC) was, in words."""
    return say_ago(at, system_clock())


def say_ago(at: int | None, now: int) -> str:
    """Return how long before `now` the time `at` was, in words; None is "never". Both ms UTC."""
    if at is None:
        return _("never")
    unit, count = split_age(now - at)
    return str(AGES[unit]) % {"n": count}


def draw_state(state: AccountState) -> SafeString:
    """Return the state as HTML."""
    return format_html('<span class="state {}">{}</span>', state.tone, _(state.words))


def draw_square(account: Account, initial: str) -> SafeString:
    """Return the square of the account as SVG, as the inbox draws it."""
    tint = choose_tint(account.pk, account.color)
    return format_html(
        '<svg class="square {}" viewBox="0 0 24 24" aria-hidden="true"><rect width="24" height="24" rx="7"{}/>'
        '<text x="12" y="12.5">{}</text></svg>',
        "own" if tint is None else f"tint-{tint}",
        format_html(' fill="{}"', account.color) if tint is None else "",
        initial,
    )


def to_local(at: int) -> datetime:
    """Return `at` (ms UTC) in the time zone of the installation."""
    return timezone.localtime(datetime.fromtimestamp(at / 1000, UTC))
