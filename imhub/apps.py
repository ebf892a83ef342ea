from axes.apps import AppConfig as AxesConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _lazy

from imhub.conf.optional import left_out

with left_out("requests", "django.contrib.postgres"):  # for a test client, and for fields that no model has
    import rest_framework.compat  # noqa: F401


class ImHubConfig(AppConfig):
    name = "imhub"
    verbose_name = "IM Hub"

    def ready(self) -> None:
        from imhub.conf import checks  # noqa: F401 (registers them)


class FailedLoginsConfig(AxesConfig):
    """The library's app under a name that an owner understands."""

    verbose_name = _lazy("Failed logins")
