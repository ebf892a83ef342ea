from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = _lazy("Accounts and workers")

    def ready(self) -> None:
        from sync import signals

        signals.connect()
