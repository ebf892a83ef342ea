"""Admin pages of what leaves the hub: where to, and what was sent. Addresses are entered and tried in the inbox."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _lazy

from alerts.models import Delivery, Destination
from sync.admin.live import to_local


class ReadOnlyAdmin(admin.ModelAdmin):
    """Base of admin pages that add nothing."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Destination)
class DestinationAdmin(ReadOnlyAdmin):
    """The addresses that alerts, events and signs of life go to."""

    list_display = ("label", "kind", "shown", "is_enabled", "delivered", "failed", "error")
    list_filter = ("kind", "is_enabled")
    fields = ("label", "is_enabled")

    @admin.display(description=_lazy("delivered"), ordering="delivered_at")
    def delivered(self, row: Destination) -> Any:
        return to_local(row.delivered_at) if row.delivered_at is not None else None

    @admin.display(description=_lazy("failed"), ordering="failed_at")
    def failed(self, row: Destination) -> Any:
        return to_local(row.failed_at) if row.failed_at is not None else None


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """The log of what was sent. Nothing of it can be changed."""

    list_display = ("name", "destination", "event", "state", "tries", "created", "done", "error")
    list_filter = ("state", "destination")
    list_select_related = ("destination",)
    list_display_links = None

    @admin.display(description=_lazy("created at"), ordering="created_at")
    def created(self, row: Delivery) -> Any:
        return to_local(row.created_at)

    @admin.display(description=_lazy("done"), ordering="done_at")
    def done(self, row: Delivery) -> Any:
        return to_local(row.done_at) if row.done_at is not None else None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
