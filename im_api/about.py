"""The version and the platforms of the product, as it reports them."""

from typing import Final

from django.conf import settings

API_VERSION: Final = "1"
COMPATIBILITY: Final = "im-v1"


def hub_version() -> str:
    return str(settings.VERSION)


def supported_platforms() -> list[str]:
    return list(settings.PLATFORMS)
