"""The options of a worker, and its clock."""

import time
from collections.abc import Mapping

from msgspec import Struct, field

from crawler.account.crawl import SyncTiming
from crawler.account.runner import RunnerTiming
from crawler.heartbeat import HEARTBEAT_S, STATUS_S
from crawler.uplink.uplink import LinkTiming


def now_ms() -> int:
    """Return the time now, ms UTC."""
    return time.time_ns() // 1_000_000


class WorkerOptions(Struct, frozen=True, kw_only=True):
    """The options of a worker. `hub` is a websocket address; times are seconds.

    `insecure` allows `ws://` beyond this machine. `platform_settings` are the settings of platforms without `IMHUB_`.
    """

    hub: str
    token: str
    worker_id: str
    version: str = ""
    max_accounts: int = 5
    insecure: bool = False
    platform_settings: Mapping[str, str] = {}
    uplink: LinkTiming = field(default_factory=LinkTiming)
    sync: SyncTiming = field(default_factory=SyncTiming)
    runner: RunnerTiming = field(default_factory=RunnerTiming)
    heartbeat_s: float = HEARTBEAT_S
    status_s: float = STATUS_S
    deltas: bool = True
