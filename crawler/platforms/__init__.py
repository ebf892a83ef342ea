"""The platforms by name.

    base.py  what a platform must offer: an adapter that checks the login, logs in and observes surfaces
    douyin/  the first platform

To add one: a folder here, a line in `PLATFORMS`, and its name in the settings' `PLATFORMS`.
"""

from crawler.platforms.base import PlatformFactory
from crawler.platforms.douyin import Douyin

PLATFORMS: dict[str, PlatformFactory] = {"douyin": Douyin}
