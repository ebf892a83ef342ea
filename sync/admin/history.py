"""The changes that people made, from the newest on. A deletion can be undone here."""

from __future__ import annotations

from collections.abc import Iterable
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

from sync.admin.live import find_hub, to_local
from sync.core.account.marks import ALL_ITEMS, MarkKind
from sync.core.change.changes import Operated
from sync.core.change.delta import Delta
from sync.hub import Hub, HubBusy, HubNotReady, system_clock
from sync.models import Change
from sync.protocol.times import DAY_MS
from sync.storage.change_log import read_body
from sync.storage.errors import Damaged
from sync.storage.records import Actor, format_origin

# Written out, because a database looks for its partial index before it knows what is bound.
BY_PEOPLE: Final = RawSQL("NOT (sync_change.action = '')", (), output_field=BooleanField())
MAX_LISTED: Final = 50_000
# Each is a commit, and the browser waits for all of them.
MAX_RESTORED: Final = 200
NAMED: Final = 3
USER: Final = "user:"

ACTIONS: Final = {
    "read": "read",
    "unread": "marked as unread",
    "pin": "pinned",
    "unpin": "unpinned",
    "mute": "muted",
    "unmute": "unmuted",
    "delete": "deleted",
    "restore": "restored",
    "recall": "recalled",
    "status": "set the status",
    "done": "marked as handled",
    "undone": "marked as not handled",
    "read_before": "read everything up to a time",
    "make": "opened a conversation",
    "note": "wrote a note",
    "unnote": "removed a note",
}
_NOUNS: Final[dict[MarkKind, str]] = {
    "conversations": "conversation",
    "messages": "message",
    "contents": "work",
    "comments": "comment",
    "notifications": "notice",
    "people": "person",
}
_PERIODS: Final = {"1": "the last 24 hours", "7": "the last 7 days", "30": "the last 30 days"}

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

    title = "what was done"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return ACTIONS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() else queryset


class UserFilter(admin.SimpleListFilter):
    """Chooses changes by the user who made them."""

    title = "who"
    parameter_name = "user"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        """Return all users: to look for those who did something would take long."""
        names = get_user_model().objects.order_by("username").values_list("username", flat=True)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(actor=f"{USER}{self.value()}") if self.value() else queryset


class PeriodFilter(admin.SimpleListFilter):
    """Chooses the changes of the last days."""

    title = "when"
    parameter_name = "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return _PERIODS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in _PERIODS:
            return queryset
        return queryset.filter(at__gte=system_clock() - int(self.value() or 0) * DAY_MS)


@admin.register(Change)
class HistoryAdmin(admin.ModelAdmin):
    """The list of people's changes. Nothing of it can be changed; what was deleted can be restored."""

    list_display = ("when", "who", "what", "items", "in_account", "origin")
    list_filter = (PeriodFilter, ActionFilter, UserFilter, "account")
    list_select_related = ("account",)
    list_display_links = None
    list_per_page = 50
    ordering = ("-at",)
    show_full_result_count = False
    paginator = HistoryPaginator
    actions = ("restore",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        return Change.objects.filter(BY_PEOPLE)

    @admin.display(description="when", ordering="at")
    def when(self, row: Change) -> Any:
        return to_local(row.at)

    @admin.display(description="who")
    def who(self, row: Change) -> str:
        return row.actor.removeprefix(USER)

    @admin.display(description="did what")
    def what(self, row: Change) -> str:
        return ACTIONS.get(row.action, row.action)

    @admin.display(description="to what")
    def items(self, row: Change) -> str:
        """Return the items that the change is about, in words."""
        try:
            found = _items(read_body(row))
        except Damaged:
            return "cannot be read"
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return ", ".join(_format_item(*item) for item in found[:NAMED]) + more

    @admin.display(description="account", ordering="account")
    def in_account(self, row: Change) -> SafeString:
        address = reverse("admin:sync_account_change", args=[row.account_id])
        return format_html('<a href="{}">{}</a>', address, row.account)

    @admin.display(description="from where")
    def origin(self, row: Change) -> str:
        return row.origin

    # -- undoing

    @admin.action(description="Restore what was deleted", permissions=["restore"])
    def restore(self, request: HttpRequest, rows: QuerySet[Change]) -> None:
        """Restore the items that the chosen changes deleted. Raises nothing: a fault becomes a message."""
        hub = find_hub()
        if hub is None:
            messages.error(request, "Nothing was restored: the hub is not running in this process.")
            return
        deletions = list(rows.filter(action="delete")[: MAX_RESTORED + 1])
        if len(deletions) > MAX_RESTORED:
            messages.error(request, f"Nothing was restored: choose at most {MAX_RESTORED} deletions at once.")
            return
        actor = Actor(f"{USER}{request.user.get_username()}", format_origin("admin", request.META["REMOTE_ADDR"]))
        count = 0
        for row in deletions:
            try:
                count += _restore(hub, row, actor)
            except (HubNotReady, HubBusy, Damaged) as error:
                messages.error(request, f"What {self.who(row)} deleted was not restored: {error}.")
        messages.success(request, f"{count} item{'' if count == 1 else 's'} restored.")

    def has_restore_permission(self, request: HttpRequest) -> bool:
        """Return whether the user may restore what was deleted."""
        return bool(request.user.has_perm("sync.change_account"))

    # -- for reading only

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": "Who did what", "subtitle": f"The newest {MAX_LISTED:,}. Filters lead to what is older."}
        return super().changelist_view(request, context | (extra_context or {}))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _items(delta: Delta) -> list[Named]:
    """Return the items that the change is about. A conversation stands for its messages."""
    made: list[Named] = [("conversations", entry.item.id) for entry in delta.conversations]
    marked: list[Named] = [(marked.collection, marked.id) for marked in delta.marks]
    conversations = [item for item in marked if item[0] == "conversations"]
    return made or conversations or marked


def _format_item(collection: MarkKind, item_id: str) -> str:
    return f"all {_NOUNS[collection]}s" if item_id == ALL_ITEMS else f"{_NOUNS[collection]} {item_id}"


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
