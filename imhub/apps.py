from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy


class ImHubConfig(AppConfig):
    name = "imhub"
    verbose_name = "IM Hub"

    def ready(self) -> None:
        from imhub.conf import checks  # noqa: F401 (registers them)


class FailedLoginsConfig(AxesConfig):
    """The library's app under a name that an owner understands."""

    verbose_name = _lazy("Failed logins")
