"""The observations of the workers, for reading only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from sync.admin.live import to_local
from sync.models import Observation

OUTCOMES = {
    "ok": "read",
    "page_changed": "the platform's page changed: not readable",
    "empty_suspicious": "empty where much was before: not believed",
}


class OutcomeFilter(admin.SimpleListFilter):
    """Chooses observations by their outcome."""

    title = "outcome"
    parameter_name = "canary"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return OUTCOMES.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(canary=self.value()) if self.value() else queryset


@admin.register(Observation)
class ObservationAdmin(admin.ModelAdmin):
    """The list of observations. Nothing of it can be changed."""

    list_display = ("account", "surface", "outcome", "whole", "began", "ended", "looks", "items")
    list_filter = (OutcomeFilter, "surface", "account")
    list_select_related = ("account",)
    list_display_links = None
    ordering = ("-end",)
    show_full_result_count = False

    @admin.display(description="outcome")
    def outcome(self, row: Observation) -> str:
        return OUTCOMES.get(row.canary, row.canary)

    @admin.display(description="how far", ordering="complete")
    def whole(self, row: Observation) -> str:
        return "to the end" if row.complete else "the newest part"

    @admin.display(description="from", ordering="start")
    def began(self, row: Observation) -> Any:
        return to_local(row.start)

    @admin.display(description="to", ordering="end")
    def ended(self, row: Observation) -> Any:
        return to_local(row.end)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "What was looked at when", **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
