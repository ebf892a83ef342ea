"""The platforms by name. Adding one: a folder here and a line in `PLATFORMS`."""

from crawler.platforms.base import PlatformFactory
from crawler.platforms.douyin import Douyin

PLATFORMS: dict[str, PlatformFactory] = {"douyin": Douyin}
