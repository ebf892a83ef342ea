"""The options of a worker, and its clock."""

import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

from crawler.account.crawl import SyncTiming
from crawler.account.needs import RunnerTiming
from crawler.heartbeat import STATUS_S
from crawler.replies.desk import ReplyTiming
from crawler.uplink.uplink import LinkTiming
from sync.protocol.lease_times import RENEW_S


def now_ms() -> int:
    """Return the time now, ms UTC."""
    return time.time_ns() // 1_000_000


class WorkerOptions(Struct, frozen=True, kw_only=True):
    """The options of a worker. `hub` is a websocket address; times are seconds.

    `insecure` allows `ws://` beyond this machine. `platform_settings` are the settings of platforms without `IMHUB_`.
    `replies_file`: where results of replies are kept; without one the worker sends none. `has_window`: a person can see
    the browser. `host_id`: names the machine; `instance`: this start of the process.
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
    heartbeat_s: float = RENEW_S
    status_s: float = STATUS_S
    replies: ReplyTiming = field(default_factory=ReplyTiming)
    replies_file: Path | None = None
    has_window: bool = False
    deltas: bool = True
    host_id: str = ""
    instance: str = ""
