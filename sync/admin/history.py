"""The changes that people made, from the newest on. A deletion can be undone here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from sync.admin.item_names import name_item
from sync.admin.live import find_hub, to_local
from sync.admin.operators import bounds, format_operator, list_days, name_day, summarize, with_names
from sync.core.account.marks import MarkKind
from sync.core.change.changes import Operated
from sync.core.change.delta import Delta
from sync.core.replies.held import COLLECTION_OF
from sync.hub import Hub, system_clock
from sync.hub_errors import HubBusy, HubNotReady
from sync.models import Change
from sync.protocol.times import DAY_MS
from sync.storage.change_log import read_body
from sync.storage.errors import Damaged
from sync.storage.records import USER, Actor, format_origin

# Written out, because a database looks for its partial index before it knows what is bound.
BY_PEOPLE: Final = RawSQL("NOT (sync_change.action = '')", (), output_field=BooleanField())
MAX_LISTED: Final = 50_000
# Each is a commit, and the browser waits for all of them.
MAX_RESTORED: Final = 200
NAMED: Final = 3

# What people do, in short, as filters and summaries name it.
ACTIONS: Final = {
    "read": _lazy("read"),
    "unread": _lazy("marked as unread"),
    "pin": _lazy("pinned"),
    "unpin": _lazy("unpinned"),
    "mute": _lazy("muted"),
    "unmute": _lazy("unmuted"),
    "delete": _lazy("deleted"),
    "restore": _lazy("restored"),
    "recall": _lazy("recalled"),
    "status": _lazy("set the status"),
    "done": _lazy("marked as handled"),
    "undone": _lazy("marked as not handled"),
    "read_before": _lazy("read everything up to a time"),
    "make": _lazy("opened a conversation"),
    "note": _lazy("wrote a note"),
    "unnote": _lazy("removed a note"),
    "reply": _lazy("replied"),
    "retry_reply": _lazy("tried a reply again"),
    "cancel_reply": _lazy("took a reply back"),
}
# The same as the rest of a sentence that begins with who did it.
SENTENCES: Final = {
    "read": _lazy("read %(what)s"),
    "unread": _lazy("marked %(what)s as unread"),
    "pin": _lazy("pinned %(what)s"),
    "unpin": _lazy("unpinned %(what)s"),
    "mute": _lazy("muted %(what)s"),
    "unmute": _lazy("unmuted %(what)s"),
    "delete": _lazy("deleted %(what)s"),
    "restore": _lazy("restored %(what)s"),
    "recall": _lazy("recalled %(what)s"),
    "status": _lazy("set the status of %(what)s"),
    "done": _lazy("marked %(what)s as handled"),
    "undone": _lazy("marked %(what)s as not handled"),
    "read_before": _lazy("read everything up to a time: %(what)s"),
    "make": _lazy("opened %(what)s"),
    "note": _lazy("wrote a note on %(what)s"),
    "unnote": _lazy("removed the note on %(what)s"),
    "reply": _lazy("replied to %(what)s"),
    "retry_reply": _lazy("tried a reply to %(what)s again"),
    "cancel_reply": _lazy("took a reply to %(what)s back"),
}
MEANS: Final = {
    "browser": _lazy("browser"),
    "admin": _lazy("admin"),
    "token": _lazy("token"),
    "unknown": _lazy("unknown"),
}
_PERIODS: Final = {
    "1": _lazy("the last 24 hours"),
    "7": _lazy("the last 7 days"),
    "30": _lazy("the last 30 days"),
}

Named = tuple[MarkKind, str]


class HistoryPaginator(Paginator):
    """Counts no further than anybody turns pages."""

    @cached_property
    def count(self) -> int:
        """Return the number of changes, at most MAX_LISTED."""
        rows: Any = self.object_list
        return int(rows[:MAX_LISTED].count())


class ActionFilter(admin.SimpleListFilter):
    """Chooses changes by what was done."""

    title = _lazy("what was done")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, str(words)) for name, words in ACTIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class UserFilter(admin.SimpleListFilter):
    """Chooses changes by the user who made them."""

    title = _lazy("who")
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Return all users: to look for those who did something would take long."""
        users = get_user_model().objects.order_by("username").values_list("username", "first_name", "last_name")
        return [(name, format_operator(name, first, last)) for name, first, last in users]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(actor=f"{USER}{self.value()}") if self.value() else queryset


class PeriodFilter(admin.SimpleListFilter):
    """Chooses the changes of the last days."""

    title = _lazy("when")
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(days, str(words)) for days, words in _PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in _PERIODS:
            return queryset
        return queryset.filter(at__gte=system_clock() - int(self.value() or 0) * DAY_MS)


class DayFilter(admin.SimpleListFilter):
    """Chooses the changes of one day, by the time zone of the installation."""

    title = _lazy("which day")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(day.isoformat(), name_day(day)) for day in list_days()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        try:
            start, end = bounds(date.fromisoformat(self.value() or ""))
        except (ValueError, OverflowError):
            return queryset
        return queryset.filter(at__gte=start, at__lt=end)


@admin.register(Change)
class HistoryAdmin(admin.ModelAdmin):
    """The list of people's changes. Nothing of it can be changed; what was deleted can be restored."""

    list_display = ("when", "who", "what", "in_account", "from_where")
    list_filter = (DayFilter, PeriodFilter, UserFilter, ActionFilter, "account")
    list_select_related = ("account",)
    list_display_links = None
    list_per_page = 50
    ordering = ("-at",)
    show_full_result_count = False
    paginator = HistoryPaginator
    actions = ("restore",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        return with_names(Change.objects.filter(BY_PEOPLE))

    @admin.display(description=_lazy("when"), ordering="at")
    def when(self, row: Change) -> Any:
        return to_local(row.at)

    @admin.display(description=_lazy("who"))
    def who(self, row: Any) -> str:
        return format_operator(row.actor, row.first_name, row.last_name)

    @admin.display(description=_lazy("did what"))
    def what(self, row: Change) -> str:
        """Return what was done to which items, as the rest of a sentence that begins with who did it."""
        try:
            found = _items(read_body(row))
        except Damaged:
            return _("%(action)s (cannot be read)") % {"action": ACTIONS.get(row.action, row.action)}
        hub = find_hub()
        view = hub.store.get_view(row.account_id) if hub is not None else None
        return _format_action(row.action, [name_item(view, *item) for item in found[:NAMED]], len(found) - NAMED)

    @admin.display(description=_lazy("account"), ordering="account")
    def in_account(self, row: Change) -> SafeString:
        address = reverse("admin:sync_account_change", args=[row.account_id])
        return format_html('<a href="{}">{}</a>', address, row.account)

    @admin.display(description=_lazy("from where"))
    def from_where(self, row: Change) -> str:
        return _format_origin(row.origin)

    # -- undoing

    @admin.action(description=_lazy("Restore what was deleted"), permissions=["restore"])
    def restore(self, request: HttpRequest, rows: QuerySet[Change]) -> None:
        """Restore the items that the chosen changes deleted. Raises nothing: a fault becomes a message."""
        hub = find_hub()
        if hub is None:
            messages.error(request, _("Nothing was restored: the hub is not running in this process."))
            return
        deletions = list(rows.filter(action="delete")[: MAX_RESTORED + 1])
        if len(deletions) > MAX_RESTORED:
            refusal = _("Nothing was restored: choose at most %(n)s deletions at once.") % {"n": MAX_RESTORED}
            messages.error(request, refusal)
            return
        actor = Actor(f"{USER}{request.user.get_username()}", format_origin("admin", request.META["REMOTE_ADDR"]))
        count = 0
        for row in deletions:
            try:
                count += _restore(hub, row, actor)
            except (HubNotReady, HubBusy, Damaged) as error:
                refusal = _("What %(who)s deleted was not restored: %(error)s.") % {
                    "who": self.who(row),
                    "error": error,
                }
                messages.error(request, refusal)
        messages.success(request, ngettext("%(n)s item restored.", "%(n)s items restored.", count) % {"n": count})

    def has_restore_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may restore what was deleted."""
        return bool(request.user.has_perm("sync.change_account"))

    # -- for reading only

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": _("Who did what"), **(extra_context or {})}
        response = super().changelist_view(request, context)
        shown = getattr(response, "context_data", None) or {}
        if "cl" in shown:
            if shown["cl"].result_count >= MAX_LISTED:
                shown["subtitle"] = _("The newest %(n)s. Filters lead to what is older.") % {"n": f"{MAX_LISTED:,}"}
            shown["days"] = [(day.isoformat(), name_day(day)) for day in list_days()]
            shown["summary"] = summarize(shown["cl"].queryset, ACTIONS)
        return response

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _items(delta: Delta) -> list[Named]:
    """Return the items that the change is about. A conversation stands for its messages."""
    replied: list[Named] = [(COLLECTION_OF[reply.kind], reply.target) for reply in delta.replies]
    made: list[Named] = [("conversations", entry.item.id) for entry in delta.conversations]
    marked: list[Named] = [(marked.collection, marked.id) for marked in delta.marks]
    conversations = [item for item in marked if item[0] == "conversations"]
    return made or conversations or marked or replied


def _format_origin(origin: str) -> str:
    """Return the means and the address of a person, as `sync.storage.records.format_origin` keeps them, in words."""
    means, comma, address = origin.partition(", ")
    kind, space, name = means.partition(" ")
    return f"{MEANS.get(kind, kind)}{space}{name}{comma}{MEANS.get(address, address)}"


def _format_action(action: str, named: list[str], more: int) -> str:
    what = ", ".join(named)
    if more > 0:
        what = ngettext("%(what)s and %(n)s more", "%(what)s and %(n)s more", more) % {"what": what, "n": more}
    sentence = SENTENCES.get(action)
    return str(sentence) % {"what": what} if sentence is not None else f"{action} {what}"


def _restore(hub: Hub, deletion: Change, actor: Actor) -> int:
    """Restore one deletion, and return how many of its items were still deleted.

    Raises HubNotReady, HubBusy, Damaged.
    """
    count = 0
    for collection, named in groupby(_items(read_body(deletion)), key=itemgetter(0)):
        ids = tuple(item_id for _, item_id in named)
        done = hub.write(deletion.account_id, Operated(action="restore", collection=collection, ids=ids), actor)
        count += sum(done.before.mark(collection, i) != done.view.mark(collection, i) for i in ids)
    return count
