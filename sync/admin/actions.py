"""Actions on several accounts at once, through each account's own save or through the hub."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sync.admin.forms import AssignForm
from sync.admin.live import UNKNOWN, find_hub, totals_of
from sync.admin.pages import ask, is_confirmed
from sync.hub import Hub, HubBusy, HubNotReady
from sync.models import Account
from sync.storage.records import Actor


class AccountActions(admin.ModelAdmin):
    """The actions in the list of accounts."""

    actions = ("assign", "pause", "resume", "log_out", "clear_data")

    @admin.action(description="Give to a worker …", permissions=["change"])
    def assign(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask for a worker, then give it the accounts."""
        form = AssignForm(request.POST if is_confirmed(request) else None)
        if not is_confirmed(request) or not form.is_valid():
            return ask(
                request,
                accounts,
                action="assign",
                title="Which worker crawls these accounts?",
                says="The worker they have now stops at once. An account without a worker is not crawled.",
                losses=[str(account) for account in accounts],
                form=form,
                button="Give",
            )
        worker = form.cleaned_data["worker"]
        self._save_each(request, accounts, f"given to {worker or 'no worker'}", worker=worker)
        return None

    @admin.action(description="Pause", permissions=["change"])
    def pause(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Pause the accounts that are crawled."""
        running = accounts.filter(status=Account.Status.ACTIVE)
        self._save_each(request, running, "paused", status=Account.Status.INACTIVE)

    @admin.action(description="Resume", permissions=["change"])
    def resume(self, request: HttpRequest, accounts: QuerySet[Account]) -> None:
        """Let the paused accounts be crawled again."""
        paused = accounts.filter(status=Account.Status.INACTIVE)
        self._save_each(request, paused, "resumed", status=Account.Status.ACTIVE)

    def _save_each(self, request: HttpRequest, accounts: Iterable[Account], done: str, **fields: Any) -> None:
        """Save one by one: an update of the whole queryset would raise neither lease nor generation."""
        count = 0
        with transaction.atomic():
            for account in accounts:
                for name, value in fields.items():
                    setattr(account, name, value)
                account.save(update_fields=list(fields))
                self.log_change(request, account, done)
                count += 1
        messages.success(request, f"{format_accounts(count)} {done}.")

    @admin.action(description="Log out …", permissions=["change"])
    def log_out(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask, then wipe the stored logins of the accounts here and at their workers."""
        if not is_confirmed(request):
            return ask(
                request,
                accounts,
                action="log_out",
                title="Log these accounts out?",
                says="Their stored logins are destroyed, here and at the worker. Nothing new comes in until somebody "
                "scans a login code again. What was read before stays.",
                losses=[str(account) for account in accounts],
                button="Log out",
            )
        self._through_hub(request, accounts, "logged out", lambda hub, account: hub.log_out_account(account.pk))
        return None

    @admin.action(description="Clear data …", permissions=["delete"])
    def clear_data(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        """Ask, then forget all data of the accounts."""
        if not is_confirmed(request):
            return ask(
                request,
                accounts,
                action="clear_data",
                title="Clear what was read of these accounts?",
                says="Gone for good: all items below, what was read, pinned and handled, and the history. The accounts "
                "themselves stay; what the worker reads from now on starts a new history. Nothing changes on the "
                "platform. An export made before can be imported again.",
                losses=[format_holdings(account) for account in accounts],
                button="Clear",
            )
        actor = Actor(f"user:{request.user.get_username()}", "admin")
        self._through_hub(request, accounts, "cleared", lambda hub, account: hub.clear_account(account.pk, actor))
        return None

    def _through_hub(
        self, request: HttpRequest, accounts: Iterable[Account], done: str, act: Callable[[Hub, Account], None]
    ) -> None:
        hub = find_hub()
        if hub is None:
            messages.error(request, f"Nothing was {done}: the hub is not running in this process.")
            return
        count = 0
        for account in accounts:
            try:
                act(hub, account)
            except (HubNotReady, HubBusy) as error:
                messages.error(request, f"{account} was not {done}: {error}.")
                continue
            self.log_change(request, account, done)
            count += 1
        if count:
            messages.success(request, f"{format_accounts(count)} {done}.")


def format_accounts(count: int) -> str:
    """Return the number of accounts in words."""
    return f"{count} account{'' if count == 1 else 's'}"


def count_holdings(account: Account) -> dict[str, int | str]:
    """Return how many items of each kind go when the account goes, by the name of the kind for people."""
    totals = totals_of(account)
    names = {"conversations": "conversations", "messages": "messages", "comments": "comments", "contents": "works"}
    names["notifications"] = "notices"
    return {word: getattr(totals, name) if totals is not None else UNKNOWN for name, word in names.items()}


def format_holdings(account: Account) -> str:
    """Return the account and how many items of each kind it holds, in words."""
    counts = count_holdings(account)
    return f"{account}: " + ", ".join(f"{count} {word}" for word, count in counts.items())
