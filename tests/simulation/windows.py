"""Clients on the push socket: their lines break, frames arrive late, and still they show what REST answers."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from im_api import queries, shapes
from im_api.access import Principal
from im_api.push.connection import ClientConnection
from im_api.push.feed import PushFeed
from im_api.push.lookup import HubLookup
from im_api.queries import PageRequest
from im_api.queries.threads import RowFilter, list_threads
from sync.outbox import Outbox
from tests.simulation.clients import all_items
from tests.simulation.people import FANS
from tests.simulation.questions import STAFF

Position = tuple[str, int]


class Insider:
    """A credential that is always good."""

    def principal(self) -> Principal:
        return STAFF

    async def confirm(self) -> Principal:
        return STAFF


class ClientOutbox(Outbox):
    """The messages on their way to the client."""

    def __init__(self) -> None:
        super().__init__()
        self.frames: deque[str] = deque()

    def put(self, text: str) -> None:
        self.frames.append(text)

    @property
    def stalled(self) -> bool:
        return False


class Shown:
    """The things that a client shows of one account."""

    def __init__(self, account_id: str, epoch: str) -> None:
        """Reads everything by REST, which may be ahead of `epoch`: that is the one the socket told last."""
        self.position: Position = (epoch, queries.get_authorized(STAFF, account_id).view.seq)
        self.told = read_all(account_id)

    def hear(self, frame: dict[str, Any]) -> None:
        epoch, seq = frame["epoch"], frame["seq"]
        if seq <= self.position[1]:
            return  # what was read by REST is newer
        assert (epoch, seq) == (self.position[0], self.position[1] + 1), "an event is missing"
        self.position = (epoch, seq)
        noun, _, what = frame["kind"].partition(".")
        if frame["kind"] == "unread.changed":
            self.told["unread", ""] = frame["data"]
        elif what == "removed":
            self.told.pop((noun, frame["data"]["id"]), None)
        elif noun in KEYS:
            self.told[noun, frame["data"][KEYS[noun]]] = frame["data"]


KEYS = {
    "conversation": "conversation_id",
    "message": "msg_id",
    "content": "content_id",
    "discussion": "discussion_id",
    "notification": "notification_id",
    "note": "user_id",
    "thread": "thread_id",
}


def read_all(account_id: str) -> dict[tuple[str, str], Any]:
    items: dict[tuple[str, str], Any] = dict(all_items(account_id))
    authorized = queries.get_authorized(STAFF, account_id)
    items["unread", ""] = shapes.counts(authorized)
    threads = list_threads(STAFF, account_id, None, RowFilter(), "latest", PageRequest("threads", 10_000))
    items |= {("thread", row.id): shapes.thread(at, row) for at, row in threads.rows}
    items |= {("note", user_id): shapes.note(authorized, user_id) for user_id in FANS}
    return {key: json.loads(msgspec.json.encode(item)) for key, item in items.items()}


class Window:
    """One client. `line`: None while it has no connection."""

    def __init__(self, on_loop: Callable[[Callable[[], None]], None], counts: Counter[str]) -> None:
        self._on_loop = on_loop
        self._counts = counts
        self._shown: dict[str, Shown] = {}
        self._connection: ClientConnection | None = None
        self.outbox: ClientOutbox | None = None

    def connect(self, feed: PushFeed) -> None:
        """Subscribes to everything, from where it knows it."""
        since = {account: {"epoch": s.position[0], "seq": s.position[1]} for account, s in self._shown.items()}
        frame = json.dumps({"type": "subscribe", "accounts": "all", "since": since})

        def open_it() -> None:
            self.outbox = ClientOutbox()
            self._connection = ClientConnection(feed, HubLookup(), Insider(), STAFF, self.outbox, self._closed)
            self._asking = asyncio.ensure_future(self._connection.receive(frame))

        self._counts["subscriptions"] += 1
        self._on_loop(open_it)

    def cut(self) -> None:
        """Cut the connection; messages on their way are lost."""
        connection, self._connection, self.outbox = self._connection, None, None
        if connection is not None:
            self._on_loop(connection.ended)

    def _closed(self, code: int, reason: str) -> None:
        raise AssertionError(f"the hub closed a good socket: {code} {reason}")

    def take(self, most: int) -> None:
        while self.outbox is not None and self.outbox.frames and most:
            most -= 1
            self._hear(json.loads(self.outbox.frames.popleft()))

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "event":
            self._counts["pushed events"] += 1
            self._shown[frame["account"]].hear(frame)
        elif frame["type"] == "reset":
            self._counts["resets"] += 1
            self._shown[frame["account"]] = Shown(frame["account"], frame["epoch"])
        elif frame["type"] == "subscribed":
            for account_id, position in frame["accounts"].items():
                if account_id not in self._shown:
                    self._shown[account_id] = Shown(account_id, position["epoch"])
        else:
            assert frame["type"] == "fresh", frame

    def check(self) -> None:
        """Nothing is on its way: it shows what is there."""
        self.take(10**9)
        for account_id, shown in self._shown.items():
            there = read_all(account_id)
            wrong = {key for key in there.keys() | shown.told.keys() if there.get(key) != shown.told.get(key)}
            assert not wrong, [(key, shown.told.get(key), there.get(key)) for key in sorted(wrong)[:3]]
            self._counts["windows compared"] += 1


class Windows:
    def __init__(self, random: Random, on_loop: Callable[[Callable[[], None]], None], counts: Counter[str]) -> None:
        self._random = random
        self._all = [Window(on_loop, counts) for _ in range(3)]
        self._feed = PushFeed()

    def hub_started(self, feed: PushFeed) -> None:
        """The former one took its sockets with it."""
        for window in self._all:
            window.cut()
        self._feed = feed

    def happen(self) -> None:
        window, chance = self._random.choice(self._all), self._random.random()
        if window.outbox is None:
            window.connect(self._feed)
        elif chance < 0.2:
            window.cut()
        elif chance < 0.4:
            window.check()
        else:
            window.take(self._random.choice([1, 5, 50]))

    def finish(self) -> None:
        for window in self._all:
            if window.outbox is None:
                window.connect(self._feed)
            window.check()
            window.cut()
