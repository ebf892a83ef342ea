"""What the product says of itself."""

from typing import Final

from django.conf import settings

API_VERSION: Final = "1"
COMPATIBILITY: Final = "im-v1"


def hub_version() -> str:
    return str(getattr(settings, "VERSION", "0.1.0"))


def supported_platforms() -> list[str]:
    return list(getattr(settings, "PLATFORMS", ["douyin"]))
