"""The platforms that this version knows. The settings, the pages, the admin and the API read them here.

A platform that is not in `PLATFORMS` is called by its name, and has no links and no emoji.
"""

from __future__ import annotations

from typing import Final

from sync.protocol.platforms.descriptor import Platform, PlatformPage
from sync.protocol.platforms.douyin import DOUYIN

__all__ = [
    "DEFAULT_PLATFORM",
    "PLATFORMS",
    "Platform",
    "PlatformPage",
    "get_label",
    "list_addresses",
    "list_media_hosts",
]

PLATFORMS: Final[dict[str, Platform]] = {DOUYIN.name: DOUYIN}
DEFAULT_PLATFORM: Final = DOUYIN.name


def get_label(name: str, language: str = "en") -> str:
    """Return what people call the platform in `language` (a code as Django's), else in English, else its name."""
    platform = PLATFORMS.get(name)
    return platform.labels.get(language, platform.labels["en"]) if platform is not None else name


def list_media_hosts() -> list[str]:
    """Return the picture hosts of all platforms."""
    return [host for platform in PLATFORMS.values() for host in platform.media_hosts]


def list_addresses() -> dict[str, str]:
    """Return the address of every site by the setting that overrides it."""
    return {
        platform.setting_of(key): address
        for platform in PLATFORMS.values()
        for key, address in platform.addresses.items()
    }
