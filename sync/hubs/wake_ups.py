"""Wake-ups between the hubs of one database, over the channel layer. One that is lost costs a second, nothing else."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import uuid4

import structlog
from channels.layers import get_channel_layer

log = structlog.get_logger(__name__)

GROUP: Final = "hubs"
PULSE_S: Final = 1.0
"""How often every hub says something, if only that it is there."""
ANSWER_S: Final = 2.0
LATE_S: Final = 3.0
"""So long a hub hears not even itself, then it subscribes anew."""
GONE: Final = "gone: fresh within a second"


class WakeUps:
    """Lives on the event loop. `heard` gets account id -> version, as another hub says them; `resumed` is called
    whenever wake-ups come (again), since some may have been missed, and when another hub says that there is news.
    """

    def __init__(self, heard: Callable[[Mapping[str, int]], None], resumed: Callable[[], None]) -> None:
        self._heard = heard
        self._resumed = resumed
        self._name = uuid4().hex
        self._versions: dict[str, int] = {}
        self._look = False
        self._has_any = asyncio.Event()
        self._heard_at = time.monotonic()
        self._is_gone = False

    @property
    def trouble(self) -> str | None:
        """Return what is wrong with Redis, in words for people; None while wake-ups come."""
        return GONE if self._is_gone or time.monotonic() - self._heard_at > LATE_S else None

    def say(self, versions: Mapping[str, int]) -> None:
        """Tell the others that these accounts are at these versions now. It never waits: what comes together goes in
        one message.
        """
        self._versions.update(versions)
        self._has_any.set()

    def say_look(self) -> None:
        """Tell the others to look for what is new beside accounts."""
        self._look = True
        self._has_any.set()

    async def run(self) -> None:
        """Say and hear for as long as the hub runs."""
        self._heard_at = time.monotonic()
        await asyncio.gather(self._say_all(), self._hear_all())

    async def _say_all(self) -> None:
        layer: Any = get_channel_layer()
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_any.wait(), PULSE_S)
            self._has_any.clear()
            message = {"type": "wake", "from": self._name, "versions": self._versions, "look": self._look}
            self._versions, self._look = {}, False
            if not await self._try(asyncio.wait_for(layer.group_send(GROUP, message), ANSWER_S)):
                await asyncio.sleep(PULSE_S)

    async def _hear_all(self) -> None:
        layer: Any = get_channel_layer()
        while True:
            await self._try(self._subscribe(layer))
            # A new connection, whatever became of the old one.
            await self._try(asyncio.wait_for(layer.flush(), ANSWER_S))
            await asyncio.sleep(PULSE_S)

    async def _subscribe(self, layer: Any) -> None:
        """Hear until nothing comes any more."""
        channel = await asyncio.wait_for(layer.new_channel(), ANSWER_S)
        await asyncio.wait_for(layer.group_add(GROUP, channel), ANSWER_S)
        self._resumed()
        while True:
            self._take(await asyncio.wait_for(layer.receive(channel), LATE_S))

    def _take(self, message: Mapping[str, Any]) -> None:
        self._heard_at = time.monotonic()
        if self._is_gone:
            self._is_gone = False
            log.info("redis is back")
            self._resumed()
        if message["from"] == self._name:
            return
        if message["versions"]:
            self._heard(message["versions"])
        if message["look"]:
            self._resumed()

    async def _try(self, work: Coroutine[Any, Any, None]) -> bool:
        """Do what needs Redis. Return False where that is away: every hub goes on by its looks at the database."""
        try:
            await work
        except Exception as error:  # noqa: BLE001 (of whichever library; the next try tells whether it passed)
            if not self._is_gone:
                self._is_gone = True
                log.warning("redis is gone: other hubs' changes come a second later", reason=type(error).__name__)
            return False
        return True
