from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy


class ImApiConfig(AppConfig):
    name = "im_api"
    verbose_name = _lazy("IM API")

    def ready(self) -> None:
        from im_api import signals

        signals.connect()
