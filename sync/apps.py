from django.apps import AppConfig


class SyncConfig(AppConfig):
    name = "sync"
    verbose_name = "Accounts and workers"

    def ready(self) -> None:
        from sync import signals

        signals.connect()
