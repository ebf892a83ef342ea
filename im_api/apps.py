from django.apps import AppConfig


class ImApiConfig(AppConfig):
    name = "im_api"
    verbose_name = "IM API"

    def ready(self) -> None:
        from im_api import signals

        signals.connect()
