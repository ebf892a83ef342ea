"""A client that stays at one hub: it reads all by REST once, and keeps it by events, also when the hub dies."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from http.client import HTTPException
from typing import Any, Final, NamedTuple

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from tests.e2e.several_hubs import HubPlace

# By the noun of an event: its list, the key of its rows there, and the key of their id.
LISTS: Final = {
    "message": ("messages", "messages", "msg_id"),
    "conversation": ("conversations", "conversations", "conversation_id"),
    "discussion": ("discussions", "discussions", "discussion_id"),
    "content": ("contents", "contents", "content_id"),
    "notification": ("notifications", "notifications", "notification_id"),
}
Items = dict[tuple[str, str], Any]


class Told(NamedTuple):
    """An event, without its item's words."""

    epoch: str
    kind: str
    id: str


class FollowingClient:
    """`told`: account -> number -> event. `faults`: gaps, and numbers that came twice. `resets`: how often it was told
    to read anew, without the first time of an account."""

    def __init__(self, hub: HubPlace, name: str) -> None:
        self._hub = hub
        self._headers = hub.cast.headers(name)
        self._token = hub.cast.tokens[name]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._lock = threading.Lock()
        self._at: dict[str, tuple[str, int]] = {}
        self._items: defaultdict[str, Items] = defaultdict(dict)
        self.told: defaultdict[str, dict[int, Told]] = defaultdict(dict)
        self.faults: list[str] = []
        self.resets = 0
        self.connections = 0

    def __enter__(self) -> FollowingClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join(30)

    def items(self, account: str) -> Items:
        """What it shows of the account."""
        with self._lock:
            return dict(self._items[account])

    def read(self, account: str) -> Items:
        """What its hub answers now."""
        items: Items = {}
        for noun, (path, key, id_key) in LISTS.items():
            rows = self._hub.place.walk(f"/api/im/{path}?account_id={account}&count=200", key, self._token)
            items |= {(noun, row[id_key]): row for row in rows}
        return items

    def is_equal(self, account: str) -> bool:
        """Return whether it shows what its hub answers."""
        return self.items(account) == self.read(account)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except (OSError, HTTPException, WebSocketException, AssertionError):  # also one that cannot be read now
                self._ended.wait(0.2)

    def _follow(self) -> None:
        address = f"ws://127.0.0.1:{self._hub.place.port}/ws/im/"
        with connect(
            address, additional_headers=self._headers, max_size=None, open_timeout=5, close_timeout=1
        ) as socket:
            since = {account: {"epoch": epoch, "seq": seq} for account, (epoch, seq) in self._at.items()}
            socket.send(json.dumps({"type": "subscribe", "accounts": "all", "since": since}))
            self.connections += 1
            while not self._ended.is_set():
                self._take_one(socket)

    def _take_one(self, socket: ClientConnection) -> None:
        try:
            frame = json.loads(socket.recv(1))
        except TimeoutError:
            return
        if frame["type"] == "event":
            self._take_event(frame)
        elif frame["type"] == "reset":
            self.resets += not frame["initial"]
            self._read_anew(frame["account"], frame)
        elif frame["type"] == "subscribed":
            for account, place in frame["accounts"].items():
                if account not in self._at:
                    self._read_anew(account, place)

    def _read_anew(self, account: str, place: dict[str, Any]) -> None:
        """From `place` on: events that come later, and are in what is read, lead to the same in the end."""
        self._at.pop(account, None)  # if it cannot be read, all of it comes with the next connection
        items = self.read(account)
        with self._lock:
            self._items[account] = items
        self._at[account] = place["epoch"], place["seq"]

    def _take_event(self, frame: dict[str, Any]) -> None:
        account, seq, kind, data = frame["account"], frame["seq"], frame["kind"], frame["data"]
        noun, _, what = kind.partition(".")
        id_key = LISTS[noun][2] if noun in LISTS else ""
        item_id = data.get(id_key) or data.get("id") or ""
        known = self._at.get(account)
        if known is None or known != (frame["epoch"], seq - 1):
            self.faults.append(f"{account}: {known} before {seq} ({kind})")
        self._at[account] = frame["epoch"], seq
        self.told[account][seq] = Told(frame["epoch"], kind, item_id)
        if noun in LISTS:
            with self._lock:
                if what == "removed":
                    self._items[account].pop((noun, item_id), None)
                else:
                    self._items[account][noun, item_id] = data
