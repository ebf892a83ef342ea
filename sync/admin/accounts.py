"""The accounts, for their owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sync.admin import live
from sync.admin.actions import AccountActions, count_holdings, format_holdings
from sync.admin.forms import AccountForm
from sync.core.account.view import Totals
from sync.models import Account, AccountSession

TONES = (("act", "somebody must act"), ("wait", "mends by itself"), ("ok", "running"), ("off", "paused"))


class ToneFilter(admin.SimpleListFilter):
    """Chooses accounts by what they need, in the order of urgency."""

    title = "what it needs"
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return TONES

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        tone = self.value()
        if tone is None:
            return queryset
        return queryset.filter(pk__in=[row.pk for row in queryset if live.state_of(row).tone == tone])


def total(name: str, title: str) -> Callable[[Any, Account], int | str]:
    """Return a column that shows one counter of the account."""

    @admin.display(description=title)
    def column(_admin: Any, account: Account) -> int | str:
        totals: Totals | None = live.totals_of(account)
        return live.UNKNOWN if totals is None else int(getattr(totals, name))

    return column


@admin.register(Account)
class AccountAdmin(AccountActions):
    """The list of accounts and the page of one, with what the running hub knows of them."""

    form = AccountForm
    list_display = (
        "title",
        "platform",
        "state",
        "worker",
        "last_sync",
        "needs_reply",
        "unread",
        "conversations",
        "messages",
        "comments",
        "works",
        "notices",
    )
    list_filter = (ToneFilter, "platform", "status", "worker", "group")
    list_select_related = ("worker",)
    search_fields = ("id", "name", "alias", "group", "platform_user_id")
    search_help_text = "Name, alias, group, account id or the number on the platform"
    fieldsets = (
        (None, {"fields": ("id", "platform", "name", "platform_user_id", "status", "worker")}),
        ("In the inbox", {"fields": ("alias", "group", "color")}),
        ("Now", {"fields": ("state", "alarm", "last_sync", "seen", "holdings", "stored_login")}),
        ("Advanced", {"classes": ("collapse",), "fields": ("config",)}),
    )
    readonly_fields = ("state", "alarm", "last_sync", "seen", "holdings", "stored_login")

    needs_reply = total("needs_reply", "need a reply")
    unread = total("total_unread", "unread")
    conversations = total("conversations", "chats")
    messages = total("messages", "messages")
    comments = total("comments", "comments")
    works = total("contents", "works")
    notices = total("notifications", "notices")

    @admin.display(description="account", ordering="name")
    def title(self, account: Account) -> SafeString:
        """Return its square, its name, its id and its group."""
        name = account.alias or account.name
        square = live.draw_square(account, name[:1])
        quiet = " · ".join(filter(None, (account.pk, account.group)))
        return format_html('{}<span class="name">{}</span><br><span class="quiet">{}</span>', square, name, quiet)

    @admin.display(description="state")
    def state(self, account: Account) -> SafeString:
        return live.draw_state(live.state_of(account))

    @admin.display(description="alarm")
    def alarm(self, account: Account) -> str:
        return live.alarm_of(account)

    @admin.display(description="last sync")
    def last_sync(self, account: Account) -> str:
        return live.last_sync_of(account)

    @admin.display(description="last looked at")
    def seen(self, account: Account) -> str:
        """Return when each surface was last read, in words."""
        return " · ".join(live.observed_of(account)) or "not yet"

    @admin.display(description="holds")
    def holdings(self, account: Account) -> str:
        """Return how many items of each kind it holds, in words."""
        return ", ".join(f"{count} {word}" for word, count in count_holdings(account).items())

    @admin.display(description="stored login")
    def stored_login(self, account: Account) -> str:
        """Return whether a browser session is stored, and since when, in words."""
        session = AccountSession.objects.filter(account=account).only("updated_at").first()
        if session is None:
            return "none: somebody must scan a login code"
        return f"yes, encrypted, kept {live.format_ago_now(int(session.updated_at.timestamp() * 1000))}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that cannot be changed: id and platform, once the account exists."""
        return self.readonly_fields if obj is None else ("id", "platform", *self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the groups of fields; those about its present only once the account exists."""
        sets = super().get_fieldsets(request, obj)
        return sets if obj is not None else [one for one in sets if one[0] != "Now"]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is lost with each account, in words.

        The rows of its history are many, and tell an owner nothing.
        """
        lines = [f"{format_holdings(account)}; its history, stored login and grants" for account in objs]
        return lines, {"accounts": len(lines)}, set(), []

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        live.warn_without_hub(request)
        return super().changelist_view(request, {"title": "Accounts", **(extra_context or {})})
