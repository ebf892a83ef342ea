from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = _lazy("Alerts")
