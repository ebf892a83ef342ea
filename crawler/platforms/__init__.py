"""The platforms by name. Adding one: a folder here, a line in `PLATFORMS`, its name in the settings' `PLATFORMS`."""

from crawler.platforms.base import PlatformFactory
from crawler.platforms.douyin import Douyin

PLATFORMS: dict[str, PlatformFactory] = {"douyin": Douyin}
