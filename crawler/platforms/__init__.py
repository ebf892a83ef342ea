"""The platforms by name.

    base.py  what a platform must offer: an adapter that checks the login, logs in, observes surfaces and sends replies
    douyin/  the first platform

To add one: a folder here, a line in `PLATFORMS`, and its name in the settings' `PLATFORMS`. One whose pages can be
recorded also has a line in `RECORDED` and in `REPLAYS`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from crawler.platforms.base import PlatformFactory, SurfaceObservation
from crawler.platforms.douyin import Douyin
from crawler.platforms.douyin.replay import Replay as DouyinReplay
from crawler.recording.recorder import Recordings
from crawler.recording.unread import Unread


class Replay(Protocol):
    """Reads the recording of one account once more. `unread`: what no parser asked for; `failures`: in words."""

    unread: Unread
    failures: list[str]

    def read(self, line: Mapping[str, Any]) -> Iterator[SurfaceObservation]:
        """Take in one line, and yield the observations that it ends."""
        ...

    def finish(self) -> SurfaceObservation:
        """Return what is left after the last line."""
        ...


PLATFORMS: dict[str, PlatformFactory] = {"douyin": Douyin}
RECORDED: Mapping[str, Callable[[Recordings], PlatformFactory]] = {
    "douyin": lambda recordings: partial(Douyin, recordings=recordings),
}
REPLAYS: Mapping[str, Callable[[Mapping[str, Any]], Replay]] = {"douyin": DouyinReplay}


def record(recordings: Recordings) -> dict[str, PlatformFactory]:
    """Return the platforms, with those that can be recorded so that they are."""
    return {name: RECORDED[name](recordings) if name in RECORDED else make for name, make in PLATFORMS.items()}
