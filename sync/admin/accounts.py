"""The accounts, for their owner."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sync.admin import live
from sync.admin.actions import AccountActions, count_holdings, format_holdings
from sync.admin.forms import AccountForm, label_platform, list_platforms
from sync.core.account.view import Totals
from sync.models import Account, AccountSession

TONES = (
    ("act", _lazy("somebody must act")),
    ("wait", _lazy("mends by itself")),
    ("ok", _lazy("running")),
    ("off", _lazy("paused")),
)


class ToneFilter(admin.SimpleListFilter):
    """Chooses accounts by what they need, in the order of urgency."""

    title = _lazy("what it needs")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, str(words)) for name, words in TONES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        tone = self.value()
        if tone is None:
            return queryset
        return queryset.filter(pk__in=[row.pk for row in queryset if live.state_of(row).tone == tone])


class PlatformFilter(admin.SimpleListFilter):
    """Chooses accounts by their platform."""

    title = _lazy("platform")
    parameter_name = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return list_platforms()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(platform=self.value()) if self.value() else queryset


def total(name: str, title: Any) -> Callable[[Any, Account], int | str]:
    """Return a column that shows one counter of the account."""

    @admin.display(description=title)
    def column(_admin: Any, account: Account) -> int | str:
        totals: Totals | None = live.totals_of(account)
        return live.UNKNOWN if totals is None else int(getattr(totals, name))

    return column


# The heading of what is known only once the account exists.
NOW = _lazy("Now")


@admin.register(Account)
class AccountAdmin(AccountActions):
    """The list of accounts and the page of one, with what the running hub knows of them."""

    form = AccountForm
    list_display = (
        "title",
        "on_platform",
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
    list_filter = (ToneFilter, PlatformFilter, "status", "worker", "group")
    list_select_related = ("worker",)
    search_fields = ("id", "name", "alias", "group", "platform_user_id")
    search_help_text = _lazy("Name, alias, group, account id or the number on the platform")
    fieldsets = (
        (None, {"fields": ("id", "platform", "name", "platform_user_id", "status", "worker")}),
        (_lazy("In the inbox"), {"fields": ("alias", "group", "color", "fans_count", "count_automatic", "reply_mode")}),
        (NOW, {"fields": ("state", "alarm", "last_sync", "seen", "holdings", "stored_login")}),
        (_lazy("Advanced"), {"classes": ("collapse",), "fields": ("config",)}),
    )
    readonly_fields = ("state", "alarm", "last_sync", "seen", "holdings", "stored_login")

    needs_reply = total("needs_reply", _lazy("need a reply"))
    unread = total("total_unread", _lazy("unread"))
    conversations = total("conversations", _lazy("chats"))
    messages = total("messages", _lazy("messages"))
    comments = total("comments", _lazy("comments"))
    works = total("contents", _lazy("works"))
    notices = total("notifications", _lazy("notices"))

    @admin.display(description=_lazy("account"), ordering="name")
    def title(self, account: Account) -> SafeString:
        """Return its square, its name, its id and its group."""
        name = account.alias or account.name
        square = live.draw_square(account, name[:1])
        quiet = " · ".join(filter(None, (account.pk, account.group)))
        return format_html('{}<span class="name">{}</span><br><span class="quiet">{}</span>', square, name, quiet)

    @admin.display(description=_lazy("platform"), ordering="platform")
    def on_platform(self, account: Account) -> str:
        return label_platform(account.platform)

    @admin.display(description=_lazy("state"))
    def state(self, account: Account) -> SafeString:
        return live.draw_state(live.state_of(account))

    @admin.display(description=_lazy("alarm"))
    def alarm(self, account: Account) -> str:
        return live.alarm_of(account)

    @admin.display(description=_lazy("last sync"))
    def last_sync(self, account: Account) -> str:
        return live.last_sync_of(account)

    @admin.display(description=_lazy("last looked at"))
    def seen(self, account: Account) -> str:
        """Return when each surface was last read, in words."""
        return " · ".join(live.observed_of(account)) or _("not yet")

    @admin.display(description=_lazy("holds"))
    def holdings(self, account: Account) -> str:
        """Return how many items of each kind it holds, in words."""
        return ", ".join(f"{count} {word}" for word, count in count_holdings(account).items())

    @admin.display(description=_lazy("stored login"))
    def stored_login(self, account: Account) -> str:
        """Return whether a browser session is stored, and since when, in words."""
        session = AccountSession.objects.filter(account=account).only("updated_at").first()
        if session is None:
            return _("none: somebody must scan a login code")
        ago = live.format_ago_now(int(session.updated_at.timestamp() * 1000))
        return _("yes, encrypted, kept %(ago)s") % {"ago": ago}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that cannot be changed: id and platform, once the account exists."""
        return self.readonly_fields if obj is None else ("id", "platform", *self.readonly_fields)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the groups of fields; those about its present only once the account exists."""
        sets = super().get_fieldsets(request, obj)
        return sets if obj is not None else [one for one in sets if one[0] is not NOW]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is lost with each account, in words.

        The rows of its history are many, and tell an owner nothing.
        """
        lines = [
            _("%(account)s; its history, stored login and grants") % {"account": format_holdings(account)}
            for account in objs
        ]
        return lines, {_("accounts"): len(lines)}, set(), []

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        live.warn_without_hub(request)
        return super().changelist_view(request, {"title": _("Accounts"), **(extra_context or {})})
