from django.apps import AppConfig


class ImHubConfig(AppConfig):
    name = "imhub"
    verbose_name = "IM Hub"

    def ready(self) -> None:
        from imhub import checks  # noqa: F401 (registers them)
