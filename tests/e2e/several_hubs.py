"""Hubs that share a private PostgreSQL and a private Redis, with clients and workers at each of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import copy
from typing import Any, Final, NamedTuple

from websockets.sync.client import ClientConnection, connect

from tests.e2e.cast import Cast
from tests.processes import Process
from tests.servers import Installation, free_ports

WITHIN_S = 60.0
_SHARE_OUT: Final = """
import json
from sync.directory import raise_generation
from sync.models import Account, Worker
from sync.worker.tokens import new_worker_token
tokens = {}
for name, accounts in %r.items():
    worker, _ = Worker.objects.get_or_create(name=name)
    tokens[name] = new_worker_token(worker)
    Account.objects.filter(pk__in=accounts).update(worker=worker)  # as if each had been theirs from the beginning
raise_generation()
print(json.dumps(tokens))
"""


class HubPlace(NamedTuple):
    """One of the hubs: the cast, as they come to this one."""

    cast: Cast
    process: Process

    @property
    def place(self) -> Installation:
        return self.cast.place


def begin(cast: Cast, name: str, port: int, *arguments: str) -> HubPlace:
    """Start `serve` at this port, and do not wait for it."""
    place = copy(cast.place)  # its processes are those of all: they end together
    place.port, place.url = port, f"http://127.0.0.1:{port}"
    place.env = place.env | {"IMHUB_PORT": str(port)}
    return HubPlace(cast._replace(place=place), place.start(name, "serve", *arguments))


def start_hubs(cast: Cast, count: int) -> list[HubPlace]:
    """Start so many at once: each is one process with a port of its own."""
    hubs = [begin(cast, f"hub{number}", port) for number, port in enumerate(free_ports(count))]
    for hub in hubs:
        hub.place.wait_for(hub.process, f"{hub.place.url}/healthz")
    return hubs


def share_out(cast: Cast, accounts: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Give each worker its accounts. Return the workers' tokens by name."""
    given = {worker: list(names) for worker, names in accounts.items()}
    tokens: dict[str, str] = json.loads(cast.place.manage("shell", "-v0", "-c", _SHARE_OUT % (given,)))
    return tokens


class PushClient:
    """A client that writes down the events of each account. Read it with `read_until`."""

    def __init__(self, hub: HubPlace, name: str) -> None:
        address = f"ws://127.0.0.1:{hub.place.port}/ws/im/"
        self._stack = ExitStack()
        opening = connect(address, additional_headers=hub.cast.headers(name), max_size=None, close_timeout=1)
        self.socket: ClientConnection = self._stack.enter_context(opening)
        self.events: dict[str, list[tuple[int, str, Any]]] = {}
        self.others: list[dict[str, Any]] = []
        self.socket.send(json.dumps({"type": "subscribe", "accounts": "all"}))
        self.read_until(lambda: any(frame["type"] == "subscribed" for frame in self.others))

    def __enter__(self) -> PushClient:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def read_until(self, true: Callable[[], object], within_s: float = WITHIN_S) -> None:
        """Read what comes until `true`, which is asked after each frame."""
        deadline = time.monotonic() + within_s
        while not true():
            self.take(json.loads(self.socket.recv(max(0.0, deadline - time.monotonic()))))

    def take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "event":
            data = frame["data"]
            self.events.setdefault(frame["account"], []).append((frame["seq"], frame["kind"], data))
        else:
            self.others.append(frame)

    def has(self, account: str, kind: str, item_id: str) -> bool:
        """Whether an event of this kind came about this item."""
        found = (data for _, of_kind, data in self.events.get(account, ()) if of_kind == kind)
        return any(item_id in (data.get("msg_id"), data.get("conversation_id"), data.get("id")) for data in found)
