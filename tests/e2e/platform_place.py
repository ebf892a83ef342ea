"""The place in which a worker is measured: hub, demo site, one worker with five accounts that are read."""

from __future__ import annotations

import json
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Final, NamedTuple
from urllib.request import Request, urlopen

import msgspec
import psutil
from websockets.sync.client import ClientConnection, connect

from demo.generator import make_shops
from demo.showcase import look_after
from demo.texts import SHOPS
from tests.e2e.cast import Cast, Operator, make_cast
from tests.servers import Installation, eventually

KEYS: Final = [f"shop{number}" for number in range(1, 6)]
CONVERSATIONS: Final = (24, 30, 18, 24, 20)
STARTS_S: Final = 300
_V2: Final = "creator/web/api/third_party/aweme/api/comment/read/aweme/v1/web/comment/list"
OF_PAGES: Final = re.compile(
    r"GET /(?:static|p\d\.douyinpic\.com)/.*"
    r"|GET creator/?|GET creator/creator-micro/(?:home|content/manage|interactive/comment)"
    r"|GET creator/passport/web/(?:get_qrcode|check_qrconnect)/?"
    r"|GET creator/janus/douyin/creator/pc/work_list/?|GET creator/aweme/v1/creator/item/list/?"
    rf"|GET {_V2}/(?:select|reply)/?"
    r"|GET www/(?:chat)?|GET www/page/notice-ids|POST www/aweme/v1/web/im/user/info/"
    r"|POST im/v1/message/get_(?:message_by_init|user_message)/?|POST im/v2/conversation/get_info_list/?"
    r"|POST im/v1/stranger/get_conversation_list/?|SOCKET im/ws/v2"
)
"""What pages ask for by themselves where nobody reads notices: the part `trace` of `platform_figures` holds the
worker against a person."""


class Use(NamedTuple):
    """What processes of one kind used: seconds of CPU, MB of PSS."""

    cpu_s: float = 0.0
    pss_mb: float = 0.0


class Place(NamedTuple):
    """The running product: hub, demo site, one worker with five accounts that are read."""

    at: Installation
    cast: Cast

    def done(self) -> dict[str, int]:
        """Return what the pages of all accounts did at the demo site."""
        total: dict[str, int] = {}
        for key in KEYS:
            for what, times in self.at.truth(key)["done"].items():
                total[what] = total.get(what, 0) + times
        return total

    def strange_requests(self) -> list[str]:
        """Return what the site was asked for that no page asks for by itself."""
        with urlopen(f"http://127.0.0.1:{self.at.demo_port}/control/requests", timeout=10) as answer:
            asked = [re.sub(r" /for/\w+/", " ", line) for line in json.load(answer)]
        return sorted({line for line in asked if not OF_PAGES.fullmatch(line)})

    @contextmanager
    def client(self) -> Iterator[ClientConnection]:
        """A client that hears of all accounts."""
        headers = {"Authorization": f"Token {self.cast.tokens['ann']}"}
        address = f"ws://127.0.0.1:{self.at.port}/ws/im/"
        with connect(address, additional_headers=headers, max_size=None) as socket:
            socket.send(json.dumps({"type": "subscribe", "accounts": KEYS}))
            yield socket

    def switch(self, **switches: object) -> None:
        url = f"http://127.0.0.1:{self.at.demo_port}/control/switches"
        body = json.dumps({"account": "*", **switches}).encode()
        with urlopen(Request(url, body, {"Content-Type": "application/json"}), timeout=10) as answer:
            assert answer.status == 200


@contextmanager
def running(*, is_fast: bool, is_visible: bool) -> Iterator[Place]:
    """Start everything, and wait until all accounts are read once. `is_fast`: at the pace of tests."""
    with tempfile.TemporaryDirectory() as folder:
        place = Installation(Path(folder), is_bare=True)
        place.env["IMHUB_WORKER_BROWSER"] = "visible" if is_visible else "hidden"
        try:
            place.manage("migrate", "--noinput", "-v", "0")
            yield Place(place, start(place, is_fast=is_fast))
        finally:
            place.stop()


def start(place: Installation, *, is_fast: bool) -> Cast:
    file = place.place / "world.json"
    write_world(file)
    place.start_demo("--scenario", str(file), "--fans-interval", "0", "--phone-delay", "0.3")
    addresses = ("creator_url", "www_url", "im_url")
    configs = {key: place.demo_config(key) | {"read_notices": False} for key in KEYS}
    if not is_fast:
        configs = {key: {name: config[name] for name in addresses} for key, config in configs.items()}
    cast = make_cast(place, Operator("ann", dict.fromkeys(KEYS, "act")), configs=configs)
    place.start_hub()
    worker, begin = place.start_worker(cast.worker_token), time.monotonic()
    try:
        for key in KEYS:
            eventually(partial(is_read, cast, key), f"{key} is read", STARTS_S)
    except AssertionError as error:
        raise AssertionError(f"{error}\n{worker.tail()}") from error
    print(f"all is read after {time.monotonic() - begin:.0f} s", flush=True)
    return cast


def write_world(file: Path) -> None:
    """Five shops, in which most people have their answer."""
    now_s = int(time.time())
    shops = tuple(
        SHOPS[number % 3]._replace(key=key, uid=str(1_000_000_000_000_100 + number), short_id=f"figures{number}")
        for number, key in enumerate(KEYS)
    )
    world = make_shops(shops, CONVERSATIONS, Random(7), now_s)
    look_after(world, Random(10), now_s)
    file.write_bytes(msgspec.json.encode(world))


def is_read(cast: Cast, key: str) -> bool:
    """Whether messages and comments of the account were read once."""
    with cast.client("ann") as client:
        rows = client.get("/api/im/accounts?count=50").json()["data"]["users"]
    return any({"messages", "comments"} <= set(row["seen_at"]) for row in rows if row["user_id"] == key)


def use(place: Place) -> dict[str, Use]:
    """Return what each kind of process used so far, also those of its processes that ended."""
    found = dict.fromkeys(("browser", "driver", "worker"), Use())
    workers = {process.pid for process in place.at.processes if process.name == "worker"}
    for process in psutil.Process().children(recursive=True):
        try:
            kind = "worker" if process.pid in workers else kind_of(process)
            if kind is not None:
                spent, pss = sum(process.cpu_times()[:4]), process.memory_full_info().pss / 2**20
                found[kind] = Use(found[kind].cpu_s + spent, found[kind].pss_mb + pss)
        except psutil.NoSuchProcess:
            continue
    return found


def kind_of(process: psutil.Process) -> str | None:
    name, line = process.name(), " ".join(process.cmdline())
    if "playwright" in line and "node" in name:
        return "driver"
    return "browser" if "chrom" in name or "headless" in name else None
