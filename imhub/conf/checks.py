"""Django system checks for what would otherwise fail in silence."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

ORDER = [
    (
        "crawler",
        "channels",
        "or `runworker crawlers` starts the command of Channels, which receives nothing",
        "imhub.E001",
    ),
    ("imhub", "django.contrib.staticfiles", "or `runserver` has no websockets", "imhub.E002"),
]


@register()
def check_order_of_apps(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Return an error for each pair of apps in the wrong order."""
    apps = list(settings.INSTALLED_APPS)
    return [
        Error(f"INSTALLED_APPS: {first!r} must stand before {second!r}, {reason}.", id=code)
        for first, second, reason, code in ORDER
        if first not in apps or (second in apps and apps.index(first) > apps.index(second))
    ]
