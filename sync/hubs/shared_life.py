"""What hubs tell each other beside the accounts' data: their workers, logins, codes, and when accounts were read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

import msgspec
import structlog

from sync.hubs.fact_board import FactBoard
from sync.protocol.login_messages import AccountLogin, LoginCode
from sync.protocol.messages import AccountLogout, WireMessage
from sync.protocol.times import Clock
from sync.storage.database_errors import keep_going
from sync.storage.observations import Freshness, FreshnessOf
from sync.worker.connection import TRY_LATER
from sync.worker.login_links import Link
from sync.worker.logins import Login
from sync.worker.pairing import PairingCode
from sync.worker.presence import WorkerPresence
from sync.worker.service import WorkerService

log = structlog.get_logger(__name__)

RENEW_S: Final = 3.0
SILENT_MS: Final = 12_000
"""Of a hub that said nothing for so long no worker counts as connected: it closed them itself `CUT_OFF_S` after it last
said something. Only then does their silence begin, after which they must have stopped their browsers.
"""
ORDERS: Final[dict[str, type[WireMessage]]] = {one.__name__: one for one in (AccountLogin, LoginCode, AccountLogout)}


class _Heard(NamedTuple):
    """Holds what a hub said last of its workers, and when, ms UTC. `left`: when others said goodbye to it."""

    at: int
    workers: list[WorkerPresence]
    left: dict[str, int]


class SharedLife:
    """Posts what this hub knows alone, and takes in what others post. Lives on the event loop. `clock`: ms UTC."""

    def __init__(self, board: FactBoard, workers: WorkerService, freshness: Freshness, clock: Clock) -> None:
        self._board = board
        self._workers = workers
        self._freshness = freshness
        self._clock = clock
        self._hubs: dict[str, _Heard] = {}
        presence = workers.presence
        presence.pass_on = self._pass_on
        presence.changed = self.post_workers
        presence.is_cut_off = lambda: board.is_cut_off
        workers.logins.share = _sharing(board, "login")
        workers.pairing.share = _sharing(board, "pairing")
        workers.login_links.share = _sharing(board, "link")
        board.subscribe("workers", self._take_workers)
        board.subscribe("looks", self._take_looks)
        board.subscribe("order", self._take_order)
        board.subscribe("login", lambda key, value: workers.logins.take(key, _opt(value, Login)))
        board.subscribe("pairing", lambda key, value: workers.pairing.take(key, _opt(value, PairingCode)))
        board.subscribe(
            "link", lambda key, value: workers.login_links.take_in(key, msgspec.convert(value or {}, dict[str, Link]))
        )

    async def run(self) -> None:
        """Say again and again who is connected here, and what was looked at."""
        while True:
            with keep_going(log, "other hubs could not be told of workers"):
                self._renew()
            await asyncio.sleep(RENEW_S)

    def _renew(self) -> None:
        if self._board.is_cut_off:
            self._workers.presence.close_all(TRY_LATER, "this hub has no connection to its database")
        self.post_workers()
        self.post_looks()
        self.forget_silent()

    def leave(self) -> None:
        """Say that no worker is connected here any more. Call it in a thread with a database."""
        self._board.write({("workers", self._board.hub): None})

    # -- workers

    def post_workers(self) -> None:
        """Tell the others who is connected here."""
        presence = self._workers.presence
        said = [msgspec.to_builtins(presence.online_here()), presence.farewells, self._clock()]
        self._board.post("workers", self._board.hub, said)

    def _take_workers(self, hub: str, value: Any) -> None:
        before = self._hubs.get(hub)
        if value is None:
            self._hubs.pop(hub, None)
            self._note_gone(before)
        elif self._clock() - value[2] < SILENT_MS:  # a hub that starts reads what dead ones left too
            left = msgspec.convert(value[1], dict[str, int])
            workers = [one for one in msgspec.convert(value[0], list[WorkerPresence]) if one.name not in left]
            self._hubs[hub] = _Heard(self._clock(), workers, left)
            self._note_gone(before, {one.name for one in workers} | left.keys())
            for one in workers:
                self._workers.presence.heard_elsewhere(one.name, self._clock() - one.silent_ms)
        self._show_workers()

    def _note_gone(self, before: _Heard | None, still: Collection[str] = ()) -> None:
        """The silence of workers that are not with their hub any more begins now: it may have heard them until now."""
        for one in before.workers if before is not None else ():
            if one.name not in still:
                self._workers.presence.heard_elsewhere(one.name, self._clock())

    def forget_silent(self) -> None:
        """Let the workers of a hub that says nothing any more count as gone."""
        silent = {hub for hub, heard in self._hubs.items() if self._clock() - heard.at >= SILENT_MS}
        for hub in silent:
            heard = self._hubs.pop(hub)
            for one in heard.workers:
                self._workers.presence.heard_elsewhere(one.name, heard.at + SILENT_MS)
        if silent:
            self._show_workers()

    def _show_workers(self) -> None:
        """A worker that two hubs name is at the one where it connected last."""
        workers: dict[str, WorkerPresence] = {}
        for heard in self._hubs.values():
            for one in heard.workers:
                if one.name not in workers or workers[one.name].connected_at < one.connected_at:
                    workers[one.name] = one
        left: dict[str, int] = {}
        for name, at in (one for heard in self._hubs.values() for one in heard.left.items()):
            left[name] = max(at, left.get(name, 0))
        self._workers.presence.set_elsewhere(workers, left)

    def _pass_on(self, account_id: str, message: WireMessage) -> bool:
        """Have the hub that has the worker send it this order. Return False for one that is this hub's own affair."""
        if type(message).__name__ not in ORDERS:
            return False
        said = [account_id, type(message).__name__, msgspec.to_builtins(message), self._clock()]
        self._board.post("order", f"{account_id} {type(message).__name__}", said)
        return True

    def _take_order(self, _key: str, value: Any) -> None:
        account_id, name, body, at = value
        if self._clock() - at < SILENT_MS:  # as above
            self._workers.presence.order_here(account_id, msgspec.convert(body, ORDERS[name]))

    # -- looks

    def post_looks(self) -> None:
        """Tell the others when accounts were read here since the last call."""
        if looks := self._freshness.take_noted():
            self._board.post("looks", self._board.hub, msgspec.to_builtins(looks))

    def _take_looks(self, _hub: str, value: Any) -> None:
        for account_id, looks in msgspec.convert(value, dict[str, FreshnessOf]).items():
            self._freshness.take(account_id, looks)


def _sharing(board: FactBoard, kind: str) -> Callable[[str, Any], None]:
    return lambda key, value: board.post(kind, key, None if value is None else msgspec.to_builtins(value))


def _opt(value: Any, kind: Any) -> Any:
    return None if value is None else msgspec.convert(value, kind)
