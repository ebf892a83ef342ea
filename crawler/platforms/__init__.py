"""The platforms by name. Adding one: a folder here and a line in `PLATFORMS`."""

from crawler.platforms.base import PlatformFactory

PLATFORMS: dict[str, PlatformFactory] = {}
