"""Delivers what waits: one after the other to each destination, so that what was first arrives first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final

import msgspec
import structlog

from alerts import book
from alerts.book import AddressLost, Due
from alerts.models import Delivery, Destination
from alerts.sending.daemon import in_daemon
from alerts.sending.device import send_to_device
from alerts.sending.failed import SendFailed
from alerts.sending.people import send_to_people
from alerts.sending.program import send_to_program
from sync.protocol.times import Clock
from sync.storage.database import in_database

log = structlog.get_logger(__name__)

MOST_AT_ONCE: Final = 4
TIMEOUT_S: Final = 60


class Courier:
    """Sends in threads. Lives on the event loop. `clock`: ms UTC. `may_send`: whether no other hub delivers."""

    def __init__(self, clock: Clock, may_send: Callable[[], bool] = lambda: True) -> None:
        self._clock = clock
        self._may_send = may_send
        self._busy: dict[int, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(MOST_AT_ONCE)

    async def start_due(self) -> None:
        """Begin with every destination that something waits for, and that is not served already."""
        for destination_id in await in_database(book.list_due, self._clock()):
            if destination_id not in self._busy:
                task = asyncio.create_task(self._serve(destination_id))
                self._busy[destination_id] = task
                task.add_done_callback(partial(self._ended, destination_id))

    async def finish(self) -> None:
        """Wait until nothing is on its way."""
        while self._busy:
            await asyncio.wait(list(self._busy.values()))
            await asyncio.sleep(0)

    def stop(self) -> None:
        """Stop without waiting. What was not acknowledged is sent again at the next start."""
        for task in self._busy.values():
            task.cancel()

    def _ended(self, destination_id: int, task: asyncio.Task[None]) -> None:
        self._busy.pop(destination_id, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("deliveries failed", destination=destination_id, exc_info=error)

    async def _serve(self, destination_id: int) -> None:
        """Deliver in order until nothing waits, or something fails."""
        async with self._places:
            while await self._deliver_next(destination_id):
                pass

    async def _deliver_next(self, destination_id: int) -> bool:
        if not self._may_send():  # this process was stopped, and another hub goes on with what waits
            return False
        try:
            # It may have failed since it was listed as due.
            due = await in_database(book.get_next, destination_id, self._clock())
        except AddressLost:
            await in_database(book.note_broken, destination_id, "address", self._clock())
            return False
        if due is None:
            return False
        try:
            await in_daemon(lambda: send(due, self._clock()), TIMEOUT_S)
        except (SendFailed, TimeoutError) as error:
            reason, wait_s = (str(error), error.wait_s) if isinstance(error, SendFailed) else ("timeout", 0)
            await in_database(partial(note_failure, due.delivery, reason, self._clock(), wait_s=wait_s))
            return False
        await in_database(book.note_delivered, due.delivery, self._clock())
        return True


def note_failure(delivery: Delivery, reason: str, now: int, *, wait_s: int = 0, is_final: bool = False) -> None:
    """Store a failure. A device that is gone is forgotten. `wait_s`: as of SendFailed."""
    log.warning("a delivery failed", destination=delivery.destination_id, delivery=delivery.name, reason=reason)
    if reason.startswith("gone") and delivery.destination.kind == Destination.Kind.DEVICE:
        delivery.destination.delete()
    else:
        book.note_failed(delivery, reason, now, wait_s=wait_s, is_final=is_final)


def send(due: Due, now: int) -> None:
    """Deliver to the destination, whatever it is. Raises SendFailed."""
    try:
        _send(due, now)
    except SendFailed:
        raise
    except Exception as error:  # noqa: BLE001 (of libraries; one that is not noted would be tried again at once, always)
        raise SendFailed("refused", type(error).__name__) from None


def _send(due: Due, now: int) -> None:
    delivery, address, key = due
    kind = delivery.destination.kind
    if kind == Destination.Kind.PROGRAM:
        send_to_program(address["url"], address["secret"], delivery.name, delivery.event, delivery.body, now)
    elif key is not None:
        send_to_device(address, delivery.body, key)
    else:
        words = msgspec.json.decode(delivery.body, type=dict[str, str])
        send_to_people(address["url"], words["title"], words["body"])
