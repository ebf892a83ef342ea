from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy

if TYPE_CHECKING:
    from sync.storage.transfer import ExportPart


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = _lazy("Alerts")

    @property
    def export_part(self) -> ExportPart:
        """Return what an export has of alerts."""
        from alerts.transfer import AlertsPart

        return AlertsPart()
