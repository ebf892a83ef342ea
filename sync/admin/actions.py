"""Actions on several accounts at once, through each account's own save or through the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from sync.admin.forms import AssignForm
from sync.admin.live import UNKNOWN, find_hub, totals_of
from sync.admin.pages import ask, is_confirmed
from sync.hub import Hub
from sync.hub_errors import HubBusy, HubNotReady
from sync.models import Account
from sync.storage.records import USER, Actor


class _Done(NamedTuple):
    """An action on accounts that was done. `say`: in words, for so many; `logged`: for the admin's history, in English.

    `nothing`: in words, that it was done to none because no hub runs here.
    """

    say: Callable[[int], str]
    logged: str
    nothing: Any = ""


PAUSED = _Done(lambda n: ngettext("%(n)s account paused.", "%(n)s accounts paused.", n) % {"n": n}, "paused")
RESUMED = _Done(lambda n: ngettext("%(n)s account resumed.", "%(n)s accounts resumed.", n) % {"n": n}, "resumed")
LOGGED_OUT = _Done(
    lambda n: ngettext("%(n)s account logged out.", "%(n)s accounts logged out.", n) % {"n": n},
    "logged out",
    _lazy("Nothing was logged out: the hub is not running in this process."),
)
CLEARED = _Done(
    lambda n: ngettext("%(n)s account cleared.", "%(n)s accounts cleared.", n) % {"n": n},
    "cleared",
    _lazy("Nothing was cleared: the hub is not running in this process."),
)


class AccountActions(admin.ModelAdmin):
    """The actions in the list of accounts."""

    actions = ("assign", "pause", "resume", "log_out", "clear_data")

    @admin.action(description=_lazy("Give to a worker …"), permissions=["change"])
    def assign(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask for a worker, then give it the accounts."""
        form = AssignForm(request.POST if is_confirmed(request) else None)
        if not is_confirmed(request) or not form.is_valid():
            return ask(
                request,
                accounts,
                action="assign",
                title=_("Which worker crawls these accounts?"),
                says=_("The worker they have now stops at once. An account without a worker is not crawled."),
                losses=[str(account) for account in accounts],
                form=form,
                button=_("Give"),
            )
        worker = form.cleaned_data["worker"]
        done = _Done(
            lambda n: (
                ngettext("%(n)s account given to %(worker)s.", "%(n)s accounts given to %(worker)s.", n)
                % {"n": n, "worker": worker or _("no worker")}
            ),
            f"given to {worker or 'no worker'}",
        )
        self._save_each(request, accounts, done, worker=worker)
        return None

    @admin.action(description=_lazy("Pause"), permissions=["change"])
    def pause(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Pause the accounts that are crawled."""
        running = accounts.filter(status=Account.Status.ACTIVE)
        self._save_each(request, running, PAUSED, status=Account.Status.INACTIVE)

    @admin.action(description=_lazy("Resume"), permissions=["change"])
    def resume(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Let the paused accounts be crawled again."""
        paused = accounts.filter(status=Account.Status.INACTIVE)
        self._save_each(request, paused, RESUMED, status=Account.Status.ACTIVE)

    def _save_each(self, request: HttpRequest, accounts: Iterable[Account], done: _Done, **fields: Any) -> None:
        """Save one by one: an update of the whole queryset would raise neither lease nor generation."""
        count = 0
        with transaction.atomic():
            for account in accounts:
                for name, value in fields.items():
                    setattr(account, name, value)
                account.save(update_fields=list(fields))
                self.log_change(request, account, done.logged)
                count += 1
        messages.success(request, done.say(count))

    @admin.action(description=_lazy("Log out …"), permissions=["change"])
    def log_out(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask, then wipe the stored logins of the accounts here and at their workers."""
        if not is_confirmed(request):
            return ask(
                request,
                accounts,
                action="log_out",
                title=_("Log these accounts out?"),
                says=_(
                    "Their stored logins are destroyed, here and at the worker. Nothing new comes in until somebody "
                    "scans a login code again. What was read before stays."
                ),
                losses=[str(account) for account in accounts],
                button=_("Log out"),
            )
        self._through_hub(request, accounts, LOGGED_OUT, lambda hub, account: hub.log_out_account(account.pk))
        return None

    @admin.action(description=_lazy("Clear data …"), permissions=["delete"])
    def clear_data(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask, then forget all data of the accounts."""
        if not is_confirmed(request):
            return ask(
                request,
                accounts,
                action="clear_data",
                title=_("Clear what was read of these accounts?"),
                says=_(
                    "Gone for good: all items below, what was read, pinned and handled, and the history. The accounts "
                    "themselves stay; what the worker reads from now on starts a new history. Nothing changes on the "
                    "platform. An export made before can be imported again."
                ),
                losses=[format_holdings(account) for account in accounts],
                button=_("Clear"),
            )
        actor = Actor(f"{USER}{request.user.get_username()}", "admin")
        self._through_hub(request, accounts, CLEARED, lambda hub, account: hub.clear_account(account.pk, actor))
        return None

    def _through_hub(
        self, request: HttpRequest, accounts: Iterable[Account], done: _Done, act: Callable[[Hub, Account], None]
    ) -> None:
        hub = find_hub()
        if hub is None:
            messages.error(request, done.nothing)
            return
        count = 0
        for account in accounts:
            try:
                act(hub, account)
            except (HubNotReady, HubBusy) as error:
                refusal = _("Not done for %(account)s: %(error)s.") % {"account": account, "error": error}
                messages.error(request, refusal)
                continue
            self.log_change(request, account, done.logged)
            count += 1
        if count:
            messages.success(request, done.say(count))


def count_holdings(account: Account) -> dict[str, int | str]:
    """Return how many items of each kind go when the account goes, by the name of the kind for people."""
    totals = totals_of(account)
    names = {
        "conversations": _("conversations"),
        "messages": _("messages"),
        "comments": _("comments"),
        "contents": _("works"),
        "notifications": _("notices"),
    }
    return {word: getattr(totals, name) if totals is not None else UNKNOWN for name, word in names.items()}


def format_holdings(account: Account) -> str:
    """Return the account and how many items of each kind it holds, in words."""
    counts = count_holdings(account)
    return f"{account}: " + ", ".join(f"{count} {word}" for word, count in counts.items())
