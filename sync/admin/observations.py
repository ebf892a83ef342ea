"""The observations of the workers, for reading only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from sync.admin.live import SURFACES, to_local
from sync.models import Observation

OUTCOMES = {
    "ok": _lazy("read"),
    "page_changed": _lazy("the platform's page changed: not readable"),
    "empty_suspicious": _lazy("empty where much was before: not believed"),
}


class OutcomeFilter(admin.SimpleListFilter):
    """Chooses observations by their outcome."""

    title = _lazy("outcome")
    parameter_name = "canary"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, str(words)) for name, words in OUTCOMES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(canary=self.value()) if self.value() else queryset


@admin.register(Observation)
class ObservationAdmin(admin.ModelAdmin):
    """The list of observations. Nothing of it can be changed."""

    list_display = ("account", "place", "outcome", "whole", "began", "ended", "looks", "items")
    list_filter = (OutcomeFilter, "surface", "account")
    list_select_related = ("account",)
    list_display_links = None
    ordering = ("-end",)
    show_full_result_count = False

    @admin.display(description=_lazy("surface"), ordering="surface")
    def place(self, row: Observation) -> str:
        return str(SURFACES.get(row.surface, row.surface))

    @admin.display(description=_lazy("outcome"))
    def outcome(self, row: Observation) -> str:
        return str(OUTCOMES.get(row.canary, row.canary))

    @admin.display(description=_lazy("how far"), ordering="complete")
    def whole(self, row: Observation) -> str:
        return _("to the end") if row.complete else _("the newest part")

    @admin.display(description=_lazy("from"), ordering="start")
    def began(self, row: Observation) -> Any:
        return to_local(row.start)

    @admin.display(description=_lazy("to"), ordering="end")
    def ended(self, row: Observation) -> Any:
        return to_local(row.end)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("What was looked at when"), **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
