"""Sends what the hub gets regularly: signs of life, account statuses, new sessions."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NoReturn

import msgspec
import psutil
import structlog

from crawler.account.status import StatusBoard
from crawler.browsers.session import normalise_state
from crawler.uplink.connection import LinkError
from crawler.uplink.newest_sender import NewestSender
from crawler.uplink.uplink import Uplink, single
from sync.protocol.lease_times import RENEW_S
from sync.protocol.messages import (
    AccountStatus,
    AccountStatuses,
    AccountStatusesAck,
    AccountUse,
    Ack,
    Heartbeat,
    SessionReport,
)
from sync.protocol.text import well_formed_json

log = structlog.get_logger(__name__)

METER_S: Final = 10.0
"""The figures of a heartbeat are as old at most: to measure costs more than to send."""
PATIENCE_S: Final = 0.5
STATUS_S: Final = 60.0
_GATHER_S: Final = 0.2
_AGAIN_S: Final = 1.0
_FRAME_ROOM: Final = 4_096


class ResourceMeter:
    """Measures memory and processor use of this process and the browsers below it, METER_S apart."""

    def __init__(self) -> None:
        self._known: dict[int, psutil.Process] = {}
        self._newest: tuple[float, float] = (0.0, 0.0)
        self._read_at: float | None = None
        self._reading: asyncio.Task[tuple[float, float]] | None = None

    async def newest(self) -> tuple[float, float]:
        """Return what `read` does, measured METER_S ago, or longer where it takes its time. To measure takes a thread.

        A sign of life waits for it PATIENCE_S at most: without one in time the browsers are stopped.
        """
        now = asyncio.get_running_loop().time()
        if self._reading is None and (self._read_at is None or now - self._read_at >= METER_S):
            self._reading, self._read_at = asyncio.create_task(asyncio.to_thread(self.read)), now
        if self._reading is not None:
            done, _ = await asyncio.wait([self._reading], timeout=PATIENCE_S)
            if done:
                reading, self._reading = self._reading, None
                with suppress(psutil.Error, OSError):  # the system does not let it look
                    self._newest = reading.result()
        return self._newest

    def read(self) -> tuple[float, float]:
        """Return (MiB, percent of one processor since the last call)."""
        own = self._known.setdefault(psutil.Process().pid, psutil.Process())
        family = {own.pid: own}
        for child in own.children(recursive=True):
            family[child.pid] = self._known.get(child.pid, child)
        self._known = family
        memory = cpu = 0.0
        for process in family.values():
            try:
                memory += _own_memory(process) / 2**20
                cpu += process.cpu_percent()
            except psutil.Error:
                continue
        return round(memory, 1), round(cpu, 1)


def _own_memory(process: psutil.Process) -> int:
    """Return bytes. Memory that processes share counts once where the system says so."""
    memory = process.memory_full_info()
    return int(getattr(memory, "pss", 0) or memory.uss)


async def send_heartbeats(
    uplink: Uplink, worker_id: str, uses: Callable[[], dict[str, AccountUse]], every_s: float = RENEW_S
) -> NoReturn:
    """Send a heartbeat every `every_s` seconds while registered, for ever. `uses`: what each crawl takes."""
    meter = ResourceMeter()
    while True:
        await uplink.wait_registered()
        memory, cpu = await meter.newest()
        accounts = uses()
        beat = Heartbeat(
            worker_id=worker_id,
            status="running",
            active_tasks=len(accounts),
            memory_mb=memory,
            cpu_percent=cpu,
            accounts=accounts,
        )
        try:
            await uplink.request(beat)
        except LinkError as error:
            log.debug("a heartbeat was not answered", reason=str(error))
        await asyncio.sleep(every_s)


async def send_statuses(uplink: Uplink, board: StatusBoard, every_s: float = STATUS_S) -> NoReturn:
    """Report statuses when they change, and all of them every `every_s` seconds, for ever."""
    loop = asyncio.get_running_loop()
    next_all = loop.time() + every_s
    while True:
        try:
            async with asyncio.timeout_at(next_all):
                await board.changed.wait()
                await asyncio.sleep(_GATHER_S)
        except TimeoutError:
            board.mark()
            next_all = loop.time() + every_s
        await uplink.wait_registered()
        if due := board.take_due():
            wait_s = await _send_due(uplink, board, due)
            await asyncio.sleep(wait_s)


async def _send_due(uplink: Uplink, board: StatusBoard, due: Sequence[AccountStatus]) -> float:
    """Send the statuses; those that the hub did not take are due again. Return the seconds to wait."""
    everybody = [status.account_id for status in due]
    try:
        ack = single(await uplink.request(AccountStatuses(account_statuses=list(due))))
    except LinkError:
        board.mark(everybody)
        return _AGAIN_S
    if ack.error_code == "busy":
        board.mark(everybody)
    elif isinstance(ack, AccountStatusesAck):
        board.mark([account_id for account_id, code in ack.failed.items() if code == "busy"])
        for warning in ack.warnings:
            log.warning("the hub cannot read a report", account=warning.id, reason=warning.message)
    return (ack.retry_after_ms or 0) / 1000


class SessionKeeper:
    """Sends new sessions to the hub, over a confidential link only. Each is kept here until the hub acknowledged it.

    `on_stored` is called with the account's id then.
    """

    def __init__(self, uplink: Uplink, on_stored: Callable[[str], None] = lambda _account_id: None) -> None:
        self._uplink = uplink
        self._on_stored = on_stored
        self._sender = NewestSender[dict[str, Any]](uplink, self._make_message, self._on_answer)

    def keep(self, account_id: str, storage_state: dict[str, Any]) -> None:
        """Send `storage_state` as soon as possible; over a link that others can read, warn and drop it."""
        if not self._uplink.is_confidential:
            log.warning("the session stays in this worker: the link to the hub is not encrypted", account=account_id)
            return
        # A page may keep half a surrogate pair in its storage, which no frame can carry.
        self._sender.keep(account_id, well_formed_json(storage_state))

    def forget(self, account_id: str) -> None:
        """Do not send the account's session any more."""
        self._sender.forget(account_id)

    async def run(self) -> NoReturn:
        """Send what is kept, for ever. Tries again until the hub answers."""
        await self._sender.run()

    def _make_message(self, account_id: str, state: dict[str, Any]) -> SessionReport | None:
        return _fit(account_id, state, self._uplink.max_frame_bytes)

    def _on_answer(self, account_id: str, ack: Ack, is_newest: bool) -> None:
        if not ack.success:
            log.error("the hub did not take a session", account=account_id, code=ack.error_code)
        elif is_newest:
            self._on_stored(account_id)


def _fit(account_id: str, state: dict[str, Any], max_bytes: int) -> SessionReport | None:
    """Return the message with as much of `state` as fits a frame: first IndexedDB is left out, then all storage.

    Returns None if not even the cookies fit.
    """
    origins = [{k: v for k, v in origin.items() if k != "indexedDB"} for origin in state.get("origins", ())]
    for candidate in (state, state | {"origins": origins}, state | {"origins": []}):
        if len(msgspec.json.encode(candidate)) + _FRAME_ROOM <= max_bytes:
            return SessionReport(account_id=account_id, storage_state=candidate)
    log.error("a session is above the frame limit", account=account_id, cookies=len(normalise_state(state)))
    return None
